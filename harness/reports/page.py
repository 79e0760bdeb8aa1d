"""Builds the page that shows a study's answer: one file, readable without a network."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from harness.answer import Answer
from harness.canonical import digest
from harness.errors import InputError, Problem
from harness.files import replace_file
from harness.reports.blocks import Section
from harness.reports.record import asked_of, names_read, write_record
from harness.reports.sections import (
    curves,
    examples,
    pareto,
    planning,
    provenance,
    publication,
    results,
    search,
    together,
    variance,
)
from harness.reports.templating import render_page
from harness.search.answer import SearchAnswer
from harness.store.reading import ResultsReader
from harness.store.remembering import remembering
from harness.study.model import Study

REPORTS = Path("artifacts") / "reports"
"""Where reports go, each into a folder of its own."""


def report_folder(study: Study, reports: Path = REPORTS) -> Path:
    """The folder of a study's report; a study that the command line changed has its own."""
    name = study.name
    if study.changes:
        name += f"-{digest('study', study.definition())[:8]}"
    return reports / name


def build_report(answer: Answer | SearchAnswer, store: ResultsReader, folder: Path) -> Path:
    """Write ``index.html``, and beside it what it was built from; none is seen half written.

    Args:
        answer: what it shows.
        store: where the answer's trials are; learning curves and predictions are read from it.
        folder: where it goes; made if need be.

    Returns:
        The page's path.

    Raises:
        InputError: if it cannot be written there.
    """
    path = folder / "index.html"
    store = remembering(store)
    text = render(answer, store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        problem = Problem(f"the report cannot be written ({error.strerror})")
        raise InputError(problem, path) from None
    write_record(folder, asked_of(answer.study), store, names_read(answer.study))
    return path


def render(answer: Answer | SearchAnswer, store: ResultsReader) -> str:
    """The page as HTML; the same stored trials give the same text."""
    study = answer.study
    trials = answer.trials if isinstance(answer, SearchAnswer) else answer
    definition = study.definition()
    return render_page(
        "study.html.j2",
        title=study.title or study.name,
        study=study,
        seeds=len(study.seeds.all()),
        finished=trials.finished,
        total=answer.total,
        cautions=answer.cautions,
        sections=list(_sections(answer, store)),
        definition_digest=digest("study", definition),
        protocol_digest=digest("protocol", definition["protocol"]),
        protocol_changes=_changes(trials),
        version=version("harness"),
    )


def _sections(answer: Answer | SearchAnswer, store: ResultsReader) -> Iterator[Section]:
    if isinstance(answer, SearchAnswer):
        yield from search.sections(answer)
        yield from _behind(answer.trials)
    else:
        yield from _compared(answer, store)
        yield provenance.protocol_section(answer)
        yield from _behind(answer)


def _compared(answer: Answer, store: ResultsReader) -> Iterator[Section]:
    yield results.answer_section(answer)
    if answer.comparisons is not None:
        yield results.arms_section(answer, answer.comparisons)
        if answer.comparisons.comparisons:
            yield results.comparisons_section(answer, answer.comparisons)
        yield from together.sections(answer.comparisons)
        yield from pareto.sections(answer)
        yield from curves.sections(answer, store)
        yield from examples.sections(answer, answer.comparisons, store)
        yield from variance.sections(answer, answer.comparisons, store)
        yield from planning.sections(answer, answer.comparisons)
        yield from publication.sections(answer, answer.comparisons)


def _behind(answer: Answer) -> Iterator[Section]:
    """Where the numbers come from."""
    yield from provenance.links_sections(answer)
    yield provenance.trials_section(answer)
    yield provenance.environment_section(answer)
    yield provenance.again_section(answer)


def _changes(answer: Answer) -> str:
    """How often the protocol was changed after the first trial, in words; empty for never."""
    later = sum(use.finished_trials > 0 for use in answer.protocols[1:])
    if later == 0:
        return ""
    return "once" if later == 1 else f"{later} times"
