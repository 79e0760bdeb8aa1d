"""A reported confidence interval, and what is printed beside it."""

from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.printed_numbers import Printed, exact, printed
from analysis.audit.recomputed import Sides
from analysis.errors import AnalysisError

Text = Printed | str | int | None

_LARGEST = Decimal("1e100")
_LARGEST_DF = Decimal("1e9")


@dataclass(frozen=True, slots=True)
class Range:
    """Every number from `low`, possibly up to infinity."""

    low: Decimal
    high: Decimal

    def meets(self, other: "Range", slack: Decimal = Decimal(0)) -> bool:
        """Whether the two have a number in common, but for a relative slack."""
        return self.low <= other.high * (1 + slack) and other.low * (1 - slack) <= self.high


@dataclass(frozen=True, slots=True)
class ReportedInterval:
    """An interval as printed; its attributes are the arguments of `ci_vs_p`."""

    low: Printed
    high: Printed
    estimate: Printed | None
    p: Printed | None
    statistic: Printed | None
    df: Printed | None
    null: Decimal
    level: Decimal
    alpha: Decimal
    sides: Sides
    symmetric: bool

    @property
    def midpoint(self) -> Range:
        """What the middle may be."""
        return Range((self.low.low + self.high.low) / 2, (self.low.high + self.high.high) / 2)

    @property
    def half_width(self) -> Range:
        """What half of its width may be, at least 0."""
        most = (self.high.high - self.low.low) / 2
        return Range(max(Decimal(0), (self.high.low - self.low.high) / 2), most)

    @property
    def distance(self) -> Range:
        """From the null, in half-widths."""
        if self.estimate is None:
            centre = self.midpoint
        else:
            centre = Range(self.estimate.low, self.estimate.high)
        away = in_size(Range(centre.low - self.null, centre.high - self.null))
        least, most = self.half_width.low, self.half_width.high
        return Range(away.low / most, away.high / least if least else Decimal("Infinity"))

    @property
    def distance_as_printed(self) -> Decimal:
        """From the null, in half-widths, with all numbers exactly as they are printed."""
        centre = (self.low.value + self.high.value) / 2
        if self.estimate is not None:
            centre = self.estimate.value
        half = (self.high.value - self.low.value) / 2
        away = abs(centre - self.null)
        if half > 0:
            return away / half
        return Decimal("Infinity") if away else Decimal(0)


def printed_range(number: Printed) -> Range:
    """All values that a p, or the size of a statistic, may have."""
    match number.relation:
        case "=":
            return Range(number.low, number.high)
        case "<" | "<=":
            return Range(Decimal(0), number.value)
        case ">" | ">=":
            return Range(number.value, Decimal("Infinity"))


def in_size(around: Range) -> Range:
    """All absolute values."""
    ends = (abs(around.low), abs(around.high))
    return Range(Decimal(0) if around.low <= 0 <= around.high else min(ends), max(ends))


def read_interval(
    low: Printed | str | int,
    high: Printed | str | int,
    estimate: Text,
    p: Text,
    statistic: Text,
    df: Text,
    null: str,
    level: str,
    alpha: str,
    sides: Sides,
    symmetric: bool,
) -> ReportedInterval:
    """Read what is printed; the arguments are those of `ci_vs_p`.

    Raises:
        AnalysisError: something is no printed number, or out of its range.
    """
    if sides not in (1, 2):
        raise AnalysisError(f"sides is {sides!r}; allowed: 1, 2")
    return ReportedInterval(
        _bounded("low", exact(low)),
        _bounded("high", exact(high)),
        None if estimate is None else _bounded("estimate", exact(estimate)),
        None if p is None else printed(p),
        None if statistic is None else _bounded("statistic", printed(statistic)),
        None if df is None else _read_df(df),
        _bounded("null", exact(null)).value,
        _share("level", level),
        _share("alpha", alpha),
        sides,
        symmetric,
    )


def _bounded(name: str, number: Printed) -> Printed:
    if abs(number.value) > _LARGEST:
        raise AnalysisError(f"{name} is {number}; allowed: up to {_LARGEST:.0e}")
    return number


def _read_df(df: Printed | str | int) -> Printed:
    number = exact(df)
    if not 0 < number.value <= _LARGEST_DF:
        raise AnalysisError(f"df is {number}; allowed: above 0, up to {_LARGEST_DF:.0e}")
    return number


def _share(name: str, text: str) -> Decimal:
    number = exact(text)
    if not 0 < number.value < 1:
        raise AnalysisError(f"{name} is {text!r}; allowed: a number above 0 and below 1")
    return number.value
