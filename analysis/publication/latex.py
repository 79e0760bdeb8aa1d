"""A table in LaTeX: booktabs' rules, nothing vertical, fitted to the width of the page."""

import unicodedata
from collections.abc import Sequence

from analysis.publication.columns import Column
from analysis.publication.entries import Entry, Part
from analysis.publication.latex_text import comment, escape, unset_characters
from analysis.publication.latex_values import (
    entry_latex,
    entry_width_pt,
    text_width_pt,
)
from analysis.publication.printed import PublicationTable

_GAPS_PT = (10.0, 8.0, 6.0)
_NARROWEST_PT = 50.0
_ALIGN = {"left": "l", "right": "r", "center": "c"}
_NUMBERED = "U+ and a number stand for the character that has this number in Unicode."


def as_latex(table: PublicationTable, width_pt: float) -> str:
    r"""Return a `table` environment; see `PublicationTable.to_latex`."""
    columns = fitting(table, width_pt)
    gap = next((gap for gap in _GAPS_PT if table_width_pt(columns, gap) <= width_pt), _GAPS_PT[-1])
    first_pt = _first_width(columns, width_pt)
    caption, notes = table.caption_for(columns), table.notes_for(columns)
    signs = _unset(table, columns, (caption, *notes))
    lines = [
        *(f"% U+{ord(sign):04X} stands for {_named(sign)}" for sign in signs),
        r"\begin{table}[htbp]",
        r"\centering\small",
        rf"\setlength{{\tabcolsep}}{{{gap / 2:g}pt}}",
        rf"\caption{{{escape(caption)}}}",
        *([] if table.label is None else [rf"\label{{{table.label}}}"]),
        # LaTeX leaves room for captions below what they name, and none above it.
        r"\medskip",
        rf"\begin{{tabular}}{{@{{}}{_specification(columns, first_pt)}@{{}}}}",
        r"\toprule",
        _row([_header(each) for each in columns]),
        r"\midrule",
        *_body(table, columns, breakable=first_pt is not None),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes((*notes, _NUMBERED) if signs else notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def as_document(table: PublicationTable, width_pt: float) -> str:
    """Return a complete LaTeX file with the table."""
    return (
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\pagestyle{empty}\n"
        f"\\begin{{document}}\n{as_latex(table, width_pt)}\\end{{document}}\n"
    )


def fitting(table: PublicationTable, width_pt: float) -> tuple[Column, ...]:
    """Return the columns for which there is room: those of rank 0, and others from rank 1 on."""
    chosen = [each for each in table.shown if each.rank == 0]
    for column in sorted((each for each in table.shown if each.rank), key=lambda each: each.rank):
        if table_width_pt([*chosen, column]) <= width_pt:
            chosen.append(column)
    return tuple(each for each in table.shown if any(each is one for one in chosen))


def table_width_pt(columns: Sequence[Column], gap_pt: float = _GAPS_PT[-1]) -> float:
    r"""Return about how wide columns are at `\small`, with the gaps between them."""
    return sum(map(_column_width, columns)) + gap_pt * (len(columns) - 1)


def _column_width(column: Column) -> float:
    # A header in LaTeX is a symbol, and shorter than the words that it stands for.
    header = 22.0 if column.latex_header else text_width_pt(column.header)
    return max(header, *(entry_width_pt(each) for each in column.entries), 0.0)


def _first_width(columns: Sequence[Column], width_pt: float) -> float | None:
    """Return the room left for the first column's words; None when it needs no breaking."""
    excess = table_width_pt(columns) - width_pt
    if excess <= 0 or columns[0].align != "left":
        return None
    return max(_NARROWEST_PT, _column_width(columns[0]) - excess)


def _specification(columns: Sequence[Column], first_pt: float | None) -> str:
    letters = [_ALIGN[each.align] for each in columns]
    if first_pt is not None:
        letters[0] = f"p{{{first_pt:.0f}pt}}"
    return "".join(letters)


def _header(column: Column) -> str:
    return column.latex_header or escape(column.header)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _body(table: PublicationTable, columns: Sequence[Column], *, breakable: bool) -> list[str]:
    lines = []
    for number, (title, places) in enumerate(table.grouped_rows()):
        if number:
            lines.append(r"\midrule")
        if title:
            lines.append(
                rf"\multicolumn{{{len(columns)}}}{{@{{}}l@{{}}}}{{\itshape {escape(title)}}} \\"
            )
        for place in places:
            cells = [entry_latex(each.entries[place]) for each in columns]
            if breakable:
                broken = entry_latex(columns[0].entries[place], breakable=True)
                cells[0] = rf"\raggedright\hangindent=1em {broken}"
            lines.append(_row(cells))
    return lines


def _notes(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    text = " ".join(map(escape, notes))
    return ["", r"\smallskip", rf"\parbox{{\linewidth}}{{\footnotesize\raggedright {text}}}"]


def _unset(
    table: PublicationTable, columns: Sequence[Column], words: Sequence[str]
) -> tuple[str, ...]:
    """Return the characters of a table that only their numbers can stand for, each once."""
    texts = [part.text for each in columns for entry in each.entries for part in _words(entry)]
    texts += [*words, *table.groups, *(each.header for each in columns)]
    return tuple(dict.fromkeys(sign for text in texts for sign in unset_characters(text)))


def _words(entry: Entry) -> list[Part]:
    return [part for part in entry.parts if not part.is_math]


def _named(sign: str) -> str:
    return comment(unicodedata.name(sign, "a character without a name"))
