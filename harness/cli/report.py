"""``harness report``: build."""

import click

from harness.cli import options


@click.group(help="Build the page that shows a study's answer.")
def group() -> None:
    """Group the verbs."""


@group.command(epilog="Example:  harness report build mc_seeds")
@options.one_study
@options.database
def build(choice: options.StudyChoice, db: str | None) -> None:
    """Build a study's page from the database; no trial is run."""
    from harness.answer import answer
    from harness.reports.page import build_report, report_folder
    from harness.store.reading import ResultsReader

    declared = choice.load()
    with ResultsReader(db) as store:
        page = build_report(answer(declared, store), store, report_folder(declared))
    click.echo(f"Report: {page}")
