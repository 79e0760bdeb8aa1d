"""The files that commands write of a study, made anew: comparisons, paper tables, exports."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis import Comparisons
from analysis.publication.comparisons import publication_table
from analysis.publication.paper import write_paper
from analysis.publication.writing import write_table
from harness.answer import Answer
from harness.audit.provenance.reading import read_units
from harness.audit.provenance.units import Unit
from harness.search.answer import SearchAnswer, any_answer
from harness.store.exchange import export_rows
from harness.store.reading import ResultsReader
from harness.store.trial_files import dump
from harness.study.model import Study

_ALIKE = 0.6
"""So much of a file must be the same but for its numbers to be taken for one of harness's own."""


class Outputs:
    """What commands write of one study, each made when it is asked for, and once."""

    def __init__(self, study: Study, store: ResultsReader) -> None:
        self._study = study
        self._store = store
        self._made: dict[str, tuple[tuple[str, list[Unit]], ...]] = {}

    def of(self, ending: str) -> tuple[tuple[str, list[Unit]], ...]:
        """What is written into files of this ending, such as ".csv", each with its command."""
        if ending not in self._made:
            self._made[ending] = tuple(
                (command, read_units(f"file{ending}", content))
                for command, content in self._files(ending)
            )
        return self._made[ending]

    def _files(self, ending: str) -> Iterator[tuple[str, bytes]]:
        name = self._study.name
        if ending in {".csv", ".json"}:
            rows = export_rows(self._store, name)
            yield f"harness results export {name}", dump(rows, ending.removeprefix("."))
        answer = self._answer
        if isinstance(answer, Answer) and answer.comparisons is not None:
            words = " ".join(("harness analysis compare", name, *self._study.changes))
            for option, content in _of_comparison(answer, answer.comparisons, ending):
                yield f"{words} {option}", content

    @cached_property
    def _answer(self) -> Answer | SearchAnswer:
        return any_answer(self._study, self._store)


def _of_comparison(
    answer: Answer, results: Comparisons, ending: str
) -> Iterator[tuple[str, bytes]]:
    """What `--format` and `--to` write, with the option."""
    if ending == ".json":
        yield "--format json", results.to_json().encode()
    if ending == ".csv":
        yield "--format csv", results.to_frame().to_csv(index=False).encode()
    if not results.comparisons:
        return
    with TemporaryDirectory() as place:
        for path in _paper(answer, results, Path(place), ending):
            if path.suffix == ending:
                yield f"--to FOLDER ({path.name})", path.read_bytes()


def _paper(answer: Answer, results: Comparisons, folder: Path, ending: str) -> tuple[Path, ...]:
    if ending == ".svg":
        within = tuple(answer.study.factors)
        return write_paper(results, answer.compared, folder, within=within)
    # The tables alone: figures take a second each to draw.
    table = publication_table(results, answer.compared, label="tab:comparisons")
    return write_table(table, folder, "comparisons")


def likeness(found: list[Unit], given: list[Unit]) -> float:
    """The share of one file's units that the other has too, but for their numbers."""
    there = {each.skeleton for each in given}
    return sum(each.skeleton in there for each in found) / len(found) if found else 0.0


def is_alike(found: list[Unit], given: list[Unit]) -> bool:
    """Whether a file is one of harness's own, with perhaps some numbers or rows changed."""
    return likeness(found, given) >= _ALIKE and likeness(given, found) >= _ALIKE
