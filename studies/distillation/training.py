"""The training of K students of one shape in one program, each with its own data and objective.

What a student learns depends on nothing but its own setup: not on which others share the batch, and
not on what becomes of them. One that ends early, because its training is shorter, because a search
stops it or because reporting fails, leaves the batch; the others go on with what they have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor

from harness.trial import TrialPruned
from studies.distillation.evaluation import evaluate_each, images_at_once
from studies.distillation.images import DeviceImages, inputs_at_once
from studies.distillation.learning import batches_by_epoch, epoch_batches, train_epoch
from studies.distillation.network import Networks, build_networks
from studies.distillation.objective import ArmsObjective
from studies.distillation.optimizer import BatchedAdam
from studies.distillation.plan import batch_bounds, plan_epoch
from studies.distillation.seeing import seen_together
from studies.distillation.setup import Setup

# Takes the number of a student, the number of its epoch, from 0, and the epoch's metrics.
Report = Callable[[int, int, Mapping[str, float]], None]

FLOAT32 = torch.float32


@dataclass(slots=True, eq=False)
class Learned:
    """What came of a batch of students.

    Attributes:
        finished: numbers of the students that took all of their steps, ascending.
        networks: of those, in that order, in evaluation mode; None if there are none.
        metrics: of the last epoch, by number: ``train_loss``, and ``validation_accuracy`` if there
            are images to validate on.
        ended: what ended the others before their time, by number.
    """

    finished: list[int] = field(default_factory=list)
    networks: Networks | None = None
    metrics: dict[int, dict[str, float]] = field(default_factory=dict)
    ended: dict[int, BaseException] = field(default_factory=dict)


def learn(setups: Sequence[Setup], report: Report, dtype: torch.dtype = FLOAT32) -> Learned:
    """Take all steps of all trainings.

    Args:
        setups: where the students start, at least one; their streams move on. They agree in
            everything that :func:`~studies.distillation.sharing.alike` of their parameters gives.
        report: what it raises ends the student that it was told of.
        dtype: of weights and activations.
    """
    learned, going = Learned(), _Going.begin(setups, dtype)
    stored: dict[int, dict[str, Tensor]] = {}
    longest = max(setup.params.epochs for setup in setups)
    batches = batch_bounds(len(setups[0].split.chosen), setups[0].params.batch_size)
    for epoch, taken in enumerate(batches_by_epoch(longest, batches, setups[0].params.max_steps)):
        reported = going.epoch(taken)
        for number, metrics in reported.items():
            learned.metrics[number] = metrics
            try:
                report(number, epoch, metrics)
            except (Exception, TrialPruned) as error:  # noqa: BLE001 - it ends this student only
                learned.ended[number] = error
        stored |= going.finished(epoch + 1, learned.ended)
        going = going.without({*stored, *learned.ended})
        if not going.numbers:
            break
    # Steps may have run out before epochs did.
    stored |= {number: going.weights_of(number) for number in going.numbers}
    learned.finished = sorted(stored)
    learned.networks = _networks_of([stored[k] for k in learned.finished], setups[0], dtype)
    return learned


@dataclass(frozen=True, slots=True, eq=False)
class _Going:
    """The students that are still in training.

    Attributes:
        setups: of all students of the batch, by number.
        numbers: which are in training.
        lanes: the student that each network belongs to: ``numbers``, or one student twice.
    """

    setups: Sequence[Setup]
    numbers: Sequence[int]
    lanes: Sequence[int]
    networks: Networks
    optimizer: BatchedAdam
    dtype: torch.dtype

    @classmethod
    def begin(cls, setups: Sequence[Setup], dtype: torch.dtype) -> "_Going":
        streams = [setup.initial for setup in setups]
        networks = build_networks(setups[0].architecture, streams, setups[0].device).to(dtype)
        numbers = range(len(setups))
        lanes = _lanes(numbers, networks)
        if len(lanes) > len(numbers):
            networks = networks.chosen([0, 0])
        rates = [setups[number].params.learning_rate for number in lanes]
        return cls(setups, numbers, lanes, networks, BatchedAdam(networks, rates), dtype)

    def epoch(self, taken: Sequence[slice]) -> dict[int, dict[str, float]]:
        """Train for an epoch; the metrics of each student."""
        plans = {
            k: plan_epoch(each.streams, len(each.split.chosen), each.dataset.augmentation)
            for k, each in ((k, self.setups[k]) for k in self.numbers)
        }
        setups = [self.setups[k] for k in self.lanes]
        see = partial(seen_together, setups, [plans[k] for k in self.lanes], dtype=self.dtype)
        made = epoch_batches(taken, see, inputs_at_once(setups[0].dataset))
        objective = ArmsObjective.of(setups, self.dtype)
        features_of = next(
            (s.guidance.attention_block for s in setups if s.guidance.attention is not None), None
        )
        precision = setups[0].params.precision
        losses = train_epoch(
            self.networks, self.optimizer, made, objective, features_of, precision
        ).tolist()
        accuracies = self._validated(setups)
        return {
            k: {"train_loss": loss} | accuracy
            for k, loss, accuracy in zip(self.numbers, losses, accuracies, strict=False)
        }

    def finished(self, epochs: int, ended: Mapping[int, object]) -> dict[int, dict[str, Tensor]]:
        """What the networks store whose training is over after so many epochs."""
        return {
            k: self.weights_of(k)
            for k in self.numbers
            if self.setups[k].params.epochs <= epochs and k not in ended
        }

    def weights_of(self, number: int) -> dict[str, Tensor]:
        """What one student's network stores."""
        return self.networks.weights_of(self.lanes.index(number))

    def without(self, numbers: set[int]) -> "_Going":
        """Those that go on when these leave."""
        left = [k for k in self.numbers if k not in numbers]
        if len(left) == len(self.numbers):
            return self
        if not left:
            return replace(self, numbers=left, lanes=left)
        lanes = _lanes(left, self.networks)
        chosen = [self.lanes.index(k) for k in lanes]
        networks = self.networks.chosen(chosen)
        optimizer = self.optimizer.chosen(networks, chosen)
        return replace(self, numbers=left, lanes=lanes, networks=networks, optimizer=optimizer)

    def _validated(self, setups: Sequence[Setup]) -> list[dict[str, float]]:
        if not len(setups[0].split.rest):
            return [{} for _ in setups]
        evaluations = evaluate_each(
            self.networks,
            [_validation_images(setup) for setup in setups],
            setups[0].view,
            images_at_once(setups[0].architecture),
            setups[0].params.precision,
        )
        return [{"validation_accuracy": each.accuracy} for each in evaluations]


def _lanes(numbers: Sequence[int], networks: Networks) -> Sequence[int]:
    alone = len(numbers) == 1 and networks.pads_single
    return [*numbers, *numbers] if alone else numbers


def _validation_images(setup: Setup) -> DeviceImages:
    validation = torch.from_numpy(setup.split.rest).to(setup.device)
    return DeviceImages(setup.pool.images[validation], setup.pool.labels[validation])


def _networks_of(
    stored: Sequence[dict[str, Tensor]], setup: Setup, dtype: torch.dtype
) -> Networks | None:
    if not stored:
        return None
    networks = Networks(setup.architecture, len(stored), setup.device).to(dtype)
    networks.load(stored)
    return networks.eval()
