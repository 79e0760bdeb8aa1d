"""Two arms of which means and deviations are printed, and no runs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from scipy import stats

from analysis.audit.decision_test import DecisionTest
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed
from analysis.inference.corrections import adjust
from analysis.inference.student_t import t_tail
from analysis.presentation.numbers import format_number, p_statement
from harness.audit.claims.grammar import Summary
from harness.audit.evidence.model import ArmEvidence, Cell

_UPPER_QUANTILE = 0.975
"""Of a 95 % interval."""

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class SummaryTest:
    """Welch's test of two printed means.

    Attributes:
        difference: of the means, above 0 when the first is better.
        ci_low, ci_high: its 95 % interval.
        test: Welch's, corrected within the family.
        runs: of both arms.
    """

    difference: float
    ci_low: float
    ci_high: float
    test: DecisionTest
    runs: int


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of an arm: a mean, a variance, and a number of runs."""

    mean: float
    variance: float
    n: int


def is_summarised(arm: ArmEvidence | None) -> bool:
    """Whether a mean, a spread and the number of runs are printed of an arm."""
    return arm is not None and not arm.runs and _spread(arm.summary) is not None


def summary_tests(
    cell: Cell, control: str, arms: tuple[str, ...], *, maximize: bool, untested: int
) -> dict[str, SummaryTest]:
    """Welch's test of every arm against the control, with Holm's correction.

    Welch 1947, Biometrika 34, 28-35, of means and deviations as they are printed.

    Args:
        cell: the arms; all of them are summarised.
        control: the arm that the others are held against.
        arms: the others.
        maximize: whether larger values are better.
        untested: arms of the family of which nothing can be tested; the correction counts them.
    """
    known = {name: _spread(cell.arms[name].summary) for name in (control, *arms)}
    reference = known[control]
    found = {}
    sign = 1.0 if maximize else -1.0
    for name in arms:
        own = known[name]
        if own is None or reference is None:
            continue
        error = math.sqrt(own.variance / own.n + reference.variance / reference.n)
        if error > 0:
            found[name] = (sign * (own.mean - reference.mean), error, _degrees(own, reference))
    p_values = [
        t_tail(difference / error, degrees, "two-sided")
        for difference, error, degrees in found.values()
    ]
    missing = untested + len(arms) - len(found)
    adjusted = adjust([*p_values, *([None] * missing)], "holm")
    tests = {}
    for (name, (difference, error, degrees)), p, p_adjusted in zip(
        found.items(), p_values, adjusted, strict=False
    ):
        reach = float(stats.t.ppf(_UPPER_QUANTILE, degrees)) * error
        test = DecisionTest("welch_t", p, p_adjusted)
        runs = sum(each.n for each in (known[name], reference) if each is not None)
        tests[name] = SummaryTest(difference, difference - reach, difference + reach, test, runs)
    return tests


def repeated_summary_test(
    used: str | None,
    better: ArmEvidence,
    worse: ArmEvidence,
    *,
    p: Printed | None,
    statistic: Printed | None,
    corrected_for: int,
) -> Iterator[Finding]:
    """Whether a printed t and p are those that the printed means and deviations give.

    Args:
        used: "pooled_t" or "welch_t"; no other test can be made of summaries.
        better: one arm.
        worse: the other.
        p: as printed.
        statistic: t as printed; its sign is that of the authors' subtraction.
        corrected_for: of how many tests p is corrected for the family.
    """
    first, second = better.summary, worse.summary
    if not (is_summarised(better) and is_summarised(worse)) or first is None or second is None:
        return
    if used not in {"pooled_t", "welch_t"} or (p is None and statistic is None):
        return
    corners = list(_corners(used, first, second))
    if not corners:
        return
    low, high = min(t for t, _ in corners), max(t for t, _ in corners)
    p_low, p_high = min(each for _, each in corners), max(each for _, each in corners)
    t_fits = statistic is None or _meets(statistic, low, high)
    p_fits = p is None or _p_meets(p, p_low, min(1.0, corrected_for * p_high))
    fits = t_fits and p_fits
    shown = [
        f"t = {statistic}" if statistic is not None else "",
        f"p = {p}" if p is not None else "",
    ]
    given = ", ".join(filter(None, shown)).replace("= <", "<").replace("= >", ">")
    middle = (low + high) / 2
    verb = "give" if fits else "do not give"
    yield finding(
        "p_recompute",
        Outcome.PASS if fits else Outcome.FAIL,
        f"The printed means and deviations {verb} the printed {given}: they give |t| from "
        f"{format_number(low, 3)} to {format_number(high, 3)}, {p_statement(p_high)} at most.",
        test=used,
        t_low=low,
        t_high=high,
        t_middle=middle,
        p_low=p_low,
        p_high=p_high,
        statistic=statistic,
        p=p,
    )


