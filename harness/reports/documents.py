"""Documents: pages over several studies, which distributions register.

An entry point of the group ``harness.reports`` names a module, such as ``paper = "studies.paper"``.
The module is a :class:`Document`: it says for which profiles the database has results, and builds
one document from the results database alone.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import quote

from harness.canonical import JSON, digest
from harness.errors import InputError, Problem
from harness.reports.record import Asked, NotingReader, write_record
from harness.store.reading import ResultsReader
from harness.store.remembering import remembering
from harness.study.loading import Overrides
from harness.study.lookup import study_files

ENTRY_POINT_GROUP = "harness.reports"

Profiles = tuple[str, ...]
"""Profiles of study files, each laid over those before it; none for the files as they are."""

_NEEDED = ("TITLE", "profiles", "build")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """What a document is built from.

    Attributes:
        store: the results database; nothing else is read.
        folder: where the document's files go; made if need be.
        overrides: which results are shown: those of the studies with these profiles and changes.
    """

    store: ResultsReader
    folder: Path
    overrides: Overrides = field(default_factory=Overrides)


@dataclass(frozen=True, slots=True)
class BuiltDocument:
    """What became of a document.

    Attributes:
        page: the page to open first.
        lacking: what the database has no or not all results for, each with the command that would
            give them.
    """

    page: Path
    lacking: tuple[str, ...] = ()


class Document(Protocol):
    """What the module of an entry point has."""

    TITLE: str

    def profiles(self, store: ResultsReader) -> tuple[Profiles, ...]:
        """Every choice of profiles for which the database has results, in a fixed order."""

    def build(self, context: DocumentContext) -> BuiltDocument:
        """Write the document; the same database gives the same bytes.

        Raises:
            InputError: if the folder cannot be written, or no study has the profiles.
        """


def documents() -> dict[str, Document]:
    """Every registered document by its name; one that cannot be loaded is reported and left out."""
    return dict(_loaded())


def document_folder(name: str, overrides: Overrides, reports: Path) -> Path:
    """The folder of a document; every choice of results has its own, whatever it is called."""
    parts = [name, *(quote(each, safe=" ") for each in overrides.profiles)]
    # Two profiles a and b are told from one that is called a-b.
    joined = any("-" in each for each in overrides.profiles)
    if overrides.settings or overrides.seeds is not None or joined:
        changes: JSON = {
            "profiles": [*overrides.profiles],
            "settings": [*overrides.settings],
            "seeds": overrides.seeds,
        }
        parts.append(digest("document", changes)[:8])
    return reports / "-".join(parts)


def build_document(
    name: str, document: Document, overrides: Overrides, store: ResultsReader, reports: Path
) -> BuiltDocument:
    """Build a document into its folder, and note beside it what it was built from.

    Raises:
        InputError: if the folder cannot be written, or no study has the profiles.
    """
    store = remembering(store)
    noting = NotingReader(store)
    folder = document_folder(name, overrides, reports)
    built = document.build(DocumentContext(noting, folder, overrides))
    write_record(folder, Asked("document", name, overrides), store, noting.asked)
    return built


def unknown_report(name: str, known: dict[str, Document]) -> InputError:
    """What to tell about a name that neither a study nor a document has."""
    studies = tuple(file.name for file in study_files())
    return InputError(
        Problem(
            "there is no study or document of this name",
            given=name,
            allowed=(*studies, *known),
            remedy=f"studies: {', '.join(studies) or 'none'}; "
            f"documents: {', '.join(known) or 'none'}",
        )
    )


def _loaded() -> Iterator[tuple[str, Document]]:
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP)):
        try:
            module = entry.load()
        except Exception as error:  # noqa: BLE001 - a broken plug-in is never fatal
            _leave_out(entry, f"{type(error).__name__}: {error}")
            continue
        if lacking := [name for name in _NEEDED if not hasattr(module, name)]:
            _leave_out(entry, f"it has no {', '.join(lacking)}")
            continue
        yield entry.name, cast("Document", module)


def _leave_out(entry: EntryPoint, reason: str) -> None:
    _log.warning(
        "The document registered as %r is left out: %r cannot be used (%s).",
        entry.name,
        entry.value,
        reason,
    )
