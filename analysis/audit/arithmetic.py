"""Whether printed differences, ratios, changes, orders and sums follow from their parts.

Interval arithmetic (Moore 1966, Interval Analysis), in exact fractions, on rounding intervals.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact, printed
from analysis.errors import AnalysisError
from analysis.protocol import Direction

Text = Printed | str | int | None
_Bound = Fraction | float
"""A fraction; or an infinity, which is the only float in use here."""


def difference_of(first: Text, second: Text, difference: Text, *, percent: bool = False) -> Finding:
    """Check that a printed difference is first - second.

    Rule: the difference's rounding interval meets that of first - second. With `percent`, both
    percentage points and percent of the second are tried, and the detail says which fits. What fits
    only with the other sign is flagged.

    Source: interval arithmetic on rounding intervals.

    False alarms: a difference of other numbers than those printed, such as of medians.

    Args:
        first: what is subtracted from, as printed.
        second: what is subtracted, as printed, in the same unit.
        difference: the claim, as printed; with "<" or ">" it stands for everything beyond.
        percent: whether the difference is printed with a percent sign.

    Raises:
        AnalysisError: an argument is no printed number.
    """
    missing = _missing({"first": first, "second": second, "difference": difference})
    if missing is not None:
        return missing
    minuend, subtrahend = _rounded(first), _rounded(second)
    plain: dict[str, Sequence[_Range]] = {"difference": [minuend.minus(subtrahend)]}
    readings = _percentages(subtrahend, minuend) if percent else plain
    return _compared(f"{first} less {second}", _printed(difference), readings, signed=True)


def change_of(before: Text, after: Text, change: Text) -> Finding:
    """Check that a printed change in percent leads from one value to the other.

    Rule: the change's rounding interval meets that of (after - before) / before in percent, or of
    after - before in percentage points; the detail says which fits. Of values up to 1 the points
    of the shares are tried as well. What fits only with the other sign is flagged.

    Source: interval arithmetic on rounding intervals.

    False alarms: a change from another starting value than the one printed.

    Args:
        before: the value that is changed, as printed.
        after: the changed value, in the same unit.
        change: the claim, in percent or percentage points; negative for a decrease.

    Raises:
        AnalysisError: an argument is no printed number.
    """
    missing = _missing({"before": before, "after": after, "change": change})
    if missing is not None:
        return missing
    readings = _percentages(_rounded(before), _rounded(after))
    return _compared(f"From {before} to {after}", _printed(change), readings, signed=True)


def ratio_of(numerator: Text, denominator: Text, ratio: Text) -> Finding:
    """Check that a printed ratio or factor is numerator / denominator.

    Rule: the ratio's rounding interval meets that of the quotient. A denominator that may be zero
    gives an unbounded quotient, or, where the numerator may be zero too, one that is not testable.
    What fits only upside down is flagged.

    Source: interval arithmetic on rounding intervals.

    False alarms: "times more", where some authors mean the ratio less 1.

    Args:
        numerator: as printed.
        denominator: as printed, in the same unit.
        ratio: the claim, as printed; with "<" or ">" it stands for everything beyond.

    Raises:
        AnalysisError: an argument is no printed number.
    """
    missing = _missing({"numerator": numerator, "denominator": denominator, "ratio": ratio})
    if missing is not None:
        return missing
    top, bottom = _rounded(numerator), _rounded(denominator)
    subject = f"{numerator} over {denominator}"
    claim = _printed(ratio)
    found = _compared(subject, claim, {"ratio": _quotients(top, bottom)})
    if found.outcome is Outcome.FAIL and _fits(_claimed(claim), _quotients(bottom, top)):
        detail = f"{found.detail} It is the ratio upside down."
        return finding("arithmetic", Outcome.FLAG, detail, **found.values)
    return found


def sum_of(parts: Sequence[Printed | str | int | None], total: Text) -> Finding:
    """Check that a printed total is the sum of its parts.

    Rule: the total's rounding interval meets the sum of those of the parts.

    Source: interval arithmetic on rounding intervals.

    False alarms: parts that overlap, or of which one is not printed.

    Args:
        parts: the parts as printed, at least one.
        total: the claim, as printed.

    Raises:
        AnalysisError: there are no parts, or an argument is no printed number.
    """
    if isinstance(parts, str) or len(parts) == 0:
        raise AnalysisError(f"parts is {parts!r}; allowed: a series of printed numbers")
    named = {f"part {place}": each for place, each in enumerate(parts, 1)} | {"total": total}
    missing = _missing(named)
    if missing is not None:
        return missing
    ranges = [_rounded(each) for each in parts]
    whole = _Range(
        sum((each.low for each in ranges), Fraction(0)),
        sum((each.high for each in ranges), Fraction(0)),
    )
    subject = "The sum of " + ", ".join(map(str, parts))
    return _compared(subject, _printed(total), {"sum": [whole]})


def order_of(better: Text, worse: Text, direction: Direction) -> Finding:
    """Check that one printed value is better than another, as claimed.

    Rule: it passes where every value that rounds to the first is at least as good as every one that
    rounds to the second, and they are not printed alike; it fails where none is better; values
    that are equal within rounding are flagged, for the printed digits do not show the order.

    Source: interval arithmetic on rounding intervals.

    False alarms: an order taken from more digits than are printed.

    Args:
        better: the value claimed to be better, as printed.
        worse: the value claimed to be worse, in the same unit.
        direction: "maximize" when larger is better, or "minimize".

    Raises:
        AnalysisError: an argument is no printed number, or the direction is unknown.
    """
    if direction not in ("maximize", "minimize"):
        raise AnalysisError(f"direction is {direction!r}; allowed: 'maximize', 'minimize'")
    missing = _missing({"better": better, "worse": worse})
    if missing is not None:
        return missing
    upper, lower = _rounded(better), _rounded(worse)
    if direction == "minimize":
        upper, lower = lower, upper
    good = "larger" if direction == "maximize" else "smaller"
    subject = f"{better} against {worse}, where {good} is better"
    values = {"better": _printed(better), "worse": _printed(worse), "direction": direction}
    if upper.low >= lower.high:
        return finding("arithmetic", Outcome.PASS, f"{subject}: in the claimed order.", **values)
    if upper.high <= lower.low:
        detail = f"{subject}: the order is the reverse of the claimed one."
        return finding("arithmetic", Outcome.FAIL, detail, **values)
    detail = f"{subject}: equal within rounding, so that the printed digits show no order."
    return finding("arithmetic", Outcome.FLAG, detail, **values)


@dataclass(frozen=True, slots=True)
class _Range:
    """Every number from `low` to `high`."""

    low: _Bound
    high: _Bound

    def meets(self, other: "_Range") -> bool:
        return self.low <= other.high and other.low <= self.high

    def minus(self, other: "_Range") -> "_Range":
        return _Range(self.low - other.high, self.high - other.low)

    def scaled(self, factor: int, shift: int = 0) -> "_Range":
        """Factor times it plus shift, for a factor above 0."""
        low, high = (
            bound if isinstance(bound, float) else factor * bound + shift
            for bound in (self.low, self.high)
        )
        return _Range(low, high)

    @property
    def is_everything(self) -> bool:
        return self.low == -math.inf and self.high == math.inf

    def __str__(self) -> str:
        low, high = _shown(self.low), _shown(self.high)
        return low if low == high else f"{low} to {high}"


def _compared(
    subject: str,
    claim: Printed,
    readings: Mapping[str, Sequence[_Range]],
    *,
    signed: bool = False,
) -> Finding:
    """Compare a claimed number with each thing that it may be.

    Args:
        subject: what it was computed from, to begin a sentence with.
        claim: the claimed number.
        readings: by name, the numbers that rounding allows for each thing.
        signed: whether a claim that fits but for its sign is flagged and not failed.
    """
    said = {name: " or ".join(map(str, ranges)) for name, ranges in readings.items()}
    detail = f"{subject} gives {', or '.join(f'{said[name]} ({name})' for name in said)}"
    values: dict[str, object] = {"claimed": claim, "computed": said}
    claimed = _claimed(claim)
    open_ones = [name for name, ranges in readings.items() if ranges[0].is_everything]
    if open_ones:
        detail += ": rounding leaves everything open, so no error could be caught."
        values["chance_of_detection"] = 0.0
        return finding("arithmetic", Outcome.NOT_TESTABLE, detail, **values)
    fitting = [name for name, ranges in readings.items() if _fits(claimed, ranges)]
    if fitting:
        detail += f"; {claim} fits as {' and as '.join(fitting)}."
        return finding("arithmetic", Outcome.PASS, detail, **values, fits_as=fitting)
    # Of a size, "below 5" is from 0 to 5, and so from -5 to 0.
    is_bounded = isinstance(claimed.low, Fraction)
    turned = _Range(-claimed.high, -claimed.low if is_bounded else Fraction(0))
    fitting = [name for name, ranges in readings.items() if signed and _fits(turned, ranges)]
    if fitting:
        detail += f"; {claim} fits as {' and as '.join(fitting)} only with the other sign."
        return finding("arithmetic", Outcome.FLAG, detail, **values, fits_as=fitting)
    detail += f"; {claim} does not follow."
    return finding("arithmetic", Outcome.FAIL, detail, **values, fits_as=fitting)


def _percentages(before: _Range, after: _Range) -> dict[str, Sequence[_Range]]:
    """What a change with a percent sign may be."""
    points = after.minus(before)
    readings: dict[str, Sequence[_Range]] = {
        "percent": [each.scaled(100, -100) for each in _quotients(after, before)],
        "percentage points": [points],
    }
    if all(-2 <= each.low + each.high <= 2 for each in (before, after)):
        readings["percentage points of shares"] = [points.scaled(100)]
    return readings


def _quotients(top: _Range, bottom: _Range) -> Sequence[_Range]:
    """Every quotient: two ranges, or one without ends, where the denominator may be zero."""
    zero, parts = Fraction(0), []
    if bottom.high > 0:
        parts.append(_by_positive(top, bottom.low if bottom.low > 0 else zero, bottom.high))
    if bottom.low < 0:
        mirrored = _Range(-top.high, -top.low)
        least = -bottom.high if bottom.high < 0 else zero
        parts.append(_by_positive(mirrored, least, -bottom.low))
    return parts[:1] if parts[0].is_everything else parts


def _by_positive(top: _Range, least: _Bound, most: _Bound) -> _Range:
    """Quotients by all numbers above 0 from `least` to `most`."""
    low_by, high_by = (most, least) if top.low >= 0 else (least, least)
    if top.high <= 0:
        high_by = most
    low = top.low / low_by if low_by else -math.inf
    return _Range(low, top.high / high_by if high_by else math.inf)


def _fits(claim: _Range, ranges: Sequence[_Range]) -> bool:
    return any(claim.meets(each) for each in ranges)


def _rounded(number: Text) -> _Range:
    """All values that are printed as this number."""
    found = exact(_given(number))
    return _Range(Fraction(found.low), Fraction(found.high))


def _claimed(claim: Printed) -> _Range:
    """All values that the claim allows."""
    match claim.relation:
        case "=":
            return _Range(Fraction(claim.low), Fraction(claim.high))
        case "<" | "<=":
            return _Range(-math.inf, Fraction(claim.value))
        case ">" | ">=":
            return _Range(Fraction(claim.value), math.inf)


def _missing(named: Mapping[str, Text]) -> Finding | None:
    names = [name for name, value in named.items() if value is None]
    if not names:
        return None
    detail = f"The arithmetic cannot be checked without {' and '.join(names)}."
    return finding("arithmetic", Outcome.MISSING_INPUT, detail, missing=names)


def _printed(number: Text) -> Printed:
    return printed(_given(number))


def _given(number: Text) -> Printed | str | int:
    if number is None:
        raise AnalysisError("a number is missing")
    return number


def _shown(bound: _Bound) -> str:
    if isinstance(bound, float):
        return "infinity" if bound > 0 else "-infinity"
    return f"{Decimal(bound.numerator) / Decimal(bound.denominator):.6g}"
