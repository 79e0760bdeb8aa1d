"""Writes a table's files so that a reader sees the old ones or the new ones, never half of one."""

import os
import tempfile
from pathlib import Path

from analysis.publication.columns import TableError
from analysis.publication.html_table import as_page
from analysis.publication.printed import PublicationTable


def write_table(
    table: PublicationTable, folder: Path | str, stem: str, *, prefix: str = "harness"
) -> tuple[Path, ...]:
    """Write a table as .tex, .md, .html and .csv, and its macros as -macros.tex.

    All of them are made before the first is written; each replaces its predecessor in one step.

    Args:
        table: the table.
        folder: made if it is not there.
        stem: the files' name without its end; no path.
        prefix: what the macros' names begin with; ASCII letters.

    Returns:
        The files.

    Raises:
        TableError: the stem is empty or names another folder, or the prefix has other characters.
        OSError: the folder cannot be written.
    """
    if not stem.strip() or stem in {".", ".."} or set(stem) & {"/", "\\", "\0"}:
        raise TableError(f"The stem is {stem!r}; allowed: the name of a file, without a folder.")
    texts = {
        f"{stem}.tex": table.to_latex(),
        f"{stem}-macros.tex": table.macros(prefix),
        f"{stem}.md": table.to_markdown(),
        f"{stem}.html": as_page(table),
        f"{stem}.csv": table.to_csv(),
    }
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _replace(place / name, text)
    return tuple(place / name for name in texts)


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".table-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            # A lone surrogate, as in a file name that is no UTF-8, must not lose the table.
            file.write(text.encode("utf-8", "backslashreplace"))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
