"""Whether a re-run agrees with the original runs as closely as their spread lets one expect."""

import math
import struct
from collections.abc import Sequence

import numpy as np
from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.intervals import require_level
from analysis.inference.samples import samples
from analysis.inference.student_t import mean_interval
from analysis.inference.welch import welch_interval

_CHECK = "rerun_tolerance"


def rerun_tolerance(
    original: Sequence[float],
    rerun: Sequence[float],
    *,
    deterministic: bool = False,
    level: float = 0.95,
) -> Finding:
    """Say whether re-run values agree with the original ones.

    Where determinism is declared, every value has to be the same to the last bit, in the same
    order, and any difference is a failure. Otherwise a single value x may differ from the mean of
    n by up to t · s · sqrt(1 + 1/n) with n - 1 degrees of freedom, the prediction interval of one
    more run (Hahn & Meeker 1991, Statistical Intervals, chapter 4), and several values by Welch's
    interval of the difference of two means.

    False alarms: 1 - level of honest re-runs, when runs are normal and independent; simulated at
    95 %, 3 % to 6 % for means of three to ten runs. More where few originals are rounded so
    coarsely that some are equal, since their spread is then understated: 11 % for three runs that
    spread by half of the last digit.
    GPU kernels are not deterministic unless told to be: do not declare what was not enforced.

    Args:
        original: the runs' values, one or more, in any unit; in order where deterministic.
        rerun: the new values in the same unit, one or more; as many where deterministic.
        deterministic: whether the same seeds were declared to give the same values.
        level: of the tolerance, above 0 and below 1; unused where deterministic.

    Raises:
        AnalysisError: a series is empty or not finite, the level is impossible, or deterministic
            series differ in length.
    """
    require_level(level)
    both = samples(original, rerun)
    if deterministic:
        return _identical([float(each) for each in original], [float(each) for each in rerun])
    if both.n1 == both.n2 == 1:
        return finding(
            _CHECK,
            Outcome.NOT_TESTABLE,
            "One value against one value says nothing about the spread of runs, so no difference "
            "could be called too large (chance of detection 0).",
            n_original=1,
            n_rerun=1,
            chance_of_detection=0.0,
        )
    if min(both.n1, both.n2) == 1:
        return _single(original, rerun, level)
    return _means(original, rerun, level)


def _identical(original: Sequence[float], rerun: Sequence[float]) -> Finding:
    if len(original) != len(rerun):
        raise AnalysisError(
            f"{len(original)} original and {len(rerun)} re-run values were given; where runs are "
            "deterministic give the same runs in the same order"
        )
    changed = [i for i, pair in enumerate(zip(original, rerun, strict=True)) if _differ(*pair)]
    largest = max(abs(a - b) for a, b in zip(original, rerun, strict=True))
    shown = ", ".join(str(index + 1) for index in changed[:5])
    detail = (
        f"Determinism was declared, but {len(changed)} of {len(original)} re-run values differ "
        f"from the original (run {shown}{', ...' if len(changed) > 5 else ''}; "
        f"by up to {largest:.3g})."
        if changed
        else f"All {len(original)} re-run values are the original ones to the last bit."
    )
    return finding(
        _CHECK,
        Outcome.FAIL if changed else Outcome.PASS,
        detail,
        n_original=len(original),
        n_rerun=len(rerun),
        changed_runs=[index + 1 for index in changed],
        largest_difference=largest,
    )


def _differ(first: float, second: float) -> bool:
    """Whether two doubles differ in any bit: 0 and -0 do."""
    return struct.pack("<d", first) != struct.pack("<d", second)


def _single(original: Sequence[float], rerun: Sequence[float], level: float) -> Finding:
    """Hold one value against several, whichever side it is on."""
    several, (value,) = (original, rerun) if len(rerun) == 1 else (rerun, original)
    # Equal up to the data's resolution is a spread of 0, as in every other test here.
    spread = 0.0 if _all_equal(several) else float(mean_interval(several, level).sd or 0.0)
    mean = float(np.mean(several))
    n = len(several)
    reach = float(special.stdtrit(n - 1, 0.5 + level / 2)) * spread * math.sqrt(1 + 1 / n)
    difference = float(value) - mean
    agrees = abs(difference) <= reach or _all_equal([*several, value])
    kind = "re-run" if len(rerun) == 1 else "original"
    detail = (
        f"The single {kind} value {float(value):.6g} differs by {difference:.3g} from the mean "
        f"{mean:.6g} of {n} runs; one more run may differ by {reach:.3g} at the level {level:g}, "
        f"so it {'agrees' if agrees else 'does not agree'}."
    )
    return finding(
        _CHECK,
        Outcome.PASS if agrees else Outcome.FLAG,
        detail + _note(spread),
        n_original=len(original),
        n_rerun=len(rerun),
        difference=difference if kind == "re-run" else -difference,
        tolerance=reach,
        sd=spread,
        degrees=n - 1,
        level=level,
    )


def _means(original: Sequence[float], rerun: Sequence[float], level: float) -> Finding:
    """Hold the mean of several against the mean of several."""
    found = welch_interval(samples(rerun, original), level)
    difference, error = found.difference or 0.0, found.standard_error or 0.0
    low, high = found.low or 0.0, found.high or 0.0
    agrees = low <= 0 <= high or _all_equal([*original, *rerun])
    detail = (
        f"The re-run's mean over {len(rerun)} runs differs by {difference:.3g} from the "
        f"original's over {len(original)}; the {level:.0%} interval of the difference is "
        f"[{low:.3g}, {high:.3g}], so they {'agree' if agrees else 'do not agree'}."
    )
    return finding(
        _CHECK,
        Outcome.PASS if agrees else Outcome.FLAG,
        detail + _note(error),
        n_original=len(original),
        n_rerun=len(rerun),
        difference=difference,
        tolerance=(high - low) / 2,
        standard_error=error,
        degrees=found.degrees,
        low=low,
        high=high,
        level=level,
    )


def _all_equal(values: Sequence[float]) -> bool:
    """Whether values are equal up to the rounding of floating-point numbers."""
    array = np.asarray(values, dtype=np.float64)
    return grid.all_equal(array, grid.noise_of(array))


def _note(spread: float) -> str:
    return "" if spread > 0 else " The runs show no spread, so any difference is outside."
