"""Audits the numbers of a report, or of a single file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.audit.provenance.comparing import differences
from harness.audit.provenance.findings import CheckedFile, Origin, Provenance, Stray
from harness.audit.provenance.lookup import look_up
from harness.audit.provenance.outputs import Outputs, is_alike, likeness
from harness.audit.provenance.pool import Pool, pool_of
from harness.audit.provenance.reading import READABLE, is_readable, read_units
from harness.audit.provenance.report import held_against_rebuilt, of_output
from harness.audit.provenance.units import Unit
from harness.errors import InputError, Problem
from harness.reports.record import RECORD, Record, read_record
from harness.store.reading import ResultsReader
from harness.study.loading import Overrides, load_study
from harness.study.lookup import find_study
from harness.study.model import Study


@dataclass(frozen=True, slots=True)
class Named:
    """Studies that a report is said to be of.

    Attributes:
        studies: their names.
        overrides: profiles, settings and seeds, for all of them.
    """

    studies: tuple[str, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)

    def load(self) -> list[Study]:
        """Read the studies.

        Raises:
            StudyError: one is not there, or not as it should be.
        """
        return [load_study(find_study(name), self.overrides) for name in self.studies]


def audit_provenance(report: Path, store: ResultsReader, named: Named) -> Provenance:
    """Say of every number of a report whether it follows from the database.

    What has a record is built again from the database and held against it. What has none is
    compared with what commands write of the studies named, and if it is none of that, each number
    of its tables is searched among all that the database gives for them.

    Args:
        report: the folder of a report, or a file.
        store: the database.
        named: the studies, where the report has no record; given with a record they go before it.

    Raises:
        InputError: there is no such report, or nothing says what it is of.
    """
    _require(report)
    folder = None if named.studies else _folder_with_record(report)
    record = read_record(folder) if folder is not None else None
    if record is not None and folder is not None:
        return _of_report(report, folder, record, store)
    if not named.studies:
        raise InputError(
            Problem(
                f"nothing says which study it is of: there is no {RECORD} beside it",
                remedy="build the report again with `harness report build`, or name the studies "
                "that its numbers should come from: --study NAME",
            ),
            report,
        )
    return _of_foreign(report, store, named)


def _require(report: Path) -> None:
    if not report.exists():
        remedy = "`harness report build STUDY` builds one, and prints where it is"
        raise InputError(Problem("there is no such report", remedy=remedy), report)
    if report.is_dir():
        if not any(is_readable(each.name) for each in _files(report)):
            raise InputError(Problem("there is no file of a report in this folder"), report)
    elif not is_readable(report.name):
        what = "numbers are not read in files of this kind"
        raise InputError(
            Problem(what, given=report.suffix or report.name, allowed=READABLE), report
        )


def _folder_with_record(report: Path) -> Path | None:
    """The folder of the report that this is, or is a file of."""
    start = report.resolve() if report.is_dir() else report.resolve().parent
    places = (start,) if report.is_dir() else (start, start.parent)
    return next((each for each in places if (each / RECORD).is_file()), None)


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != RECORD and not path.name.startswith(".")
    )


def _of_report(report: Path, folder: Path, record: Record, store: ResultsReader) -> Provenance:
    paths = _files(report) if report.is_dir() else [report]
    here = {path.resolve().relative_to(folder.resolve()).as_posix(): path.read_bytes()
            for path in paths}  # fmt: skip
    held = held_against_rebuilt(here, record, store, whole=report.is_dir())
    files, strays, notes = list(held.files), list(held.strays), list(held.notes)
    origins: list[Origin] = []
    unexplained: list[Origin] = []
    extra = [name for name in held.extra if is_readable(name)]
    notes += [f"{name} is not built by the report: its bytes are not checked."
              for name in held.extra if name not in extra]  # fmt: skip
    if extra:
        notes += [f"{name} is not built by the report: its numbers were looked up."
                  for name in extra]  # fmt: skip
        pool = _pool_of_record(record, store)
        for name in extra:
            found = look_up(name, read_units(name, here[name]), pool)
            files.append(found.file)
            strays += found.strays
            origins += found.origins
            unexplained += found.unexplained
            notes += found.notes
    asked = record.asked
    words = " ".join((asked.name, *asked.overrides.words()))
    return Provenance(
        str(report),
        f"harness report build {words}",
        tuple(files),
        tuple(strays),
        tuple(notes),
        tuple(origins),
        tuple(unexplained),
        tuple(held.changes.sentences()),
    )


def _pool_of_record(record: Record, store: ResultsReader) -> Pool:
    asked = record.asked
    if asked.kind == "study":
        return pool_of(Named((asked.name,), asked.overrides).load(), store)
    studies = [name for name, trials in record.trials.items() if trials]
    return pool_of(Named(tuple(studies), Overrides(asked.overrides.profiles)).load(), store)


def _of_foreign(report: Path, store: ResultsReader, named: Named) -> Provenance:
    studies = named.load()
    for study in studies:
        store.require_study(study.name)
    paths = (
        [each for each in _files(report) if is_readable(each.name)] if report.is_dir() else [report]
    )
    files: list[CheckedFile] = []
    strays: list[Stray] = []
    notes: list[str] = []
    origins: list[Origin] = []
    unexplained: list[Origin] = []
    outputs = [Outputs(study, store) for study in studies]
    pool: Pool | None = None
    for path in paths:
        name = path.relative_to(report).as_posix() if report.is_dir() else path.name
        units = read_units(name, path.read_bytes())
        if (own := _own_output(name, units, outputs)) is not None:
            command, given = own
            checked = of_output(name, units, given, command)
            notes.append(f"{name} is what `{command}` writes, and was held against it.")
            files.append(checked.file)
            strays += checked.strays
            notes += checked.notes
            continue
        pool = pool or pool_of(studies, store)
        found = look_up(name, units, pool)
        files.append(found.file)
        strays += found.strays
        origins += found.origins
        unexplained += found.unexplained
        notes += found.notes
    words = " ".join((*named.studies, *named.overrides.words()))
    return Provenance(
        str(report),
        f"everything that the database gives for {words}",
        tuple(files),
        tuple(strays),
        tuple(notes),
        tuple(origins),
        tuple(unexplained),
    )


def _own_output(
    name: str, units: list[Unit], outputs: Sequence[Outputs]
) -> tuple[str, list[Unit]] | None:
    """What harness itself writes that is most like this file, if any is."""
    ending = Path(name).suffix.lower()
    made = [each for one in outputs for each in one.of(ending)]
    alike = [each for each in made if is_alike(units, each[1])]

    def fewest(each: tuple[str, list[Unit]]) -> tuple[int, float]:
        return len(differences(units, each[1])), -likeness(units, each[1])

    return min(alike, key=fewest, default=None)
