"""``harness report``: build."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import options
from harness.cli.output import say

if TYPE_CHECKING:
    from harness.reports.documents import Document
    from harness.store.reading import ResultsReader


@click.group(help="Build the page that shows a study's answer, or a document over several studies.")
def group() -> None:
    """Group the verbs."""


@group.command(
    epilog="Example:  harness report build mc_seeds\n\n"
    "A registered document, such as paper, is built for every profile that has results."
)
@options.one_study
@options.database
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where reports go, each into a folder of its own.  [default: artifacts/reports]",
)
def build(choice: options.StudyChoice, db: str | None, folder: Path | None) -> None:
    """Build a study's page, or a document, from the database; no trial is run."""
    from harness.errors import StudyNotFoundError
    from harness.reports.page import REPORTS
    from harness.store.reading import ResultsReader
    from harness.study.lookup import find_study

    reports = folder or REPORTS
    try:
        find_study(choice.name)
    except StudyNotFoundError:
        if choice.name.endswith(".toml") or "/" in choice.name:
            raise
        document = _document(choice)
        with ResultsReader(db) as store:
            _build_document(choice, document, store, reports)
        return
    with ResultsReader(db) as store:
        _build_study(choice, store, reports)


def _build_study(choice: options.StudyChoice, store: "ResultsReader", reports: Path) -> None:
    from harness.reports.page import build_report, report_folder
    from harness.search.answer import any_answer
    from harness.store.remembering import remembering

    declared, store = choice.load(), remembering(store)
    found = any_answer(declared, store)
    page = build_report(found, store, report_folder(declared, reports))
    if found.finished == 0:
        words = " ".join(("harness study run", choice.name, *declared.changes))
        say(f"No trial of this study, as it is asked for, is finished. {words} runs them.")
    click.echo(f"Report: {page}")


def _document(choice: options.StudyChoice) -> "Document":
    """The registered document of this name.

    Raises:
        InputError: there is neither a study nor a document of this name.
    """
    from harness.reports.documents import documents, unknown_report

    known = documents()
    if choice.name not in known:
        raise unknown_report(choice.name, known)
    return known[choice.name]


def _build_document(
    choice: options.StudyChoice, document: "Document", store: "ResultsReader", reports: Path
) -> None:
    from harness.reports.documents import build_document
    from harness.study.loading import Overrides

    asked = Overrides(choice.profiles, choice.settings, choice.seeds)
    # Where nothing has results yet, the document says what would give them.
    known = [asked] if asked.words() else map(Overrides, document.profiles(store) or ((),))
    for overrides in known:
        built = build_document(choice.name, document, overrides, store, reports)
        for lack in built.lacking:
            say(lack.replace("`", ""))
        click.echo(f"Report: {built.page}")
