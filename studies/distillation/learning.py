"""The loop that teacher and student share: steps of an optimizer, an epoch's batches at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.utils import deterministic

from studies.distillation.device import choose_device, device_facts
from studies.distillation.network import Networks, Output
from studies.distillation.params import FLOAT32
from studies.distillation.precision import arithmetic, forward


class Batch(NamedTuple):
    """What K networks see in one step, and what they are held against.

    Attributes:
        inputs: images as the networks see them, ``(K, n, channels, height, width)``.
        labels: their classes, ``(K, n)``.
        teacher_logits: of the networks that learn from them, in their order, ``(K', n, classes)``.
        teacher_attention: of the networks that learn from it, ``(K'', n, positions)``.
    """

    inputs: Tensor
    labels: Tensor
    teacher_logits: Tensor | None = None
    teacher_attention: Tensor | None = None

    def part(self, images: slice) -> "Batch":
        """Some of the images of all networks."""
        logits, attention = self.teacher_logits, self.teacher_attention
        return Batch(
            self.inputs[:, images],
            self.labels[:, images],
            None if logits is None else logits[:, images],
            None if attention is None else attention[:, images],
        )


# Which program trains networks. Another one rounds otherwise, and training amplifies that until
# accuracies differ: answers must be able to tell.
ENGINE = "batched 1"

# The loss of each network on a batch, ``(K,)``.
Objective = Callable[[Output, Batch], Tensor]


class Stepper(Protocol):
    """Whatever takes a step down the gradient of a loss."""

    def step(self, loss: Tensor) -> None:
        """Take it."""
        ...


class TorchStepper:
    """Steps of one of torch's own optimizers."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer

    def step(self, loss: Tensor) -> None:
        """See :class:`Stepper`."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


@contextmanager
def reproducible(precision: str = FLOAT32) -> Iterator[dict[str, int | bool | str]]:
    """One thread, deterministic algorithms and a known precision, as long as the context lasts.

    One thread a trial makes sums independent of how many cores a machine has, and is the fastest
    way to use all cores when several trials run side by side.

    Args:
        precision: of products; see :mod:`studies.distillation.precision`.

    Yields:
        The settings and the device, as facts for the record.
    """
    threads = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    # torch makes this name a property when it is imported, which a type checker cannot see.
    fill = deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    # Filling every new tensor with NaN is for finding bugs; it took 8 % of a training step.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    facts: dict[str, int | bool | str] = {
        "engine": ENGINE,
        "torch_threads": 1,
        "deterministic_algorithms": True,
        "precision": precision,
    }
    try:
        with arithmetic(precision):
            yield {**facts, **device_facts(choose_device())}
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)
        deterministic.fill_uninitialized_memory = fill  # type: ignore[attr-defined]


def batches_by_epoch(
    epochs: int, batches: Sequence[slice], max_steps: int
) -> Iterator[Sequence[slice]]:
    """Which batches each epoch takes its steps on.

    Args:
        epochs: how many there are at most.
        batches: of a whole epoch.
        max_steps: steps after which training ends, in the middle of an epoch if need be; 0 for no
            such end.
    """
    left = max_steps or epochs * len(batches)
    for _ in range(epochs):
        if left <= 0:
            return
        yield batches[:left]
        left -= len(batches)


def epoch_batches(
    batches: Sequence[slice], see: Callable[[slice], Batch], images_at_once: int
) -> Iterator[Batch]:
    """The epoch's batches, made several at a time, so that memory stays bounded.

    Args:
        batches: consecutive slices of the images in the order of their visit.
        see: makes what the networks see on some consecutive visits.
        images_at_once: how many images of each network are made at most, unless a single batch has
            more.
    """
    for group in _groups(batches, images_at_once):
        start = group[0].start
        made = see(slice(start, group[-1].stop))
        for batch in group:
            yield made.part(slice(batch.start - start, batch.stop - start))


def train_epoch(
    networks: Networks,
    stepper: Stepper,
    batches: Iterable[Batch],
    objective: Objective,
    features_of: int | None = None,
    precision: str = FLOAT32,
) -> Tensor:
    """Take one step a batch.

    Args:
        networks: put into training mode.
        stepper: takes the steps with their weights.
        batches: at least one, in the order in which they are visited.
        objective: the loss of each network on a batch, ``(K,)``.
        features_of: the block whose output the objective needs.
        precision: of the products on the way forwards, and so of those backwards.

    Returns:
        Mean loss of each network over the visited images, each taken at its own step, ``(K,)``; may
        be NaN.
    """
    networks.train()
    total, visited = torch.zeros(()), 0
    for batch in batches:
        losses = objective(forward(networks, batch.inputs, features_of, precision), batch)
        stepper.step(losses.sum())
        images = batch.labels.shape[1]
        # On the device, where adding up does not wait for the batch.
        total = total.to(losses.device) + losses.detach() * images
        visited += images
    return total / visited


def _groups(batches: Sequence[slice], images_at_once: int) -> list[list[slice]]:
    groups: list[list[slice]] = []
    for batch in batches:
        if groups and batch.stop - groups[-1][0].start <= images_at_once:
            groups[-1].append(batch)
        else:
            groups.append([batch])
    return groups
