"""What a page is made of: sections of paragraphs, tables, figures and things to unfold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

Row = Sequence[str]

_NUMBER = re.compile(r"(< )?[-−]?\d+(\.\d+)?(e[-+]?\d+)?( |%|,|$)")
_FOLDED_FROM = 60
# What stands in a column of numbers where there is none.
_NO_NUMBER = frozenset({"", "n/a", "none", "out of reach"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text.

    Attributes:
        text: the words; they are escaped, and what stands between backticks is set as code.
        quiet: whether it only explains.
        is_caution: whether a reader has to know it before believing the numbers.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    quiet: bool = False
    is_caution: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """A list of sentences, each with what a reader must know beside it.

    Attributes:
        sentences: each sentence with its notes.
    """

    kind: ClassVar[str] = "findings"
    sentences: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption.

    Attributes:
        label: its name for those who hear the page instead of seeing it.
        caption: what it shows, and how.
        rows: the header and the rows; a row's first entry names it.
        anchors: for every row, the identifier that links lead to; empty for none.
        links: for every row, the identifier that its first entry leads to; empty for none.
    """

    kind: ClassVar[str] = "table"
    label: str
    caption: str
    rows: tuple[Row, ...]
    anchors: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For every column, whether it holds numbers, which stand to the right."""
        columns = zip(*self.rows, strict=True)
        return tuple(_are_numbers(cells[1:]) for cells in columns)

    @property
    def wordy(self) -> tuple[bool, ...]:
        """For every column, whether it holds sentences, which may be folded."""
        columns = zip(*self.rows, strict=True)
        return tuple(any(len(cell) > _FOLDED_FROM for cell in cells[1:]) for cells in columns)


def _are_numbers(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell not in _NO_NUMBER]
    return bool(known) and all(_NUMBER.match(cell) for cell in known)


@dataclass(frozen=True, slots=True)
class Printed:
    """A table as a paper prints it.

    Attributes:
        label: its name for those who hear the page.
        html: the `table` element, with everything in it escaped.
        anchor: the identifier that links lead to.
    """

    kind: ClassVar[str] = "printed"
    label: str
    html: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with its caption.

    Attributes:
        svg: the figure as an SVG element, with its alternative text.
        caption: what it shows, and how.
    """

    kind: ClassVar[str] = "picture"
    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied as it is.

    Attributes:
        text: the text.
        label: its name for those who hear the page.
    """

    kind: ClassVar[str] = "code"
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section.

    Attributes:
        text: the words.
    """

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Unfold:
    """What most readers can do without, behind a line that unfolds it.

    Attributes:
        summary: the line.
        blocks: what it holds.
        anchor: the identifier that links lead to; empty for none.
    """

    kind: ClassVar[str] = "unfold"
    summary: str
    blocks: tuple["Block", ...]
    anchor: str = ""


Block = Paragraph | Findings | Table | Printed | Picture | Code | Heading | Unfold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a heading of its own.

    Attributes:
        key: its identifier, which links lead to.
        title: its heading.
        blocks: what it holds.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
