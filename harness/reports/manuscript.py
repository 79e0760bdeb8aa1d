"""What a document is made of: parts with paragraphs, tables and figures, as a paper has them."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.publication import PublicationTable


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph.

    Attributes:
        text: what stands between backticks is set as code.
        is_caution: whether a reader has to know it before believing the numbers.
    """

    text: str
    is_caution: bool = False


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table and the name of its files.

    Attributes:
        stem: the files' name without its end: letters, digits, ``_`` and ``-``; one that occurs
            once in a document. LaTeX's label is ``tab:`` and the stem.
        table: the table.
    """

    stem: str
    table: PublicationTable


@dataclass(frozen=True, slots=True, eq=False)
class PaperFigure:
    """A figure and the name of its files.

    Attributes:
        stem: as for a table; LaTeX's label is ``fig:`` and the stem.
        figure: the figure.
        caption: data set, n, and what intervals and marks mean.
        description: what it shows in words, for those who cannot see it.
    """

    stem: str
    figure: Figure
    caption: str
    description: str


Item = Words | PaperTable | PaperFigure


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A part of a document.

    Attributes:
        key: its identifier, of letters, digits, ``_`` and ``-``.
        title: its heading.
        items: what it holds, in order.
    """

    key: str
    title: str
    items: tuple[Item, ...]

    @property
    def tables(self) -> tuple[PaperTable, ...]:
        """Its tables."""
        return tuple(each for each in self.items if isinstance(each, PaperTable))

    @property
    def figures(self) -> tuple[PaperFigure, ...]:
        """Its figures."""
        return tuple(each for each in self.items if isinstance(each, PaperFigure))


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A whole document.

    Attributes:
        title: its title.
        lead: one line below the title.
        parts: its parts, in order.
        prefix: what the names of its LaTeX macros begin with; ASCII letters.
    """

    title: str
    lead: str
    parts: tuple[PaperPart, ...]
    prefix: str = "harness"

    @property
    def tables(self) -> tuple[PaperTable, ...]:
        """All tables."""
        return tuple(table for part in self.parts for table in part.tables)

    @property
    def figures(self) -> tuple[PaperFigure, ...]:
        """All figures."""
        return tuple(figure for part in self.parts for figure in part.figures)
