"""One attempt at one trial, inside a worker process."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from harness.assets import CAUTIONS, AssetStore
from harness.canonical import JSON, canonical_json
from harness.errors import AssetError, SetupError, nearest_match
from harness.execution.alone import alone_on_machine
from harness.execution.functions import FunctionPath, TrialFunction, load
from harness.execution.programs import run_program
from harness.outcome import Outcome
from harness.search.pruning import Pruning
from harness.study.sources import Seeding
from harness.text import is_visible_line
from harness.trial import DATA, Trial, TrialPruned

# How long after its timeout a trial that does not come back from compiled code is given before its
# process is ended.
GRACE_S = 10.0

# Characters kept of what a trial raised; the end of a traceback is what tells.
_LONGEST_ERROR = 10_000
_LONGEST_TRACEBACK = 100_000


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker needs to know of a trial.

    Attributes:
        digest: the trial's identity.
        params: its parameters.
        seed: its seed.
        function: the function to call, or None.
        command: the program to run instead.
        folder: where a program runs.
        timeout_s: seconds after which the attempt has failed, or None.
        required_metrics: metrics without which the trial has failed.
        declared_metrics: the only metrics that it may return, or None.
        reserved_metrics: names that a metric may not have, because they name something else.
        assets: folder of the shared assets.
        seeding: which streams follow the seed; None when all do.
        alone: whether it waits until no other such trial runs on this machine.
        pruning: by what a search measures it while it runs; None when nothing may stop it.
    """

    digest: str
    params: Mapping[str, JSON]
    seed: int
    function: FunctionPath | None
    command: tuple[str, ...] | None
    folder: Path
    timeout_s: float | None
    required_metrics: tuple[str, ...]
    declared_metrics: tuple[str, ...] | None
    reserved_metrics: frozenset[str]
    assets: Path
    seeding: Seeding | None = None
    alone: bool = False
    pruning: Pruning | None = None

    @property
    def base_seed(self) -> int:
        """The seed of whatever is not varied alone."""
        return self.seed if self.seeding is None else self.seeding.held

    @property
    def varied(self) -> dict[str, int]:
        """The streams that are varied alone, each with its seed."""
        return {} if self.seeding is None else dict.fromkeys(self.seeding.streams, self.seed)


class TrialTimeoutError(BaseException):
    """A trial took longer than its study allows; no ``except Exception`` of a trial hides it."""


# What ends a trial besides exceptions of the ordinary kind.
_RECORDED = (SystemExit, TrialTimeoutError, TrialPruned)


class MetricsError(Exception):
    """What a trial returned is no set of metrics."""


class StreamError(Exception):
    """A trial was to vary a stream from which it never drew, so it varied nothing."""


def attempt(task: Task) -> Outcome:
    """Run a trial once; whatever it raises becomes part of the outcome."""
    stops = task.pruning.rule() if task.pruning is not None else None
    trial = Trial(task.params, task.base_seed, _asset_store(task.assets), task.varied, stops)
    started_at, clock = time.time(), time.perf_counter()
    metrics: Mapping[str, float] = {}
    error = trace = None
    fatal = timed_out = False
    try:
        with alone_on_machine() if task.alone else nullcontext():
            # Waiting for the machine is no part of the trial.
            started_at, clock = time.time(), time.perf_counter()
            with _time_limit(task.timeout_s):
                metrics = _final_metrics(task, trial)
        canonical_json(trial.facts)
    except (SetupError, AssetError) as failure:
        error, fatal = str(failure), True
    except (Exception, *_RECORDED) as failure:  # noqa: BLE001 - it is recorded
        error = f"{type(failure).__name__}: {failure}"[:_LONGEST_ERROR]
        trace = traceback.format_exc()[-_LONGEST_TRACEBACK:]
        timed_out = isinstance(failure, TrialTimeoutError)
    whole = error is None and not trial.pruned
    return Outcome(
        digest=task.digest,
        state="failed" if error is not None else "pruned" if trial.pruned else "complete",
        started_at=started_at,
        duration_s=time.perf_counter() - clock,
        metrics=metrics if whole else {},
        curve=tuple(trial.curve),
        predictions=trial.predictions if whole else None,
        assets=tuple(trial.assets.values()),
        facts=_facts(trial) if error is None else {},
        error=error,
        traceback=trace,
        fatal=fatal,
        spoilt_worker=timed_out,
        attachments=tuple(trial.attachments.values()) if whole else (),
    )


