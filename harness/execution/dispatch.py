"""Runs the missing trials of a study: claims them, hands them to workers, stores outcomes."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.execution.batches import BatchChoice, require_choice
from harness.execution.jobs import MissingTrials, jobs_of
from harness.execution.waves import Wave
from harness.execution.worker import functions, programs
from harness.store.schema import FINISHED, State
from harness.store.store import ResultsStore
from harness.study.model import Study
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one run did.

    Attributes:
        complete: trials that it finished.
        failed: trials that failed for good.
        pruned: trials that a search stopped early.
        already: trials that had been finished before.
        wall_s: how long it took, in seconds.
    """

    complete: int
    failed: int
    pruned: int
    already: int
    wall_s: float


def check_runnable(study: Study) -> None:
    """Refuse a study whose function or program cannot be called, before anything runs.

    Raises:
        StudyError: with the place and what would be right.
    """
    functions.check(study)
    programs.check(study)


def run_missing(
    study: Study,
    specs: Sequence[TrialSpec],
    store: ResultsStore,
    assets: Path,
    *,
    jobs: int | None = None,
    batch: BatchChoice = "auto",
    retry_failed: bool = False,
) -> RunSummary:
    """Run the trials that are not finished yet, and wait for those that other processes run.

    Args:
        study: the study.
        specs: its trials, or some of them, in the order in which they are wanted.
        store: where results go.
        assets: folder of the shared assets.
        jobs: number of worker processes; all cores by default. One for a study whose trials run
            alone.
        batch: how many trials are trained together, where the trial function can.
        retry_failed: whether trials that failed in an earlier run are tried again.

    Raises:
        StudyError: if the trial function or program cannot be called.
        SetupError: if it turns out in a worker that no trial can run.
        RunInterrupted: after Ctrl-C or a termination signal; what was finished is stored.
    """
    retried = frozenset(spec.digest for spec in specs) if retry_failed else frozenset()
    waves = [Wave(specs, retried=retried)]
    return run_waves(study, waves, store, assets, at_most=len(specs), jobs=jobs, batch=batch)


def run_waves(
    study: Study,
    waves: Iterable[Wave],
    store: ResultsStore,
    assets: Path,
    *,
    at_most: int,
    jobs: int | None = None,
    batch: BatchChoice = "auto",
) -> RunSummary:
    """Run the missing trials of one wave after the other, by the same workers.

    Args:
        study: the study.
        waves: each is asked for when all trials of the one before are finished.
        store: where results go.
        assets: folder of the shared assets.
        at_most: how many trials there can be in all waves.
        jobs: number of worker processes; all cores by default.
        batch: how many trials are trained together, where the trial function can.

    Raises:
        InputError: if ``batch`` is nothing that it may be.
        StudyError: if the trial function or program cannot be called.
        SetupError: if it turns out in a worker that no trial can run.
        RunInterrupted: after Ctrl-C or a termination signal; what was finished is stored.
    """
    require_choice(batch)
    check_runnable(study)
    started = time.perf_counter()
    already = 0

    def missing() -> Iterator[MissingTrials]:
        nonlocal already
        for wave in waves:
            specs, enter = _missing(study, store, wave), partial(_enter, study, store, wave)
            already += len(wave.specs) - len(specs)
            if specs:
                yield MissingTrials(jobs_of(study, specs, assets, wave.pruning), enter)
            else:
                enter()

    remaining = missing()
    first = next(remaining, None)
    if first is None:
        store.record_protocol(study)
        store.free_abandoned(study.name)
        return RunSummary(0, 0, 0, already, time.perf_counter() - started)
    left = at_most - already
    # It takes joblib and rich, which a study that is finished need not wait for.
    from harness.execution.one_run import run_jobs

    count = run_jobs(study, store, assets, first, remaining, left, jobs, batch)
    return RunSummary(
        complete=count[State.COMPLETE],
        failed=count[State.FAILED],
        pruned=count[State.PRUNED],
        already=already,
        wall_s=time.perf_counter() - started,
    )


def _missing(study: Study, store: ResultsStore, wave: Wave) -> list[TrialSpec]:
    """The trials of a wave that are to be run; none of them need be in the database yet."""
    done = {
        digest
        for digest, trial in store.stored(study.name).items()
        if trial.state in FINISHED and not (trial.state is State.FAILED and digest in wave.retried)
    }
    return [spec for spec in wave.specs if spec.digest not in done]


def _enter(study: Study, store: ResultsStore, wave: Wave) -> None:
    if wave.retried:
        store.retry_failed(wave.retried)
    store.add_planned(study, wave.specs)
