r"""Reads LaTeX: rows of tabulars, macros, and lines of text, without what only lays out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.audit.provenance.units import Cell, Unit, numbers_in, squeezed

_MACRO = re.compile(
    r"\\(?:re|provide)?(?:newcommand|def)\s*\*?\{?\\([A-Za-z@]+)\}?(?:\[\d\])?\{(.*)\}\s*$"
)
_TABLE = r"(?:(?:tabular|array|longtable)\}(?:\[[^\]]*\])?%s|tabular[x*y]\}%s(?:\[[^\]]*\])?%s)"
_BRACES = r"(?:\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})"
_TOKEN = re.compile(
    rf"(?P<begin>\\begin\{{{_TABLE % (_BRACES + '?', _BRACES + '?', _BRACES + '?')})"
    r"|(?P<end>\\end\{(?:tabular[x*y]?|array|longtable)\})"
    r"|(?P<rule>\\(?:toprule|midrule|bottomrule|hline|endhead|endfirsthead)\b)"
    r"|(?P<row>(?:\\\\\*?|\\tabularnewline\b)(?:\s*\[[^\]&]*\])?)"
)
_BROKEN = re.compile(r"\{[^{}&]*\\\\[^{}&]*\}")
_COMMENT = re.compile(r"(?<!(?<!\\)\\)%.*")
_LAYOUT = re.compile(
    r"\\(?:cmidrule(?:\([^)]*\))?|cline|vspace|hspace|setlength|addtolength|label|ref|eqref|cite\w*"
    r"|includegraphics|input|include|resizebox|renewcommand|documentclass|usepackage|begin|end"
    r"|newcolumntype|rule|arraystretch|fontsize|specialrule|addlinespace)"
    r"\*?(?:\[[^\]]*\])?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*(?:\[[^\]]*\])?"
)
_MULTI = re.compile(
    r"\\multi(?:column|row)\*?(?:\[[^\]]*\])?\{[^{}]*\}\{[^{}]*(?:\{[^{}]*\})*[^{}]*\}"
)
_BOLD = re.compile(r"\\(?:bfseries|boldmath|textbf|mathbf)\b")
_SPACE = re.compile(r"\\[,;:! ]|~|\\quad|\\thinspace")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?")
_CELL = re.compile(r"(?<!\\)&")


def read_latex(text: str) -> list[Unit]:
    """The units of a LaTeX file."""
    return list(_units(text))


@dataclass(slots=True)
class _Table:
    """A table that is being read.

    Attributes:
        name: which one it is.
        rows: where each begins, and what it holds.
        rules: how many rows stand above each rule.
        text: what was read of a row that has not ended.
        line: where that row begins.
    """

    name: str
    rows: list[tuple[int, str]] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    text: str = ""
    line: int = 0

    def take(self, kind: str, text: str, line: int) -> None:
        """Take what stands in the table: a piece of a row, the end of one, or a rule."""
        if kind == "text":
            self.add(text, line)
        else:
            self.end_row()
            self.rules += [len(self.rows)] * (kind == "rule")

    def add(self, text: str, line: int) -> None:
        """Take a piece of a row."""
        if not cleaned(self.text):
            self.line = line
        self.text += f" {text}"

    def end_row(self) -> None:
        """Take the row that was read."""
        # What only lays out, such as a space between rows, is no row.
        if cleaned(self.text):
            self.rows.append((self.line, self.text))
        self.text = ""

    def units(self) -> Iterator[Unit]:
        """Its rows, those of its heading first."""
        self.end_row()
        texts = [tuple(cleaned(each) for each in _CELL.split(text)) for _, text in self.rows]
        heading = _heading(texts, self.rules)
        columns: tuple[str, ...] = ()
        for place, cells in enumerate(texts):
            line, is_head = self.rows[place][0], place < heading
            if len(cells) > 1:
                columns = cells if is_head else columns
                yield _row(line, self.name, cells, () if is_head else columns, is_head=is_head)
            elif cells[0]:
                yield Unit(line, "words", "", (Cell("", cells[0]),))


def _heading(rows: Sequence[tuple[str, ...]], rules: Sequence[int]) -> int:
    """How many rows are heading.

    Those above the first rule that has rows on both sides, as long as none holds a cell that is a
    number with decimals; without such a rule the first row, if it holds no number at all.
    """
    above = next((each for each in rules if 0 < each < len(rows)), None)
    if above is None:
        return int(bool(rows) and not any(list(numbers_in(cell)) for cell in rows[0]))
    values = (place for place, cells in enumerate(rows[:above]) if any(map(_is_value, cells)))
    return next(values, above)


def _is_value(text: str) -> bool:
    return bool(re.search(r"\d?\.\d", text)) and not re.search(r"[^\W\d_]", text)


def _units(text: str) -> Iterator[Unit]:
    table: _Table | None = None
    count = 0
    for number, line in enumerate(_lines(text), start=1):
        if (macro := _MACRO.match(line.strip())) is not None:
            value = Cell("value", cleaned(macro[2]))
            yield Unit(number, "row", "macros", (Cell("", f"\\{macro[1]}"), value))
            continue
        words = ""
        for kind, piece in _pieces(line):
            if kind == "begin":
                if table is not None:
                    yield from table.units()
                count += 1
                table = _Table(f"table {count}")
            elif table is None:
                words += piece
            elif kind == "end":
                yield from table.units()
                table = None
            else:
                table.take(kind, piece, number)
        if said := cleaned(words):
            yield Unit(number, "words", "", (Cell("", said),))
    if table is not None:
        yield from table.units()


def _lines(text: str) -> list[str]:
    """The lines without comments, and without the breaks inside a cell."""
    lines = "\n".join(_COMMENT.sub("", line) for line in text.splitlines())
    return _BROKEN.sub(lambda found: found[0].replace(r"\\", " "), lines).split("\n")


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """What stands in a line between the beginnings and ends of tables, rows and rules, and these.

    Each has its kind before it; "text" is what is none of them.
    """
    at = 0
    for found in _TOKEN.finditer(line):
        if found.start() > at:
            yield "text", line[at : found.start()]
        yield str(found.lastgroup), found[0]
        at = found.end()
    if at < len(line):
        yield "text", line[at:]


def _row(
    line: int, table: str, texts: tuple[str, ...], columns: tuple[str, ...], *, is_head: bool
) -> Unit:
    above = (*columns, *("" for _ in texts))
    cells = tuple(Cell(above[place], text) for place, text in enumerate(texts))
    return Unit(line, "header" if is_head else "row", table, cells)


def cleaned(text: str) -> str:
    """What a reader sees of a piece of LaTeX; bold stays, as stars, because it has a meaning."""
    text = _LAYOUT.sub(" ", _MULTI.sub("", text))
    text = _BOLD.sub("**", text)
    text = text.replace(r"\pm", " ± ").replace(r"\leq", "≤").replace(r"\geq", "≥")
    text = text.replace(r"\times", " × ").replace(r"\cdot", " × ").replace("--", "–")
    text = _COMMAND.sub(" ", _SPACE.sub(" ", text))
    text = re.sub(r"\\([&%_#$])", r"\1", text)
    return squeezed(re.sub(r"[{}$]|\\\\(\[[^\]]*\])?", "", text))
