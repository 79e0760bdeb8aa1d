"""What stands in one place of a printed table: rounded for readers, unrounded for programs."""

import math
from dataclasses import dataclass, replace

from analysis.presentation.numbers import (
    MISSING,
    decimals_for,
    format_number,
    format_p,
    p_statement,
)

NOTHING = "–"
"""Stands where there is nothing to say, such as the control's difference to itself."""

Plain = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an entry.

    Attributes:
        text: a number is written with an ASCII minus; ± and < stand for themselves.
        is_math: whether it is a number or a relation of numbers, and not words.
    """

    text: str
    is_math: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value behind an entry: a column of the CSV file, and a macro.

    Attributes:
        name: such as "sd"; one that occurs once in a table.
        value: unrounded; None when there is none.
        shown: as a text cites it; None when there is nothing to cite.
        is_data: whether the CSV file has it.
    """

    name: str
    value: Plain
    shown: Part | None
    is_data: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in one place of a table.

    Attributes:
        parts: its pieces, set one after the other.
        quantities: the values behind it.
        is_bold: whether it is set in bold type.
        lacks_value: whether it shows "n/a" for something that could not be told.
    """

    parts: tuple[Part, ...]
    quantities: tuple[Quantity, ...]
    is_bold: bool = False
    lacks_value: bool = False

    @property
    def text(self) -> str:
        """The pieces as plain text, with the minus sign that print uses."""
        return "".join(printed(part) for part in self.parts)

    def in_bold(self) -> "Entry":
        """Return the same in bold type."""
        return replace(self, is_bold=True)


def printed(part: Part) -> str:
    """Return a piece as Unicode text: numbers get a minus sign instead of a hyphen."""
    return part.text.replace("-", "−") if part.is_math else part.text


def text_entry(name: str, text: str) -> Entry:
    """Return words, such as an arm's name."""
    return Entry((Part(text),), (Quantity(name, text, Part(text)),))


def nothing_entry(*names: str) -> Entry:
    """Return a dash for quantities that have no meaning in this row."""
    return Entry((Part(NOTHING),), tuple(Quantity(name, None, None) for name in names))


def data_entry(name: str, value: Plain) -> Entry:
    """Return a value that the CSV file has, and no text cites."""
    return Entry((Part(NOTHING if value is None else str(value)),), (Quantity(name, value, None),))


def count_entry(name: str, value: int | None) -> Entry:
    """Return a whole number."""
    return number_entry(name, value, 0)


def number_entry(name: str, value: float | None, decimals: int | None = None) -> Entry:
    """Return a number.

    Args:
        name: of the quantity.
        value: None, NaN and infinity show as "n/a".
        decimals: as many as the number itself needs when None.
    """
    known = _finite(value)
    part = _number(known, decimals)
    return Entry((part,), (Quantity(name, known, part),), lacks_value=known is None)


def spread_entry(
    mean: float | None, sd: float | None, decimals: int, names: tuple[str, str] = ("mean", "sd")
) -> Entry:
    """Return a mean ± standard deviation; a single run's value stands without ±.

    Args:
        mean: None when there is no run.
        sd: None when there are fewer than two.
        decimals: of both.
        names: of the two quantities.
    """
    mean, sd = _finite(mean), _finite(sd)
    first, second = _number(mean, decimals), _number(sd, decimals)
    whole = first if sd is None else Part(f"{first.text} ± {second.text}", is_math=True)
    quantities = (Quantity(names[0], mean, first), Quantity(names[1], sd, second))
    return Entry((whole,), quantities, lacks_value=mean is None)


def interval_entry(
    low: float | None,
    high: float | None,
    decimals: int,
    names: tuple[str, str] = ("ci_low", "ci_high"),
) -> Entry:
    """Return an interval in brackets; "n/a" when there is none."""
    low, high = _finite(low), _finite(high)
    ends = _number(low, decimals), _number(high, decimals)
    quantities = (Quantity(names[0], low, ends[0]), Quantity(names[1], high, ends[1]))
    if low is None or high is None:
        return Entry((Part(MISSING),), quantities, lacks_value=True)
    whole = Part(f"[{ends[0].text}, {ends[1].text}]", is_math=True)
    return Entry((whole,), quantities)


def estimate_entry(
    value: float | None,
    low: float | None,
    high: float | None,
    decimals: int,
    names: tuple[str, str, str] = ("difference", "ci_low", "ci_high"),
) -> Entry:
    """Return an estimate with its interval, which is "n/a" when there is an estimate alone."""
    estimate = number_entry(names[0], value, decimals)
    interval = interval_entry(low, high, decimals, names[1:])
    quantities = (*estimate.quantities, *interval.quantities)
    if estimate.lacks_value:
        return Entry(estimate.parts, quantities, lacks_value=True)
    if interval.lacks_value:
        return Entry((*estimate.parts, Part(f" [{MISSING}]")), quantities, lacks_value=True)
    whole = Part(f"{estimate.parts[0].text} {interval.parts[0].text}", is_math=True)
    return Entry((whole,), quantities)


def p_entry(name: str, p_value: float | None, alpha: float | None = None) -> Entry:
    """Return a p-value; what a text cites is a statement as well, such as "p = 0.0021".

    Args:
        name: of the quantity; the statement's is this and " statement".
        p_value: in (0, 1]; None when the test is undefined.
        alpha: no rounding carries p onto it.
    """
    known = _finite(p_value)
    part = Part(format_p(known, alpha), is_math=known is not None)
    statement = Part(p_statement(known, alpha), is_math=known is not None)
    cited = Quantity(f"{name} statement", None, statement, is_data=False)
    return Entry((part,), (Quantity(name, known, part), cited), lacks_value=known is None)


def _number(value: float | None, decimals: int | None) -> Part:
    places = decimals_for(None, value) if decimals is None else decimals
    return Part(format_number(value, places), is_math=value is not None)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
