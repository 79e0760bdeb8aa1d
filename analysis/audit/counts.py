"""Whether runs, degrees of freedom and counts belong together."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, get_args

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

CountedTest = Literal["paired", "one_sample", "pooled", "welch", "correlation"]
"""The t-tests by their degrees of freedom, and Pearson's correlation."""

_TESTS: tuple[CountedTest, ...] = get_args(CountedTest)
_TWO_SAMPLES = {"pooled", "welch"}

_SLACK = Decimal("1e-9")
"""What floating-point arithmetic may have done to degrees of freedom, relative to them."""


def n_mismatch(
    *,
    test: CountedTest | None = None,
    df: Printed | str | int | None = None,
    n: int | None = None,
    n2: int | None = None,
    counts: Sequence[int] | None = None,
    excluded: int = 0,
) -> Finding:
    """Check that the degrees of freedom, the runs and a histogram's counts belong together.

    Rule: with n runs left after exclusions, a paired or one-sample t-test has n - 1 degrees of
    freedom, a correlation n - 2, the pooled t-test n + n2 - 2, and Welch's lie between the smaller
    n - 1 and n + n2 - 2. A histogram's counts sum to n.

    Source: Student 1908; Welch 1947, Biometrika 34, 28-35, with Satterthwaite's degrees of freedom.

    False alarms: runs that were excluded and not declared; a mixed model's degrees of freedom,
    which follow none of these.

    Args:
        test: which test was made; None when only counts are checked.
        df: its degrees of freedom as printed, decimals included.
        n: runs of the first arm, or pairs, before exclusions; from 1.
        n2: runs of the second arm, for "pooled" and "welch".
        counts: a histogram's counts of the first arm, each from 0.
        excluded: runs, of both arms together, that were left out and said to be.

    Raises:
        AnalysisError: an argument is out of its range, or the test is unknown.
    """
    _refuse(test, n, n2, counts, excluded)
    missing = _missing(test, df, n, n2, counts)
    if n is None or missing:
        detail = f"The numbers cannot be compared without {' and '.join(missing)}."
        return finding("n_mismatch", Outcome.MISSING_INPUT, detail, missing=missing)
    parts: list[Finding] = []
    if test is not None and df is not None:
        parts.append(_degrees(test, exact(df), n, n2, excluded))
    if counts is not None:
        parts.append(_counted(counts, n, n2, excluded))
    outcome = Outcome.FAIL if any(each.outcome is Outcome.FAIL for each in parts) else Outcome.PASS
    values = {name: value for each in parts for name, value in each.values.items()}
    detail = " ".join(each.detail for each in parts)
    return finding("n_mismatch", outcome, detail, **values, n=n, n2=n2, excluded=excluded)


def _degrees(test: CountedTest, df: Printed, n: int, n2: int | None, excluded: int) -> Finding:
    low, high = _possible(test, n, n2, excluded)
    runs = f"{n} and {n2} runs" if test in _TWO_SAMPLES else f"{n} runs"
    runs += f", {excluded} excluded," if excluded else ""
    allowed = f"{low}" if low == high else f"{low} to {high}"
    detail = f"A {test.replace('_', '-')} test of {runs} has {allowed} degrees of freedom"
    values = {"df_reported": df, "df_low": low, "df_high": high}
    if _meet(df, low, high):
        return finding("n_mismatch", Outcome.PASS, f"{detail}, as reported.", **values)
    others = [each for each in _others(test, n2) if _meet(df, *_possible(each, n, n2, excluded))]
    detail += f", not {df}."
    if others:
        detail += f" That would be the degrees of freedom of: {', '.join(others)}."
    return finding("n_mismatch", Outcome.FAIL, detail, **values, fits_instead=others)


def _possible(test: CountedTest, n: int, n2: int | None, excluded: int) -> tuple[int, int]:
    """Smallest and largest degrees of freedom."""
    both = n + (n2 or 0) - excluded - 2
    match test:
        case "paired" | "one_sample":
            return n - excluded - 1, n - excluded - 1
        case "correlation":
            return n - excluded - 2, n - excluded - 2
        case "pooled":
            return both, both
        case "welch":
            # All exclusions may have struck the smaller arm, of which two runs must be left.
            return max(1, min(n, n2 or n) - excluded - 1), both


def _others(test: CountedTest, n2: int | None) -> Iterator[CountedTest]:
    for each in _TESTS:
        if each != test and (n2 is not None or each not in _TWO_SAMPLES):
            yield each


def _meet(df: Printed, low: int, high: int) -> bool:
    """Whether printed degrees of freedom are possible; only decimals or a range are rounded."""
    if df.decimals <= 0 and low == high:
        return df.value == low
    # Welch's reach the most there can be, where a program prints all digits: 14.000000000000002.
    return df.low <= Decimal(high) * (1 + _SLACK) and Decimal(low) * (1 - _SLACK) <= df.high


def _counted(counts: Sequence[int], n: int, n2: int | None, excluded: int) -> Finding:
    total = sum(counts)
    # With two arms nobody says in which of them the exclusions were.
    allowed = range(n - excluded, (n if n2 is not None else n - excluded) + 1)
    values = {"counted": total, "count_low": allowed[0], "count_high": allowed[-1]}
    detail = f"The counts sum to {total}"
    if total in allowed:
        detail += ", which is the number of runs."
        return finding("n_mismatch", Outcome.PASS, detail, **values)
    expected = f"{n}" if not excluded else f"{n} less {excluded} excluded"
    return finding("n_mismatch", Outcome.FAIL, f"{detail}, not to {expected}.", **values)


def _missing(
    test: CountedTest | None,
    df: object,
    n: int | None,
    n2: int | None,
    counts: object,
) -> list[str]:
    missing = {
        "n": n is None,
        "test": test is None and (df is not None or counts is None),
        "df": df is None and counts is None,
        "n2": n2 is None and df is not None and test in _TWO_SAMPLES,
    }
    return [name for name, is_missing in missing.items() if is_missing]


def _refuse(
    test: str | None,
    n: int | None,
    n2: int | None,
    counts: object,
    excluded: int,
) -> None:
    if test is not None and test not in _TESTS:
        raise AnalysisError(f"the test is {test!r}; allowed: {', '.join(map(repr, _TESTS))}")
    for name, value in (("n", n), ("n2", n2)):
        if value is not None:
            _whole(name, value, least=1)
    _whole("excluded", excluded, least=0)
    if n is not None and excluded >= n + (n2 or 0):
        raise AnalysisError(f"excluded is {excluded}; allowed: fewer than the runs there are")
    if counts is None:
        return
    if not isinstance(counts, Sequence) or isinstance(counts, str) or not counts:
        raise AnalysisError(f"counts is {counts!r}; allowed: a series of whole numbers")
    for each in counts:
        _whole("a count", each, least=0)


def _whole(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise AnalysisError(f"{name} is {value!r}; allowed: a whole number from {least}")
