"""``harness db``: info, check, upgrade."""

import click

from harness.cli import options, output


@click.group(help="Look after the results database.")
def group() -> None:
    """Group the verbs."""


@group.command(epilog="Example:  harness db info --db results.db")
@options.database
@options.output_format
def info(db: str | None, form: str) -> None:
    """Show where the database is, its schema, and how many trials of each study it holds."""
    from harness.store.reading import ResultsReader

    store = ResultsReader(db)
    output.say(f"Database {store.database}, schema {store.database.schema_version()}.")
    rows = [
        {"study": study, "state": str(state), "trials": count}
        for study, state, count in store.studies()
    ]
    output.listing(rows, form, columns=("study", "state", "trials"), empty="It has no trials.")


@group.command(epilog="Example:  harness db check")
@options.database
@options.output_format
def check(db: str | None, form: str) -> int:
    """Look for what must never be in the database; exit status 1 if anything is found."""
    from harness.running import DEFAULT_ARTIFACTS
    from harness.store.checks import check_database
    from harness.store.reading import ResultsReader

    store = ResultsReader(db)
    results = check_database(store.database, DEFAULT_ARTIFACTS / "assets")
    rows = [
        {"rule": result.rule, "faults": len(result.faults), "examples": list(result.faults[:5])}
        for result in results
    ]
    output.listing(rows, form, columns=("rule", "faults"), empty="")
    faults = [fault for result in results for fault in result.faults]
    for fault in faults:
        output.say(fault)
    output.say(f"{len(faults)} faults in {store.database}.")
    return 1 if faults else 0


@group.command(epilog="Example:  harness db upgrade --db results.db")
@options.database
def upgrade(db: str | None) -> None:
    """Bring a database of an older harness up to date: all of it, or nothing."""
    from harness.store.database import database_url
    from harness.store.upgrade import upgrade as migrate

    before, after = migrate(database_url(db))
    if before == after:
        output.say(f"The database is up to date: schema {after}.")
    else:
        output.say(f"The database had schema {before} and has schema {after} now.")
