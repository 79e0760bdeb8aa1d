"""Stratified splits: every part holds each class in the same proportion."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Two disjoint parts of a set of examples, as ascending positions in it.

    Attributes:
        chosen: positions of the first part.
        rest: positions of all other examples.
    """

    chosen: Indices
    rest: Indices


def stratified_split(
    labels: npt.NDArray[np.int64], fraction: float, rng: np.random.Generator
) -> Split:
    """Choose a fraction of the examples at random, the same fraction of every class.

    The first part holds ``floor(fraction · n)`` examples. Where a class's share is no whole number,
    the classes with the largest remainders get one example more.

    Args:
        labels: shape ``(n,)``.
        fraction: share of the first part, strictly between 0 and 1.
        rng: the stream to draw from.

    Raises:
        ValueError: if the fraction is out of range, or so extreme that one part would hold no
            example of some class.
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"fraction: given {fraction!r}, allowed: strictly between 0 and 1")
    classes, sizes = np.unique(labels, return_counts=True)
    quotas = _quotas(sizes, fraction)
    if (quotas == 0).any() or (quotas == sizes).any():
        raise ValueError(
            f"fraction: given {fraction!r}, which leaves a part without some class; "
            f"the smallest class has {sizes.min()} examples"
        )
    chosen = np.concatenate(
        [
            rng.permutation(np.flatnonzero(labels == label))[:quota]
            for label, quota in zip(classes, quotas, strict=True)
        ]
    )
    in_chosen = np.zeros(len(labels), dtype=bool)
    in_chosen[chosen] = True
    return Split(np.flatnonzero(in_chosen), np.flatnonzero(~in_chosen))


def split_pool(labels: npt.NDArray[np.int64], fraction: float, rng: np.random.Generator) -> Split:
    """The examples to train on, and the rest; with a fraction of 1 nothing is left over.

    Args:
        labels: shape ``(n,)``.
        fraction: share to train on, above 0 and at most 1.
        rng: the stream to draw from; a fraction of 1 draws nothing.

    Raises:
        ValueError: as :func:`stratified_split`.
    """
    if fraction == 1:
        everything = np.arange(len(labels))
        return Split(everything, everything[:0])
    return stratified_split(labels, fraction, rng)


def _quotas(sizes: Indices, fraction: float) -> Indices:
    # 0.29 · 100 is 28.999999999999996 in floating point.
    total = math.floor(fraction * int(sizes.sum()) + 1e-9)
    shares = fraction * sizes
    quotas: Indices = np.floor(shares + 1e-9).astype(np.int64)
    largest_remainders = np.argsort(quotas - shares, kind="stable")
    quotas[largest_remainders[: total - int(quotas.sum())]] += 1
    return quotas
