"""One run of a study: workers, heartbeat and progress around the loop that hands out trials."""

import itertools
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from harness.canonical import JSON
from harness.environment import capture
from harness.errors import RunInterrupted
from harness.execution.batcher import Batcher
from harness.execution.batches import BatchChoice
from harness.execution.heart import beating_heart
from harness.execution.jobs import MissingTrials, folder_of
from harness.execution.loop import Loop
from harness.execution.pool import THREADS_PER_JOB, WorkerPool, usable_cores
from harness.execution.progress import RunProgress
from harness.execution.stopping import noted_stop
from harness.execution.worker import functions
from harness.store.schema import RunState, State
from harness.store.store import ResultsStore
from harness.study.model import Study


def run_jobs(
    study: Study,
    store: ResultsStore,
    assets: Path,
    first: MissingTrials,
    remaining: Iterable[MissingTrials],
    left: int,
    jobs: int | None,
    batch: BatchChoice,
) -> Counter[State]:
    """Run the first wave of trials and those that remain; how many ended in which state.

    Where trials may share batches, nothing is written before a worker has said that the first wave
    can run; with ``batch`` "off", alone and for programs nobody is asked.

    Raises:
        SetupError: if no trial can run.
        RunInterrupted: after Ctrl-C or a termination signal; what was finished is stored.
    """
    jobs = 1 if study.trial.alone else jobs or usable_cores()
    end = RunState.INTERRUPTED
    with noted_stop() as stop, closing(WorkerPool(min(jobs, left))) as pool:
        batcher = Batcher(study, pool, batch, stop)
        # The workers start and import while this process looks at what they run on.
        batcher.ask(first.jobs)
        environment = _environment(study, store, assets, jobs)
        batcher.listen()
        if batcher.workers is not None:
            environment["jobs"] = min(jobs, batcher.workers)
        store.free_abandoned(study.name)
        run = store.begin_run(study, environment)
        with RunProgress(study.name, left) as progress, beating_heart(store, run):
            progress.log(_to_do(study, left, pool.jobs))
            waves = itertools.chain([first], remaining)
            loop = Loop(study, store, run, pool, batcher, waves, stop, progress)
            try:
                loop.go_on()
                end = RunState.INTERRUPTED if stop.made else RunState.FINISHED
            finally:
                pool.close()
                store.end_run(run, end)
    if stop.made:
        raise RunInterrupted(loop.count.total(), left - loop.count.total())
    return loop.count


def _to_do(study: Study, left: int, workers: int) -> str:
    # Of a search some trials may turn out to be there already.
    most = "at most " if study.search is not None else ""
    return f"{most}{_counted(left, 'trial')} to run, {_counted(workers, 'worker')}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _environment(study: Study, store: ResultsStore, assets: Path, jobs: int) -> dict[str, JSON]:
    return capture(
        folder_of(study),
        jobs=jobs,
        threads_per_job=THREADS_PER_JOB,
        trial_source=functions.source_digest(study),
        outputs=[assets, assets.parent / "reports", *store.database.files],
    )
