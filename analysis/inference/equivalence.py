"""Equivalence: evidence that two arms differ by less than matters, not mere lack of evidence.

Two one-sided t-tests at a margin (Schuirmann 1987, Journal of Pharmacokinetics and
Biopharmaceutics 15, 657-680). Equivalence holds at alpha if both reject, which is so exactly if
the t interval at the level 1 - 2 alpha lies within the margins; no correction for two tests is due.
"""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.paired import Pairs
from analysis.inference.samples import samples
from analysis.inference.student_t import NO_SPREAD, ONE_PAIR, paired_interval, t_tail
from analysis.inference.welch import NO_SPREAD_WITHIN, SINGLE_VALUE, welch_interval


@dataclass(frozen=True, slots=True)
class EquivalenceResult:
    """Two one-sided tests of a difference against a margin on either side.

    Attributes:
        difference: the estimated difference of means, first minus second.
        margin: the difference from which on it matters, in the same unit.
        standard_error: of the difference; None when it cannot be estimated.
        degrees: degrees of freedom; None when the tests are undefined.
        p_lower: p-value against "the difference is -margin or less"; None when undefined.
        p_upper: p-value against "the difference is margin or more"; None when undefined.
        p_value: the larger of both; below alpha, the arms are equivalent. None when undefined.
        warning: why the tests are undefined; None when they are not.
    """

    difference: float
    margin: float
    standard_error: float | None
    degrees: float | None
    p_lower: float | None
    p_upper: float | None
    p_value: float | None
    warning: str | None = None


def tost_paired(pairs: Pairs, margin: float) -> EquivalenceResult:
    """Test whether the mean of paired differences lies within a margin of zero.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        margin: smallest absolute difference that matters, in the values' unit; above 0, finite.

    Returns:
        The result. With one pair, or when all differences are equal up to the data's resolution,
        there is no t: the p-values are None, and a warning says why.

    Raises:
        AnalysisError: the margin is not above 0 and finite.
    """
    _require_margin(margin)
    summary = paired_interval(pairs, level=0.95)
    difference = float(pairs.differences.mean())
    if summary.standard_error is None:
        return _undefined(difference, margin, None, ONE_PAIR)
    if summary.standard_error == 0.0:
        return _undefined(difference, margin, 0.0, NO_SPREAD)
    return _two_tests(difference, margin, summary.standard_error, pairs.n - 1)


def tost_welch(first: ArrayLike, second: ArrayLike, margin: float) -> EquivalenceResult:
    """Test whether the difference of two independent means lies within a margin of zero.

    Standard error and degrees of freedom are those of `welch_interval`.

    Args:
        first: shape (n1,), n1 >= 1, finite, in any order.
        second: shape (n2,), n2 >= 1, finite, in the same unit.
        margin: smallest absolute difference that matters, in the same unit; above 0, finite.

    Returns:
        The result. With a sample of one value, or when neither sample has any spread, there is
        no t: the p-values are None, and a warning says why.

    Raises:
        AnalysisError: a sample is empty or not finite, or the margin is not above 0 and finite.
    """
    _require_margin(margin)
    both = samples(first, second)
    interval = welch_interval(both, level=0.95)
    difference = float(both.first.mean() - both.second.mean())
    if interval.standard_error is None:
        return _undefined(difference, margin, None, SINGLE_VALUE)
    if interval.degrees is None:
        return _undefined(difference, margin, 0.0, NO_SPREAD_WITHIN)
    return _two_tests(difference, margin, interval.standard_error, interval.degrees)


def _two_tests(difference: float, margin: float, error: float, degrees: float) -> EquivalenceResult:
    lower = t_tail((difference + margin) / error, degrees, "greater")
    upper = t_tail((difference - margin) / error, degrees, "less")
    return EquivalenceResult(difference, margin, error, degrees, lower, upper, max(lower, upper))


def _undefined(
    difference: float, margin: float, error: float | None, warning: str
) -> EquivalenceResult:
    return EquivalenceResult(difference, margin, error, None, None, None, None, warning)


def _require_margin(margin: float) -> None:
    if not 0 < margin < float("inf"):
        raise AnalysisError(
            f"the margin is {margin!r}; allowed: the smallest difference that matters, a finite "
            "number above 0 in the metric's unit"
        )
