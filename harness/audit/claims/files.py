"""The files of an audit: the claims file, and those that lie beside it."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.audit.claims.refusing import refusal
from harness.errors import Problem

if TYPE_CHECKING:
    from harness.audit.claims.loading import Claims

LARGEST_FILE_BYTES = 16 * 2**20
"""Far above any claims file or table of a paper."""


def read_text(path: Path, source: Path, what: str, key: str = "", given: str | None = None) -> str:
    """A text file, of a size that can be meant; its line ends are as they were written.

    Args:
        path: the file.
        source: the claims file, for the error.
        what: what the file is called in the error.
        key: the key that names it.
        given: what stands at that key.

    Raises:
        ClaimsError: it cannot be read, is too large, or is no UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            # A device has no size to ask for, and no end.
            content = file.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(Problem(f"{what} cannot be read ({reason})", key, given), source) from None
    if len(content) > LARGEST_FILE_BYTES:
        raise refusal(Problem(f"{what} is larger than 16 MiB", key, given), source)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remedy = "save it as UTF-8"
        problem = Problem(f"{what} is no UTF-8 text (line {line}: {error})", key, given, (), remedy)
        raise refusal(problem, source) from None


def beside(claims: "Claims", given: str, key: str) -> Path:
    """A file that a claims file names; it has to lie in the claims file's folder, or below.

    Args:
        claims: the claims file.
        given: what it says.
        key: where it says so.

    Raises:
        ClaimsError: it lies elsewhere, or is not there.
    """
    folder = claims.path.resolve().parent
    try:
        path = (folder / given).resolve()
        is_inside, is_file = path.is_relative_to(folder), path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(Problem(f"is no path ({reason})", key, given), claims.path) from None
    if not is_inside:
        remedy = "copy the file beside the claims file: what is audited travels as one folder"
        what = "lies outside the claims file's folder"
        raise refusal(Problem(what, key, given, (), remedy), claims.path)
    if not is_file:
        there = _names_like(folder, path)
        absent = "" if there else f"put it into {folder}, or into a folder below it"
        what = "is a folder" if path.is_dir() else "there is no such file"
        problem = Problem(what, key, given, there, absent or None)
        raise refusal(problem, claims.path)
    return path


_MOST_NAMES = 20


def _names_like(folder: Path, wanted: Path) -> tuple[str, ...]:
    """Files of the same kind where one was looked for, as the claims file would name them."""
    parent = wanted.parent
    near = parent if parent.is_dir() and parent.is_relative_to(folder) else folder
    names = sorted(
        str(each.relative_to(folder))
        for each in near.iterdir()
        if each.suffix == wanted.suffix and each.is_file()
    )
    return tuple(names[:_MOST_NAMES])
