"""The trial function: train one student, with whatever help its arm gives it, and test it.

What needs the trained network itself, and not only its metrics, calls :func:`trained_student`. An
asset's builder, which has no trial to report to, calls ``prepare`` of
:mod:`studies.distillation.setup` and then :func:`learn`, both within
:func:`~studies.distillation.learning.reproducible`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from harness.trial import Trial
from studies.distillation.architecture import compression_factor, teacher_architecture
from studies.distillation.data import Examples, open_dataset
from studies.distillation.evaluation import Evaluation, evaluate, images_at_once
from studies.distillation.guidance import teacher_of
from studies.distillation.images import DeviceImages, inputs_at_once
from studies.distillation.latency import profiled_latency_ms
from studies.distillation.learning import (
    Batch,
    batches_by_epoch,
    epoch_batches,
    reproducible,
    train_epoch,
)
from studies.distillation.losses import attention_loss, attention_map, distillation_loss
from studies.distillation.network import Network, Output
from studies.distillation.params import StudentParams
from studies.distillation.plan import EpochPlan, batch_bounds, plan_epoch
from studies.distillation.setup import Setup, epoch_inputs, epoch_samples, prepare
from studies.distillation.teacher_logits import OWN_TEST_SET, evaluate_teacher
from studies.distillation.transfer import open_transfer_set, transfer_metrics

# Hexadecimal digits that tell one content of a data set from another.
DIGEST_SHOWN = 16

Report = Callable[[int, Mapping[str, float]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A student after its last step.

    Attributes:
        setup: what it was trained from, and its network, now trained and in evaluation mode.
        metrics: as :func:`train_student` returns them.
    """

    setup: Setup
    metrics: dict[str, float]

    @property
    def network(self) -> Network:
        """The trained student."""
        return self.setup.network


def train_student(
    params: Mapping[str, Any],
    seed: int,  # noqa: ARG001 - the trial derives every stream from it
    trial: Trial,
) -> dict[str, float]:
    """Train a student and return the metrics of its last epoch.

    Reported an epoch: ``train_loss`` (nats) and ``validation_accuracy``. The test set is looked at
    once, after the last epoch, and only if ``evaluate_test`` says so. A student that diverges gives
    NaN.

    Args:
        params: see :class:`StudentParams`.
        seed: of the trial.
        trial: gives streams and assets, and takes reports.

    Returns:
        ``test_accuracy`` and ``validation_accuracy`` in [0, 1], ``train_loss``, ``parameters``,
        ``multiply_adds`` (an image), ``compression_factor`` (against the teacher) and
        ``weights_mb`` (10⁶ bytes). Where the test set is looked at, arms that use the teacher add
        ``test_teacher_accuracy``; ``latency_ms`` and metrics whose names begin with
        ``test_transfer_`` come if asked for. Without validation images there is no
        ``validation_accuracy``, without a test no ``test_accuracy``.

    Raises:
        ParameterError: for parameters that are unknown or out of range.
    """
    return trained_student(StudentParams.read(params), trial).metrics


def trained_student(params: StudentParams, trial: Trial) -> Trained:
    """Train and test a student; the trial gets its curve, predictions and facts.

    Args:
        params: how it is trained.
        trial: gives streams and assets, and takes reports.

    Raises:
        ValueError: if so many blocks cannot be removed, or a class is too small to be split.
    """
    # Asked for before anything is computed, as other trials would disturb the measurement.
    latency = _latency_metrics(params, trial) if params.measure_latency else {}
    setup = prepare(params, trial)
    _note_data(setup, trial)
    # Opened before the first step, so that a set that cannot be used costs no training.
    transfer = open_transfer_set(setup, trial)
    if transfer is not None:
        trial.used_data(f"transfer set {transfer.name}", _short_digest(transfer.examples))
    with reproducible() as facts:
        trial.note(**facts)
        metrics = learn(setup, lambda epoch, reported: trial.report(epoch, **reported))
        metrics |= _size_metrics(setup)
        if params.evaluate_test:
            metrics |= _test_metrics(setup, trial)
        if transfer is not None:
            metrics |= transfer_metrics(setup, transfer)
    return Trained(setup, {**metrics, **latency})


