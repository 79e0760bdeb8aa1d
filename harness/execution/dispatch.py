"""Runs the missing trials of a study: claims them, hands them to workers, stores outcomes."""

import itertools
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import DBAPIError

from harness.environment import capture
from harness.errors import RunInterrupted, SetupError
from harness.execution import functions, programs
from harness.execution.attempt import Task
from harness.execution.pool import THREADS_PER_JOB, BrokenProcessPool, WorkerPool, usable_cores
from harness.execution.progress import RunProgress
from harness.execution.waves import Wave
from harness.outcome import Outcome
from harness.search.pruning import Pruning
from harness.store.schema import FINISHED, RunState, State
from harness.store.store import ResultsStore, Run
from harness.study.consistency import reserved_names
from harness.study.model import Study
from harness.study.planning import TrialSpec

_HEARTBEAT_S = 10.0
_POLL_S = 0.5


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


@dataclass(slots=True)
class _Job:
    """A trial of this run.

    Attributes:
        task: what a worker is given.
        failures: how often it has failed in this run.
        alone: whether it is run with no other trial in flight, because it may have killed a worker.
    """

    task: Task
    failures: int = 0
    alone: bool = False


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
        retry_failed: whether trials that failed in an earlier run are tried again.

    Raises:
        StudyError: if the trial function or program cannot be called.
        SetupError: if it turns out in a worker that no trial can run.
        RunInterrupted: after Ctrl-C or a termination signal; what was finished is stored.
    """
    check_runnable(study)
    if retry_failed:
        store.retry_failed([spec.digest for spec in specs])
    return run_waves(study, [Wave(specs)], store, assets, at_most=len(specs), jobs=jobs)


def run_waves(
    study: Study,
    waves: Iterable[Wave],
    store: ResultsStore,
    assets: Path,
    *,
    at_most: int,
    jobs: int | None = None,
) -> RunSummary:
    """Run the missing trials of one wave after the other, by the same workers.

    Args:
        study: the study.
        waves: each is asked for when all trials of the one before are finished.
        store: where results go.
        assets: folder of the shared assets.
        at_most: how many trials there can be in all waves.
        jobs: number of worker processes; all cores by default.

    Raises:
        StudyError: if the trial function or program cannot be called.
        SetupError: if it turns out in a worker that no trial can run.
        RunInterrupted: after Ctrl-C or a termination signal; what was finished is stored.
    """
    check_runnable(study)
    started = time.perf_counter()
    store.record_protocol(study)
    store.free_abandoned(study.name)
    already = 0

    def batches() -> Iterator[list[Task]]:
        nonlocal already
        for wave in waves:
            missing = _enter(study, store, wave)
            already += len(wave.specs) - len(missing)
            if missing:
                yield [
                    _task(study, spec, assets, wave.pruning.get(spec.digest)) for spec in missing
                ]

    remaining = batches()
    first = next(remaining, None)
    if first is None:
        return RunSummary(0, 0, 0, already, time.perf_counter() - started)
    jobs = 1 if study.trial.alone else jobs or usable_cores()
    environment = capture(
        _folder(study),
        jobs=jobs,
        threads_per_job=THREADS_PER_JOB,
        trial_source=functions.source_digest(study),
        outputs=[assets, assets.parent / "reports", *store.database.files],
    )
    run = store.begin_run(study, environment)
    left = at_most - already
    dispatcher = _Dispatcher(
        study, store, run, min(jobs, left), itertools.chain([first], remaining)
    )
    with RunProgress(study.name, left) as progress, _heart(store, run):
        dispatcher.execute(left, progress)
    return RunSummary(
        complete=dispatcher.complete,
        failed=dispatcher.failed,
        pruned=dispatcher.pruned,
        already=already,
        wall_s=time.perf_counter() - started,
    )


def _enter(study: Study, store: ResultsStore, wave: Wave) -> list[TrialSpec]:
    """Enter the trials of a wave; those that are not finished."""
    store.add_planned(study, wave.specs)
    stored = store.stored(study.name)
    return [spec for spec in wave.specs if stored[spec.digest].state not in FINISHED]


def _folder(study: Study) -> Path:
    return study.source.parent if study.source is not None else Path.cwd()


def _task(study: Study, spec: TrialSpec, assets: Path, pruning: Pruning | None) -> Task:
    return Task(
        digest=spec.digest,
        params=spec.params,
        seed=spec.seed,
        function=functions.locate(study) if study.trial.function is not None else None,
        command=study.trial.command,
        folder=_folder(study),
        timeout_s=study.trial.timeout_s,
        required_metrics=(study.deciding_metric,),
        declared_metrics=study.trial.metrics,
        reserved_metrics=reserved_names(study) | set(spec.levels),
        assets=assets,
        seeding=spec.seeding,
        alone=study.trial.alone,
        pruning=pruning,
    )


@dataclass(slots=True)
class _Dispatcher:
    """The loop of one run.

    When a worker dies, all trials then in flight are suspects. They are run again one at a time, so
    that the one that kills its worker is found and the others are not blamed.
    """

    study: Study
    store: ResultsStore
    run: Run
    jobs: int
    waves: Iterator[Sequence[Task]]
    complete: int = 0
    failed: int = 0
    pruned: int = 0
    _queue: deque[_Job] = field(default_factory=deque)
    _suspects: deque[_Job] = field(default_factory=deque)
    _elsewhere: dict[str, Task] = field(default_factory=dict)
    _in_flight: "dict[Future[Outcome], _Job]" = field(default_factory=dict)
    _pool: WorkerPool | None = None
    _stop: bool = False
    _renew_pool: bool = False
    _fatal: str | None = None

    def execute(self, at_most: int, progress: RunProgress) -> None:
        end = RunState.INTERRUPTED
        try:
            with _stop_signals(self._ask_to_stop):
                self._loop(progress)
            end = RunState.INTERRUPTED if self._stop else RunState.FINISHED
        finally:
            self._close_pool()
            self.store.end_run(self.run, end)
        if self._stop:
            stored = self.complete + self.failed + self.pruned
            raise RunInterrupted(stored, at_most - stored)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        # Only noted here: an exception could come between a result and its place in the database.
        self._stop = True

    def _loop(self, progress: RunProgress) -> None:
        while not self._stop and (self._unfinished() or self._next_wave()):
            self._submit()
            if self._in_flight:
                wait(self._in_flight, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                self._collect(progress)
            elif self._elsewhere:
                self._look_elsewhere(progress)

    def _unfinished(self) -> bool:
        return bool(self._queue or self._suspects or self._in_flight or self._elsewhere)

    def _next_wave(self) -> bool:
        """Take in the next wave, once nothing is left of the one before; whether there is one."""
        self._queue.extend(_Job(task) for task in next(self.waves, ()))
        return bool(self._queue)

    def _submit(self) -> None:
        """Keep the workers busy: each with a trial and one more waiting, or one trial alone."""
        if self._renew_pool:
            if self._in_flight:
                return
            self._close_pool()
            self._renew_pool = False
        if self._suspects:
            if not self._in_flight:
                self._start(replace(self._suspects.popleft(), alone=True))
            return
        most = 1 if self.study.trial.alone else 2 * self.jobs
        room = most - len(self._in_flight)
        batch = [self._queue.popleft() for _ in range(min(room, len(self._queue)))]
        if not batch:
            return
        retried = [job for job in batch if job.failures]
        fresh = {job.task.digest: job for job in batch if not job.failures}
        mine = self.store.claim(self.run, fresh) if fresh else set()
        for digest, job in fresh.items():
            if digest in mine:
                self._start(job)
            else:
                self._elsewhere[digest] = job.task
        for job in retried:
            self._start(job)

    def _start(self, job: _Job) -> None:
        # A new pool only once nothing is left of a broken one: trials that are yet to be collected
        # from it would otherwise be taken for signs that the new one broke.
        if self._suspects and self._in_flight:
            self._suspects.append(job)
            return
        if self._pool is None:
            self._pool = WorkerPool(self.jobs)
        try:
            self._in_flight[self._pool.submit(job.task)] = job
        except BrokenProcessPool:
            self._suspects.append(job)
            self._close_pool()

    def _collect(self, progress: RunProgress) -> None:
        """Store whatever has finished, in one transaction."""
        done = [future for future in self._in_flight if future.done()]
        outcomes = []
        for future in done:
            job = self._in_flight.pop(future)
            error = future.exception()
            if error is None:
                outcomes += self._judge(job, future.result())
            elif isinstance(error, BrokenProcessPool):
                outcomes += self._blame(job, error)
            else:
                outcomes += self._judge(job, _lost(job.task, f"{type(error).__name__}: {error}"))
        self._store(outcomes, progress)
        if self._fatal is not None:
            raise SetupError(f"{self._fatal}\nTrials that met this have no result; run again.")

    def _blame(self, job: _Job, error: BaseException) -> list[Outcome]:
        self._close_pool()
        if job.alone:
            return self._judge(job, _lost(job.task, f"its worker process died: {error}"))
        self._suspects.append(job)
        return []

    def _judge(self, job: _Job, outcome: Outcome) -> list[Outcome]:
        """The outcome if it is final; a failure that may be retried goes back to the queue."""
        self._renew_pool |= outcome.spoilt_worker
        if outcome.fatal:
            self._fatal = outcome.error
            return []
        if outcome.state != "failed" or job.failures >= self.study.trial.retries:
            return [outcome]
        self.store.record_retry(self.run, outcome)
        self._queue.append(replace(job, failures=job.failures + 1, alone=False))
        return []

    def _store(self, outcomes: Sequence[Outcome], progress: RunProgress) -> None:
        if not outcomes:
            return
        self.store.record(self.run, outcomes)
        count = Counter(State(outcome.state) for outcome in outcomes)
        self.complete += count[State.COMPLETE]
        self.failed += count[State.FAILED]
        self.pruned += count[State.PRUNED]
        progress.finished(count)

    def _look_elsewhere(self, progress: RunProgress) -> None:
        """Wait for trials that other processes run, and take over those whose process died."""
        progress.say(f"waiting for {len(self._elsewhere)} trials that other processes run")
        time.sleep(_POLL_S)
        self.store.free_abandoned(self.study.name)
        stored = self.store.stored(self.study.name)
        for digest, task in list(self._elsewhere.items()):
            state = stored[digest].state
            if state in FINISHED:
                del self._elsewhere[digest]
                progress.finished({state: 1})
            elif state in {State.STALE, State.PLANNED}:
                del self._elsewhere[digest]
                self._queue.append(_Job(task))

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def _lost(task: Task, error: str) -> Outcome:
    """The outcome of an attempt that could not tell its own."""
    return Outcome(task.digest, "failed", time.time(), 0.0, {}, (), None, (), {}, error)


@contextmanager
def _heart(store: ResultsStore, run: Run) -> Iterator[None]:
    """Beat while the run goes on."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(_HEARTBEAT_S):
            try:
                store.heartbeat(run)
            except DBAPIError:
                # One missed beat is harmless, and the dispatcher meets a lasting fault itself.
                continue

    thread = threading.Thread(target=beat, name="harness-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _stop_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have a handler called on Ctrl-C and on a request to terminate."""
    # Python lets only the main thread set handlers; elsewhere the program decides for itself.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, handler) for number in numbers]
    try:
        yield
    finally:
        for number, old in zip(numbers, previous, strict=True):
            signal.signal(number, old)
