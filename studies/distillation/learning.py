"""The loop that teacher and student share: one epoch of training, and evaluation."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils import deterministic

from studies.distillation.network import Network, Output

Objective = Callable[[Output, Tensor], Tensor]


@contextmanager
def reproducible() -> Iterator[dict[str, int | bool]]:
    """One thread and deterministic algorithms, for as long as the context lasts.

    One thread a trial makes sums independent of how many cores a machine has, and is the fastest
    way to use all cores when several trials run side by side.

    Yields:
        The settings, as facts for the record.
    """
    threads = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    # torch makes this name a property when it is imported, which a type checker cannot see.
    fill = deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    # Filling every new tensor with NaN is for finding bugs; it took 8 % of a training step.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield {"torch_threads": 1, "deterministic_algorithms": True}
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)
        deterministic.fill_uninitialized_memory = fill  # type: ignore[attr-defined]


def train_epoch(
    network: Network,
    optimizer: torch.optim.Optimizer,
    inputs: Tensor,
    samples: Tensor,
    batches: Sequence[slice],
    objective: Objective,
    features_of: int | None = None,
) -> float:
    """Take one step of the optimizer a batch.

    Args:
        network: put into training mode.
        optimizer: of its parameters.
        inputs: ``(n, c, h, w)``, in the order in which they are visited.
        samples: ``(n,)``, what the objective knows each of them by.
        batches: consecutive slices of 0 … n.
        objective: loss of a batch from the network's output and the batch's samples.
        features_of: the block whose output the objective needs.

    Returns:
        Mean loss over the epoch's examples, each taken at its own step; may be NaN.
    """
    network.train()
    total = torch.zeros(())
    for batch in batches:
        loss = objective(network(inputs[batch], features_of), samples[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.detach() * (batch.stop - batch.start)
    return float(total) / len(inputs)


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a network does on labelled images.

    Attributes:
        correct: ``(n,)``, whether each prediction is right.
        finite: whether every logit is a number; a network that diverged predicts nothing.
    """

    correct: npt.NDArray[np.bool_]
    finite: bool

    @property
    def accuracy(self) -> float:
        """Share of right predictions, in [0, 1]; NaN for a network that diverged."""
        return float(self.correct.mean()) if self.finite else float("nan")


def evaluate(network: Network, images: Tensor, labels: Tensor) -> Evaluation:
    """Compare predictions with labels; the network is left in evaluation mode.

    Args:
        network: any network.
        images: ``(n, c, h, w)``, as the network is to see them.
        labels: ``(n,)``.
    """
    network.eval()
    with torch.inference_mode():
        logits = network(images).logits
    correct = logits.argmax(dim=1) == labels
    return Evaluation(correct.numpy(), bool(logits.isfinite().all()))
