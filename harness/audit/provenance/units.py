"""What a file says, unit by unit: a row of a table, a paragraph, a label, a leaf of JSON."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["row", "header", "words", "drawing"]

_NUMBER = re.compile(
    r"(?P<relation>[<>≤≥]\s*)?"
    r"(?<![\w.])(?P<sign>(?<![\w.)\]][-−])[-−])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<exponent>[eE][-+]?\d+)?(?![\w])"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a unit.

    Attributes:
        column: what stands above it; empty where nothing does.
        text: what it says.
    """

    column: str
    text: str

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers in it, as they are printed, with a relation before them if it has one."""
        return tuple(numbers_in(self.text))


@dataclass(frozen=True, slots=True)
class Unit:
    """A row, a paragraph, a figure's label, or a leaf.

    Attributes:
        line: where it begins in the file, from 1; 0 where lines mean nothing.
        kind: "row" of a table, its "header", "words" of a text, or a "drawing" without words.
        table: which table or figure it is part of; empty for a text.
        cells: what it holds; a text has one.
    """

    line: int
    kind: Kind
    table: str
    cells: tuple[Cell, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two units the same, wherever they stand."""
        return (self.kind, self.table, self.cells)

    @property
    def label(self) -> tuple[object, ...]:
        """What names the row: its table, and the cells without numbers."""
        named = tuple(each.text for each in self.cells if not each.numbers)
        return (self.kind, self.table, named)

    @property
    def skeleton(self) -> tuple[object, ...]:
        """What is left of it without its numbers."""
        return (self.kind, tuple(without_numbers(each.text) for each in self.cells))

    @property
    def table_name(self) -> str:
        """What a reader calls its table: the heading above it, without the caption."""
        return self.table.partition(": ")[0]

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return sum(len(each.numbers) for each in self.cells)

    @property
    def name(self) -> str:
        """What a reader calls it: the row's first words, or how the text begins."""
        text = self.cells[0].text if self.cells else ""
        return text if len(text) <= 60 else f"{text[:57]}..."


def numbers_in(text: str) -> Iterator[str]:
    """Yield the numbers of a text; digits inside words, names and digests are none."""
    for match in _NUMBER.finditer(text):
        relation = (match["relation"] or "").strip()
        sign = "-" if match["sign"] else ""
        yield f"{relation} {sign}{_plain(match)}".strip()


def without_numbers(text: str) -> str:
    """The text with every number replaced by the same sign."""
    return _NUMBER.sub("#", text)


def squeezed(text: str) -> str:
    """The text with single blanks."""
    return " ".join(text.split())


def _plain(match: re.Match[str]) -> str:
    return match["digits"].replace(",", "") + (match["exponent"] or "")
