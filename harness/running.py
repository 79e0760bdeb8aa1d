"""Runs a study and gives its answer: what ``harness study run`` does, for programs."""

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.execution.batches import BatchChoice
from harness.execution.dispatch import RunSummary, check_runnable, run_missing, run_waves
from harness.search.arms import arm_searches
from harness.search.linking import linked
from harness.store.store import ResultsStore
from harness.study.model import Study
from harness.study.planning import plan, require_arms, select_arms

# To answer takes pandas and SciPy, which a study that nothing has changed since need not wait for.
if TYPE_CHECKING:
    from harness.answer import Answer
    from harness.search.answer import SearchAnswer

DEFAULT_ARTIFACTS = Path("artifacts")


@dataclass(frozen=True)
class TrialsRun:
    """A study with what its arms take from searches, and what it took to run its trials."""

    study: Study
    summary: RunSummary


@dataclass(frozen=True)
class StudyRun:
    """An answer, and what it took to get it this time."""

    answer: "Answer"
    summary: RunSummary


@dataclass(frozen=True)
class SearchRun:
    """What a search found, and what it took to get there this time."""

    answer: "SearchAnswer"
    summary: RunSummary


def run_study(
    study: Study,
    *,
    db: str | Path | None = None,
    artifacts: str | Path | None = None,
    jobs: int | None = None,
    batch: BatchChoice = "auto",
    arms: Collection[str] | None = None,
    retry_failed: bool = False,
) -> StudyRun:
    """Run the trials of a study that are missing, and answer it.

    On systems that start worker processes afresh (all that harness runs on), a script that calls
    this guards the call with ``if __name__ == "__main__":``.

    Args:
        study: the study.
        db: a file or a URL; None takes ``HARNESS_DB``, then ``artifacts/results.db``.
        artifacts: folder for shared assets; ``artifacts`` by default.
        jobs: number of worker processes; all cores by default.
        batch: ``"auto"`` to train as many trials together as their function's batch form says, if
            it has one; the largest batch, as a number; or ``"off"`` to run them one by one. The
            trials and their results are the same either way.
        arms: run these arms only; all by default.
        retry_failed: whether trials that failed in an earlier run are tried again.

    Raises:
        StudyError: if the study cannot be run as it is, or is a search.
        RunInterrupted: after Ctrl-C; what was finished is stored.
    """
    from harness.answer import answer

    done = run_trials(
        study,
        db=db,
        artifacts=artifacts,
        jobs=jobs,
        batch=batch,
        arms=arms,
        retry_failed=retry_failed,
    )
    with ResultsStore(db) as store:
        return StudyRun(answer(done.study, store), done.summary)


def run_trials(
    study: Study,
    *,
    db: str | Path | None = None,
    artifacts: str | Path | None = None,
    jobs: int | None = None,
    batch: BatchChoice = "auto",
    arms: Collection[str] | None = None,
    retry_failed: bool = False,
) -> TrialsRun:
    """Run the trials of a study that are missing, and leave it at that.

    Args:
        study: the study; the other arguments are those of :func:`run_study`.
        db: a file or a URL.
        artifacts: folder for shared assets.
        jobs: number of worker processes.
        batch: how many trials are trained together.
        arms: run these arms only; all by default.
        retry_failed: whether trials that failed in an earlier run are tried again.

    Raises:
        StudyError: if the study cannot be run as it is, or is a search.
        RunInterrupted: after Ctrl-C; what was finished is stored.
    """
    arms = None if arms is None else require_arms(study, arms)
    assets = Path(artifacts or DEFAULT_ARTIFACTS) / "assets"
    with ResultsStore(db) as store:
        study = linked(study, store)
        specs = plan(study)
        if arms is not None:
            specs = select_arms(study, specs, arms)
        summary = run_missing(
            study, specs, store, assets, jobs=jobs, batch=batch, retry_failed=retry_failed
        )
        return TrialsRun(study, summary)


def run_search(
    study: Study,
    *,
    db: str | Path | None = None,
    artifacts: str | Path | None = None,
    jobs: int | None = None,
    batch: BatchChoice = "auto",
    arms: Collection[str] | None = None,
    retry_failed: bool = False,
) -> SearchRun:
    """Run what is missing of a search, and tell what it found.

    Each batch of candidates is recorded before it is run, and follows from the batches before it
    alone, so that an interrupted search goes on as if nothing had happened.

    Args:
        study: a study with ``[search]``; the other arguments are those of :func:`run_study`.
        db: a file or a URL.
        artifacts: folder for shared assets.
        jobs: number of worker processes.
        batch: how many trials are trained together.
        arms: search these arms only; all by default.
        retry_failed: whether trials that failed in an earlier run are tried again. Candidates that
            were suggested meanwhile stay as they are.

    Raises:
        StudyError: if the study cannot be run as it is, or is no search.
        RunInterrupted: after Ctrl-C; what was finished is stored.
    """
    # They import Optuna, which takes most of a second and is of no use to other studies.
    from harness.search.answer import search_answer
    from harness.search.mirror import Mirror
    from harness.search.overview import failed_open, failed_trials, found_so_far, trials_left
    from harness.search.waves import SearchWaves

    arms = None if arms is None else require_arms(study, arms)
    assets = Path(artifacts or DEFAULT_ARTIFACTS) / "assets"
    with ResultsStore(db) as store:
        study = linked(study, store)
        check_runnable(study)
        searches = arm_searches(study, arms)
        found = found_so_far(study, store, arms)
        again = failed_trials(found) if retry_failed else frozenset()
        if again:
            found = failed_open(found)
        at_most = sum(map(trials_left, found))
        with closing(Mirror(store.database, searches)) as mirror:
            waves = SearchWaves(searches, store, mirror.show, again)
            summary = run_waves(
                study, waves, store, assets, at_most=at_most, jobs=jobs, batch=batch
            )
        already = sum(each.finished_trials for each in found)
        return SearchRun(search_answer(study, store), replace(summary, already=already))
