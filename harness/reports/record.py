"""What a report was built from, as a file beside it: `harness audit provenance` reads it.

The record says which study or document was asked for, which trials the database held then, which
programs built it, and what every file was like. The same database gives the same record.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from harness.canonical import digest
from harness.collecting import collection_held_back
from harness.errors import InputError, Problem
from harness.files import replace_file
from harness.reports.trial_digests import TrialDigests
from harness.store.reading import ResultsReader, StoredTrial
from harness.store.schema import FINISHED
from harness.study.loading import Overrides
from harness.study.lookup import shown_source
from harness.study.model import Study

RECORD = "built_from.json"
SCHEMA = 1

_PACKAGES = ("harness", "matplotlib", "numpy", "pandas", "scipy", "statsmodels")
_PROGRAMS = ("analysis", "harness", "studies")
_OPTIONS = {"--profile": "profiles", "--set": "settings", "--seeds": "seeds"}

Kind = Literal["study", "document"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report shows, as it was asked for.

    Attributes:
        kind: a study's page, or a document over several studies.
        name: the study or document, as it is typed.
        overrides: profiles, settings and seeds.
        definition: digest of the study's definition; empty for a document.
    """

    kind: Kind
    name: str
    overrides: Overrides = field(default_factory=Overrides)
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What a report was built from.

    Attributes:
        asked: what was asked for.
        trials: of every study that was read, each finished trial with a digest of its results.
        versions: of harness and the packages that compute.
        code: digest of the programs' own files.
        files: SHA-256 of every file of the report as it was built, by its name in the folder.
    """

    asked: Asked
    trials: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, str]
    code: str
    files: Mapping[str, str]


class NotingReader(ResultsReader):
    """The same store, remembering which studies were asked about.

    Attributes:
        asked: their names.
    """

    def __init__(self, store: ResultsReader) -> None:
        self.database = store.database
        self.asked: set[str] = set()
        # It may be a reader that does not show every trial.
        self._store = store

    def stored(self, name: str) -> dict[str, StoredTrial]:
        """Every trial of a study, by digest."""
        self.asked.add(name)
        return self._store.stored(name)

    def final_metrics(self, name: str) -> dict[str, dict[str, float]]:
        """Final metrics of every complete trial of a study, by digest."""
        return self._store.final_metrics(name)


def asked_of(study: Study) -> Asked:
    """What a study's page was asked for, from the study as it was loaded."""
    name = study.name if study.source is None else shown_source(study.source)
    return Asked("study", name, _overrides(study.changes), digest("study", study.definition()))


def names_read(study: Study) -> set[str]:
    """The studies that the page of this one is made of: itself, and the searches it takes from."""
    return {study.name, *(link.study for link in study.links)}


def finished_trials(store: ResultsReader, study: str) -> dict[str, str]:
    """Every finished trial of a study with a digest of its state and metrics."""
    digests = TrialDigests()
    with collection_held_back():
        metrics = store.final_metrics(study)
        return {
            trial: digests.of(found.state, metrics.get(trial, {}))
            for trial, found in sorted(store.stored(study).items(), key=itemgetter(0))
            if found.state in FINISHED
        }


def write_record(
    folder: Path, asked: Asked, store: ResultsReader, studies: Collection[str]
) -> Path:
    """Write the record of a report that has just been built.

    Args:
        folder: where the report is.
        asked: what it shows.
        store: what it was built from.
        studies: names of the studies that were read.

    Raises:
        InputError: if it cannot be written there.
    """
    path = folder / RECORD
    record = Record(
        asked,
        {name: finished_trials(store, name) for name in sorted(studies)},
        versions(),
        code_digest(),
        file_digests(folder),
    )
    try:
        replace_file(path, record_text(record).encode())
    except OSError as error:
        problem = Problem(f"what the report was built from cannot be noted ({error.strerror})")
        raise InputError(problem, path) from None
    return path


def record_text(record: Record) -> str:
    """The record as JSON with sorted keys, a trial a line."""
    # Python indents JSON without its fast encoder, which takes seconds for a million trials: those
    # are written apart. `asdict` would copy every one of them first.
    studies = {name: f"<{place}>" for place, name in enumerate(record.trials)}
    content = {"schema": SCHEMA, **asdict(replace(record, trials={})), "trials": studies}
    text = json.dumps(content, indent=1, sort_keys=True)
    head, _, tail = text.rpartition('"trials": {')
    for name, gap in studies.items():
        trials = record.trials[name]
        lines = json.dumps(trials, sort_keys=True, separators=(",\n   ", ": "))[1:-1]
        filled = f"{{\n   {lines}\n  }}" if trials else "{}"
        tail = tail.replace(f": {json.dumps(gap)}", f": {filled}", 1)
    return f'{head}"trials": {{{tail}\n'


def read_record(folder: Path) -> Record | None:
    """The record of the report in this folder; None if there is none.

    Raises:
        InputError: there is one that cannot be read.
    """
    path = folder / RECORD
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _record(content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"this is no record of a report ({type(error).__name__}: {error})"
        remedy = "build the report again, or name its studies with --study"
        raise InputError(Problem(what, remedy=remedy), path) from None


def _record(content: Mapping[str, Any]) -> Record:
    if content["schema"] != SCHEMA:
        raise ValueError(f"schema {content['schema']}, this harness reads {SCHEMA}")
    asked = content["asked"]
    given = asked["overrides"]
    if asked["kind"] not in {"study", "document"}:
        raise ValueError(f"kind {asked['kind']!r}")
    overrides = Overrides(
        tuple(map(str, given["profiles"])),
        tuple(map(str, given["settings"])),
        None if given["seeds"] is None else int(given["seeds"]),
    )
    return Record(
        Asked(asked["kind"], str(asked["name"]), overrides, str(asked["definition"])),
        {str(name): dict(trials) for name, trials in content["trials"].items()},
        dict(content["versions"]),
        str(content["code"]),
        dict(content["files"]),
    )


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, the record itself left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def versions() -> dict[str, str]:
    """The versions of what computes here."""
    return {name: version(name) for name in _PACKAGES}


@cache
def code_digest() -> str:
    """Digest of the programs' own files, as they are now."""
    found = hashlib.sha256()
    for path in _program_files():
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _program_files() -> Iterable[Path]:
    for name in _PROGRAMS:
        spec = find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            folder = Path(place)
            yield from sorted(each for each in folder.rglob("*.py"))
            yield from sorted(each for each in folder.rglob("*.j2"))


def _overrides(words: Iterable[str]) -> Overrides:
    """The changes of a study's command line, from the words that they were typed as."""
    typed = iter(words)
    profiles: list[str] = []
    settings: list[str] = []
    seeds = None
    for option in typed:
        value = next(typed)
        match _OPTIONS[option]:
            case "profiles":
                profiles.append(value)
            case "settings":
                settings.append(value)
            case _:
                seeds = int(value)
    return Overrides(tuple(profiles), tuple(settings), seeds)
