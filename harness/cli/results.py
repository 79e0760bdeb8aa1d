"""``harness results``: list, show, export, import."""

import sys
from pathlib import Path

import click

from harness.cli import options, output

STATES = ("planned", "running", "stale", "complete", "failed", "pruned")


@click.group(help="List, show, export and import trials.")
def group() -> None:
    """Group the verbs."""


@group.command("list", epilog="Example:  harness results list mc_seeds --state failed")
@click.argument("study", required=False)
@click.option("--state", type=click.Choice(STATES), help="Only trials in this state.")
@click.option("--arm", help="Only trials of this arm.")
@options.database
@options.output_format
def list_results(
    study: str | None, state: str | None, arm: str | None, db: str | None, form: str
) -> None:
    """List the trials of a study; without a study, the studies that have trials."""
    from harness.store.reading import ResultsReader
    from harness.study.sources import ALL_SOURCES

    store = ResultsReader(db)
    if study is None:
        studies = [
            {"study": name, "state": str(found), "trials": count}
            for name, found, count in store.studies()
        ]
        empty = "There are no results yet."
        output.listing(studies, form, columns=("study", "state", "trials"), empty=empty)
        return
    store.require_study(study)
    rows = store.trial_rows(study, state=state, arm=arm)
    metrics = sorted({name for row in rows for name in row["metrics"]})
    flat = [{**row, **row["metrics"]} for row in rows]
    source = ("source",) if any(row["source"] != ALL_SOURCES for row in rows) else ()
    columns = ("trial", "arm", "seed", *source, "levels", "state", *metrics, "error")
    if form == "table":
        flat = [{**row, "trial": row["trial"][:12]} for row in flat]
        columns = tuple(name for name in columns if any(row.get(name) for row in flat))
    output.listing(flat, form, columns=columns, empty="No trial fits.")


@group.command(epilog="Example:  harness results show 3fa9c2d18b07")
@click.argument("trial")
@options.database
def show(trial: str, db: str | None) -> None:
    """Show all that is known of one trial, named by the beginning of its digest, as JSON."""
    from harness.store.exchange import export_trial
    from harness.store.reading import ResultsReader

    output.document(export_trial(ResultsReader(db), trial))


@group.command(epilog="Example:  harness results export mc_seeds --to runs.parquet")
@click.argument("study")
@click.option("--to", "path", type=click.Path(path_type=Path), help="File to write; else stdout.")
@click.option("--format", "form", help="csv, json or parquet; by default what --to ends with.")
@options.database
def export(study: str, path: Path | None, form: str | None, db: str | None) -> None:
    """Write every finished trial of a study, with all that is known of it."""
    from harness.errors import InputError, Problem
    from harness.files import replacing
    from harness.store.exchange import exported
    from harness.store.reading import ResultsReader
    from harness.store.trial_files import FORMATS, format_of, write

    form = form or (format_of(path) if path is not None else "csv")
    if form not in FORMATS:
        raise InputError(Problem("no such format", given=form, allowed=FORMATS), "--format")
    store = ResultsReader(db)
    store.require_study(study)
    if path is None:
        with exported(store, study) as found:
            write(sys.stdout.buffer, found.rows, found.metrics, form)
        return
    try:
        with exported(store, study) as found, replacing(path) as file:
            written = write(file, found.rows, found.metrics, form)
    except OSError as error:
        raise InputError(Problem(f"cannot be written ({error.strerror})"), path) from None
    output.say(f"{written} trials written to {path}.")


@group.command("import", epilog="Example:  harness results import runs.parquet --db mine.db")
@click.argument("path", type=click.Path(path_type=Path))
@options.database
def import_results(path: Path, db: str | None) -> None:
    """Enter trials that `harness results export` wrote: all of a file, or nothing of it."""
    from harness.store.importing import import_rows
    from harness.store.store import ResultsStore
    from harness.store.trial_files import load

    rows = load(path)
    summary = import_rows(ResultsStore(db), rows, path)
    output.say(f"{summary.entered} trials entered; {summary.already} were there already.")
