"""A student before its first step, and what it sees in an epoch."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.data import DataSet, open_dataset
from studies.distillation.device import choose_device
from studies.distillation.evaluation import View
from studies.distillation.guidance import Guidance, TrainingSource, load_guidance
from studies.distillation.images import (
    DeviceImages,
    augment,
    overlay,
    sharpened_maps,
    unit_images,
)
from studies.distillation.network import Network, build_network
from studies.distillation.params import StudentParams
from studies.distillation.plan import EpochPlan, Streams
from studies.distillation.splits import Split, split_pool


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A student before its first step.

    Attributes:
        params: how it is to be trained.
        dataset: where its images come from.
        split: positions in the pool: chosen to train on, the rest to validate on.
        architecture: its shape.
        network: the student itself, on the device.
        streams: what its epochs are drawn from.
        guidance: the teacher's signals that it learns from.
        pool: images and labels on the device, in pool order.
    """

    params: StudentParams
    dataset: DataSet
    split: Split
    architecture: Architecture
    network: Network
    streams: Streams
    guidance: Guidance
    pool: DeviceImages

    @property
    def teacher_architecture(self) -> Architecture:
        """The shape of the network whose last blocks the student lacks."""
        return teacher_architecture(self.dataset.family, self.dataset.classes)

    @property
    def device(self) -> torch.device:
        """Where the student lives."""
        return self.pool.images.device

    @property
    def view(self) -> View:
        """What the student sees of raw images when it is evaluated: intensities of [0, 1]."""
        return partial(unit_images, dataset=self.dataset)


def prepare(params: StudentParams, source: TrainingSource) -> Setup:
    """Everything that a training starts from, drawn from the source's streams.

    The streams ``split``, ``init``, ``order``, ``augment`` and ``overlay`` are independent, and
    each is used alike in every arm; so is ``teacher``, for students with teachers of their own.

    Args:
        params: how the student is to be trained.
        source: a trial, or the build of an asset.

    Raises:
        ValueError: if so many blocks cannot be removed, or a class is too small to be split.
        MisalignedError: if a stored signal belongs to other images.
    """
    device = choose_device()
    dataset = open_dataset(params.dataset, source).with_crop_padding(params.crop_padding)
    teacher = teacher_architecture(dataset.family, dataset.classes)
    architecture = teacher.without_last(params.blocks_removed)
    return Setup(
        params=params,
        dataset=dataset,
        split=split_pool(dataset.pool.labels, params.subset_fraction, source.rng("split")),
        architecture=architecture,
        network=build_network(architecture, source.rng("init")).to(device),
        streams=Streams.begin(source),
        guidance=load_guidance(params, dataset, source, device),
        pool=DeviceImages.of(dataset.pool, device),
    )


def epoch_samples(setup: Setup, plan: EpochPlan) -> Tensor:
    """Positions in the pool of the plan's images, in the order of their visit, ``(n,)``."""
    return torch.from_numpy(setup.split.chosen[plan.order]).to(setup.device)


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
    overlaid = torch.from_numpy(plan.coins < setup.params.overlay_probability).to(setup.device)
    if setup.params.overlay_follows_crop:
        return augment(overlay(images, maps, overlaid), plan, augmentation)
    return overlay(augment(images, plan, augmentation), maps, overlaid)
