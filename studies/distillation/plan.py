"""All random numbers of an epoch, drawn ahead.

An arm that ignores some of them draws them all the same, so every arm with the same seed sees the
same batches and the same crops, and overlays of a lower probability are a subset of those of a
higher one (common random numbers).
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from studies.distillation.data import Augmentation

LOWEST_EXPONENT, HIGHEST_EXPONENT = 1.0, 2.0


class RandomSource(Protocol):
    """Whatever gives a random stream for a name: a trial, or the build of an asset."""

    def rng(self, name: str) -> np.random.Generator:
        """The stream of this name, from its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams that a training goes on drawing from, epoch after epoch."""

    order: np.random.Generator
    augment: np.random.Generator
    overlay: np.random.Generator

    @classmethod
    def begin(cls, source: RandomSource) -> "Streams":
        """The three streams at their beginning."""
        return cls(source.rng("order"), source.rng("augment"), source.rng("overlay"))


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """The randomness of one epoch over ``n`` examples; entry i is about the i-th one visited.

    Attributes:
        order: ``(n,)``, which example is visited, a permutation of 0 … n − 1.
        corners: ``(n, 2)``, row and column of the crop's upper left corner in the padded image,
            each from 0 to twice the padding.
        flips: ``(n,)``, whether the image is mirrored, if its data set allows that.
        coins: ``(n,)``, uniform in [0, 1): overlaid where below the overlay probability.
        exponents: ``(n,)``, of the attribution map, log-uniform in [1, 2].
    """

    order: npt.NDArray[np.int64]
    corners: npt.NDArray[np.int64]
    flips: npt.NDArray[np.bool_]
    coins: npt.NDArray[np.float64]
    exponents: npt.NDArray[np.float64]

    def part(self, visited: slice) -> "EpochPlan":
        """The plan of some of the epoch's visits, in the same order."""
        return EpochPlan(
            order=self.order[visited],
            corners=self.corners[visited],
            flips=self.flips[visited],
            coins=self.coins[visited],
            exponents=self.exponents[visited],
        )


def plan_epoch(streams: Streams, count: int, augmentation: Augmentation) -> EpochPlan:
    """Draw the next epoch over ``count`` examples; the streams move on."""
    low, high = math.log(LOWEST_EXPONENT), math.log(HIGHEST_EXPONENT)
    return EpochPlan(
        order=streams.order.permutation(count),
        corners=streams.augment.integers(0, 2 * augmentation.crop_padding + 1, size=(count, 2)),
        flips=streams.augment.random(count) < 0.5,
        coins=streams.overlay.random(count),
        exponents=np.exp(streams.overlay.uniform(low, high, size=count)),
    )


def batch_bounds(count: int, batch_size: int) -> list[slice]:
    """Consecutive batches over ``count`` examples; the last may be smaller.

    A single left-over example joins the batch before it: the statistics of one image are no
    estimate that BatchNorm should learn from.

    Args:
        count: number of examples, at least 1.
        batch_size: examples a batch, at least 2.
    """
    starts = list(range(0, count, batch_size))
    if len(starts) > 1 and count - starts[-1] == 1:
        starts.pop()
    return [slice(*pair) for pair in zip(starts, [*starts[1:], count], strict=True)]
