"""``harness audit provenance``."""

from pathlib import Path

import click

from harness.cli import options, output


@click.command(
    epilog="Example:  harness audit provenance artifacts/reports/mc_seeds\n\n"
    "Example:  harness audit provenance my_table.tex --study mc_seeds"
)
@click.argument("report", type=click.Path(path_type=Path), metavar="REPORT")
@click.option(
    "--study",
    "studies",
    multiple=True,
    metavar="NAME",
    help="Study that the numbers should come from, for a file without a record. May be repeated.",
)
@click.option(
    "--profile", "profiles", multiple=True, metavar="NAME", help="The profile of --study."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A change of --study.")
@click.option("--seeds", type=click.IntRange(min=1), metavar="N", help="Seeds of --study.")
@options.database
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="How the audit is written to standard output.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="List every number that was looked up, and those of prose that nothing explains.",
)
def provenance(
    report: Path,
    studies: tuple[str, ...],
    profiles: tuple[str, ...],
    settings: tuple[str, ...],
    seeds: int | None,
    db: str | None,
    form: str,
    everything: bool,
) -> int:
    """Find numbers that were never run: derive every number of a report from the database.

    REPORT is the folder of a report that `harness report build` wrote, one of its files, or any
    table (.tex, .md, .csv, .html, .json) together with --study. Exit status 0: every number
    follows; 1: some do not, or words of a recorded report are not what was built, or a file holds
    unexplained numbers and none that was checked; 2: wrong input.
    """
    from harness.audit.provenance.auditing import Named, audit_provenance
    from harness.audit.provenance.text import as_text
    from harness.store.reading import ResultsReader
    from harness.study.loading import Overrides

    if (profiles or settings or seeds is not None) and not studies:
        raise click.UsageError("--profile, --set and --seeds change --study; name one.")
    _require_database(db)
    named = Named(studies, Overrides(profiles, settings, seeds))
    with ResultsReader(db) as store:
        audit = audit_provenance(report, store, named)
    if form == "json":
        output.document(audit.document())
    else:
        click.echo(as_text(audit, everything=everything))
    return 0 if audit.all_follow else 1


def _require_database(db: str | None) -> None:
    """Refuse a database that is not there.

    Raises:
        InputError: naming it.
    """
    from harness.errors import InputError, Problem
    from harness.store.database import database_exists, database_url, shown

    if not database_exists(db):
        remedy = "--db names another one; `harness study run NAME` makes one"
        problem = Problem("there is no results database", "", shown(database_url(db)), (), remedy)
        raise InputError(problem, "--db")
