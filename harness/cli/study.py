"""``harness study``: list, show, plan, run, status, new."""

from typing import TYPE_CHECKING

import click

from harness.cli import options, output

if TYPE_CHECKING:
    from harness.overview import CellOverview
    from harness.store.reading import StoredTrial
    from harness.study.model import Study


@click.group(help="Declare, plan and run studies.")
def group() -> None:
    """Group the verbs."""


@group.command("list", epilog="Example:  harness study list --format json")
@options.output_format
def list_studies(form: str) -> None:
    """List the studies that can be run by name."""
    from harness.study.loading import title_of
    from harness.study.lookup import study_files

    rows = [
        {"name": file.name, "title": title_of(file.path), "from": file.origin, "file": file.path}
        for file in study_files()
    ]
    empty = "There are no studies here. `harness study new NAME` begins one."
    output.listing(rows, form, columns=("name", "title", "from"), empty=empty)


@group.command(epilog="Example:  harness study show mc_seeds --set params.epochs=5 --format json")
@options.one_study
@click.option("--format", "form", type=click.Choice(("toml", "json")), default="toml")
def show(
    choice: options.StudyChoice,
    form: str,
) -> None:
    """Show a study as it would be run, with profile and changes applied."""
    from harness.study.template import as_toml

    definition = choice.load().definition()
    if form == "json":
        output.document(definition)
    else:
        click.echo(as_toml(definition), nl=False)


@group.command(epilog="Example:  harness study plan mc_seeds --arms kd,ig --seeds 40")
@options.one_study
@options.database
@options.some_arms
@options.workers
@options.output_format
def plan(
    choice: options.StudyChoice,
    db: str | None,
    arms: str | None,
    jobs: int | None,
    form: str,
) -> None:
    """Show what would run, what is there already, and how long the rest should take.

    As a table: one row for each arm and combination of factor levels. As JSON or CSV: one row for
    each trial.
    """
    from harness.execution.dispatch import check_runnable
    from harness.execution.pool import usable_cores
    from harness.overview import cells, remaining_time_s, spans, trials

    declared = choice.load()
    check_runnable(declared)
    chosen = _chosen(arms)
    stored = _stored(declared, db)
    jobs = jobs or usable_cores()
    if form != "table":
        rows = trials(declared, stored, chosen)
        columns = ("trial", "arm", "seed", *_source(declared), "levels", "state")
        output.listing(rows, form, columns=columns, empty="")
        return
    table = cells(declared, stored, chosen)
    missing = sum(len(cell.missing) for cell in table)
    rows = [
        {
            **_cell(cell),
            "there": len(cell.finished),
            "to run": len(cell.missing),
            "seeds to run": spans(cell.missing),
        }
        for cell in table
    ]
    columns = ("arm", *declared.factors, *_source(declared), "there", "to run", "seeds to run")
    output.listing(rows, form, columns=columns, empty="")
    total = sum(len(cell.finished) for cell in table) + missing
    output.say(f"{missing} of {total} trials are to be run, {jobs} at a time.")
    left = remaining_time_s(table, jobs)
    if missing and left is not None:
        output.say(f"That should take about {_spoken(left)}, judging by the finished trials.")
    elif missing:
        output.say("How long that takes is known once some trials of this study are finished.")


@group.command(epilog="Example:  harness study run mc_seeds --jobs 2")
@options.one_study
@options.database
@options.some_arms
@options.workers
@click.option("--retry-failed", is_flag=True, help="Try trials again that failed in earlier runs.")
@click.option("--no-report", is_flag=True, help="Do not build the page.")
def run(
    choice: options.StudyChoice,
    db: str | None,
    arms: str | None,
    jobs: int | None,
    retry_failed: bool,
    no_report: bool,
) -> int:
    """Run the trials of a study that are missing, and answer it.

    Every finished trial is stored at once. Ctrl-C stops; the same command goes on from there.
    """
    from harness.running import run_study

    declared = choice.load()
    done = run_study(declared, db=db, jobs=jobs, arms=_chosen(arms), retry_failed=retry_failed)
    summary = done.summary
    ran = summary.complete + summary.failed
    output.say(
        f"{ran} trials run in {_spoken(summary.wall_s)} ({summary.failed} failed); "
        f"{summary.already} were there already.\n"
        if ran
        else f"Nothing to run: all {summary.already} trials were there already.\n"
    )
    click.echo(str(done.answer))
    if not no_report:
        from harness.reports.page import build_report, report_folder
        from harness.store.reading import ResultsReader

        with ResultsReader(db) as store:
            path = build_report(done.answer, store, report_folder(declared))
        output.say("")
        click.echo(f"Report: {path}")
    return 1 if done.answer.failures else 0


@group.command(epilog="Example:  harness study status mc_seeds")
@options.one_study
@options.database
@options.output_format
def status(
    choice: options.StudyChoice,
    db: str | None,
    form: str,
) -> None:
    """Show the state of every cell: arm, factor levels, and trials in each state."""
    from harness.overview import cells
    from harness.store.schema import State

    declared = choice.load()
    rows = [
        {**_cell(cell), **{str(s): cell.states.get(s, 0) for s in State}}
        for cell in cells(declared, _stored(declared, db), None)
    ]
    columns = ("arm", *declared.factors, *_source(declared), *map(str, State))
    output.listing(rows, form, columns=columns, empty="")


@group.command(epilog="Example:  harness study new my_study")
@click.argument("name")
def new(name: str) -> None:
    """Begin a study: a study file and a trial function in ./studies/, ready to run."""
    from harness.study.template import begin_study

    for path in begin_study(name):
        click.echo(path)
    output.say(f"Run it as it is with `harness study run {name}`, then make it yours.")


def _cell(cell: "CellOverview") -> dict[str, object]:
    return {"arm": cell.arm, "source": cell.source, **cell.levels}


def _source(study: "Study") -> tuple[str, ...]:
    """The column of sources of variance, where a study declares any."""
    return ("source",) if study.seeds.sources else ()


def _chosen(arms: str | None) -> list[str] | None:
    if arms is None:
        return None
    chosen = [arm.strip() for arm in arms.split(",") if arm.strip()]
    if not chosen:
        raise click.BadParameter("name at least one arm, such as --arms kd,ig")
    return chosen


def _stored(study: "Study", db: str | None) -> dict[str, "StoredTrial"]:
    """What is stored of a study; nothing when there is no database yet."""
    from harness.store.database import database_exists
    from harness.store.reading import ResultsReader

    return ResultsReader(db).stored(study.name) if database_exists(db) else {}


def _spoken(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
