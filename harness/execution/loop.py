"""The loop of one run: hands trials to workers and stores what comes back."""

import math
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace

from harness.errors import SetupError
from harness.execution.batcher import Batcher
from harness.execution.batches import Job
from harness.execution.jobs import MissingTrials
from harness.execution.pool import BrokenProcessPool, WorkerPool
from harness.execution.progress import RunProgress
from harness.execution.stopping import StopRequest
from harness.execution.worker.several import Report, attempt_in_turn, attempt_together
from harness.execution.worker.task import Task
from harness.outcome import Outcome
from harness.store.schema import FINISHED, State
from harness.store.store import ResultsStore, Run
from harness.study.model import Study

_POLL_S = 0.5

# Trials are handed out several at a time where all of them together are shorter than this: then the
# way to the worker and into the database takes longer than they do. Longer ones are handed out, and
# stored, one by one.
_SHORT_S = 0.02
_MOST_IN_TURN = 256


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a worker is handed at once.

    Attributes:
        jobs: the trials.
        together: whether they are one batch; otherwise they are run one after the other.
        alone: whether no other parcel is in flight, because this one may have killed a worker.
    """

    jobs: tuple[Job, ...]
    together: bool = False
    alone: bool = False


@dataclass(slots=True)
class Loop:
    """The loop of one run.

    When a worker dies, all parcels then in flight are suspects. They are run again one at a time,
    and the trials of one that kills its worker again one by one, so that the trial that does it is
    found and the others are not blamed.

    Attributes:
        study: what is run.
        store: where results go.
        run: the run that owns the trials.
        pool: the workers.
        batcher: puts trials into batches.
        waves: trials; each wave is asked for when those of the one before are finished, and entered
            into the database when it is known that they can run.
        stop: ends the loop.
        progress: where it is shown how far the run is.
        count: number of trials that this run finished, by state.
    """

    study: Study
    store: ResultsStore
    run: Run
    pool: WorkerPool
    batcher: Batcher
    waves: Iterator[MissingTrials]
    stop: StopRequest
    progress: RunProgress
    count: Counter[State] = field(default_factory=Counter)
    _queue: deque[list[Job]] = field(default_factory=deque)
    _suspects: deque[Parcel] = field(default_factory=deque)
    _elsewhere: dict[str, Job] = field(default_factory=dict)
    _in_flight: "dict[Future[Report], Parcel]" = field(default_factory=dict)
    _renew_pool: bool = False
    _fatal: str | None = None

    def go_on(self) -> None:
        """Run everything, unless the user stops it.

        Raises:
            SetupError: if no trial can run.
        """
        while not self.stop.made and (self._unfinished() or self._next_wave()):
            self._submit()
            if self._in_flight:
                wait(self._in_flight, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                self._collect()
            elif self._elsewhere:
                self._look_elsewhere()
            self.progress.tick()

    def _unfinished(self) -> bool:
        return bool(self._queue or self._suspects or self._in_flight or self._elsewhere)

    def _next_wave(self) -> bool:
        """Take in the next wave, once nothing is left of the one before; whether there is one."""
        wave = next(self.waves, None)
        if wave is None:
            return False
        self._renew()
        units = self.batcher.units(wave.jobs)
        wave.enter()
        self._queue.extend(units)
        largest = max(map(len, units), default=1)
        if largest > 1:
            # Nothing is stored, and no bar moves, before all of a batch have ended.
            self.progress.waits(f"the first batch of {largest} trials")
        for remark in self.batcher.remarks:
            self.progress.tell(remark)
        self.batcher.remarks.clear()
        return True

    # -- Handing out -----------------------------------------------------------------------------

    def _submit(self) -> None:
        """Keep the workers busy: each with a parcel and one more waiting, or one parcel alone."""
        if self._renew_pool and self._in_flight:
            return
        self._renew()
        if self._suspects:
            if not self._in_flight:
                self._start(replace(self._suspects.popleft(), alone=True))
            return
        most = 1 if self.study.trial.alone else 2 * self.pool.jobs
        for parcel in self._claimed(self._parcels(most - len(self._in_flight))):
            self._start(parcel)

    def _renew(self) -> None:
        """Have other workers, if one of those there are should run nothing more."""
        if self._renew_pool:
            self.pool.close()
            self._renew_pool = False

    def _parcels(self, most: int) -> list[Parcel]:
        parcels: list[Parcel] = []
        while self._queue and len(parcels) < most:
            unit = self._queue.popleft()
            together = len(unit) > 1
            parcels.append(Parcel(tuple(unit if together else self._short(unit[0])), together))
        return parcels

    def _short(self, first: Job) -> list[Job]:
        """A job, and of those that follow as many as are short enough to be handed out with it."""
        jobs = [first]
        left_s = _SHORT_S - _expected_s(first)
        # What is left at the end is shared among the workers.
        most = min(_MOST_IN_TURN, 1 + len(self._queue) // self.pool.jobs)
        while self._queue and len(jobs) < most:
            following, *others = self._queue[0]
            left_s -= _expected_s(following)
            if others or not left_s > 0:
                break
            jobs += self._queue.popleft()
        return jobs

    def _claimed(self, parcels: Sequence[Parcel]) -> Iterator[Parcel]:
        """The parcels without what other processes claimed meanwhile."""
        fresh = [job for parcel in parcels for job in parcel.jobs if not job.claimed]
        mine = self.store.claim(self.run, [job.task.digest for job in fresh]) if fresh else set()
        for job in fresh:
            job.claimed = job.task.digest in mine
            if not job.claimed:
                self._elsewhere[job.task.digest] = job
        for parcel in parcels:
            kept = tuple(job for job in parcel.jobs if job.claimed)
            if kept:
                yield replace(parcel, jobs=kept, together=parcel.together and len(kept) > 1)

    def _start(self, parcel: Parcel) -> None:
        # A new pool only once nothing is left of a broken one: parcels that are yet to be collected
        # from it would otherwise be taken for signs that the new one broke.
        if self._suspects and self._in_flight:
            self._suspects.append(parcel)
            return
        tasks = [job.task for job in parcel.jobs]
        try:
            if parcel.together:
                future = self.pool.submit(attempt_together, tasks)
            else:
                future = self.pool.submit(attempt_in_turn, tasks, _SHORT_S)
            self._in_flight[future] = parcel
        except BrokenProcessPool:
            self._suspects.append(parcel)
            self.pool.close()

    # -- Taking back -----------------------------------------------------------------------------

    def _collect(self) -> None:
        """Store whatever has finished, in one transaction."""
        done = [future for future in self._in_flight if future.done()]
        outcomes: list[Outcome] = []
        for future in done:
            outcomes += self._received(self._in_flight.pop(future), future)
        self._store(outcomes)
        if self._fatal is not None:
            raise SetupError(f"{self._fatal}\nTrials that met this have no result; run again.")

    def _received(self, parcel: Parcel, future: "Future[Report]") -> list[Outcome]:
        error = future.exception()
        if error is None:
            return self._read(parcel, future.result())
        if not isinstance(error, BrokenProcessPool):
            return self._lost(parcel, f"{type(error).__name__}: {error}")
        self.pool.close()
        if parcel.alone:
            return self._lost(parcel, f"its worker process died: {error}")
        self._suspects.append(parcel)
        return []

    def _lost(self, parcel: Parcel, error: str) -> list[Outcome]:
        """What comes of trials that could not tell: of several, each is asked by itself."""
        if len(parcel.jobs) == 1:
            (job,) = parcel.jobs
            return self._judge(job, _without_result(job.task, error))
        self.progress.apart(len(parcel.jobs), error)
        if parcel.alone:
            self._suspects.extend(Parcel((job,)) for job in parcel.jobs)
        else:
            self._run_singly(parcel.jobs)
        return []

    def _read(self, parcel: Parcel, report: Report) -> list[Outcome]:
        self._renew_pool |= report.spoilt_worker
        self._fatal = report.fatal or self._fatal
        if report.fault is not None:
            run_again = self._run_in_halves if report.out_of_memory else self._run_apart
            run_again(parcel.jobs, report.fault)
            return []
        outcomes = {outcome.digest: outcome for outcome in report.outcomes}
        for job, took_s in zip(parcel.jobs, report.took_s, strict=False):
            job.cell.measured(took_s)
        self._first_of_all([job for job in parcel.jobs if job.task.digest not in outcomes])
        ended = [job for job in parcel.jobs if job.task.digest in outcomes]
        return [each for job in ended for each in self._judge(job, outcomes[job.task.digest])]

    def _run_apart(self, jobs: Sequence[Job], fault: str) -> None:
        """Have each trial of a batch run by itself, because the batch as a whole ended in this."""
        self.progress.apart(len(jobs), f"their batch ended in {fault}")
        self._run_singly(jobs)

    def _run_singly(self, jobs: Sequence[Job]) -> None:
        """Have jobs of which one spoilt the others' run again, each by itself: it is no retry."""
        self._first_of_all([replace(job, single=True) for job in jobs])

    def _run_in_halves(self, jobs: Sequence[Job], fault: str) -> None:
        """Have a batch that did not fit into memory run in smaller ones, and others like it."""
        if self.batcher.halve(jobs):
            trials = f"{len(jobs)} trials"
            self.progress.tell(f"a batch of {trials} did not fit into memory; halving: {fault}")
        self._queue = deque(self.batcher.smaller([jobs, *self._queue]))

    def _first_of_all(self, jobs: Sequence[Job]) -> None:
        self._queue.extendleft([job] for job in reversed(jobs))

    def _judge(self, job: Job, outcome: Outcome) -> list[Outcome]:
        """The outcome if it is final; a failure that may be retried goes back to the queue."""
        if outcome.state != "failed" or job.failures >= self.study.trial.retries:
            return [outcome]
        self.store.record_retry(self.run, outcome)
        self._queue.append([replace(job, failures=job.failures + 1, single=True)])
        return []

    def _store(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        self.store.record(self.run, outcomes)
        count = Counter(State(outcome.state) for outcome in outcomes)
        self.count.update(count)
        self.progress.finished(count)

    def _look_elsewhere(self) -> None:
        """Wait for trials that other processes run, and take over those whose process died."""
        self.progress.waits(f"{len(self._elsewhere)} trials that other processes run")
        time.sleep(_POLL_S)
        self.store.free_abandoned(self.study.name)
        stored = self.store.stored(self.study.name)
        freed: list[Job] = []
        for digest in list(self._elsewhere):
            state = stored[digest].state
            if state in FINISHED:
                del self._elsewhere[digest]
                self.progress.finished({state: 1})
            elif state in {State.STALE, State.PLANNED}:
                freed.append(self._elsewhere.pop(digest))
        if freed:
            self.progress.waits("")
        self._queue.extend(self.batcher.regrouped(freed))


def _expected_s(job: Job) -> float:
    """How long a job takes; without end where nobody knows, or where it has to be by itself."""
    if job.single or job.cell.expected_s is None:
        return math.inf
    return job.cell.expected_s


def _without_result(task: Task, error: str) -> Outcome:
    """The outcome of an attempt that could not tell its own."""
    return Outcome(task.digest, "failed", time.time(), 0.0, {}, (), None, (), {}, error)
