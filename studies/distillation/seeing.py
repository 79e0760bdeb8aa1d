"""What students see in an epoch: their images in the order of their visit, and their signals."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studies.distillation.images import (
    augment,
    on_device,
    overlay,
    sharpened_maps,
    unit_images,
)
from studies.distillation.learning import Batch
from studies.distillation.plan import EpochPlan
from studies.distillation.setup import Setup


def seen_together(
    setups: Sequence[Setup],
    plans: Sequence[EpochPlan],
    visits: slice,
    dtype: torch.dtype = torch.float32,
) -> Batch:
    """What K students see on some consecutive visits of an epoch.

    Args:
        setups: the students'.
        plans: of each student's epoch.
        visits: which of them.
        dtype: of images and signals.
    """
    parts = [plan.part(visits) for plan in plans]
    together = list(zip(setups, parts, strict=True))
    samples = [epoch_samples(*each) for each in together]
    seen = list(zip(setups, samples, strict=True))

    def signals(name: str) -> Tensor | None:
        stored = ((getattr(setup.guidance, name), visited) for setup, visited in seen)
        found = [values[visited] for values, visited in stored if values is not None]
        return torch.stack(found).to(dtype) if found else None

    return Batch(
        inputs=torch.stack([epoch_inputs(*each) for each in together]).to(dtype),
        labels=torch.stack([setup.pool.labels[visited] for setup, visited in seen]),
        teacher_logits=signals("logits"),
        teacher_attention=signals("attention"),
    )


def epoch_samples(setup: Setup, plan: EpochPlan) -> Tensor:
    """Positions in the pool of the plan's images, in the order of their visit, ``(n,)``."""
    return on_device(setup.split.chosen[plan.order], setup.device)


def epoch_inputs(setup: Setup, plan: EpochPlan) -> Tensor:
    """The plan's images as the student sees them, in the order of their visit.

    Args:
        setup: the student's.
        plan: of an epoch over the split's chosen images, or a part of it.

    Returns:
        Float32 ``(n, channels, height, width)`` in [0, 1].
    """
    samples, augmentation = epoch_samples(setup, plan), setup.dataset.augmentation
    images = unit_images(setup.pool.images[samples], setup.dataset)
    if setup.guidance.maps is None:
        return augment(images, plan, augmentation)
    maps = sharpened_maps(setup.guidance.maps[samples], plan.exponents)
    overlaid = on_device(plan.coins < setup.params.overlay_probability, setup.device)
    if setup.params.overlay_follows_crop:
        return augment(overlay(images, maps, overlaid), plan, augmentation)
    return overlay(augment(images, plan, augmentation), maps, overlaid)
