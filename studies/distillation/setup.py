"""A student before its first step."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.data import DataSet, open_dataset
from studies.distillation.device import choose_device
from studies.distillation.evaluation import View
from studies.distillation.guidance import Guidance, TrainingSource, load_guidance
from studies.distillation.images import DeviceImages, unit_images
from studies.distillation.params import StudentParams
from studies.distillation.plan import Streams
from studies.distillation.splits import Split, split_pool


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A student before its first step.

    Attributes:
        params: how it is to be trained.
        dataset: where its images come from.
        split: positions in the pool: chosen to train on, the rest to validate on.
        architecture: its shape.
        initial: the stream that its initial weights are drawn from.
        streams: what its epochs are drawn from.
        guidance: the teacher's signals that it learns from.
        pool: images and labels on the device, in pool order.
    """

    params: StudentParams
    dataset: DataSet
    split: Split
    architecture: Architecture
    initial: np.random.Generator
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
        initial=source.rng("init"),
        streams=Streams.begin(source),
        guidance=load_guidance(params, dataset, source, device),
        pool=DeviceImages.of(dataset.pool, device),
    )