def _spread(summary: Summary | None) -> Spread | None:
    if summary is None or summary.mean is None or summary.runs is None or summary.runs < 2:
        return None
    variance = printed_variance(summary)
    if variance is None:
        return None
    return Spread(float(summary.mean.value), variance, summary.runs)


def printed_variance(summary: Summary) -> float | None:
    """The variance that is printed, or that a printed deviation stands for; None without either."""
    if summary.variance is not None:
        return float(summary.variance.value)
    return None if summary.sd is None else float(summary.sd.value) ** 2


def _degrees(one: Spread, other: Spread) -> float:
    parts = [(each.variance / each.n, each.n - 1) for each in (one, other)]
    total = sum(part for part, _ in parts)
    return total**2 / sum(part**2 / degrees for part, degrees in parts)


def _corners(used: str, first: Summary, second: Summary) -> Iterator[tuple[float, float]]:
    """|t| and p at every corner of the rounding intervals, and at 0 if the means may be equal."""
    means = [each.mean for each in (first, second) if each.mean is not None]
    spreads = [_ends(each) for each in (first, second)]
    sizes = [each.runs or 0 for each in (first, second)]
    gaps = [float(a) - float(b) for a, b in product(_both(means[0]), _both(means[1]))]
    if min(gaps) < 0 < max(gaps):
        gaps.append(0.0)
    for gap, one, other in product(gaps, *spreads):
        pair = (Spread(gap, one, sizes[0]), Spread(0.0, other, sizes[1]))
        error, degrees = standard_error(used, *pair)
        if error > 0:
            t = abs(gap) / error
            yield t, t_tail(t, degrees, "two-sided")


def standard_error(used: str, one: Spread, other: Spread) -> tuple[float, float]:
    """The standard error of a difference of means, and its degrees of freedom.

    Args:
        used: "welch_t"; anything else pools the variances.
        one: one arm, of two runs or more.
        other: the other.
    """
    if used == "welch_t":
        error = math.sqrt(one.variance / one.n + other.variance / other.n)
        return error, _degrees(one, other) if error > 0 else 1.0
    degrees = one.n + other.n - 2
    pooled = ((one.n - 1) * one.variance + (other.n - 1) * other.variance) / degrees
    return math.sqrt(pooled * (1 / one.n + 1 / other.n)), float(degrees)


def _ends(summary: Summary) -> tuple[float, float]:
    """The smallest and the largest variance that are printed so."""
    if summary.variance is not None:
        return max(0.0, float(summary.variance.low)), float(summary.variance.high)
    if summary.sd is None:
        return 0.0, 0.0
    return max(0.0, float(summary.sd.low)) ** 2, float(summary.sd.high) ** 2


def _both(number: Printed) -> tuple[float, float]:
    return float(number.low), float(number.high)


def _meets(printed: Printed, low: float, high: float) -> bool:
    size = abs(float(printed.value))
    half = float(printed.half_unit) + _SLACK * size
    match printed.relation:
        case "=":
            return size - half <= high and low <= size + half
        case "<" | "<=":
            return low <= size + half
        case _:
            return high >= size - half


def _p_meets(printed: Printed, low: float, high: float) -> bool:
    match printed.relation:
        case "=":
            return float(printed.low) <= high * (1 + _SLACK) and low * (1 - _SLACK) <= float(
                printed.high
            )
        case "<" | "<=":
            return low <= float(printed.value)
        case _:
            return high >= float(printed.value)
