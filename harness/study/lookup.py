"""Finds studies: as a path, then in ./studies/, then among those that packages have registered."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from harness.errors import Problem, StudyNotFoundError

ENTRY_POINT_GROUP = "harness.studies"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study file that was found.

    Attributes:
        name: the file's name without ``.toml``.
        path: the file.
        origin: ``./studies`` or the name under which a package registered it.
    """

    name: str
    path: Path
    origin: str


def study_files(folder: Path | None = None) -> tuple[StudyFile, ...]:
    """Every study that can be named, nearest first; a nearer one hides a farther one of its name.

    Args:
        folder: where ``studies/`` is looked for; the current folder by default.
    """
    found: dict[str, StudyFile] = {}
    for file in (*_local(folder or Path.cwd()), *_registered()):
        found.setdefault(file.name, file)
    return tuple(sorted(found.values(), key=lambda file: file.name))


def find_study(name: str, folder: Path | None = None) -> Path:
    """The file of the study with this name or path.

    Raises:
        StudyNotFoundError: naming the studies that there are.
    """
    if name.endswith(".toml") or "/" in name:
        path = Path(name)
        if path.is_file():
            return path
        raise StudyNotFoundError(Problem("there is no such study file", given=name))
    files = study_files(folder)
    for file in files:
        if file.name == name:
            return file.path
    raise StudyNotFoundError(
        Problem(
            "there is no study of this name",
            given=name,
            allowed=tuple(file.name for file in files),
            remedy="`harness study list` shows all; `harness study new NAME` begins one",
        )
    )


def shown_source(path: Path) -> str:
    """What a user types to run the study in this file, from the current folder."""
    for file in study_files():
        if file.path.resolve() == path:
            return file.name
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _local(folder: Path) -> Iterator[StudyFile]:
    for path in sorted((folder / "studies").glob("*.toml")):
        yield StudyFile(path.stem, path, "./studies")


def _registered() -> Iterator[StudyFile]:
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP)):
        for folder in _folders(entry):
            for path in sorted(folder.glob("*.toml")):
                yield StudyFile(path.stem, path, entry.name)


def _folders(entry: EntryPoint) -> list[Path]:
    """The folders of the package that an entry point names; the package is not imported."""
    try:
        spec = find_spec(entry.value)
    except (ImportError, ValueError) as error:
        spec, reason = None, str(error)
    else:
        reason = "it is not installed"
    if spec is None or not spec.submodule_search_locations:
        _log.warning(
            "Studies registered as %r are left out: package %r cannot be found (%s).",
            entry.name,
            entry.value,
            reason if spec is None else "it is no package",
        )
        return []
    return [Path(location) for location in spec.submodule_search_locations]
