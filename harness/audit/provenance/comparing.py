"""Compares two versions of a file, number by number."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from harness.audit.provenance.units import Cell, Unit

What = Literal["number", "content", "row_added", "row_removed", "label", "words", "drawing"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that one version says and the other does not.

    Attributes:
        what: another "number"; other "content" of a cell, with more or fewer numbers; a row or
            paragraph "row_added" or "row_removed"; another "label" or mark in a row of numbers;
            other "words" without numbers; another "drawing".
        line: where it stands in the first version; 0 where lines mean nothing.
        place: which table, row and column, in words.
        found: what the first version says; empty where it has nothing there.
        given: what the second says.
        numbers: how many numbers of the first version are concerned.
    """

    what: What
    line: int
    place: str
    found: str
    given: str
    numbers: int = 1

    @property
    def concerns_numbers(self) -> bool:
        """Whether a number is concerned, or what says which number it is."""
        return self.what != "words"


def differences(found: Sequence[Unit], given: Sequence[Unit]) -> list[Difference]:
    """What differs between two versions of a file.

    Args:
        found: the version that is asked about.
        given: the version that it is held against.
    """
    matcher = SequenceMatcher(None, _keys(found), _keys(given), autojunk=False)
    result: list[Difference] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            block, other = found[start:end], given[other_start:other_end]
            line = found[min(start, len(found) - 1)].line if found else 0
            result += _in_block(block, other, line)
    return result


def _keys(units: Sequence[Unit]) -> list[int]:
    return [hash(each.key) for each in units]


def _in_block(found: Sequence[Unit], given: Sequence[Unit], line: int) -> Iterator[Difference]:
    """Pair the rows of two blocks by what names them, then by their form, then by their order."""
    partner: dict[int, int] = {}
    for identity in (_key, _label, _skeleton, _kind):
        _match(found, given, partner, identity)
    taken = set(partner.values())
    for place, unit in enumerate(found):
        if place in partner:
            yield from _in_unit(unit, given[partner[place]])
        else:
            yield _added(unit)
    for place, unit in enumerate(given):
        if place not in taken:
            yield _removed(unit, line)


def _match(
    found: Sequence[Unit],
    given: Sequence[Unit],
    partner: dict[int, int],
    identity: Callable[[Unit], Hashable],
) -> None:
    taken = set(partner.values())
    free: dict[Hashable, deque[int]] = defaultdict(deque)
    for place, unit in enumerate(given):
        if place not in taken:
            free[identity(unit)].append(place)
    for place, unit in enumerate(found):
        if place not in partner and free[identity(unit)]:
            partner[place] = free[identity(unit)].popleft()


def _key(unit: Unit) -> Hashable:
    return unit.key


def _label(unit: Unit) -> Hashable:
    return unit.label if unit.kind == "row" else object()


def _skeleton(unit: Unit) -> Hashable:
    return unit.skeleton


def _kind(unit: Unit) -> Hashable:
    # Rows with other labels are other rows; a text that was rewritten is the same text.
    return unit.kind if unit.kind != "row" else object()


def _added(unit: Unit) -> Difference:
    what: What = "row_added" if unit.numbers or unit.kind == "row" else "words"
    return Difference(what, unit.line, _where(unit, ""), _whole(unit), "", unit.numbers)


def _removed(unit: Unit, line: int) -> Difference:
    what: What = "row_removed" if unit.numbers or unit.kind == "row" else "words"
    return Difference(what, line, _where(unit, ""), "", _whole(unit), 0)


def _whole(unit: Unit) -> str:
    return " | ".join(each.text for each in unit.cells)


def _in_unit(found: Unit, given: Unit) -> Iterator[Difference]:
    if found.key == given.key:
        return
    if len(found.cells) != len(given.cells):
        yield _added(found)
        yield _removed(given, found.line)
        return
    for cell, other in zip(found.cells, given.cells, strict=True):
        if cell.text != other.text:
            yield from _in_cell(found, cell, other)


def _in_cell(unit: Unit, cell: Cell, other: Cell) -> Iterator[Difference]:
    where = _where(unit, cell.column)
    if unit.kind == "drawing":
        yield Difference("drawing", unit.line, where, "", "", 0)
    elif len(cell.numbers) != len(other.numbers):
        count = len(cell.numbers)
        yield Difference("content", unit.line, where, cell.text, other.text, count)
    elif cell.numbers != other.numbers:
        for number, right in zip(cell.numbers, other.numbers, strict=True):
            if number != right:
                yield Difference("number", unit.line, where, number, right)
    else:
        what: What = "words" if unit.kind == "words" else "label"
        yield Difference(what, unit.line, where, cell.text, other.text, 0)


def _where(unit: Unit, column: str) -> str:
    if unit.kind == "drawing":
        return "what a figure draws"
    if unit.kind == "words":
        return f"the text “{unit.name}”"
    if unit.kind == "header":
        return f"the heading of {unit.table_name}"
    of = f", column {column!r}" if column else ""
    return f"row {unit.name!r}{of} of {unit.table_name}"
