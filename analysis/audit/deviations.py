"""Printed deviations: whether the range allows them, and which spread they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scipy import stats

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.floating_point import mean_slack, variance_slack
from analysis.audit.granules import (
    Interval,
    as_float,
    delta_degrees,
    missing_input,
    rounding_interval,
    whole_number,
)
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

Label = Literal["sd", "sd_ddof0", "sd_ddof1", "se", "ci", "ci_t", "ci_normal"]

_LABELS: tuple[Label, ...] = ("sd", "sd_ddof0", "sd_ddof1", "se", "ci", "ci_t", "ci_normal")

_ROUNDING = 1e-9
"""Relative: far above what floating-point arithmetic does, far below what is ever printed."""


def sd_range(
    sd: Printed | str | int | None,
    n: int | None,
    low: Printed | str | int | None,
    high: Printed | str | int | None,
    *,
    mean: Printed | str | int | None = None,
    ddof: int = 1,
    attained: bool = True,
) -> Finding:
    """Whether n values from a to b can have a printed deviation, and a printed mean.

    Rule: with both ends attained, the squares about the mean sum up to (b - a)²/2 at least, and
    always to (b - a)²·⌊n/2⌋·⌈n/2⌉/n at most; with a mean m, also to n(b - m)(m - a) at most.
    Divided by n - ddof they are the squared deviation: for ddof 1 and even n, it lies from
    (b - a)/√(2(n - 1)) to (b - a)/2·√(n/(n - 1)). The mean lies from ((n-1)a + b)/n to
    (a + (n-1)b)/n. Every printed number stands for its whole rounding interval; the arithmetic is
    exact.

    Source: von Szokefalvi Nagy 1918 (least), Popoviciu 1935 and Bhatia & Davis 2000 (most); as used
    to set limits in SPRITE (Heathers et al. 2018).

    False alarms: another denominator than `ddof` says; low and high that are the scale's ends and
    were not attained (say so); values left out of one of the numbers.

    Args:
        sd: the standard deviation as printed.
        n: how many values there are, at least 2.
        low: the smallest value as printed.
        high: the largest value as printed.
        mean: the mean as printed, when there is one.
        ddof: 1 when the squares were divided by n - 1, 0 when by n.
        attained: whether low and high are the smallest and largest value themselves; False when
            they are only limits, such as 0 and 100 %, and exact ones.

    Raises:
        PrintedError: a number is no printed number, or has a relation before it.
        AnalysisError: n or ddof is not allowed, or low is above high.
    """
    if sd is None or n is None or low is None or high is None:
        return missing_input("sd_range", sd=sd, n=n, low=low, high=high)
    n, ddof = whole_number("n", n, least=2), delta_degrees(ddof)
    bottom, top = _ends(exact(low), exact(high), attained=attained)
    center = None if mean is None else exact(mean)
    middle = None if center is None else rounding_interval(center)
    squares = _squares(n, bottom, top, middle, attained=attained).scaled(Fraction(1, n - ddof))
    means = _means(n, bottom, top, attained=attained)
    spread = exact(sd)
    largest = max(abs(bottom.low), abs(top.high))
    mean_fits = middle is None or _meet(middle, means.widened(mean_slack(n, largest)))
    sd_fits = _meet(
        rounding_interval(spread).squared(), squares.widened(variance_slack(n, largest))
    )
    values: dict[str, object] = {
        "sd": spread,
        "sd_least": math.sqrt(as_float(squares.low)),
        "sd_most": math.sqrt(as_float(max(Fraction(0), squares.high))),
        "mean": center,
        "mean_least": as_float(means.low),
        "mean_most": as_float(means.high),
        "n": n,
    }
    faults = [] if mean_fits else [_between("mean", values)]
    if not sd_fits:
        faults.append(_between("sd", values))
    ends = f"{n} values from {exact(low)} to {exact(high)}"
    if faults:
        detail = f"{ends}: {'; '.join(faults)}."
        return finding("sd_range", Outcome.FAIL, detail, **values)
    detail = (
        f"{ends} can have the sd {spread}: it lies between {values['sd_least']:.6g} and "
        f"{values['sd_most']:.6g}."
    )
    return finding("sd_range", Outcome.PASS, detail, **values)


def _between(name: str, values: dict[str, object]) -> str:
    """Say between which numbers the sd or the mean lies, and that the printed one does not."""
    return (
        f"the {name} lies between {values[f'{name}_least']:.6g} and {values[f'{name}_most']:.6g}, "
        f"and cannot be {values[name]}"
    )


def _ends(low: Printed, high: Printed, *, attained: bool) -> tuple[Interval, Interval]:
    """Where the smallest and the largest value lie; limits are meant as they stand."""
    if low.value > high.value:
        raise AnalysisError(f"low is {low} and high is {high}; low must not be above high")
    if attained:
        return rounding_interval(low), rounding_interval(high)
    least, most = Fraction(low.value), Fraction(high.value)
    return Interval(least, least), Interval(most, most)


def _squares(
    n: int, bottom: Interval, top: Interval, mean: Interval | None, *, attained: bool
) -> Interval:
    """How much the squares about the mean sum up to at least and at most."""
    shortest = max(Fraction(0), top.low - bottom.high)
    longest = top.high - bottom.low
    most = longest**2 * Fraction((n // 2) * (n - n // 2), n)
    if mean is not None:
        # Greatest at the mean that is nearest to the middle.
        nearest = min(max((top.high + bottom.low) / 2, mean.low), mean.high)
        most = min(most, n * (top.high - nearest) * (nearest - bottom.low))
    return Interval(shortest**2 / 2 if attained else Fraction(0), most)


def _means(n: int, bottom: Interval, top: Interval, *, attained: bool) -> Interval:
    """Between which numbers the mean lies."""
    if not attained:
        return Interval(bottom.low, top.high)
    return Interval(((n - 1) * bottom.low + top.low) / n, (bottom.high + (n - 1) * top.high) / n)


def _meet(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a number in common."""
    return max(one.low, other.low) <= min(one.high, other.high)


