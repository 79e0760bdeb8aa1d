"""What a worker process is asked to do with several trials: one after the other, or together."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from harness.batching import BatchForm, batch_form_of, run_batch
from harness.execution.worker.attempt import (
    RECORDED,
    Clock,
    Raised,
    attempt,
    concluded,
    outcome_of,
    trial_function,
    trial_of,
)
from harness.execution.worker.functions import FunctionPath
from harness.execution.worker.task import Task
from harness.execution.worker.time_limit import time_limit
from harness.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker did with some trials.

    Attributes:
        outcomes: of the first trials, in their order; the others were not begun.
        took_s: how long each of them took in turn, in seconds, with all that belongs to an attempt.
        fault: what a batch as a whole ended with, so that no trial has an outcome; None when it
            came to its end.
        out_of_memory: whether memory was full, so that a smaller batch may come to its end.
        fatal: what keeps every trial of the study from running, if anything does.
        spoilt_worker: whether the process should run nothing more.
    """

    outcomes: tuple[Outcome, ...] = ()
    took_s: tuple[float, ...] = ()
    fault: str | None = None
    out_of_memory: bool = False
    fatal: str | None = None
    spoilt_worker: bool = False


def attempt_in_turn(tasks: Sequence[Task], most_s: float) -> Report:
    """Run trials one after the other, as attempts that know nothing of each other.

    Args:
        tasks: the trials.
        most_s: seconds after which no further one is begun, so that what is finished is stored.
    """
    outcomes: list[Outcome] = []
    ends = [time.perf_counter()]
    for task in tasks:
        outcome = attempt(task)
        if outcome.fatal:
            return Report(tuple(outcomes), _between(ends), fatal=outcome.error)
        outcomes.append(outcome)
        ends.append(time.perf_counter())
        if outcome.spoilt_worker or ends[-1] - ends[0] > most_s:
            break
    return Report(tuple(outcomes), _between(ends), spoilt_worker=outcomes[-1].spoilt_worker)


def _between(moments: Sequence[float]) -> tuple[float, ...]:
    return tuple(end - begin for begin, end in pairwise(moments))


def attempt_together(tasks: Sequence[Task]) -> Report:
    """Run trials as one batch.

    Each has a share of the time that all took. What comes back in place of a trial's metrics ends
    that trial alone; what the batch function raises is nobody's, and no trial has an outcome then.
    """
    trials = [trial_of(task) for task in tasks]
    clock = Clock()
    try:
        form = _batch_form(tasks[0].function)
        with time_limit(_limit_s(tasks)):
            results = run_batch(form.run, trials)
    except (Exception, *RECORDED) as failure:  # noqa: BLE001 - each trial meets it by itself
        raised = Raised.of(failure)
        if raised.fatal:
            return Report(fatal=raised.error)
        return Report(
            fault=raised.error,
            out_of_memory=raised.out_of_memory,
            spoilt_worker=raised.timed_out,
        )
    share_s = clock.elapsed_s / len(tasks)
    outcomes = [
        outcome_of(
            task,
            trial,
            *concluded(task, trial, partial(_given, result)),
            clock.started_at,
            share_s,
            len(tasks),
        )
        for task, trial, result in zip(tasks, trials, results, strict=True)
    ]
    fatal = next((each.error for each in outcomes if each.fatal), None)
    return Report(tuple(each for each in outcomes if not each.fatal), fatal=fatal)


def _batch_form(function: FunctionPath | None) -> BatchForm:
    form = None if function is None else batch_form_of(trial_function(function))
    if form is None:
        raise LookupError("the trial function offers no batches any more")
    return form


def _limit_s(tasks: Sequence[Task]) -> float | None:
    """As long as the trials may take one after the other."""
    timeout_s = tasks[0].timeout_s
    return None if timeout_s is None else len(tasks) * timeout_s


def _given(result: Mapping[str, float] | BaseException) -> object:
    if isinstance(result, BaseException):
        raise result
    return result
