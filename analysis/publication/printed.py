"""A table for a paper: one object, and from it LaTeX, Markdown, HTML, CSV and macros."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from analysis.presentation.numbers import MISSING
from analysis.publication.columns import Column, TableError
from analysis.publication.entries import Part, Quantity

TEXT_WIDTH_PT = 345.0
"""Width of the text in LaTeX's article at 10 pt, in points: the narrowest page in common use."""

_LABEL = re.compile(r"[A-Za-z0-9:._/+-]+")


@dataclass(frozen=True, slots=True)
class PublicationTable:
    """A table for a paper.

    Attributes:
        columns: at least one that is shown, all with the same number of entries.
        caption: plain text; the columns' explanations are added to it.
        label: LaTeX's, such as "tab:arms": ASCII letters, digits and : . _ / + -; None for none.
        notes: set below the table, plain text.
        groups: one title a row, where rows are grouped; neighbours with the same title form a
            group. Empty when nothing is grouped.
        row_names: one a row, for the names of macros, which add the group; empty to number rows.
        subject: a word for the names of macros, such as the metric; may be empty.
        facts: values of the table as a whole, for macros.
        lacking: why "n/a" stands where it does, after a colon.

    Raises:
        TableError: the columns do not fit together, or the label has other characters.
    """

    columns: tuple[Column, ...]
    caption: str
    label: str | None = None
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()
    subject: str = ""
    facts: tuple[Quantity, ...] = ()
    lacking: str = "too few finite values to tell"

    def __post_init__(self) -> None:
        if not any(not each.is_data_only for each in self.columns):
            raise TableError("A table needs at least one column that is shown.")
        sizes = {each.header: len(each.entries) for each in self.columns}
        if len(set(sizes.values())) > 1:
            raise TableError(f"Columns have different numbers of entries: {sizes}.")
        for name, given in (("groups", self.groups), ("row_names", self.row_names)):
            if given and len(given) != self.n_rows:
                raise TableError(f"{name} has {len(given)} entries for {self.n_rows} rows.")
        fields = [field for each in self.columns for field in each.fields]
        if repeated := sorted({each for each in fields if fields.count(each) > 1}):
            raise TableError(f"Several columns have a quantity named {', '.join(repeated)}.")
        if self.label is not None and not _LABEL.fullmatch(self.label):
            allowed = "ASCII letters, digits and : . _ / + -"
            raise TableError(f"The label is {self.label!r}; allowed: {allowed}.")

    @property
    def n_rows(self) -> int:
        """How many rows the table has, without its header."""
        return len(self.columns[0].entries)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that readers see where there is room."""
        return tuple(each for each in self.columns if not each.is_data_only)

    def caption_for(self, columns: Sequence[Column]) -> str:
        """Return the caption, with what has to be said about these columns."""
        return " ".join(filter(None, (self.caption, *(each.explanation for each in columns))))

    def notes_for(self, columns: Sequence[Column]) -> tuple[str, ...]:
        """Return the notes, with one about "n/a" if these columns show any."""
        if not any(entry.lacks_value for each in columns for entry in each.entries):
            return self.notes
        return (*self.notes, f"{MISSING}: {self.lacking}.")

    def grouped_rows(self) -> tuple[tuple[str, range], ...]:
        """Return every group's title with the places of its rows; one group when there are none."""
        if not self.groups:
            return (("", range(self.n_rows)),)
        starts = [
            place
            for place, title in enumerate(self.groups)
            if place == 0 or title != self.groups[place - 1]
        ]
        ends = (*starts[1:], self.n_rows)
        return tuple(
            (self.groups[start], range(start, end)) for start, end in zip(starts, ends, strict=True)
        )

    def to_latex(self, *, width_pt: float = TEXT_WIDTH_PT) -> str:
        r"""Return a `table` for LaTeX that needs the package booktabs and no other.

        It is ASCII throughout and compiles with every engine and input encoding. Accents, Greek
        letters and common signs become commands; a character that pdfLaTeX has no type for is
        named by its number, as `\texttt{U+84B8}`, and a note below the table says so.

        Args:
            width_pt: room for the table at `\small`, in points. Columns that may be left out are,
                from the highest rank, until the rest fits; if nothing is left to leave out, the
                first column's words are broken into lines.
        """
        from analysis.publication.latex import as_latex

        return as_latex(self, width_pt)

    def standalone_document(self, *, width_pt: float = TEXT_WIDTH_PT) -> str:
        """Return a complete LaTeX file that shows the table and nothing else."""
        from analysis.publication.latex import as_document

        return as_document(self, width_pt)

    def macros(self, prefix: str = "harness") -> str:
        r"""Return LaTeX macros of all values, such as `\harnessKdAccuracyMean`.

        Args:
            prefix: what every name begins with; ASCII letters only.

        Raises:
            TableError: the prefix has other characters.
        """
        from analysis.publication.macros import as_macros

        return as_macros(self, prefix)

    def to_markdown(self) -> str:
        """Return the caption, a table in GitHub's Markdown, and the notes."""
        from analysis.publication.markdown import as_markdown

        return as_markdown(self)

    def to_html(self) -> str:
        """Return an HTML `table` element; all text is escaped."""
        from analysis.publication.html_table import as_html

        return as_html(self)

    def to_csv(self) -> str:
        """Return all values as CSV, unrounded, also of columns that are not shown."""
        names = [field for each in self.columns for field in each.fields]
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        for place in range(self.n_rows):
            quantities = (
                each for column in self.columns for each in column.entries[place].quantities
            )
            values = {each.name: each.value for each in quantities}
            writer.writerow([values.get(name) for name in names])
        return buffer.getvalue()


def fact(name: str, value: float) -> Quantity:
    """Return a value of the table as a whole, written as it is."""
    return Quantity(name, value, Part(f"{value:g}", is_math=True))
