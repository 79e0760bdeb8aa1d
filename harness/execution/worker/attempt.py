"""One attempt at one trial, inside a worker process."""

import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from harness.assets import CAUTIONS, AssetStore
from harness.batching import BATCH_TRIALS
from harness.canonical import JSON, canonical_json
from harness.errors import AssetError, SetupError, nearest_match
from harness.execution.alone import alone_on_machine
from harness.execution.worker.functions import FunctionPath, TrialFunction, load
from harness.execution.worker.programs import run_program
from harness.execution.worker.returned import checked
from harness.execution.worker.task import Task
from harness.execution.worker.time_limit import TrialTimeoutError, time_limit
from harness.outcome import Outcome
from harness.trial import DATA, Trial, TrialPruned

# What ends a trial besides exceptions of the ordinary kind.
RECORDED = (SystemExit, TrialTimeoutError, TrialPruned)

# Characters kept of what a trial raised; the end of a traceback is what tells.
_LONGEST_ERROR = 10_000
_LONGEST_TRACEBACK = 100_000


class StreamError(Exception):
    """A trial was to vary a stream from which it never drew, so it varied nothing."""


@dataclass(slots=True)
class Clock:
    """When something began, and how long it has taken.

    Attributes:
        started_at: seconds since 1970, UTC.
    """

    started_at: float = field(default_factory=time.time)
    _started: float = field(default_factory=time.perf_counter)

    def restart(self) -> None:
        """Begin now instead."""
        self.started_at, self._started = time.time(), time.perf_counter()

    @property
    def elapsed_s(self) -> float:
        """Seconds of wall time since the beginning."""
        return time.perf_counter() - self._started


@dataclass(frozen=True, slots=True)
class Raised:
    """What was raised, as it is kept.

    Attributes:
        error: one line on what went wrong.
        traceback: in full; None where the error says it all.
        fatal: whether no other trial can do better.
        timed_out: whether the time was over.
        out_of_memory: whether the machine's memory, or a device's, was full.
    """

    error: str
    traceback: str | None = None
    fatal: bool = False
    timed_out: bool = False
    out_of_memory: bool = False

    @classmethod
    def of(cls, failure: BaseException) -> "Raised":
        """What is kept of an exception."""
        if isinstance(failure, SetupError | AssetError):
            return cls(str(failure), fatal=True)
        return cls(
            f"{type(failure).__name__}: {failure}"[:_LONGEST_ERROR],
            "".join(traceback.format_exception(failure))[-_LONGEST_TRACEBACK:],
            timed_out=isinstance(failure, TrialTimeoutError),
            # Training frameworks have a class of their own, which cannot be imported here.
            out_of_memory=isinstance(failure, MemoryError)
            or type(failure).__name__.endswith("OutOfMemoryError"),
        )


def attempt(task: Task) -> Outcome:
    """Run a trial once; whatever it raises becomes part of the outcome."""
    trial, clock = trial_of(task), Clock()

    def run() -> object:
        with alone_on_machine() if task.alone else nullcontext():
            # Waiting for the machine is no part of the trial.
            clock.restart()
            with time_limit(task.timeout_s):
                return _run(task, trial)

    metrics, raised = concluded(task, trial, run)
    return outcome_of(task, trial, metrics, raised, clock.started_at, clock.elapsed_s)


def trial_of(task: Task) -> Trial:
    """What the trial function is given."""
    stops = task.pruning.rule() if task.pruning is not None else None
    return Trial(task.params, task.base_seed, _asset_store(task.assets), task.varied, stops)


def concluded(
    task: Task, trial: Trial, give: Callable[[], object]
) -> tuple[Mapping[str, float], Raised | None]:
    """The metrics of a trial, or what ended it.

    Args:
        task: what was asked for.
        trial: what the trial function reported to.
        give: gives what it returned, or raises what it raised.
    """
    try:
        metrics = _final_metrics(task, trial, give)
        canonical_json(trial.facts)
    except (Exception, *RECORDED) as failure:  # noqa: BLE001 - it is recorded
        return {}, Raised.of(failure)
    return metrics, None


def outcome_of(
    task: Task,
    trial: Trial,
    metrics: Mapping[str, float],
    raised: Raised | None,
    started_at: float,
    duration_s: float,
    batch_trials: int = 1,
) -> Outcome:
    """What came of a trial, as the dispatcher is told.

    Args:
        task: what was asked for.
        trial: what the trial function reported to.
        metrics: what it returned.
        raised: what ended it, if anything did.
        started_at: when its batch began, in seconds since 1970.
        duration_s: its share of the time that the batch took.
        batch_trials: how many trials ran together.
    """
    whole = raised is None and not trial.pruned
    return Outcome(
        digest=task.digest,
        state="failed" if raised is not None else "pruned" if trial.pruned else "complete",
        started_at=started_at,
        duration_s=duration_s,
        metrics=metrics if whole else {},
        curve=tuple(trial.curve),
        predictions=trial.predictions if whole else None,
        assets=tuple(trial.assets.values()),
        facts={**(_facts(trial) if raised is None else {}), BATCH_TRIALS: batch_trials},
        error=raised.error if raised is not None else None,
        traceback=raised.traceback if raised is not None else None,
        fatal=raised is not None and raised.fatal,
        spoilt_worker=raised is not None and raised.timed_out,
        attachments=tuple(trial.attachments.values()) if whole else (),
    )


def _final_metrics(task: Task, trial: Trial, give: Callable[[], object]) -> Mapping[str, float]:
    """What the trial returned, once checked; nothing when its search stopped it."""
    returned: object = None
    try:
        returned = give()
    except (Exception, TrialPruned):
        # What a trial raises while it is being stopped is part of stopping.
        if not trial.pruned:
            raise
    if trial.pruned:
        return {}
    metrics = checked(returned, task)
    _require_drawn(task, trial)
    return metrics


def _facts(trial: Trial) -> dict[str, JSON]:
    cautions: list[JSON] = [*dict.fromkeys(trial.cautions)]
    said: dict[str, JSON] = {CAUTIONS: cautions, DATA: dict(trial.data)}
    return {**trial.facts, **{name: value for name, value in said.items() if value}}


def _run(task: Task, trial: Trial) -> object:
    if task.function is not None:
        return trial_function(task.function)(trial.params, trial.seed, trial)
    command = task.command or ()
    return run_program(command, task.params, task.base_seed, task.folder, task.varied)


def _require_drawn(task: Task, trial: Trial) -> None:
    """Refuse a trial whose source names a stream that there is not; programs are checked before.

    Raises:
        StreamError: naming the streams that the trial drew from.
    """
    if task.seeding is None or task.function is None:
        return
    for name in task.seeding.streams:
        if name not in trial.drawn:
            nearest = nearest_match(name, trial.drawn)
            raise StreamError(
                f"the source {task.seeding.source!r} varies the stream {name!r}, and this trial "
                f"drew only from {', '.join(sorted(trial.drawn)) or 'none'}"
                + (f"; nearest: {nearest}" if nearest else "")
                + ". Mend seeds.sources, or draw it in every arm, used or not"
            )


@cache
def trial_function(where: FunctionPath) -> TrialFunction:
    """The function, imported once in this process."""
    return load(where)


@cache
def _asset_store(root: Path) -> AssetStore:
    return AssetStore(root)
