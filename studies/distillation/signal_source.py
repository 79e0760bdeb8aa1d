"""The images that a signal is computed from, and the teacher that is to see them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from harness.assets import AssetBuild
from studies.distillation.alignment import MisalignedError, dataset_with_pool
from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.data import Augmentation, DataSet, Examples
from studies.distillation.device import choose_device
from studies.distillation.evaluation import images_at_once
from studies.distillation.images import DeviceImages, augment, normalise, unit_images
from studies.distillation.network import SingleNetwork
from studies.distillation.plan import EpochPlan, Streams, plan_epoch
from studies.distillation.teacher import build_teacher, load_teacher


class Seen(NamedTuple):
    """Some images as the teacher sees them.

    Attributes:
        inputs: normalised, ``(n, c, h, w)``.
        labels: ``(n,)``.
    """

    inputs: Tensor
    labels: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class SignalSource:
    """A teacher, and the images that it is to see.

    Attributes:
        teacher: in evaluation mode.
        architecture: its shape.
        device: where it lives.
        dataset: says how images are normalised, and how a loader changes them.
        examples: the images, in the order in which the teacher sees them.
        plan: how a loader changes each of them; None where they are left as they are.
    """

    teacher: SingleNetwork
    architecture: Architecture
    device: torch.device
    dataset: DataSet
    examples: Examples
    plan: EpochPlan | None = None

    def parts(self, at_once: int | None = None) -> Iterator[Seen]:
        """The images in their order, some at a time.

        Args:
            at_once: how many; None for as many as may pass through the teacher together.
        """
        size = at_once or images_at_once(self.architecture)
        shown = DeviceImages.of(self.examples, self.device)
        for start in range(0, len(shown.labels), size):
            part = slice(start, start + size)
            yield Seen(self._inputs(shown.images[part], part), shown.labels[part])

    def _inputs(self, images: Tensor, part: slice) -> Tensor:
        unit = unit_images(images, self.dataset)
        if self.plan is not None:
            unit = augment(unit, self.plan.part(part), self.dataset.augmentation)
        return normalise(unit, self.dataset)


def open_source(
    build: AssetBuild,
    teacher: str,
    built_from: Mapping[str, Any],
    loader: Mapping[str, Any] | None = None,
) -> SignalSource:
    """The teacher and the pool that it was trained on.

    Args:
        build: gives the teacher, the images and, for a loader, the random streams.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        loader: None for clean images in pool order; otherwise the fields of
            :class:`~studies.distillation.data.Augmentation`, by which a loader crops and mirrors
            the images that it gives in a shuffled order.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    asset = build.asset(build_teacher, **built_from)
    if asset.digest != teacher:
        raise MisalignedError(
            f"The signal of the teacher {teacher} was asked for, but its key gives {asset.digest}."
        )
    dataset = dataset_with_pool(str(built_from["dataset"]), str(built_from["pool"]), build)
    architecture = teacher_architecture(dataset.family, dataset.classes)
    source = SignalSource(
        teacher=load_teacher(asset, architecture),
        architecture=architecture,
        device=choose_device(),
        dataset=dataset,
        examples=dataset.pool,
    )
    return source if loader is None else _through_loader(source, Augmentation(**loader), build)


def _through_loader(
    source: SignalSource, augmentation: Augmentation, build: AssetBuild
) -> SignalSource:
    plan = plan_epoch(Streams.begin(build), len(source.examples.labels), augmentation)
    return replace(
        source,
        dataset=replace(source.dataset, augmentation=augmentation),
        examples=source.examples.take(plan.order),
        plan=plan,
    )
