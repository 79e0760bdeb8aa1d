"""How much each declared source of variation moves a metric.

For every source (the initial weights, the order of the data, augmentation, the split, ...) there
are runs in which it alone was drawn anew and all else was held. Their variances are set beside each
other, and beside that of runs in which everything was drawn anew (Bouthillier et al. 2021,
Accounting for Variance in Machine Learning Benchmarks, MLSys 3).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError, MissingColumnError, MissingKeyError
from analysis.inference.grid import Floats
from analysis.many_arms.resolution import is_noise
from analysis.runs import finite_values, read_runs
from analysis.variance.example_sampling import TEST_EXAMPLES, sampling_of_examples
from analysis.variance.intervals import chi_square_interval, ratio_interval, tail_of
from analysis.variance.source_results import Reading, Source, VarianceSources

ALL = "all"
"""The name of the source whose runs drew everything anew."""

FEW_RUNS = 10
COUNTED_TWICE = (
    "{name!r} may draw test examples anew; what it shares with {examples!r} is then counted twice."
)


def decompose(
    frame: pd.DataFrame,
    metric: str,
    *,
    source: str = "source",
    arm: str | None = None,
    level: float = 0.95,
    predictions: ArrayLike | None = None,
) -> VarianceSources:
    """Return the variance of the metric that each source brings, and their shares.

    The variances are those about the one setting at which the other sources were held. They add up
    to the variance of runs in which everything varies only if the sources do not interact.

    Args:
        frame: one row a run, in any order. Runs without a finite value are left out and counted.
        metric: column of the metric.
        source: column that names what was drawn anew; "all" for runs that drew everything.
        arm: column that names the arm; variances are then taken within the arms and pooled by
            their degrees of freedom, as if they were the same in all of them. None when all runs
            are of one arm.
        level: confidence level, above 0 and below 1.
        predictions: shape (runs, examples), whether each prediction was right, on one test set
            and in any order of runs; adds the sampling of test examples as a source. The metric
            is then an accuracy from 0 to 1. That source is not compared with "all", whose runs
            shared their test set.

    Raises:
        MissingColumnError: a column is not there.
        AnalysisError: no source is left beside "all", predictions come with a metric that is no
            accuracy or with runs that drew test examples anew, or an argument is out of range;
            and what `analysis.runs.read_runs` raises.
    """
    tail_of(level)
    groups = _series(frame, metric, source, arm)
    names = sorted(name for name in groups if name != ALL)
    if not names:
        raise AnalysisError(
            f"the column {source!r} names no source beside {ALL!r}: there is nothing to split"
        )
    sources = [_source(name, groups[name], level) for name in names]
    total = _source(ALL, groups[ALL], level) if ALL in groups else None
    ratio, low, high = _ratio(sources, total, level)
    warnings = _warnings(sources if total is None else [*sources, total])
    if predictions is not None:
        if TEST_EXAMPLES in names:
            raise AnalysisError(
                f"{TEST_EXAMPLES!r} is among the runs' sources already: leave the predictions out"
            )
        _require_fractions(metric, groups)
        warnings += [
            COUNTED_TWICE.format(name=name, examples=TEST_EXAMPLES)
            for name in names
            if any(word in name.casefold() for word in ("split", "test"))
        ]
        sources.append(sampling_of_examples(predictions, level))
    used = sum(len(each) for parts in groups.values() for each in parts)
    return VarianceSources(
        metric=metric,
        level=level,
        sources=_with_shares(sources),
        total=total,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        reading=_reading(low, high),
        missing=len(frame) - used,
        warnings=tuple(warnings),
    )


def _series(
    frame: pd.DataFrame, metric: str, source: str, arm: str | None
) -> dict[str, list[Floats]]:
    """Return the finite values of every source, one ascending series an arm."""
    if arm is not None:
        if arm not in frame.columns:
            raise MissingColumnError(arm, "arm", frame.columns)
        if rows := int(frame[arm].isna().sum()):
            raise MissingKeyError(arm, rows)
    within = [] if arm is None else [arm]
    groups: dict[str, list[Floats]] = {}
    for cell in read_runs(frame, metric=metric, arm=source, block=None, within=within):
        for name, values in cell.series.items():
            groups.setdefault(name, []).append(np.sort(finite_values(values)))
    return groups


def _source(name: str, series: Sequence[Floats], level: float) -> Source:
    kept = [each for each in series if len(each)]
    n = sum(len(each) for each in kept)
    degrees = n - len(kept)
    if degrees == 0:
        return Source(name, n, 0)
    residuals = np.concatenate([each - each.mean() for each in kept])
    if is_noise(residuals, np.concatenate(kept)):
        return Source(name, n, degrees, variance=0.0)
    variance = float((residuals**2).sum()) / degrees
    low, high = chi_square_interval(variance, degrees, level)
    return Source(name, n, degrees, variance, low**0.5, high**0.5)


def _with_shares(sources: Sequence[Source]) -> tuple[Source, ...]:
    variances = [each.variance for each in sources]
    known = [each for each in variances if each is not None]
    # A share of a sum that lacks a part would be too large.
    if len(known) < len(variances) or sum(known) == 0:
        return tuple(sources)
    return tuple(
        replace(each, share=variance / sum(known))
        for each, variance in zip(sources, known, strict=True)
    )


def _ratio(
    sources: Sequence[Source], total: Source | None, level: float
) -> tuple[float | None, float | None, float | None]:
    """Return total over sum with its interval; the sum's degrees of freedom are Satterthwaite's.

    Satterthwaite 1946, Biometrics Bulletin 2, 110-114.
    """
    variances = [each.variance for each in sources]
    known = [each for each in variances if each is not None]
    if total is None or total.variance is None or len(known) < len(variances) or sum(known) == 0:
        return None, None, None
    doubt = sum(v * v / each.degrees for v, each in zip(known, sources, strict=True))
    ratio = total.variance / sum(known)
    return ratio, *ratio_interval(ratio, total.degrees, sum(known) ** 2 / doubt, level)


def _reading(low: float | None, high: float | None) -> Reading | None:
    if low is None or high is None:
        return None
    if low > 1:
        return "more than the sum"
    return "less than the sum" if high < 1 else "as the sum"


def _warnings(sources: Sequence[Source]) -> list[str]:
    notes = []
    for each in sources:
        if each.variance is None:
            notes.append(f"{each.name!r}: {each.n} run(s) of an arm have no spread to estimate.")
        elif each.variance == 0:
            notes.append(f"{each.name!r} never changed the metric: was it drawn anew?")
    widths = {
        each.name: each.high / each.low
        for each in sources
        if each.n < FEW_RUNS and each.low and each.high
    }
    if widths:
        names = ", ".join(repr(name) for name in widths)
        notes.append(
            f"Fewer than {FEW_RUNS} runs of {names}: the two ends of an interval differ by a "
            f"factor of up to {max(widths.values()):.1f}."
        )
    return notes


def _require_fractions(metric: str, groups: dict[str, list[Floats]]) -> None:
    series = [each for parts in groups.values() for each in parts if len(each)]
    ends = [float(end) for each in series for end in (each[0], each[-1])]
    if ends and not (min(ends) >= 0 and max(ends) <= 1):
        raise AnalysisError(
            f"predictions belong to an accuracy from 0 to 1, and {metric!r} runs from "
            f"{min(ends):g} to {max(ends):g}; divide percentages by 100"
        )
