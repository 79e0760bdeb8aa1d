"""Builds a report again from the database, as it is now or with the trials of its record alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.errors import InputError, Problem, StudyNotFoundError
from harness.reports.documents import build_document, documents, unknown_report
from harness.reports.page import build_report, report_folder
from harness.reports.record import RECORD, Asked, Record, read_record
from harness.search.answer import any_answer
from harness.store.reading import ResultsReader, StoredTrial
from harness.store.schema import FINISHED
from harness.study.loading import load_study
from harness.study.lookup import find_study


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A report as the database gives it.

    Attributes:
        files: what its files hold, by name; the record is not among them.
        record: what it was built from.
    """

    files: Mapping[str, bytes]
    record: Record


class ReaderAsOf(ResultsReader):
    """The same store without the trials that finished after a report was built."""

    def __init__(self, store: ResultsReader, known: Mapping[str, Mapping[str, str]]) -> None:
        self.database = store.database
        self._known = known

    def stored(self, name: str) -> dict[str, StoredTrial]:
        """The trials of a study that were known then, and those that are not finished."""
        known = self._known.get(name, {})
        return {
            trial: found
            for trial, found in ResultsReader.stored(self, name).items()
            if found.state not in FINISHED or trial in known
        }

    def final_metrics(self, name: str) -> dict[str, dict[str, float]]:
        """Final metrics of the trials of a study that were known then."""
        known = self._known.get(name, {})
        found = ResultsReader.final_metrics(self, name)
        return {trial: metrics for trial, metrics in found.items() if trial in known}


def rebuilt(asked: Asked, store: ResultsReader) -> Rebuilt:
    """The report as this store gives it.

    Raises:
        InputError: there is no such study or document any more, or it has not such a profile.
    """
    with _built(asked, store) as folder:
        record = read_record(folder)
        if record is None:
            raise FileNotFoundError(folder / RECORD)
        files = {name: (folder / name).read_bytes() for name in record.files}
        return Rebuilt(files, record)


@contextmanager
def _built(asked: Asked, store: ResultsReader) -> Iterator[Path]:
    with TemporaryDirectory() as place:
        if asked.kind == "study":
            yield _study(asked, store, Path(place))
        else:
            yield _document(asked, store, Path(place))


def _study(asked: Asked, store: ResultsReader, reports: Path) -> Path:
    try:
        declared = load_study(find_study(asked.name), asked.overrides)
    except StudyNotFoundError as error:
        problem = error.problems[0]
        what = "the report is of a study that is not here any more"
        again = Problem(what, "", asked.name, problem.allowed, "run this where the study file is")
        raise InputError(again, RECORD) from None
    folder = report_folder(declared, reports)
    build_report(any_answer(declared, store), store, folder)
    return folder


def _document(asked: Asked, store: ResultsReader, reports: Path) -> Path:
    known = documents()
    if asked.name not in known:
        raise unknown_report(asked.name, known)
    built = build_document(asked.name, known[asked.name], asked.overrides, store, reports)
    return built.page.parent
