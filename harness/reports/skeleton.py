r"""A document as one LaTeX file that includes every table and figure, to be written on."""

from collections.abc import Iterator

from analysis.publication.latex_text import escape
from harness.reports.manuscript import Item, Manuscript, PaperFigure, PaperPart, PaperTable, Words
from harness.text import code_parts

MACROS = "macros.tex"

WIDTH_PT = 469.0
"""Width of the text, in points: 6.5 inches, as wide as all figures are."""

_PREAMBLE = r"""% Made from the results database, and made anew with every build. Write in a copy.
\documentclass{article}
\usepackage{booktabs,graphicx}
\setlength{\textwidth}{6.5in}
\setlength{\oddsidemargin}{0in}
\setlength{\evensidemargin}{0in}
\setlength{\textheight}{9in}
\setlength{\topmargin}{-0.5in}
\setlength{\emergencystretch}{3em}
\renewcommand{\topfraction}{0.95}
\renewcommand{\bottomfraction}{0.95}
\renewcommand{\textfraction}{0.05}
\renewcommand{\floatpagefraction}{0.8}
\input{macros}
"""

_FITTING = r"width=\linewidth,height=0.8\textheight,keepaspectratio"


def skeleton(manuscript: Manuscript) -> str:
    """Return the file; pdfLaTeX compiles it in the document's folder, and it is ASCII."""
    lines = [
        _PREAMBLE,
        rf"\title{{{escape(manuscript.title)}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        rf"\noindent {_paragraph(manuscript.lead)}",
        *(line for part in manuscript.parts for line in _part(part)),
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _part(part: PaperPart) -> Iterator[str]:
    yield rf"\section{{{escape(part.title)}}}\label{{sec:{part.key}}}"
    for item in part.items:
        yield from _item(item)
    # LaTeX stops when too many tables and figures wait for a place.
    if part.tables or part.figures:
        yield r"\clearpage"


def _item(item: Item) -> Iterator[str]:
    match item:
        case Words():
            yield _paragraph(item.text) + "\n"
        case PaperTable():
            yield rf"\input{{tables/{item.stem}}}"
        case PaperFigure():
            yield r"\begin{figure}[htbp]"
            yield r"\centering"
            yield rf"\includegraphics[{_FITTING}]{{figures/{item.stem}}}"
            yield rf"\caption{{{escape(item.caption)}}}\label{{fig:{item.stem}}}"
            yield r"\end{figure}"


def _paragraph(text: str) -> str:
    return "".join(
        rf"\texttt{{{escape(part, breakable=True)}}}" if place % 2 else escape(part)
        for place, part in enumerate(code_parts(text))
    )
