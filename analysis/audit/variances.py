"""Variances: too small to be true, or too unequal for the test that was used."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.result import SMALLEST_P
from analysis.inference.student_t import mean_interval, t_tail

_LEVEL_OF_TOO_SMALL = 1e-3
_LEAST_CHANCE = 0.05
_NOISE = 1e-12
_LARGEST = 1e150
"""Squares of larger values overflow."""


def too_small_variance(
    spread: Printed | str | float | Sequence[float],
    n: int | None = None,
    *,
    floor_sd: float | None,
) -> Finding:
    """Ask whether runs lie closer together than chance alone lets them.

    Rule: (n - 1) s^2 / floor_sd^2 has at least a chi-square distribution with n - 1 degrees of
    freedom when values are normal with a deviation of floor_sd or more; its lower tail below
    .001 is flagged. Source: Simonsohn 2013, Just Post It (Psychological Science 24), on
    standard deviations too similar.

    False alarms: any floor that does not hold. Runs tested on one fixed test set have no floor at
    all: sqrt(p q / N) is how accuracies vary between test sets of N examples, and the same
    examples for every run take that away, so seed-to-seed deviations far below it are ordinary.
    Values that are not normal but flat have smaller variances more often. Never a failure.

    Args:
        spread: the standard deviation, with n - 1 in the denominator, as text (of which the
            largest value that rounds to it counts) or number; or the values themselves.
        n: number of values, at least 2; needed with a standard deviation only.
        floor_sd: the smallest deviation that could be, above 0, in the same unit; None where
            none is known.

    Returns:
        `flag` at p < .001; `not_testable` where so few values would show half of that deviation in
        less than 5 % of cases; `missing_input` without a floor; `pass` otherwise.

    Raises:
        AnalysisError: a number is impossible, or n is missing or contradicts the values.
    """
    sd, size = _spread_of(spread, n)
    if floor_sd is None:
        detail = "No smallest possible deviation was given; a fixed test set has none."
        return finding("too_small_variance", Outcome.MISSING_INPUT, detail, sd=sd, n=size)
    if not (math.isfinite(floor_sd) and floor_sd > 0):
        raise AnalysisError(f"the floor is {floor_sd!r}; allowed: a finite number above 0")
    degrees = size - 1
    ratio = sd / floor_sd
    statistic = degrees * ratio * ratio
    p_value = max(SMALLEST_P, float(special.chdtr(degrees, statistic)))
    # How often half of the deviation would be caught.
    critical = float(special.chdtri(degrees, 1 - _LEVEL_OF_TOO_SMALL))
    chance = float(special.chdtr(degrees, 4 * critical))
    outcome = Outcome.FLAG if p_value < _LEVEL_OF_TOO_SMALL else Outcome.PASS
    if outcome is Outcome.PASS and chance < _LEAST_CHANCE:
        outcome = Outcome.NOT_TESTABLE
    detail = (
        f"A deviation of {sd:.4g} or less in {size} runs has p = {p_value:.2g} if the true one is "
        f"at least {floor_sd:.4g}"
    )
    detail += {
        Outcome.FLAG: ": the runs are implausibly alike, unless that floor does not hold.",
        Outcome.NOT_TESTABLE: f"; so few runs would show half of it in {chance:.1%} of cases only.",
    }.get(outcome, ": nothing unusual.")
    return finding(
        "too_small_variance",
        outcome,
        detail,
        sd=sd,
        n=size,
        floor_sd=floor_sd,
        statistic=statistic,
        degrees=degrees,
        p_value=p_value,
        chance_of_detection=chance,
    )


def heteroscedastic(
    groups: Mapping[str, Sequence[float]] | None = None,
    *,
    variances: Mapping[str, tuple[float, int]] | None = None,
    equal_variance_test: bool,
    difference: float | None = None,
    alpha: float = 0.05,
) -> Finding:
    """Ask whether a test that takes variances for equal was used where they are not.

    Rule: Brown & Forsythe 1974 (Journal of the American Statistical Association 69, 364-367) on
    raw values: an analysis of variance of the distances to each group's median. From summaries,
    the two-sided F test of two variances, or Bartlett 1937 (Proceedings of the Royal Society A
    160, 268-282) of more. Flagged at p <= alpha. Of two groups the t-test is done again with
    Welch's degrees of freedom (Biometrika 34, 28-35), beside the pooled one.

    False alarms: F and Bartlett take heavy tails for unequal variances. At equal group sizes the
    pooled t-test hardly suffers from unequal ones: see whether Welch's p tells another story. In
    one of twenty tests the variances are equal after all.

    Args:
        groups: raw values an arm, at least two arms of at least two finite values; or None.
        variances: instead, for each arm its variance (n - 1 in the denominator, in the squared
            unit) and its number of values.
        equal_variance_test: whether the authors' test takes variances for equal.
        difference: mean of the first arm minus that of the second, where variances are given of
            two arms, to do the t-test again; raw values bring their own.
        alpha: level of the test of variances, above 0 and below 1.

    Returns:
        `flag`, or `pass`; `not_applicable` where the test used does not need equal variances;
        `not_testable` where the values leave nothing to test; `missing_input` where neither
        groups nor variances are given.

    Raises:
        AnalysisError: both are given, fewer than two arms, or a number is impossible.
    """
    if not 0 < alpha < 1:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: above 0 and below 1")
    if groups is not None and variances is not None:
        raise AnalysisError("give either the groups' values or their variances, not both")
    if groups is None and variances is None:
        detail = "Neither the groups' values nor their variances were given."
        return finding("heteroscedastic", Outcome.MISSING_INPUT, detail)
    if groups is not None:
        arms = {arm: _series(arm, values) for arm, values in groups.items()}
        summaries = [_Summary(arm, _variance(each), len(each)) for arm, each in arms.items()]
        _require_two(summaries)
        result = _brown_forsythe(list(arms.values()))
        if len(arms) == 2:
            one, other = arms.values()
            difference = float(one.mean() - other.mean())
    else:
        summaries = [_summary(arm, *each) for arm, each in (variances or {}).items()]
        _require_two(summaries)
        result = (_f_test if len(summaries) == 2 else _bartlett)(summaries)
    return _judge(summaries, result, equal_variance_test, difference, alpha)


@dataclass(frozen=True, slots=True)
class _Summary:
    arm: str
    variance: float
    n: int


@dataclass(frozen=True, slots=True)
class _Result:
    """A test of equal variances; statistic and p are None where there is nothing to test."""

    test: str
    statistic: float | None
    degrees: tuple[int, ...]
    p_value: float | None


def _judge(
    summaries: Sequence[_Summary],
    result: _Result,
    equal_variance_test: bool,
    difference: float | None,
    alpha: float,
) -> Finding:
    lowest, highest = (pick(summaries, key=lambda each: each.variance) for pick in (min, max))
    ratio = highest.variance / lowest.variance if lowest.variance > 0 else math.inf
    spread = (
        f"variances run from {lowest.variance:.4g} ({lowest.arm}) to {highest.variance:.4g} "
        f"({highest.arm})"
    )
    again = _t_again(summaries, difference)
    if result.p_value is None:
        outcome, detail = Outcome.NOT_TESTABLE, "The values leave no spread to compare."
    else:
        unequal = result.p_value <= alpha
        shown = f"{spread}, {result.test} p = {result.p_value:.2g}"
        if not equal_variance_test:
            outcome = Outcome.NOT_APPLICABLE
            detail = f"The test used does not need equal variances ({shown})."
        elif unequal:
            outcome = Outcome.FLAG
            detail = f"The test used takes variances for equal, and they are not: {shown}."
        else:
            outcome, detail = Outcome.PASS, f"Nothing speaks against equal variances: {shown}."
        if outcome is Outcome.FLAG and again:
            detail += (
                f" With Welch's {again['welch_degrees']:.1f} degrees of freedom, "
                f"t = {again['welch_t']:.4g}, p = {again['welch_p']:.2g}."
            )
    return finding(
        "heteroscedastic",
        outcome,
        detail,
        test=result.test,
        statistic=result.statistic,
        degrees=result.degrees,
        p_value=result.p_value,
        alpha=alpha,
        variances={each.arm: each.variance for each in summaries},
        n={each.arm: each.n for each in summaries},
        variance_ratio=ratio,
        chance_of_detection=0.0 if outcome is Outcome.NOT_TESTABLE else None,
        **again,
    )


def _brown_forsythe(arms: Sequence[Floats]) -> _Result:
    scale = max(float(np.abs(each).max()) for each in arms) or 1.0
    distances = [np.abs(each - np.median(each)) / scale for each in arms]
    everything = np.concatenate(distances)
    between = sum(len(d) * float(d.mean() - everything.mean()) ** 2 for d in distances)
    within = sum(float(((d - d.mean()) ** 2).sum()) for d in distances)
    degrees = (len(arms) - 1, len(everything) - len(arms))
    # Two values are equally far from their median, whatever they are: that is no spread.
    if within <= len(everything) * _NOISE**2:
        return _Result("Brown-Forsythe", None, degrees, None)
    statistic = (between / degrees[0]) / (within / degrees[1])
    return _Result("Brown-Forsythe", statistic, degrees, float(special.fdtrc(*degrees, statistic)))


def _f_test(summaries: Sequence[_Summary]) -> _Result:
    first, second = summaries
    degrees = (first.n - 1, second.n - 1)
    if first.variance == second.variance == 0:
        return _Result("F", None, degrees, None)
    if second.variance == 0:
        return _Result("F", math.inf, degrees, SMALLEST_P)
    statistic = first.variance / second.variance
    tail = min(float(special.fdtr(*degrees, statistic)), float(special.fdtrc(*degrees, statistic)))
    return _Result("F", statistic, degrees, min(1.0, max(SMALLEST_P, 2 * tail)))


def _bartlett(summaries: Sequence[_Summary]) -> _Result:
    variances = np.array([each.variance for each in summaries])
    freedom = np.array([each.n - 1 for each in summaries])
    degrees = (len(summaries) - 1,)
    if not variances.any():
        return _Result("Bartlett", None, degrees, None)
    if not variances.all():
        return _Result("Bartlett", math.inf, degrees, SMALLEST_P)
    total = freedom.sum()
    pooled = (freedom @ variances) / total
    correction = 1 + ((1 / freedom).sum() - 1 / total) / (3 * degrees[0])
    statistic = max(0.0, float(-(freedom @ np.log(variances / pooled)) / correction))
    p_value = max(SMALLEST_P, float(special.chdtrc(*degrees, statistic)))
    return _Result("Bartlett", statistic, degrees, p_value)


def _t_again(summaries: Sequence[_Summary], difference: float | None) -> dict[str, float]:
    """Do the t-test of two arms with separate variances, and with the pooled one beside it."""
    if difference is None or len(summaries) != 2:
        return {}
    if not math.isfinite(difference):
        raise AnalysisError(f"the difference is {difference!r}; allowed: a finite number")
    first, second = summaries
    share1, share2 = first.variance / first.n, second.variance / second.n
    if share1 + share2 == 0:
        return {}
    total = first.n + second.n - 2
    pooled = ((first.n - 1) * first.variance + (second.n - 1) * second.variance) / total
    pooled_t = difference / math.sqrt(pooled * (1 / first.n + 1 / second.n))
    welch_t = difference / math.sqrt(share1 + share2)
    # As shares of the larger one, so that squares of tiny variances do not vanish.
    part1, part2 = (each / max(share1, share2) for each in (share1, share2))
    degrees = (part1 + part2) ** 2 / (part1**2 / (first.n - 1) + part2**2 / (second.n - 1))
    return {
        "difference": difference,
        "pooled_t": pooled_t,
        "pooled_degrees": total,
        "pooled_p": t_tail(pooled_t, total, "two-sided"),
        "welch_t": welch_t,
        "welch_degrees": degrees,
        "welch_p": t_tail(welch_t, degrees, "two-sided"),
    }


def _spread_of(spread: Printed | str | float | Sequence[float], n: int | None) -> tuple[float, int]:
    if isinstance(spread, Printed | str | float | int):
        sd = float(exact(spread).high) if isinstance(spread, Printed | str) else float(spread)
        if n is None:
            raise AnalysisError("a standard deviation needs n, the number of values it is of")
        if not (math.isfinite(sd) and sd >= 0):
            raise AnalysisError(f"the standard deviation is {spread!s}; allowed: 0 or above")
        return sd, _count(n)
    summary = mean_interval(spread, 0.95)
    if summary.sd is None:
        raise AnalysisError(f"{summary.n} value(s) have no spread; at least two are needed")
    if n not in {None, summary.n}:
        raise AnalysisError(f"n is {n!r}, but there are {summary.n} values: leave it out")
    return summary.sd, summary.n


def _count(n: int) -> int:
    if isinstance(n, bool) or n != n // 1 or n < 2:
        raise AnalysisError(f"n is {n!r}; allowed: whole numbers from 2 on")
    return int(n)


def _series(arm: str, values: Sequence[float]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) < 2 or not np.isfinite(array).all():
        raise AnalysisError(f"the arm {arm!r} needs one series of at least two finite values")
    if np.abs(array).max() > _LARGEST:
        raise AnalysisError(f"the arm {arm!r} has a value beyond {_LARGEST:g}; use a larger unit")
    return array


def _variance(values: Floats) -> float:
    return (mean_interval(values, 0.95).sd or 0.0) ** 2


def _summary(arm: str, variance: float, n: int) -> _Summary:
    if isinstance(variance, bool) or not (math.isfinite(variance) and variance >= 0):
        raise AnalysisError(f"the arm {arm!r} has the variance {variance!r}; allowed: 0 or above")
    if variance > _LARGEST:
        raise AnalysisError(f"the arm {arm!r} has a variance beyond {_LARGEST:g}; scale it")
    return _Summary(arm, float(variance), _count(n))


def _require_two(summaries: Sequence[_Summary]) -> None:
    if len(summaries) < 2:
        raise AnalysisError(f"{len(summaries)} arm(s) have nothing to be compared with: give two")
