"""Intervals of an accuracy that allow for both other seeds and other test examples.

Runs that share a test set share its luck: their seed-to-seed spread says nothing about how the
accuracy would differ on another sample of examples. The pigeonhole bootstrap draws seeds and
examples independently, with replacement, and takes every prediction at which the two meet (Owen
2007, The Pigeonhole Bootstrap, Annals of Applied Statistics 1, 386-411). It is conservative: it
counts the part of the variance that belongs to single predictions three times over. No bootstrap
of two crossed factors gets that right without a model (McCullagh 2000, Bernoulli 6, 285-301).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.variance.intervals import Ends, tail_of
from analysis.variance.mcnemar import as_correct
from analysis.variance.strata import crossed_strata

FEW_SEEDS = 10
ONE_SEED = "There is one seed: the interval holds for that trained model and not for its method."
FEW = "There are only {seeds} seeds: resampling them gives intervals that are too narrow."

_COUNTS_AT_ONCE = 1 << 21
_MOST_EXAMPLES = 1 << 24


@dataclass(frozen=True, slots=True)
class TwoWayInterval:
    """A mean accuracy, or a mean difference of two, over seeds and test examples.

    Attributes:
        estimate: from 0 to 1, or from -1 to 1 for a difference of arm - reference.
        low: lower end of its percentile interval over other seeds and other examples.
        high: upper end of it.
        seeds_only: the interval for this very test set; None with one seed.
        examples_only: the interval for these very trained models.
        seeds: number of seeds.
        examples: number of test examples.
        variance_seeds: variance that a seed contributes to a single prediction, at least 0; None
            with one seed, as the next two are.
        variance_examples: variance that an example contributes, at least 0.
        variance_interaction: what belongs to the single prediction, at least 0.
        level: confidence level.
        resamples: number of bootstrap draws.
        warning: why the interval is too narrow; None when there are seeds enough.
    """

    estimate: float
    low: float
    high: float
    seeds_only: Ends | None
    examples_only: Ends
    seeds: int
    examples: int
    variance_seeds: float | None
    variance_examples: float | None
    variance_interaction: float | None
    level: float
    resamples: int
    warning: str | None = None

    @property
    def standard_error(self) -> float | None:
        """Standard error of the estimate from the three variances; None with one seed.

        Unlike the interval it counts the interaction once.
        """
        seeds, examples, both = (
            self.variance_seeds,
            self.variance_examples,
            self.variance_interaction,
        )
        if seeds is None or examples is None or both is None:
            return None
        shared = seeds / self.seeds + examples / self.examples
        return math.sqrt(shared + both / (self.seeds * self.examples))


def two_way_interval(
    correct_arm: ArrayLike,
    correct_reference: ArrayLike | None = None,
    *,
    rng: np.random.Generator,
    resamples: int = 10_000,
    level: float = 0.95,
) -> TwoWayInterval:
    """Return the mean accuracy, or the mean difference of two, with its two-way interval.

    Args:
        correct_arm: shape (seeds, examples), whether each prediction was right; at least one seed
            and two examples. The columns are the test set's examples, in one order everywhere.
        correct_reference: the same for the reference, same seeds and examples at the same places;
            None for the arm's own accuracy.
        rng: draws seeds and examples.
        resamples: number of draws, at least 1.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: the shapes differ, as they do for different test sets; there are too few
            examples; a value is neither 0 nor 1; or an argument is out of range.
    """
    tail = tail_of(level)
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples!r}; allowed: a whole number from 1")
    values = _values(correct_arm, correct_reference)
    seeds, examples = values.shape
    draws = _draws(values, rng, resamples)
    both, by_seed, by_example = (
        (float(low), float(high)) for low, high in np.quantile(draws, (tail, 1 - tail), axis=1).T
    )
    variances = _variances(values)
    return TwoWayInterval(
        estimate=float(values.sum(dtype=np.int64)) / values.size,
        low=both[0],
        high=both[1],
        seeds_only=by_seed if seeds > 1 else None,
        examples_only=by_example,
        seeds=seeds,
        examples=examples,
        variance_seeds=variances[0],
        variance_examples=variances[1],
        variance_interaction=variances[2],
        level=level,
        resamples=resamples,
        warning=_warning(seeds),
    )


def _values(arm: ArrayLike, reference: ArrayLike | None) -> NDArray[np.int8]:
    """Return correctness, or its difference, by seed and example, the seeds in a fixed order."""
    values = as_correct(arm).astype(np.int8)
    if reference is not None:
        other = as_correct(reference).astype(np.int8)
        if other.shape != values.shape:
            raise AnalysisError(
                f"the arm has shape {values.shape} and the reference {other.shape}: a difference "
                "needs the same seeds, and the same test examples"
            )
        values = values - other
    if values.ndim != 2 or not (len(values) >= 1 and 2 <= values.shape[1] <= _MOST_EXAMPLES):
        raise AnalysisError(
            "correctness needs shape (seeds, examples), with at least one seed and "
            f"2 to {_MOST_EXAMPLES} examples; shape given: {values.shape}"
        )
    order = sorted(range(len(values)), key=lambda seed: values[seed].tobytes())
    return values[order]


def _draws(values: NDArray[np.int8], rng: np.random.Generator, resamples: int) -> Floats:
    """Return the bootstrap means over both, over seeds and over examples; shape (3, resamples)."""
    seeds, examples = values.shape
    # Sums of whole numbers up to 2^24 are exact in single precision, which is twice as fast.
    by_example = np.ascontiguousarray(values.T, dtype=np.float32)
    seed_means = values.mean(axis=1, dtype=np.float64)
    at_once = max(1, _COUNTS_AT_ONCE // max(seeds, examples))
    draws = np.empty((3, resamples))
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        part = draws[:, start : start + rows]
        seed_counts = _counts(rng, rows, seeds)
        example_counts = _counts(rng, rows, examples).astype(np.float32)
        means = (example_counts @ by_example).astype(np.float64) / examples
        part[0] = (seed_counts * means).sum(axis=1) / seeds
        part[1] = seed_counts @ seed_means / seeds
        part[2] = means.mean(axis=1)
    return draws


def _counts(rng: np.random.Generator, rows: int, n: int) -> NDArray[np.int64]:
    """Return how often each of n is drawn in n draws with replacement, rows times."""
    drawn = rng.integers(0, n, size=(rows, n), dtype=np.int64)
    drawn += n * np.arange(rows)[:, np.newaxis]
    counts = np.bincount(drawn.ravel(), minlength=rows * n)
    return counts.reshape(rows, n).astype(np.int64, copy=False)


def _variances(values: NDArray[np.int8]) -> tuple[float | None, float | None, float | None]:
    """Return the three components of a crossed design without replicates, at least 0 each."""
    seeds, examples = values.shape
    if seeds < 2:
        return None, None, None
    rows, columns, interaction, _ = crossed_strata(values.astype(np.float64))
    return (
        max(0.0, rows.mean_square - interaction.mean_square) / examples,
        max(0.0, columns.mean_square - interaction.mean_square) / seeds,
        interaction.mean_square,
    )


def _warning(seeds: int) -> str | None:
    if seeds == 1:
        return ONE_SEED
    return FEW.format(seeds=seeds) if seeds < FEW_SEEDS else None