def learn(setup: Setup, report: Report) -> dict[str, float]:
    """Take all steps of a training; the network is left in evaluation mode.

    Args:
        setup: where it starts; its network and its streams move on.
        report: takes the number of each epoch, from 0, and its metrics.

    Returns:
        The metrics of the last epoch: ``train_loss``, and ``validation_accuracy`` if there are
        images to validate on.
    """
    params, network = setup.params, setup.network
    optimizer = torch.optim.Adam(network.parameters(), params.learning_rate, fused=True)
    count = len(setup.split.chosen)
    batches = batch_bounds(count, params.batch_size)
    learned: dict[str, float] = {}
    for epoch, taken in enumerate(batches_by_epoch(params.epochs, batches, params.max_steps)):
        plan = plan_epoch(setup.streams, count, setup.dataset.augmentation)
        made = epoch_batches(plan, taken, partial(_see, setup), inputs_at_once(setup.dataset))
        objective, features_of = partial(student_loss, setup), setup.guidance.attention_block
        loss = train_epoch(network, optimizer, made, objective, features_of)
        learned = {"train_loss": loss, **_validation_metrics(setup)}
        report(epoch, learned)
    network.eval()
    return learned


def student_loss(setup: Setup, output: Output, samples: Tensor) -> Tensor:
    """The arm's loss of one batch.

    Args:
        setup: parameters, labels and signals.
        output: of the student, with the features of ``guidance.attention_block``.
        samples: positions of the batch's images in the pool, ``(n,)``.
    """
    params, guidance, labels = setup.params, setup.guidance, setup.pool.labels[samples]
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


def _note_data(setup: Setup, trial: Trial) -> None:
    # A path or an environment variable says where images lie, and not which ones.
    dataset = setup.dataset
    trial.used_data(f"pool of {dataset.name}", _short_digest(dataset.pool))
    if setup.params.evaluate_test:
        trial.used_data(f"test set of {dataset.name}", _short_digest(dataset.test))


def _short_digest(examples: Examples) -> str:
    return examples.digest()[:DIGEST_SHOWN]


def _see(setup: Setup, plan: EpochPlan) -> Batch:
    return Batch(epoch_inputs(setup, plan), epoch_samples(setup, plan))


def _evaluate(setup: Setup, images: DeviceImages) -> Evaluation:
    return evaluate(setup.network, images, setup.view, images_at_once(setup.architecture))


def _validation_metrics(setup: Setup) -> dict[str, float]:
    if not len(setup.split.rest):
        return {}
    validation = torch.from_numpy(setup.split.rest).to(setup.device)
    images = DeviceImages(setup.pool.images[validation], setup.pool.labels[validation])
    return {"validation_accuracy": _evaluate(setup, images).accuracy}


def _test_metrics(setup: Setup, trial: Trial) -> dict[str, float]:
    test = setup.dataset.test
    tested = _evaluate(setup, DeviceImages.of(test, setup.device))
    if tested.finite:
        trial.save_predictions(tested.correct)
    metrics = {"test_accuracy": tested.accuracy}
    if setup.params.uses_teacher:
        teacher = teacher_of(setup.params, setup.dataset, trial)
        evaluation = evaluate_teacher(teacher, OWN_TEST_SET, test, trial)
        metrics["test_teacher_accuracy"] = evaluation.accuracy
    return metrics


def _size_metrics(setup: Setup) -> dict[str, float]:
    architecture = setup.architecture
    return {
        "parameters": float(architecture.parameters()),
        "multiply_adds": float(architecture.multiply_adds()),
        "compression_factor": compression_factor(setup.teacher_architecture, architecture),
        "weights_mb": architecture.weights_bytes() / 1e6,
    }


def _latency_metrics(params: StudentParams, trial: Trial) -> dict[str, float]:
    dataset = open_dataset(params.dataset, trial)
    family, classes, removed = dataset.family, dataset.classes, params.blocks_removed
    # Refuses a number of blocks that cannot be removed before a whole family is measured.
    teacher_architecture(family, classes).without_last(removed)
    return {"latency_ms": profiled_latency_ms(trial, family, classes, removed)}
