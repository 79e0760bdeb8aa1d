"""The interval of p-values that a printed statistic allows."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Literal

from analysis.audit.printed_numbers import Printed, exact, printed
from analysis.audit.tail_probabilities import (
    DF_COUNT,
    SMALLEST_FLOAT_P,
    Test,
    require_test,
    tail_p,
)
from analysis.errors import AnalysisError

Sides = Literal[1, 2]

_SLACK = Decimal("1e-9")
_SLACK_FAR_OUT = Decimal("1e-6")
"""By how much of itself a recomputed p may be wrong: what `tail_p` promises."""

_LARGEST_STATISTIC = Decimal("1e150")
_LARGEST_DF = Decimal("1e9")
_INFINITE = Decimal("Infinity")

_DOMAIN: dict[Test, tuple[Decimal, Decimal]] = {
    "t": (-_INFINITE, _INFINITE),
    "z": (-_INFINITE, _INFINITE),
    "r": (Decimal(-1), Decimal(1)),
    "F": (Decimal(0), _INFINITE),
    "chi2": (Decimal(0), _INFINITE),
}


class ImpossibleStatisticError(AnalysisError):
    """A statistic has a value that its test cannot give, whatever the data.

    Attributes:
        test: which test.
        statistic: as it was printed.
    """

    def __init__(self, test: Test, statistic: str) -> None:
        self.test = test
        self.statistic = statistic
        low, high = _DOMAIN[test]
        allowed = "from 0" if high == _INFINITE else f"from {low} to {high}"
        super().__init__(f"{test} is {statistic}; possible: {allowed}")


@dataclass(frozen=True, slots=True)
class PInterval:
    """The p-values that a rounded statistic may have had.

    They are decimals, because a float has no p below 1e-308.

    Attributes:
        low: the smallest.
        high: the largest.
        at: the p of the statistic exactly as it is printed.
    """

    low: Decimal
    high: Decimal
    at: Decimal

    def halved(self) -> "PInterval":
        """Of the one-sided test, on the side on which the statistic lies."""
        return PInterval(self.low / 2, self.high / 2, self.at / 2)

    def other_tail(self) -> "PInterval":
        """Of the one-sided test, on the side on which the statistic does not lie."""
        return PInterval(1 - self.high, 1 - self.low, 1 - self.at)

    def corrected(self, family: int) -> "PInterval":
        """With whatever a correction for a family of tests makes of p, from p to family · p."""
        return PInterval(self.low, min(self.high * family, Decimal(1)), self.at)

    def values(self) -> dict[str, object]:
        """Its numbers as a finding shows them; texts where a float would be 0."""
        named = {"p_low": self.low, "p_high": self.high, "p_recomputed": self.at}
        return {name: _shown(each) for name, each in named.items()}

    def __str__(self) -> str:
        low, high = f"{self.low:.3g}", f"{self.high:.3g}"
        return low if low == high else f"between {low} and {high}"


def recomputed_p(
    test: Test,
    statistic: Printed | str | int,
    *,
    df: Printed | str | int | None = None,
    df2: Printed | str | int | None = None,
    sides: Sides = 2,
    df_rounded: bool = False,
) -> PInterval:
    """Return the p-values that a printed statistic allows.

    Args:
        test: "t", "F", "z", "chi2" or "r".
        statistic: as printed; with "<" or ">" it stands for everything beyond it.
        df: degrees of freedom as printed: their rounding counts when they have decimals.
        df2: degrees of freedom of the denominator, for F only.
        sides: 2 for both tails of t, z and r, and for the upper tail of F and chi-squared; 1 for
            half of that.
        df_rounded: whether whole degrees of freedom were rounded too, as Welch's often are; of F
            this concerns the denominator.

    Raises:
        ImpossibleStatisticError: the test cannot give this statistic.
        AnalysisError: an argument is out of its range, degrees of freedom are missing or too
            many, or a test without a direction is taken as one-sided.
    """
    degrees = _degrees(require_test(test), df, df2)
    if sides not in (1, 2):
        raise AnalysisError(f"sides is {sides!r}; allowed: 1, 2, or None when it is not declared")
    if sides == 1 and not has_direction(test, degrees[0]):
        raise AnalysisError(
            f"a {test} test with {degrees[0]} degrees of freedom has no direction, so it cannot "
            "be one-sided; allowed: sides=2"
        )
    number = printed(statistic)
    low, high = _magnitudes(test, number)
    first = _df_range(degrees[0], df_rounded and test == "t")
    second = _df_range(degrees[1], df_rounded and test == "F")
    ends = [tail_p(test, *each) for each in product((low, high), first, second)]
    middle = min(max(abs(number.value), low), high)
    at = tail_p(test, middle, _value(degrees[0]), _value(degrees[1]))
    interval = PInterval(min(*ends, at), max(*ends, at), at)
    return interval.halved() if sides == 1 else interval


def p_agrees(reported: Printed, interval: PInterval) -> bool:
    """Whether a p as printed is one of those that its statistic allows.

    Printed with "=", its rounding interval has to meet theirs; "<" must not lie below the smallest,
    ">" not above the largest. What floating-point arithmetic may have done is allowed for.
    """
    slack = _SLACK if interval.low >= SMALLEST_FLOAT_P else _SLACK_FAR_OUT
    low, high = interval.low * (1 - slack), interval.high * (1 + slack)
    match reported.relation:
        case "=":
            return reported.low <= high and low <= reported.high
        case "<" | "<=":
            return low <= reported.value
        case ">" | ">=":
            return reported.value <= high


def has_direction(test: Test, df: Printed | None) -> bool:
    """Whether the test can be one-sided: t, z, r, and F and chi-squared with one df."""
    return test in {"t", "z", "r"} or (df is not None and df.value == 1)


def _degrees(
    test: Test, df: Printed | str | int | None, df2: Printed | str | int | None
) -> tuple[Printed | None, Printed | None]:
    given = tuple(None if each is None else exact(each) for each in (df, df2))
    count = DF_COUNT[test]
    for place, (name, each) in enumerate(zip(("df", "df2"), given, strict=True)):
        if (each is None) is (place < count):
            state = "missing" if each is None else "given"
            raise AnalysisError(f"{name} is {state}; a {test} test has {count} degrees of freedom")
        if each is not None and not 0 < each.value <= _LARGEST_DF:
            raise AnalysisError(f"{name} is {each}; allowed: above 0, up to {_LARGEST_DF:.0e}")
    return given[0], given[1]


def _df_range(df: Printed | None, rounded: bool) -> tuple[Decimal | None, ...]:
    if df is None:
        return (None,)
    if df.decimals <= 0 and not rounded:
        return (df.value,)
    # Welch's degrees of freedom are 1 at least.
    return (max(df.low, Decimal(1)) if df.value >= 1 else df.low, df.high)


def _value(df: Printed | None) -> Decimal | None:
    return None if df is None else df.value


def _magnitudes(test: Test, number: Printed) -> tuple[Decimal, Decimal]:
    """The absolute values that a statistic may have had."""
    if abs(number.value) > _LARGEST_STATISTIC:
        raise AnalysisError(f"{test} is {number}; allowed: up to {_LARGEST_STATISTIC:.0e}")
    least, most = _DOMAIN[test]
    low, high = _ends(number)
    beyond = (number.relation == "<" and high <= least) or (number.relation == ">" and low >= most)
    if beyond or high < least or low > most:
        raise ImpossibleStatisticError(test, number.text)
    if number.relation in {"<", "<="} and number.value >= 0:
        # By convention "t < 1" speaks of the absolute value.
        low = -high
    low, high = max(low, least), min(high, most)
    if low <= 0 <= high:
        return Decimal(0), max(-low, high)
    return min(abs(low), abs(high)), max(abs(low), abs(high))


def _ends(number: Printed) -> tuple[Decimal, Decimal]:
    match number.relation:
        case "=":
            return number.low, number.high
        case "<" | "<=":
            return -_INFINITE, number.value
        case ">" | ">=":
            return number.value, _INFINITE


def _shown(p: Decimal) -> float | str:
    return f"{p:.6e}" if 0 < p < SMALLEST_FLOAT_P else float(p)
