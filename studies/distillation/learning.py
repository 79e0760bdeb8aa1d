"""The loop that teacher and student share: steps of an optimizer, an epoch's batches at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils import deterministic

from studies.distillation.device import choose_device, device_facts
from studies.distillation.network import Network, Output
from studies.distillation.plan import EpochPlan

Objective = Callable[[Output, Tensor], Tensor]


class Batch(NamedTuple):
    """Images as a network sees them, and what an objective knows them by.

    Attributes:
        inputs: ``(n, channels, height, width)``.
        samples: ``(n,)``, positions in the pool.
    """

    inputs: Tensor
    samples: Tensor


@contextmanager
def reproducible() -> Iterator[dict[str, int | bool | str]]:
    """One thread and deterministic algorithms, for as long as the context lasts.

    One thread a trial makes sums independent of how many cores a machine has, and is the fastest
    way to use all cores when several trials run side by side.

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
    settings = {"torch_threads": 1, "deterministic_algorithms": True}
    try:
        yield {**settings, **device_facts(choose_device())}
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
    plan: EpochPlan,
    batches: Sequence[slice],
    see: Callable[[EpochPlan], Batch],
    images_at_once: int,
) -> Iterator[Batch]:
    """The epoch's batches, made several at a time, so that memory stays bounded.

    Args:
        plan: of the epoch.
        batches: consecutive slices of the images in the order of their visit.
        see: makes inputs and samples of a part of the plan.
        images_at_once: how many images are made at most, unless a single batch has more.
    """
    for group in _groups(batches, images_at_once):
        start = group[0].start
        made = see(plan.part(slice(start, group[-1].stop)))
        for batch in group:
            inside = slice(batch.start - start, batch.stop - start)
            yield Batch(made.inputs[inside], made.samples[inside])


def train_epoch(
    network: Network,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[Batch],
    objective: Objective,
    features_of: int | None = None,
) -> float:
    """Take one step of the optimizer a batch.

    Args:
        network: put into training mode.
        optimizer: of its parameters.
        batches: at least one, in the order in which they are visited.
        objective: loss of a batch from the network's output and the batch's samples.
        features_of: the block whose output the objective needs.

    Returns:
        Mean loss over the visited images, each taken at its own step; may be NaN.
    """
    network.train()
    total, visited = torch.zeros(()), 0
    for batch in batches:
        loss = objective(network(batch.inputs, features_of), batch.samples)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        # On the device, where adding up does not wait for the batch.
        total = total.to(loss.device) + loss.detach() * len(batch.samples)
        visited += len(batch.samples)
    return float(total) / visited


def _groups(batches: Sequence[slice], images_at_once: int) -> list[list[slice]]:
    groups: list[list[slice]] = []
    for batch in batches:
        if groups and batch.stop - groups[-1][0].start <= images_at_once:
            groups[-1].append(batch)
        else:
            groups.append([batch])
    return groups
