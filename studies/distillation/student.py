"""The trial function: train one student, with whatever help its arm gives it, and test it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from harness.trial import Trial
from studies.distillation.architecture import FAMILIES, Architecture, compression_factor
from studies.distillation.datasets import DataSet, load_dataset
from studies.distillation.guidance import Guidance, load_guidance
from studies.distillation.images import augment, overlay, sharpened_maps, unit_images
from studies.distillation.learning import Evaluation, evaluate, reproducible, train_epoch
from studies.distillation.losses import attention_loss, attention_map, distillation_loss
from studies.distillation.network import Network, Output, build_network
from studies.distillation.params import StudentParams
from studies.distillation.plan import EpochPlan, Streams, batch_bounds, plan_epoch
from studies.distillation.splits import Split, stratified_split


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A student before its first step.

    Attributes:
        params: how it is to be trained.
        dataset: where its images come from.
        split: positions in the pool: chosen to train on, the rest to validate on.
        architecture: its shape.
        network: the student itself.
        streams: what its epochs are drawn from.
        guidance: the teacher's signals that it learns from.
        images: the pool on the scale [0, 1], ``(n, c, h, w)``.
        labels: of the pool, ``(n,)``.
    """

    params: StudentParams
    dataset: DataSet
    split: Split
    architecture: Architecture
    network: Network
    streams: Streams
    guidance: Guidance
    images: Tensor
    labels: Tensor


def train_student(
    params: Mapping[str, Any],
    seed: int,  # noqa: ARG001 - the trial derives every stream from it
    trial: Trial,
) -> dict[str, float]:
    """Train a student and return the metrics of its last epoch.

    Reported an epoch: ``train_loss`` (nats) and ``validation_accuracy``. The test set is looked at
    once, after the last epoch. A student that diverges gives NaN.

    Args:
        params: see :class:`StudentParams`.
        seed: of the trial.
        trial: gives streams and assets, and takes reports.

    Returns:
        ``test_accuracy`` and ``validation_accuracy`` in [0, 1], ``train_loss``, ``parameters``,
        ``multiply_adds`` (an image), and ``compression_factor`` (against the teacher).

    Raises:
        ValueError: for parameters that are unknown or out of range.
    """
    setup = prepare(StudentParams.read(params), trial)
    with reproducible() as facts:
        trial.note(**facts)
        learned = _train(setup, trial)
        tested = _test(setup)
    if tested.finite:
        trial.save_predictions(tested.correct)
    teacher = FAMILIES[setup.dataset.family]
    return {
        "test_accuracy": tested.accuracy,
        **learned,
        "parameters": float(setup.architecture.parameters()),
        "multiply_adds": float(setup.architecture.multiply_adds()),
        "compression_factor": compression_factor(teacher, setup.architecture),
    }


def prepare(params: StudentParams, trial: Trial) -> Setup:
    """Everything that a training starts from, drawn from the trial's streams.

    The streams ``split``, ``init``, ``order``, ``augment`` and ``overlay`` are independent, and
    each is used alike in every arm; so is ``teacher``, for students with teachers of their own.
    """
    dataset = load_dataset(params.dataset).with_crop_padding(params.crop_padding)
    architecture = FAMILIES[dataset.family].without_last(params.blocks_removed)
    return Setup(
        params=params,
        dataset=dataset,
        split=stratified_split(dataset.pool.labels, params.subset_fraction, trial.rng("split")),
        architecture=architecture,
        network=build_network(architecture, trial.rng("init")),
        streams=Streams.begin(trial),
        guidance=load_guidance(params, dataset, trial),
        images=unit_images(dataset.pool, dataset),
        labels=torch.from_numpy(dataset.pool.labels),
    )


def epoch_samples(setup: Setup, plan: EpochPlan) -> Tensor:
    """Positions in the pool of the epoch's images, in the order of their visit, ``(n,)``."""
    return torch.from_numpy(setup.split.chosen[plan.order])


def epoch_inputs(setup: Setup, plan: EpochPlan) -> Tensor:
    """The epoch's images as the student sees them, in the order of their visit."""
    samples = epoch_samples(setup, plan)
    images, augmentation = setup.images[samples], setup.dataset.augmentation
    if setup.guidance.maps is None:
        return augment(images, plan, augmentation)
    maps = sharpened_maps(setup.guidance.maps[samples], plan.exponents)
    overlaid = torch.from_numpy(plan.coins < setup.params.overlay_probability)
    if setup.params.overlay_follows_crop:
        return augment(overlay(images, maps, overlaid), plan, augmentation)
    return overlay(augment(images, plan, augmentation), maps, overlaid)


def student_loss(setup: Setup, output: Output, samples: Tensor) -> Tensor:
    """The arm's loss of one batch.

    Args:
        setup: parameters, labels and signals.
        output: of the student, with the features of ``guidance.attention_block``.
        samples: positions of the batch's images in the pool, ``(n,)``.
    """
    params, guidance, labels = setup.params, setup.guidance, setup.labels[samples]
    if guidance.logits is None:
        loss = F.cross_entropy(output.logits, labels)
    else:
        loss = distillation_loss(
            output.logits,
            guidance.logits[samples],
            labels,
            weight=params.kd_weight,
            temperature=params.temperature,
        )
    if guidance.attention is None or output.features is None:
        return loss
    student_map, teacher_map = attention_map(output.features), guidance.attention[samples]
    return loss + params.attention_weight * attention_loss(student_map, teacher_map)


def _train(setup: Setup, trial: Trial) -> dict[str, float]:
    params = setup.params
    optimizer = torch.optim.Adam(setup.network.parameters(), params.learning_rate, fused=True)
    batches = batch_bounds(len(setup.split.chosen), params.batch_size)
    learned: dict[str, float] = {}
    for epoch in range(params.epochs):
        plan = plan_epoch(setup.streams, len(setup.split.chosen), setup.dataset.augmentation)
        learned = {
            "train_loss": train_epoch(
                setup.network,
                optimizer,
                epoch_inputs(setup, plan),
                epoch_samples(setup, plan),
                batches,
                partial(student_loss, setup),
                setup.guidance.attention_block,
            ),
            "validation_accuracy": _validate(setup).accuracy,
        }
        trial.report(epoch, **learned)
    return learned


def _validate(setup: Setup) -> Evaluation:
    validation = torch.from_numpy(setup.split.rest)
    return evaluate(setup.network, setup.images[validation], setup.labels[validation])


def _test(setup: Setup) -> Evaluation:
    test = setup.dataset.test
    images = unit_images(test, setup.dataset)
    return evaluate(setup.network, images, torch.from_numpy(test.labels))
