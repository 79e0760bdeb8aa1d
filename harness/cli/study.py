"""``harness study``: list, show, plan, run, status, new."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli import options, output

if TYPE_CHECKING:
    from harness.answer import Answer
    from harness.execution.batches import BatchChoice
    from harness.execution.dispatch import RunSummary
    from harness.overview import CellOverview
    from harness.search.answer import SearchAnswer
    from harness.store.reading import ResultsReader, StoredTrial
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
@options.database
@click.option("--format", "form", type=click.Choice(("toml", "json")), default="toml")
def show(
    choice: options.StudyChoice,
    db: str | None,
    form: str,
) -> None:
    """Show a study as it would be run, with profile and changes applied.

    Parameters that arms take from a search are shown as its winners have them, and where they came
    from.
    """
    from harness.cautions import link_cautions
    from harness.errors import StudyError
    from harness.study.template import as_toml

    declared = choice.load()
    try:
        declared = _linked(declared, db)
    except StudyError as error:
        output.say(f"Shown as it is written, without the winners of its search. {error}")
    definition = declared.definition()
    if form == "json":
        output.document(definition)
        return
    definition.pop("links", None)
    click.echo(as_toml(definition), nl=False)
    for sentence in link_cautions(declared):
        click.echo(f"# {sentence}")


@group.command(epilog="Example:  harness study plan mc_seeds --arms kd,ig --seeds 40")
@options.one_study
@options.database
@options.some_arms
@options.workers
@options.retry_failed
@options.how_to_run
@options.output_format
def plan(
    choice: options.StudyChoice,
    db: str | None,
    arms: str | None,
    jobs: int | None,
    retry_failed: bool,
    form: str,
) -> None:
    """Show what would run, what is there already, and how long the rest should take.

    As a table: one row for each arm and combination of factor levels. As JSON or CSV: one row for
    each trial. Of a search: one row for each arm, with its budget.
    """
    from harness.execution.dispatch import check_runnable
    from harness.overview import (
        cells,
        expected_workers,
        failed_planned,
        remaining_time_s,
        spans,
        trials,
    )

    declared = _linked(choice.load(), db)
    check_runnable(declared)
    chosen = _chosen(arms)
    if declared.search is not None:
        _plan_search(declared, db, chosen, jobs, form, retry_failed=retry_failed)
        return
    stored = _stored(declared, db)
    if retry_failed:
        stored = failed_planned(stored)
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
    workers = expected_workers(declared, _reader(db), jobs)
    output.say(f"{missing} of {total} trials are to be run, {workers}.")
    left = remaining_time_s(table, workers.jobs)
    if missing and left is not None:
        output.say(f"That should take about {_spoken(left)}, judging by the finished trials.")
    elif missing:
        output.say("How long that takes is known once some trials of this study are finished.")


@group.command(epilog="Example:  harness study run mc_seeds --jobs 2")
@options.one_study
@options.database
@options.some_arms
@options.workers
@options.batch
@options.retry_failed
@options.no_report
def run(
    choice: options.StudyChoice,
    db: str | None,
    arms: str | None,
    jobs: int | None,
    batch: "BatchChoice",
    retry_failed: bool,
    no_report: bool,
) -> int:
    """Run the trials of a study that are missing, and answer it.

    Every finished trial is stored at once. Ctrl-C stops; the same command goes on from there.
    """
    declared = choice.load()
    how = {"jobs": jobs, "batch": batch, "arms": _chosen(arms), "retry_failed": retry_failed}
    run_and_show = _run_study if declared.search is None else _run_search
    return run_and_show(declared, db, with_page=not no_report, how=how)


@group.command(epilog="Example:  harness study status mc_seeds")
@options.one_study
@options.database
@options.output_format
def status(
    choice: options.StudyChoice,
    db: str | None,
    form: str,
) -> None:
    """Show the state of every cell: arm, factor levels, and trials in each state.

    Of a search: candidates in each state, and the best of each arm.
    """
    from harness.overview import cells
    from harness.store.schema import State

    declared = _linked(choice.load(), db)
    if declared.search is not None:
        _search_status(declared, db, form)
        return
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


def _run_study(declared: "Study", db: str | None, *, with_page: bool, how: dict[str, Any]) -> int:
    """Run a study and show its answer; what was shown before, where nothing has changed since."""
    from harness.kept_answer import keep_answer, kept_answer, state_of
    from harness.running import run_trials
    from harness.store.reading import ResultsReader

    done = run_trials(declared, db=db, **how)
    output.say(_summary(done.summary))
    with ResultsReader(db) as store:
        state = state_of(done.study, store)
        kept = kept_answer(done.study, state, with_page=with_page)
        if kept is None:
            from harness.answer import answer

            found = answer(done.study, store)
            click.echo(str(found))
            page = _page(found, store) if with_page else None
            failures = bool(found.failures)
            keep_answer(done.study, state, str(found), failures=failures, page=page)
        else:
            click.echo(kept.text)
            page = Path(kept.page) if with_page and kept.page is not None else None
            failures = kept.failures
    _tell_page(page)
    return 1 if failures else 0


def _run_search(declared: "Study", db: str | None, *, with_page: bool, how: dict[str, Any]) -> int:
    from harness.running import run_search
    from harness.store.reading import ResultsReader

    done = run_search(declared, db=db, **how)
    output.say(_summary(done.summary))
    click.echo(str(done.answer))
    if with_page:
        with ResultsReader(db) as store:
            _tell_page(_page(done.answer, store))
    return 1 if done.answer.failures else 0


def _page(found: "Answer | SearchAnswer", store: "ResultsReader") -> Path:
    from harness.reports.page import build_report, report_folder

    return build_report(found, store, report_folder(found.study))


def _tell_page(page: Path | None) -> None:
    if page is not None:
        output.say("")
        click.echo(f"Report: {page}")


def _plan_search(
    study: "Study",
    db: str | None,
    arms: list[str] | None,
    jobs: int | None,
    form: str,
    *,
    retry_failed: bool,
) -> None:
    from harness.overview import expected_workers
    from harness.search.overview import (
        failed_open,
        found_so_far,
        plan_rows,
        remaining_search_time_s,
        trials_left,
    )

    store = _reader(db)
    found = found_so_far(study, store, arms)
    if retry_failed:
        found = failed_open(found)
    columns = ("arm", "searched", "candidates", "finished", "trials left")
    output.listing(plan_rows(found), form, columns=columns, empty="")
    left = sum(map(trials_left, found))
    workers = expected_workers(study, store, jobs)
    output.say(f"At most {left} trials are to be run, {workers}.")
    time_s = remaining_search_time_s(study, found, store, workers.jobs)
    if left and time_s is not None:
        output.say(f"That should take at most about {_spoken(time_s)}.")


def _search_status(study: "Study", db: str | None, form: str) -> None:
    from harness.search.judging import CandidateState
    from harness.search.overview import found_so_far, status_rows

    columns = ("arm", *map(str, CandidateState), "best", "with")
    rows = status_rows(found_so_far(study, _reader(db)))
    output.listing(rows, form, columns=columns, empty="")


def _summary(summary: "RunSummary") -> str:
    ran = summary.complete + summary.failed + summary.pruned
    if not ran:
        return f"Nothing to run: all {summary.already} trials were there already.\n"
    pruned = f", {summary.pruned} pruned" if summary.pruned else ""
    return (
        f"{ran} trials run in {_spoken(summary.wall_s)} ({summary.failed} failed{pruned}); "
        f"{summary.already} were there already.\n"
    )


def _linked(study: "Study", db: str | None) -> "Study":
    """The study with what its arms take from a search."""
    from harness.search.linking import linked

    return linked(study, _reader(db))


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
    store = _reader(db)
    return store.stored(study.name) if store is not None else {}


def _reader(db: str | None) -> "ResultsReader | None":
    """The results store; None when there is no database yet."""
    from harness.store.database import database_exists
    from harness.store.reading import ResultsReader

    return ResultsReader(db) if database_exists(db) else None


def _spoken(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
