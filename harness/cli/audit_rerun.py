"""``harness audit rerun``."""

from typing import TYPE_CHECKING

import click

from harness.cli import options, output
from harness.errors import DONE, FAILED

if TYPE_CHECKING:
    from harness.audit.rerun.rerunning import RerunReport


@click.command(
    epilog="Example:  harness audit rerun mc_seeds --sample 3\n\n"
    "Exit status: 1 when a trial differs although its study declares its trials deterministic "
    "([trial] deterministic = true), or when a trial that was complete fails now; otherwise 0. "
    "When the code of the trial is not what ran, that is said first."
)
@options.one_study
@options.database
@options.workers
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    metavar="N",
    help="How many finished trials are run again.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**53 - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="Which ones: the same seed draws the same trials.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="How the report is written to standard output.",
)
def rerun(
    choice: options.StudyChoice,
    db: str | None,
    jobs: int | None,
    sample: int,
    seed: int,
    form: str,
) -> int:
    """Run finished trials again, drawn at random, and say whether they give the same.

    Metric by metric: bit-identical, within the tolerance that the other runs of the arm set, or
    not; with what differs between the environments. The database is only read.
    """
    from contextlib import nullcontext

    from harness.audit.rerun.rerunning import rerun_trials
    from harness.store.database import database_exists
    from harness.store.reading import ResultsReader

    study = choice.load()
    with ResultsReader(db) if database_exists(db) else nullcontext() as store:
        report = rerun_trials(study, store, sample=sample, seed=seed, jobs=jobs)
    _show(report, form)
    return FAILED if report.deterministic_differs or report.failures else DONE


def _show(report: "RerunReport", form: str) -> None:
    from harness.audit.rerun.text import COLUMNS, metric_rows, sentences

    if form == "json":
        output.document(report.document())
        return
    rows = metric_rows(report)
    has_levels = any(row["levels"] for row in rows)
    columns = [name for name in COLUMNS if name != "levels" or has_levels]
    output.listing(rows, "table", columns=columns, empty="")
    for sentence in sentences(report):
        click.echo(sentence)