@dataclass(frozen=True, slots=True)
class _Spread:
    """n values' deviation with ddof = 0, and between which numbers it lies."""

    sd: float
    low: float
    high: float
    n: int


def sd_label(
    spread: Printed | str | int | None,
    values: Sequence[float | str | Printed] | None = None,
    *,
    sd: Printed | str | int | None = None,
    n: int | None = None,
    ddof: int = 1,
    label: Label | None = None,
    level: float = 0.95,
) -> Finding:
    """Which spread a printed ± is: a standard deviation, a standard error, or half an interval.

    Rule: standard deviation, standard error, and half-width of the mean's confidence interval by
    Student's t and by the normal distribution, each from ddof 0 and ddof 1, are compared with the
    rounding interval. Several may fit; a declared label passes when it is among them. None fitting
    is a failure, and so is a label that does not fit.

    Source: definitions; the confusion of standard deviation and standard error is described by
    Altman & Bland 2005, BMJ 331, 903.

    False alarms: values printed more coarsely than they were used (give them as text: their
    rounding is then allowed for); bootstrap intervals; twice a deviation; runs left out.

    Args:
        spread: the number behind the ±, as printed.
        values: the runs' values, at least 2: numbers are taken as exact, texts as printed.
        sd: in place of values, the standard deviation as printed,
        n: and how many values it is of, at least 2.
        ddof: the denominator of that `sd`: 1 for n - 1, 0 for n.
        label: what the paper calls the ±; "sd", "se" and "ci" leave the details open.
        level: of the confidence interval, above 0 and below 1.

    Raises:
        PrintedError: a number is no printed number, or has a relation before it.
        AnalysisError: fewer than 2 values, one that is not finite, or an argument not allowed.
    """
    if spread is None:
        return missing_input("sd_label", spread=spread)
    if values is None and (sd is None or n is None):
        return missing_input("sd_label", values=values, sd=sd, n=n)
    if label is not None and label not in _LABELS:
        raise AnalysisError(f"the label is {label!r}; allowed: {', '.join(map(repr, _LABELS))}")
    if not 0 < level < 1:
        raise AnalysisError(f"the level is {level!r}; allowed: above 0 and below 1")
    source = _of_summary(sd, n, ddof) if values is None else _of_values(values)
    return _find(exact(spread), source, label, level)


