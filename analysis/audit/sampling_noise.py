"""The noise floor: a test set is a sample, and two accuracies on it differ by chance."""

import math

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

_QUANTILE = 1.96

Accuracy = Printed | str | float
"""Text as it was printed, or a number."""


def noise_floor(
    better: Accuracy,
    worse: Accuracy,
    test_size: int | None,
    *,
    percent: bool = False,
    only_first_right: int | None = None,
    only_second_right: int | None = None,
) -> Finding:
    """Hold a difference of two accuracies against what the choice of test examples does to it.

    Rule: the standard error is sqrt(p1 q1 / N + p2 q2 / N); or, where it is known which examples
    each model gets right, sqrt(b + c - (b - c)^2 / N) / N, with b and c the examples that only
    one of them does (McNemar 1947, Psychometrika 12, 153-157; Dietterich 1998, Neural Computation
    10, 1895-1923). A difference below 1.96 of it is flagged. More runs do not shrink it, as they
    all share the test set; paired predictions do.

    False alarms: many without counts. Two models of one kind fail on the same examples, so that
    the first formula, which takes them for independent, is much too large. And a claim about this
    very test set, not about examples like these, has no such error.

    Args:
        better: accuracy of the first model, from 0 to 1, or to 100 with `percent`.
        worse: accuracy of the second, likewise.
        test_size: N, the number of test examples, at least 1; None where nobody says.
        percent: whether the accuracies are in percent.
        only_first_right: b, examples that the first model alone gets right.
        only_second_right: c, those that the second alone gets right.

    Returns:
        `pass` or `flag`; `missing_input` without N. Accuracies, difference and standard error in
        `values` are fractions.

    Raises:
        AnalysisError: a number is impossible, or one count is given without the other.
    """
    first, second = (_fraction(each, percent) for each in (better, worse))
    counts = _counts(only_first_right, only_second_right)
    difference = first - second
    known: dict[str, object] = {
        "better": first, "worse": second, "difference": difference, "test_size": test_size,
    }  # fmt: skip
    if test_size is None:
        detail = "The number of test examples is missing, so their sampling noise is unknown."
        return finding("noise_floor", Outcome.MISSING_INPUT, detail, **known)
    error = _standard_error(first, second, test_size, counts)
    threshold = _QUANTILE * error
    inside = difference == 0 or abs(difference) < threshold * (1 - 1e-12)
    basis = "paired predictions" if counts else "no paired predictions"
    detail = (
        f"The difference of {100 * difference:.3g} points lies "
        f"{'inside' if inside else 'outside'} ±{100 * threshold:.3g} points, the noise of "
        f"{test_size} test examples ({basis})."
    )
    if inside:
        detail += " More runs do not shrink that noise" + (
            "." if counts else "; paired predictions do."
        )
    return finding(
        "noise_floor",
        Outcome.FLAG if inside else Outcome.PASS,
        detail + _mismatch(better, worse, percent, difference, test_size, counts),
        **known,
        standard_error=error,
        threshold=threshold,
        paired=counts is not None,
        only_first_right=only_first_right,
        only_second_right=only_second_right,
        counted_difference=(counts[0] - counts[1]) / test_size if counts else None,
    )


def _fraction(accuracy: Accuracy, percent: bool) -> float:
    value = float(exact(accuracy).value) if isinstance(accuracy, Printed | str) else accuracy
    top = 100 if percent else 1
    if isinstance(value, bool) or not 0 <= value <= top:
        hint = "" if percent or not 1 < value <= 100 else "; in percent? Then say percent=True"
        raise AnalysisError(f"an accuracy is {accuracy!s}; allowed: 0 to {top}{hint}")
    return value / top


def _counts(first: int | None, second: int | None) -> tuple[int, int] | None:
    if first is None and second is None:
        return None
    if first is None or second is None:
        raise AnalysisError("give both only_first_right and only_second_right, or neither")
    for count in (first, second):
        if isinstance(count, bool) or count != count // 1 or count < 0:
            raise AnalysisError(f"a count is {count!r}; allowed: whole numbers from 0 on")
    return first, second


def _standard_error(
    first: float, second: float, size: int, counts: tuple[int, int] | None
) -> float:
    if isinstance(size, bool) or size != size // 1 or size < 1:
        raise AnalysisError(f"the test set has {size!r} examples; allowed: whole numbers from 1 on")
    if counts is None:
        return math.sqrt((first * (1 - first) + second * (1 - second)) / size)
    b, c = counts
    if b + c > size:
        raise AnalysisError(f"{b} + {c} examples differ; allowed: up to the test set's {size}")
    return math.sqrt(max(0.0, b + c - (b - c) ** 2 / size)) / size


def _mismatch(
    better: Accuracy,
    worse: Accuracy,
    percent: bool,
    difference: float,
    size: int,
    counts: tuple[int, int] | None,
) -> str:
    """Say so where counts and accuracies are not of the same two models."""
    if counts is None:
        return ""
    halves = [
        float(exact(each).half_unit) if isinstance(each, Printed | str) else 0.0
        for each in (better, worse)
    ]
    slack = sum(halves) / (100 if percent else 1) + 1e-9
    counted = (counts[0] - counts[1]) / size
    if abs(counted - difference) <= slack:
        return ""
    return f" The counts themselves give {100 * counted:.3g} points: they are of other runs."
