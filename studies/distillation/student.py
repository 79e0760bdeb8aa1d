"""The trial function: train students, with whatever help their arms give them, and test them.

Students of one shape are trained in one program; a single one is a batch of one. What needs the
trained network itself, and not only its metrics, calls :func:`trained_students`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.batching import batch_of_one, offers_batches
from harness.canonical import JSON
from harness.trial import Trial
from studies.distillation.architecture import compression_factor, teacher_architecture
from studies.distillation.data import Examples, open_dataset
from studies.distillation.evaluation import Evaluation, evaluate_each, images_at_once
from studies.distillation.guidance import teacher_of
from studies.distillation.images import DeviceImages
from studies.distillation.latency import profiled_latency_ms
from studies.distillation.learning import reproducible
from studies.distillation.network import Networks, SingleNetwork
from studies.distillation.params import StudentParams
from studies.distillation.precision import require_device
from studies.distillation.setup import Setup, prepare
from studies.distillation.sharing import (
    alike,
    most_at_once,
    needs_teacher,
    worker_processes,
)
from studies.distillation.teacher_logits import OWN_TEST_SET, evaluate_teacher
from studies.distillation.training import Learned, learn
from studies.distillation.transfer import TransferSet, open_transfer_set, transfer_metrics

# Hexadecimal digits that tell one content of a data set from another.
DIGEST_SHOWN = 16


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A student after its last step.

    Attributes:
        setup: what it was trained from.
        metrics: as :func:`train_student` returns them.
        together: the networks of its batch, in evaluation mode.
        lane: which of them is its own, from 0.
    """

    setup: Setup
    metrics: dict[str, float]
    together: Networks
    lane: int

    def network(self) -> SingleNetwork:
        """The student itself, in evaluation mode: a copy, if others share its batch."""
        return SingleNetwork(self.together, self.lane)


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A student before its first step, and what it is to be tested on.

    All that can go wrong with other things than its own training has not gone wrong by then: from
    here on students share a program, and what ends that ends all of them.
    """

    trial: Trial
    setup: Setup
    transfer: TransferSet | None
    teacher: dict[str, float]
    latency: dict[str, float]


def train_students(trials: Sequence[Trial]) -> list[Mapping[str, float] | BaseException]:
    """Train a batch of students; for each, in order, its metrics or what ended it.

    See :func:`train_student`, of which this is the batch form. Students that train together agree
    in what :func:`~studies.distillation.sharing.alike` names, and none depends on the others.
    """
    return [
        each if isinstance(each, BaseException) else each.metrics
        for each in trained_students(trials)
    ]


def _alike_here(params: Mapping[str, Any]) -> JSON:
    """As :func:`alike`; what cannot be trained on this machine is refused before anything begins.

    Raises:
        ParameterError: for parameters that are unknown, out of range, or not possible here.
    """
    require_device(StudentParams.read(params).precision)
    return alike(params)


@offers_batches(
    train_students,
    alike=_alike_here,
    at_most=most_at_once,
    workers=worker_processes,
    needs_asset=needs_teacher,
)
def train_student(
    params: Mapping[str, Any],  # noqa: ARG001 - the trial has them
    seed: int,  # noqa: ARG001 - the trial derives every stream from it
    trial: Trial,
) -> Mapping[str, float]:
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
        ValueError: if so many blocks cannot be removed, or a class is too small to be split.
    """
    return batch_of_one(train_students, trial)


def trained_students(trials: Sequence[Trial]) -> list[Trained | BaseException]:
    """Train and test students; the trials get their curves, predictions and facts.

    Args:
        trials: give parameters, streams and assets, and take reports.

    Returns:
        Each student, in order, or what ended its trial.
    """
    begun: dict[int, _Begun] = {}
    ended: dict[int, BaseException] = {}
    for number, trial in enumerate(trials):
        try:
            begun[number] = _begin(trial)
        except Exception as error:  # noqa: BLE001 - it ends this trial only
            ended[number] = error
    trained = _train(list(begun.values())) if begun else []
    results = dict(zip(begun, trained, strict=True)) | ended
    return [results[number] for number in range(len(trials))]


