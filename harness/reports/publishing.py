"""Writes a document: a page, its tables and figures as files, macros, and a LaTeX file of all."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from analysis.figures import save_figure
from analysis.presentation.svg import to_svg
from analysis.publication import PublicationTable
from analysis.publication.html_table import as_page
from analysis.publication.macros import letters
from analysis.publication.pages import pages
from harness.errors import InputError, Problem
from harness.files import replace_file
from harness.reports.blocks import Block, Paragraph, Picture, Printed, Section
from harness.reports.manuscript import Item, Manuscript, PaperFigure, PaperPart, PaperTable, Words
from harness.reports.skeleton import MACROS, WIDTH_PT, skeleton
from harness.reports.templating import render_page

PAGE = "index.html"
LISTING = "files.json"
"""Names the files of the document, so that the next one can remove those that it no longer has."""

_FIGURE_FORMATS = ("pdf", "svg", "png")
_OWN = re.compile(r"(tables|figures)/[A-Za-z0-9_-]+\.(tex|md|html|csv|pdf|svg|png)")


def publish(manuscript: Manuscript, folder: Path) -> Path:
    """Write a document into a folder, and remove what an earlier one wrote and this one lacks.

    Every file is made before the first is written; each replaces its predecessor in one step, the
    page last. Files that no document wrote are left alone.

    Args:
        manuscript: what it shows; the same manuscript gives the same bytes.
        folder: made if need be.

    Returns:
        The page's path.

    Raises:
        InputError: if the folder cannot be written.
    """
    files = dict(_files(manuscript))
    try:
        gone = _written_before(folder) - files.keys()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)
        for name in gone:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        problem = Problem(f"the document cannot be written ({error.strerror})")
        raise InputError(problem, folder) from None
    return folder / PAGE


def _files(manuscript: Manuscript) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file, those that others refer to first."""
    names = []
    for name, content in _parts(manuscript):
        names.append(name)
        yield name, content
    yield LISTING, (json.dumps(sorted(names), indent=1) + "\n").encode()
    # What an arm is called may be no Unicode, as in a file name of another system.
    yield PAGE, render(manuscript).encode("utf-8", "backslashreplace")


def _parts(manuscript: Manuscript) -> Iterator[tuple[str, bytes]]:
    for table in manuscript.tables:
        for name, text in _table_files(table).items():
            yield name, text.encode("utf-8", "backslashreplace")
    with tempfile.TemporaryDirectory() as drawn:
        for figure in manuscript.figures:
            for ending in _FIGURE_FORMATS:
                path = save_figure(figure.figure, Path(drawn) / f"{figure.stem}.{ending}")
                yield f"figures/{path.name}", path.read_bytes()
    yield MACROS, _macros(manuscript).encode()
    yield "paper.tex", skeleton(manuscript).encode()


def _table_files(table: PaperTable) -> Mapping[str, str]:
    stem, printed = f"tables/{table.stem}", table.table
    return {
        f"{stem}.tex": "\n".join(each.to_latex(width_pt=WIDTH_PT) for each in pages(printed)),
        f"{stem}.md": printed.to_markdown(),
        f"{stem}.html": as_page(printed),
        f"{stem}.csv": printed.to_csv(),
    }


def _macros(manuscript: Manuscript) -> str:
    """The values of all tables; a macro's name begins with the prefix and the table's stem."""
    return "\n".join(
        f"% {each.stem}\n{each.table.macros(manuscript.prefix + letters(each.stem))}"
        for each in manuscript.tables
    )


def render(manuscript: Manuscript) -> str:
    """The page as HTML: it needs nothing from outside itself."""
    return render_page(
        "document.html.j2",
        made_from="the results database alone",
        title=manuscript.title,
        lead=manuscript.lead,
        sections=[_section(each) for each in manuscript.parts],
        version=version("harness"),
    )


def _section(part: PaperPart) -> Section:
    return Section(part.key, part.title, tuple(_block(each) for each in part.items))


def _block(item: Item) -> Block:
    match item:
        case Words():
            return Paragraph(item.text, is_caution=item.is_caution)
        case PaperTable():
            return Printed(_first_sentence(item.table), item.table.to_html(), f"tab-{item.stem}")
        case PaperFigure():
            return Picture(to_svg(item.figure, item.description), item.caption)


def _first_sentence(table: PublicationTable) -> str:
    return table.caption.partition(". ")[0].rstrip(".") or "Table"


def _written_before(folder: Path) -> set[str]:
    """The tables and figures that an earlier document wrote here; none if that is not known."""
    try:
        names = json.loads((folder / LISTING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(names, list):
        return set()
    return {name for name in names if isinstance(name, str) and _OWN.fullmatch(name)}
