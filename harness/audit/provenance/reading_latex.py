r"""Reads LaTeX: rows of tabulars, macros, and lines of text, without what only lays out."""

import re
from collections.abc import Iterator

from harness.audit.provenance.units import Cell, Unit, squeezed

_MACRO = re.compile(
    r"\\(?:re|provide)?(?:newcommand|def)\s*\*?\{?\\([A-Za-z@]+)\}?(?:\[\d\])?\{(.*)\}\s*$"
)
_BEGIN = re.compile(r"\\begin\{(?:tabular[x*]?|array|longtable)\}")
_END = re.compile(r"\\end\{(?:tabular[x*]?|array|longtable)\}")
_RULE = re.compile(r"\\(?:midrule|hline|endhead|endfirsthead)\b")
_COMMENT = re.compile(r"(?<!\\)%.*")
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


def _units(text: str) -> Iterator[Unit]:
    table, inside, in_head, count = "", False, False, 0
    columns: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _COMMENT.sub("", raw)
        if (macro := _MACRO.match(line.strip())) is not None:
            value = Cell("value", cleaned(macro[2]))
            yield Unit(number, "row", "macros", (Cell("", f"\\{macro[1]}"), value))
            continue
        if _BEGIN.search(line):
            count += 1
            inside, in_head, columns, table = True, True, (), f"table {count}"
        if inside and _CELL.search(line):
            texts = tuple(cleaned(each) for each in _CELL.split(_ended(line)))
            if in_head:
                columns = texts
            yield _row(number, table, texts, () if in_head else columns, is_head=in_head)
        elif words := cleaned(line):
            yield Unit(number, "words", "", (Cell("", words),))
        if _RULE.search(line):
            in_head = False
        if _END.search(line):
            inside = False


def _row(
    line: int, table: str, texts: tuple[str, ...], columns: tuple[str, ...], *, is_head: bool
) -> Unit:
    above = (*columns, *("" for _ in texts))
    cells = tuple(Cell(above[place], text) for place, text in enumerate(texts))
    return Unit(line, "header" if is_head else "row", table, cells)


def _ended(line: str) -> str:
    """A row without what ends it, which may be followed by a length or a rule."""
    return re.split(r"\\\\|\\tabularnewline", line)[0]


def cleaned(text: str) -> str:
    """What a reader sees of a piece of LaTeX; bold stays, as stars, because it has a meaning."""
    text = _LAYOUT.sub(" ", _MULTI.sub("", text))
    text = _BOLD.sub("**", text)
    text = text.replace(r"\pm", " ± ").replace(r"\leq", "≤").replace(r"\geq", "≥")
    text = text.replace(r"\times", " × ").replace(r"\cdot", " × ").replace("--", "–")
    text = _COMMAND.sub(" ", _SPACE.sub(" ", text))
    text = re.sub(r"\\([&%_#$])", r"\1", text)
    return squeezed(re.sub(r"[{}$]|\\\\(\[[^\]]*\])?", "", text))
