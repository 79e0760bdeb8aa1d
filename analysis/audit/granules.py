"""Granules, the steps in which a metric comes: how many of them a printed number allows."""

import math
import operator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

Granule = str | int | Decimal | Fraction
"""A granule as a caller writes it: "0.01", "1/3", "100/10000", 1. No float is 0.01 exactly."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Exact numbers from `low` to `high`, both included; empty when `low` lies above `high`."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        """How long it is; 0 when it is empty."""
        return max(Fraction(0), self.high - self.low)

    def widened(self, slack: Fraction) -> "Interval":
        """The interval with `slack` more on either side."""
        return Interval(self.low - slack, self.high + slack)

    def scaled(self, factor: Fraction) -> "Interval":
        """The interval of the numbers times a factor above 0."""
        return Interval(self.low * factor, self.high * factor)

    def squared(self) -> "Interval":
        """The squares of the numbers that are not below 0; empty when there are none."""
        if self.high < 0:
            return Interval(Fraction(0), Fraction(-1))
        return Interval(max(self.low, Fraction(0)) ** 2, self.high**2)


@dataclass(frozen=True, slots=True)
class WholeNumbers:
    """The whole numbers from `first` to `last`, both included; none when `first` is greater."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many there are."""
        return max(0, self.last - self.first + 1)

    def between(self, low: int | None, high: int | None) -> "WholeNumbers":
        """Those that are not below `low` and not above `high`; None sets no bound."""
        return WholeNumbers(
            self.first if low is None else max(self.first, low),
            self.last if high is None else min(self.last, high),
        )


def rounding_interval(number: Printed) -> Interval:
    """The numbers that are printed so, either way of rounding halves, without loss of digits."""
    half_unit = Fraction(10) ** -number.decimals / 2
    value = Fraction(number.value)
    return Interval(value - half_unit, value + half_unit)


def whole_numbers(interval: Interval) -> WholeNumbers:
    """The whole numbers in an interval."""
    return WholeNumbers(math.ceil(interval.low), math.floor(interval.high))


def granule_of(items: int, *, percent: bool = False) -> Fraction:
    """The granule of an accuracy: 1 / items, or 100 / items in per cent."""
    return Fraction(100 if percent else 1, whole_number("items", items, least=1))


def read_granule(granule: Granule) -> Fraction:
    """Read a granule exactly.

    Args:
        granule: a number above 0, as text ("0.01", "1/3"), whole number, Decimal or Fraction.

    Raises:
        AnalysisError: it is a float, no number, or not above 0.
    """
    allowed = 'allowed: a number above 0 as text, such as "0.01" or "1/3"'
    if isinstance(granule, bool) or not isinstance(granule, str | int | Decimal | Fraction):
        raise AnalysisError(f"the granule is {granule!r}; {allowed}")
    try:
        read = Fraction(granule)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise AnalysisError(f"the granule is {granule!r}; {allowed}") from None
    if read <= 0:
        raise AnalysisError(f"the granule is {granule!r}; {allowed}")
    return read


def whole_number(name: str, given: int, *, least: int) -> int:
    """Check that a count is a whole number and large enough.

    Raises:
        AnalysisError: it is not.
    """
    try:
        count = operator.index(given)
    except TypeError:
        count = least - 1
    if isinstance(given, bool) or count < least:
        raise AnalysisError(f"{name} is {given!r}; allowed: a whole number from {least} on")
    return count


def delta_degrees(ddof: int) -> int:
    """Check the number that is taken off n in a variance's denominator.

    Raises:
        AnalysisError: it is neither 0 nor 1.
    """
    if isinstance(ddof, bool) or ddof not in {0, 1}:
        raise AnalysisError(f"ddof is {ddof!r}; allowed: 0 (divide by n) or 1 (divide by n - 1)")
    return int(ddof)


def missing_input(check: str, **inputs: object) -> Finding:
    """The finding of a check that cannot be made, naming the inputs that are None."""
    absent = [name for name, given in inputs.items() if given is None]
    return finding(check, Outcome.MISSING_INPUT, f"Not given: {', '.join(absent)}.", missing=absent)


def as_float(number: Fraction) -> float:
    """The nearest float; infinite beyond the largest one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def granules_between(
    low: Printed | str | int | None, high: Printed | str | int | None, granule: Fraction
) -> WholeNumbers | None:
    """The values that there can be, counted in granules; None when they are not bounded.

    Args:
        low: the smallest value allowed, exact; both bounds are given or none.
        high: the largest value allowed.
        granule: the step in which the values come.

    Raises:
        PrintedError: a bound is no printed number.
        AnalysisError: one bound is given without the other, or low is above high.
    """
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise AnalysisError(f"low is {low!r} and high is {high!r}; give both bounds or none")
    least, most = exact(low).value, exact(high).value
    if least > most:
        raise AnalysisError(f"low is {low!r} and high is {high!r}; low must not be above high")
    return whole_numbers(Interval(Fraction(least) / granule, Fraction(most) / granule))


def nearest_multiples(number: Fraction, granule: Fraction, allowed: WholeNumbers) -> list[float]:
    """The multiples of a granule on either side of a number, of those with an allowed factor."""
    below = math.floor(number / granule)
    factors = {min(max(each, allowed.first), allowed.last) for each in (below, below + 1)}
    return [as_float(each * granule) for each in sorted(factors)]