def _final_metrics(task: Task, trial: Trial) -> Mapping[str, float]:
    """What the trial returned, once checked; nothing when its search stopped it."""
    returned: object = None
    try:
        returned = _run(task, trial)
    except (Exception, TrialPruned):
        # What a trial raises while it is being stopped is part of stopping.
        if not trial.pruned:
            raise
    if trial.pruned:
        return {}
    metrics = _checked(returned, task)
    _require_drawn(task, trial)
    return metrics


def _facts(trial: Trial) -> dict[str, JSON]:
    cautions: list[JSON] = [*dict.fromkeys(trial.cautions)]
    said: dict[str, JSON] = {CAUTIONS: cautions, DATA: dict(trial.data)}
    return {**trial.facts, **{name: value for name, value in said.items() if value}}


def _run(task: Task, trial: Trial) -> object:
    if task.function is not None:
        return _function(task.function)(trial.params, trial.seed, trial)
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
def _function(where: FunctionPath) -> TrialFunction:
    return load(where)


@cache
def _asset_store(root: Path) -> AssetStore:
    return AssetStore(root)


def _checked(returned: object, task: Task) -> dict[str, float]:
    """The metrics as plain floats.

    Raises:
        MetricsError: naming what is missing, unknown or no number.
    """
    if not isinstance(returned, Mapping):
        raise MetricsError(
            f"a trial returns its metrics as a mapping of names to numbers, "
            f"such as {{'accuracy': 0.93}}; it returned {returned!r:.200}"
        )
    metrics = {_name(name, task): _number(name, value) for name, value in returned.items()}
    for name in task.required_metrics:
        if name not in metrics:
            hint = nearest_match(name, metrics)
            raise MetricsError(
                f"the trial did not return the metric {name!r} that the study needs; it returned "
                f"{sorted(metrics)}" + (f"; nearest: {hint}" if hint else "")
            )
    if task.declared_metrics is not None:
        unknown = sorted(metrics.keys() - set(task.declared_metrics))
        if unknown:
            raise MetricsError(f"{unknown} are not among trial.metrics")
    return metrics


def _name(name: object, task: Task) -> str:
    if not isinstance(name, str) or not is_visible_line(name):
        raise MetricsError(f"a metric's name is visible text; the trial returned {name!r:.100}")
    if name in task.reserved_metrics:
        raise MetricsError(
            f"no metric can be called {name!r}: results have a column of that name already"
        )
    return name


def _number(name: str, value: Any) -> float:  # noqa: ANN401 - a trial may return anything
    if isinstance(value, str | bytes):
        raise MetricsError(f"the metric {name!r} is no number: {value!r:.100}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MetricsError(f"the metric {name!r} is no number: {value!r:.100}") from None


@contextmanager
def _time_limit(timeout_s: float | None) -> Iterator[None]:
    """Raise inside the trial when its time is over; end the process if that does not help."""
    if timeout_s is None:
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise TrialTimeoutError(_too_long(timeout_s))

    # Compiled code that never returns to Python cannot be interrupted by a signal handler.
    last_resort = threading.Timer(timeout_s + GRACE_S, os._exit, args=(1,))
    last_resort.daemon = True
    last_resort.start()
    started = time.perf_counter()
    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        # First what must not be left behind: the alarm may still go off within this block.
        last_resort.cancel()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, previous)
    # A trial that swallowed the exception came to an end, but not in time.
    if time.perf_counter() - started > timeout_s:
        raise TrialTimeoutError(_too_long(timeout_s))


def _too_long(timeout_s: float) -> str:
    return f"the trial took longer than {timeout_s:g} s"