def _begin(trial: Trial) -> _Begun:
    params = StudentParams.read(trial.params)
    require_device(params.precision)
    # Asked for before anything is computed, as other trials would disturb the measurement.
    latency = _latency_metrics(params, trial) if params.measure_latency else {}
    setup = prepare(params, trial)
    _note_data(setup, trial)
    # Opened before the first step, so that a set that cannot be used costs no training.
    transfer = open_transfer_set(setup, trial)
    if transfer is not None:
        trial.used_data(f"transfer set {transfer.name}", _short_digest(transfer.examples))
    return _Begun(trial, setup, transfer, _teacher_metrics(setup, trial), latency)


def _train(begun: Sequence[_Begun]) -> list[Trained | BaseException]:
    def report(number: int, epoch: int, metrics: Mapping[str, float]) -> None:
        begun[number].trial.report(epoch, **metrics)

    with reproducible(begun[0].setup.params.precision) as facts:
        for each in begun:
            each.trial.note(**facts)
        learned = learn([each.setup for each in begun], report)
        results: dict[int, Trained | BaseException] = {**learned.ended}
        if learned.networks is not None:
            finished = [begun[number] for number in learned.finished]
            metrics = _all_metrics(finished, learned, learned.networks)
            for lane, (number, mine) in enumerate(zip(learned.finished, metrics, strict=True)):
                results[number] = Trained(begun[number].setup, mine, learned.networks, lane)
    return [results[number] for number in range(len(begun))]


def _all_metrics(
    finished: Sequence[_Begun], learned: Learned, networks: Networks
) -> list[dict[str, float]]:
    """The metrics of trained students, who agree in whether and on what they are tested."""
    metrics = [
        learned.metrics[number] | _size_metrics(each.setup)
        for number, each in zip(learned.finished, finished, strict=True)
    ]
    first = finished[0]
    if first.setup.params.evaluate_test:
        tested = _evaluate(finished, networks, [each.setup.dataset.test for each in finished])
        for mine, each, evaluation in zip(metrics, finished, tested, strict=True):
            mine.update(_test_metrics(each, evaluation))
    elsewhere = [each.transfer for each in finished if each.transfer is not None]
    if elsewhere:
        tested = _evaluate(finished, networks, [each.examples for each in elsewhere])
        for mine, transfer, evaluation in zip(metrics, elsewhere, tested, strict=True):
            mine.update(transfer_metrics(transfer, evaluation))
    return [mine | each.latency for mine, each in zip(metrics, finished, strict=True)]


def _evaluate(
    begun: Sequence[_Begun], networks: Networks, examples: Sequence[Examples]
) -> list[Evaluation]:
    setup = begun[0].setup
    images = [DeviceImages.of(each, setup.device) for each in examples]
    at_once = images_at_once(setup.architecture)
    return evaluate_each(networks, images, setup.view, at_once, setup.params.precision)


def _note_data(setup: Setup, trial: Trial) -> None:
    # A path or an environment variable says where images lie, and not which ones.
    dataset = setup.dataset
    trial.used_data(f"pool of {dataset.name}", _short_digest(dataset.pool))
    if setup.params.evaluate_test:
        trial.used_data(f"test set of {dataset.name}", _short_digest(dataset.test))


def _short_digest(examples: Examples) -> str:
    return examples.digest()[:DIGEST_SHOWN]


def _test_metrics(begun: _Begun, tested: Evaluation) -> dict[str, float]:
    if tested.finite:
        begun.trial.save_predictions(tested.correct)
    return {"test_accuracy": tested.accuracy} | begun.teacher


def _teacher_metrics(setup: Setup, trial: Trial) -> dict[str, float]:
    if not (setup.params.evaluate_test and setup.params.uses_teacher):
        return {}
    teacher = teacher_of(setup.params, setup.dataset, trial)
    evaluation = evaluate_teacher(teacher, OWN_TEST_SET, setup.dataset.test, trial)
    return {"test_teacher_accuracy": evaluation.accuracy}


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
