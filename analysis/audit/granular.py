"""Full-precision variances, differences and t statistics, held against a metric's granule."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.floating_point import EPSILON, mean_slack, variance_slack
from analysis.audit.granules import (
    Granule,
    Interval,
    as_float,
    missing_input,
    read_granule,
    rounding_interval,
    whole_number,
    whole_numbers,
)
from analysis.audit.printed_numbers import Printed, exact
from analysis.audit.sums_of_squares import chance_of_detection, possible_sample
from analysis.errors import AnalysisError

_MOST_RUNS = 100_000
"""With more runs than that, rounding in floating-point arithmetic hides every integer."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One printed number, held against the granule.

    Attributes:
        name: what it is.
        text: as it was printed.
        formula: what of it must be a whole number.
        scaled: the value of that.
        uncertainty: by how much that may be off: from printing, and from floating point.
        possible: whether a possible whole number lies so near.
        chance: how often a wrong number would have been found impossible.
    """

    name: str
    text: str
    formula: str
    scaled: float
    uncertainty: float
    possible: bool
    chance: float


@dataclass(frozen=True, slots=True)
class _Runs:
    """The runs behind the numbers: how many in either arm, the granule, the largest value."""

    n: int
    n2: int
    unit: Fraction
    largest: Fraction


def granular_exact(
    n: int | None,
    granule: Granule | None,
    *,
    variance: Printed | str | None = None,
    sd: Printed | str | None = None,
    difference: Printed | str | None = None,
    t: Printed | str | None = None,
    variance2: Printed | str | None = None,
    n2: int | None = None,
    largest: Printed | str | int = 100,
) -> Finding:
    """Whether numbers printed in full can come from runs whose metric has a granule.

    Rule, with the granule u: for n runs with the variance s² (n - 1 in the denominator),
    n(n-1)s²/u² is a whole number, and one of r(n-r) + 2nj, because it is n times a sum of squares
    less a squared sum. The difference of two means of n runs, times n/u, is a whole number (of n
    and n2 runs: times their least common multiple over u). A two-sample t of n against n runs gives
    that difference: t · √((s₁² + s₂²) / n).

    How near counts follows from the digits printed and from what floating-point arithmetic can
    have done at worst. Where that leaves room for a possible number everywhere, the outcome is
    `not_testable`.

    Source: the arithmetic of GRIM and GRIMMER (Brown & Heathers 2017; Anaya 2016; Allard 2018),
    without rounding.

    False alarms: runs tested on different numbers of examples; a variance divided by n; means
    weighted or taken of more runs than were said; single precision printed with all digits;
    values above `largest`.

    Args:
        n: runs of the arm, at least 2 (1 for a difference alone).
        granule: the metric's step, above 0: "0.01" for per cent of 10,000 test examples.
        variance: the arm's variance, in the metric's unit squared.
        sd: the arm's standard deviation, n - 1 in the denominator.
        difference: the difference of two arms' means.
        t: the two-sample statistic of this arm (`variance`) and the other one (`variance2`), of n
            runs each.
        variance2: the other arm's variance.
        n2: runs of the other arm; n when left out.
        largest: the largest absolute value a run can have, for the rounding of floating point.

    Raises:
        PrintedError: a number is no printed number, or has a relation before it.
        AnalysisError: n, n2 or the granule is not allowed, or a t came with n2 other than n.
    """
    if n is None or granule is None:
        return missing_input("granular_exact", n=n, granule=granule)
    if variance is None and sd is None and difference is None and t is None:
        return missing_input("granular_exact", variance=None, sd=None, difference=None, t=None)
    if t is not None and (variance is None or variance2 is None):
        return missing_input("granular_exact", variance=variance, variance2=variance2)
    least = 2 if difference is None or variance is not None or sd is not None else 1
    n = whole_number("n", n, least=least)
    other = n if n2 is None else whole_number("n2", n2, least=least)
    if t is not None and other != n:
        raise AnalysisError(f"a t was given with n2 = {other} and n = {n}; allowed: equal numbers")
    if max(n, other) > _MOST_RUNS:
        detail = f"{max(n, other):,} runs are too many: rounding hides whether anything is whole."
        return finding("granular_exact", Outcome.NOT_TESTABLE, detail, chance_of_detection=0.0)
    runs = _Runs(n, other, read_granule(granule), abs(Fraction(exact(largest).value)))
    return _judge(list(_parts(runs, variance, sd, difference, t, variance2)))


def _parts(
    runs: _Runs,
    variance: Printed | str | None,
    sd: Printed | str | None,
    difference: Printed | str | None,
    t: Printed | str | None,
    variance2: Printed | str | None,
) -> Iterator[_Part]:
    """Every number that was given, held against the granule."""
    if variance is not None:
        yield _variance("variance", exact(variance), runs, runs.n)
    if sd is not None:
        yield _variance("sd", exact(sd), runs, runs.n)
    if variance2 is not None:
        yield _variance("variance2", exact(variance2), runs, runs.n2)
    if difference is not None:
        yield _difference(exact(difference), runs)
    if t is not None and variance is not None and variance2 is not None:
        yield _t(exact(t), exact(variance), exact(variance2), runs)


def _variance(name: str, number: Printed, runs: _Runs, n: int) -> _Part:
    """Hold a variance, or a standard deviation, against the granule."""
    interval = rounding_interval(number)
    if name == "sd":
        interval = interval.squared()
    factor = n * (n - 1) / runs.unit**2
    scatters = interval.widened(variance_slack(n, runs.largest)).scaled(factor)
    # r and n - r have the same scatters.
    sums = range(n // 2 + 1)
    chance = chance_of_detection(n, sums, as_float(scatters.width))
    negative = name == "sd" and rounding_interval(number).high < 0
    possible = not negative and possible_sample(n, sums, scatters) is not None
    return _part(name, number, "n(n-1)s²/u²", scatters, possible=possible, chance=chance)


def _difference(number: Printed, runs: _Runs) -> _Part:
    """Hold a difference of means against the granule."""
    steps = (
        rounding_interval(number)
        .widened(mean_slack(max(runs.n, runs.n2), runs.largest))
        .scaled(math.lcm(runs.n, runs.n2) / runs.unit)
    )
    possible = whole_numbers(steps).count > 0
    chance = max(0.0, 1 - as_float(steps.width))
    return _part("difference", number, "Δ·n/u", steps, possible=possible, chance=chance)


def _t(number: Printed, variance: Printed, variance2: Printed, runs: _Runs) -> _Part:
    """Hold the difference behind a t against the granule; its sign does not matter."""
    factor = runs.n / runs.unit
    spread = [
        rounding_interval(each).widened(variance_slack(runs.n, runs.largest))
        for each in (variance, variance2)
    ]
    # The t itself is a quotient and a root: a few roundings more.
    statistic = _absolute(rounding_interval(number))
    statistic = statistic.widened(8 * EPSILON * statistic.high)
    error = Interval(
        max(Fraction(0), spread[0].low + spread[1].low) / runs.n,
        max(Fraction(0), spread[0].high + spread[1].high) / runs.n,
    )
    squares = statistic.squared()
    steps = Interval(
        _root(squares.low * error.low, up=False), _root(squares.high * error.high, up=True)
    )
    steps = steps.widened(mean_slack(max(runs.n, runs.n2), runs.largest)).scaled(factor)
    possible = whole_numbers(steps).count > 0
    chance = max(0.0, 1 - as_float(steps.width))
    formula = "t·√((s₁²+s₂²)/n)·n/u"
    return _part("t", number, formula, steps, possible=possible, chance=chance)


def _absolute(interval: Interval) -> Interval:
    """The absolute values of the numbers in an interval."""
    ends = sorted((abs(interval.low), abs(interval.high)))
    return Interval(Fraction(0) if interval.low < 0 < interval.high else ends[0], ends[1])


def _root(square: Fraction, *, up: bool) -> Fraction:
    """The square root, rounded outward far behind the digits that matter."""
    scale = 10**30
    root = math.isqrt(math.floor(square * scale**2))
    return Fraction(root + 1 if up else root, scale)


def _part(
    name: str, number: Printed, formula: str, scaled: Interval, *, possible: bool, chance: float
) -> _Part:
    middle, off = as_float((scaled.low + scaled.high) / 2), as_float(scaled.width / 2)
    return _Part(name, number.text, formula, middle, off, possible, chance)


def _judge(parts: list[_Part]) -> Finding:
    """One finding of all numbers given: the worst counts."""
    chance = 1 - math.prod(1 - part.chance for part in parts)
    values = {
        part.name: {
            "printed": part.text,
            "in_granules": part.scaled,
            "uncertainty": part.uncertainty,
            "possible": part.possible,
            "chance_of_detection": part.chance,
        }
        for part in parts
    }
    wrong = [part for part in parts if not part.possible]
    if wrong:
        detail = "; ".join(f"{_shown(part)} is no possible whole number" for part in wrong) + "."
        return finding("granular_exact", Outcome.FAIL, detail, chance_of_detection=chance, **values)
    if chance == 0:
        detail = "; ".join(f"{part.name} = {part.text}" for part in parts) + (
            ": known too coarsely to tell whether it fits the granule."
        )
        return finding(
            "granular_exact", Outcome.NOT_TESTABLE, detail, chance_of_detection=chance, **values
        )
    shown = "; ".join(_shown(part) for part in parts)
    detail = (
        f"{shown}: whole and possible, as the granule demands; a wrong number would have been "
        f"found impossible with the chance {chance:.4g}."
    )
    return finding("granular_exact", Outcome.PASS, detail, chance_of_detection=chance, **values)


def _shown(part: _Part) -> str:
    return (
        f"{part.name} = {part.text} gives {part.formula} = {part.scaled:.12g} "
        f"(± {part.uncertainty:.1g})"
    )
