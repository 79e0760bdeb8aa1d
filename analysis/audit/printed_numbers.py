"""A number as a paper prints it: its digits say how exactly it is known."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from analysis.errors import AnalysisError

Relation = Literal["=", "<", ">", "<=", ">="]

_NUMBER = re.compile(
    r"(?P<relation><=|>=|≤|≥|<|>|=)?\s*"
    r"(?P<number>[+\-−]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d+)?)",
    re.ASCII,
)
_RELATIONS: dict[str | None, Relation] = {
    None: "=", "=": "=", "<": "<", ">": ">", "<=": "<=", "≤": "<=", ">=": ">=", "≥": ">=",
}  # fmt: skip

_LARGEST_EXPONENT = 400
"""Beyond any number that is measured; above it, arithmetic with the digits fills the memory."""

_MOST_CHARACTERS = 60


class PrintedError(AnalysisError):
    """A text is no number as papers print them.

    Attributes:
        text: what was given.
        hint: what is wrong with it and what would be right.
    """

    def __init__(self, text: object, hint: str) -> None:
        self.text = text
        self.hint = hint
        super().__init__(f"{text!r} {hint}")


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number, with the interval of values that round to it.

    A number with d decimals stands for [x - 5·10^-(d+1), x + 5·10^-(d+1)]. Both ends belong to
    it, because both ways of rounding halves are in use.

    Attributes:
        text: as it was printed, without blanks around it.
        relation: how it is compared: "=" unless it was printed as "< 0.001" or the like.
        value: the number itself.
        decimals: digits behind the decimal point; below 0 where the last digit counts tens or more.
    """

    text: str
    relation: Relation
    value: Decimal
    decimals: int

    @property
    def half_unit(self) -> Decimal:
        """Half of the last digit's unit: how far the exact value may lie from the printed one."""
        return Decimal(5).scaleb(-self.decimals - 1)

    @property
    def low(self) -> Decimal:
        """The smallest value that is printed so, whatever the relation says."""
        return self.value - self.half_unit

    @property
    def high(self) -> Decimal:
        """The largest value that is printed so, whatever the relation says."""
        return self.value + self.half_unit

    def holds(self, exact: float, slack: float = 0.0) -> bool:
        """Whether a value rounds to this number, either way of rounding halves.

        Args:
            exact: the value, in the number's own unit.
            slack: by how much it may lie outside: what floating-point arithmetic did to it.
        """
        return float(self.low) - slack <= exact <= float(self.high) + slack

    def __str__(self) -> str:
        return self.text


def printed(number: "Printed | str | int") -> Printed:
    """Read a number as it stands in a paper.

    Args:
        number: digits with an optional sign, point and exponent, and before them an optional
            ``<``, ``>``, ``<=``, ``>=`` or ``=``. Give text: a float no longer knows whether it
            was printed as 0.9 or as 0.900. A whole number is taken as printed without decimals.

    Raises:
        PrintedError: it is no such text, or its exponent lies beyond 400.
    """
    if isinstance(number, Printed):
        return number
    if isinstance(number, bool) or not isinstance(number, str | int):
        raise PrintedError(
            number, "must be given as text, as it was printed: its trailing zeros count"
        )
    text = str(number).strip()
    match = _NUMBER.fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    if match is None:
        raise PrintedError(
            number, 'is no printed number: write digits, such as "92.6", "< 0.001" or "1.2e-5"'
        )
    try:
        value = Decimal(match["number"].replace("−", "-"))
    except InvalidOperation:
        raise PrintedError(number, "has an exponent that no number has") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise PrintedError(number, f"is beyond 1e{_LARGEST_EXPONENT}")
    return Printed(text, _RELATIONS[match["relation"]], value, -exponent)


def exact(number: "Printed | str | int") -> Printed:
    """Read a number that is printed without a relation, such as a mean.

    Raises:
        PrintedError: it is no number, or has a relation before it.
    """
    found = printed(number)
    if found.relation != "=":
        raise PrintedError(found.text, f"must be a number without {found.relation!r} before it")
    return found