def _of_values(values: Sequence[float | str | Printed]) -> _Spread:
    """The deviation of raw values; printed ones may be off by half a unit each."""
    half_unit = 0.0
    numbers = []
    for value in values:
        if isinstance(value, str | Printed):
            number = exact(value)
            half_unit = max(half_unit, float(number.half_unit))
            numbers.append(Fraction(number.value))
        else:
            numbers.append(_finite(value))
    n = whole_number("the number of values", len(numbers), least=2)
    mean = sum(numbers, Fraction(0)) / n
    squares = sum(((each - mean) ** 2 for each in numbers), Fraction(0))
    slack = variance_slack(n, max(map(abs, numbers)))
    least = math.sqrt(as_float(max(Fraction(0), squares / n - slack)))
    most = math.sqrt(as_float(squares / n + slack))
    sd = math.sqrt(as_float(squares / n))
    return _Spread(sd, max(0.0, least - half_unit), most + half_unit, n)


def _finite(value: float) -> Fraction:
    """A raw value, exactly."""
    try:
        return Fraction(float(value))
    except (TypeError, ValueError, OverflowError):
        raise AnalysisError(f"a value is {value!r}; allowed: finite numbers") from None


def _of_summary(sd: Printed | str | int | None, n: int | None, ddof: int) -> _Spread:
    """The deviation of which only a printed number is known."""
    n = whole_number("n", n or 0, least=2)
    factor = math.sqrt((n - delta_degrees(ddof)) / n)
    number = exact("" if sd is None else sd)
    low, middle, high = (factor * float(each) for each in (number.low, number.value, number.high))
    return _Spread(middle, max(0.0, low), high, n)


def _factors(n: int, level: float) -> dict[str, float]:
    """What the deviation with ddof = 0 is multiplied by to give each kind of spread."""
    upper = (1 + level) / 2
    kinds = {
        "sd": 1.0,
        "se": 1 / math.sqrt(n),
        "ci_t": float(stats.t.ppf(upper, n - 1)) / math.sqrt(n),
        "ci_normal": float(stats.norm.ppf(upper)) / math.sqrt(n),
    }
    return {
        f"{kind}_ddof{ddof}": factor * math.sqrt(n / (n - ddof))
        for kind, factor in kinds.items()
        for ddof in (1, 0)
    }


def _find(spread: Printed, source: _Spread, label: Label | None, level: float) -> Finding:
    """Compare the printed number with every kind of spread."""
    factors = _factors(source.n, level)
    kinds = {kind: source.sd * factor for kind, factor in factors.items()}
    fitting = [
        kind
        for kind, factor in factors.items()
        if factor * source.low * (1 - _ROUNDING) <= float(spread.high)
        and factor * source.high * (1 + _ROUNDING) >= float(spread.low)
    ]
    declared = [each for each in fitting if label is None or f"{each}_".startswith(f"{label}_")]
    found = {"spread": spread, "label": label, "fitting": fitting, "kinds": kinds, "n": source.n}
    shown = ", ".join(f"{kind} = {value:.4g}" for kind, value in kinds.items())
    if not fitting:
        detail = f"± {spread} is no spread of these {source.n} values: {shown}."
        # Intervals by the bootstrap, and ± 2 sd, are in use and are none of these kinds.
        is_other_kind = label is None or label.startswith("ci")
        outcome = Outcome.FLAG if is_other_kind else Outcome.FAIL
        return finding("sd_label", outcome, detail, **found)
    fits = ", ".join(fitting)
    if not declared:
        detail = f"± {spread} is not the declared {label}; it fits {fits} ({shown})."
        return finding("sd_label", Outcome.FLAG, detail, **found)
    if len(fitting) == len(kinds):
        detail = f"± {spread} fits every kind of spread of these {source.n} values ({shown})."
        return finding("sd_label", Outcome.NOT_TESTABLE, detail, chance_of_detection=0.0, **found)
    detail = f"± {spread} fits {fits}" + (f", as declared ({label})." if label else ".")
    return finding("sd_label", Outcome.PASS, detail, **found)
