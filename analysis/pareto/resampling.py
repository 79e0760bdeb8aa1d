"""What the means might have been with other seeds: the bootstrap of a whole front at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.drawing import stream
from analysis.inference.bootstrap import resample_weights
from analysis.inference.paired import Floats
from analysis.pareto.reading import ConfigurationRuns


@dataclass(frozen=True, slots=True, eq=False)
class ResampledMeans:
    """The means of all configurations under resampling, and with one run left out at a time.

    Attributes:
        means: shape (resamples, configurations, objectives).
        left_out: shape (runs, configurations, objectives): the means without one block, or
            without one run of one configuration.
        sample: shape (runs,), the number of the sample that each left-out run belongs to.
    """

    means: Floats
    left_out: Floats
    sample: NDArray[np.int64]


def share_blocks(runs: Sequence[ConfigurationRuns]) -> bool:
    """Say whether all configurations have the same blocks, at least one."""
    return bool(runs[0].blocks) and len({frozenset(each.blocks) for each in runs}) == 1


def resample_blocks(runs: Sequence[ConfigurationRuns], resamples: int, seed: int) -> ResampledMeans:
    """Draw blocks with replacement, the same ones for every configuration.

    What configurations share by block then moves all of them together, as it does in the data
    (Davison & Hinkley 1997, Bootstrap Methods and their Application, section 2.4).
    """
    stacked = np.stack([each.values for each in runs], axis=1)
    n = len(stacked)
    flat = stacked.reshape(n, -1)
    drawn = _resampled(flat, resamples, stream(seed, "pareto", "blocks"))
    left_out = (flat.sum(axis=0) - flat) / max(1, n - 1)
    return ResampledMeans(
        means=drawn.reshape(resamples, *stacked.shape[1:]),
        left_out=left_out.reshape(stacked.shape),
        sample=np.zeros(n, dtype=np.int64),
    )


def resample_runs(runs: Sequence[ConfigurationRuns], resamples: int, seed: int) -> ResampledMeans:
    """Draw each configuration's runs with replacement, independently of the others."""
    means = np.stack(
        [
            _resampled(each.values, resamples, stream(seed, "pareto", "runs", each.label))
            for each in runs
        ],
        axis=1,
    )
    observed = np.stack([each.values.mean(axis=0) for each in runs])
    several = [(place, each.values) for place, each in enumerate(runs) if each.n > 1]
    left_out = [_without_each(observed, place, values) for place, values in several]
    sizes = [len(values) for _, values in several]
    return ResampledMeans(
        means=means,
        left_out=np.concatenate(left_out) if left_out else np.empty((0, *observed.shape)),
        sample=np.repeat(np.arange(len(sizes)), sizes),
    )


def bca_of_means(
    resampled: ResampledMeans, statistic: Callable[[Floats], Floats], observed: float, level: float
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated bootstrap interval of a statistic of the means.

    Efron 1987, Journal of the American Statistical Association 82, 171-185; the acceleration of
    several samples is that of Davison & Hinkley 1997, section 5.3, with jackknife influences.

    Args:
        resampled: the means under resampling.
        statistic: maps means of shape (k, configurations, objectives) to shape (k,).
        observed: its value for the observed means.
        level: confidence level in (0, 1).
    """
    replicates = statistic(resampled.means)
    noise = 2.0**-40 * max(abs(observed), float(np.abs(replicates).max()))
    if np.ptp(replicates) <= noise:
        return float(replicates.min()), float(replicates.max())
    below = (
        np.mean(replicates < observed - noise) + np.mean(abs(replicates - observed) <= noise) / 2
    )
    # At least half a resample on each side: what all resamples agree on is not infinitely sure.
    half = 0.5 / len(replicates)
    bias = special.ndtri(np.clip(below, half, 1 - half))
    acceleration = _acceleration(statistic(resampled.left_out), resampled)
    tail = special.ndtri(0.5 + level / 2)
    ends = bias + np.asarray([-tail, tail])
    shares = special.ndtr(bias + ends / np.maximum(1 - acceleration * ends, 1e-9))
    low, high = np.quantile(replicates, shares)
    return float(low), float(high)


def _acceleration(left_out: Floats, resampled: ResampledMeans) -> float:
    sizes = np.bincount(resampled.sample)
    centres = (np.bincount(resampled.sample, left_out) / sizes)[resampled.sample]
    n = sizes[resampled.sample]
    influences = (n - 1) * (centres - left_out) / n
    squares = float((influences**2).sum())
    return float((influences**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def _resampled(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Return means of resamples of the rows, shape (resamples, columns)."""
    if len(values) == 1:
        return np.repeat(values, resamples, axis=0)
    return resample_weights(len(values), resamples, rng) @ values


def _without_each(observed: Floats, place: int, values: Floats) -> Floats:
    means = np.repeat(observed[None], len(values), axis=0)
    means[:, place] = (values.sum(axis=0) - values) / (len(values) - 1)
    return means
