"""Trials that a search cuts short."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest

from harness.execution.worker.attempt import Task, attempt
from harness.execution.worker.functions import FunctionPath
from harness.search.optuna_study import quiet
from harness.search.pruning import Pruning

HERE = Path(__file__).parent
RIVALS = tuple({step: 1.0 - 0.1 * step for step in range(4)} for _ in range(3))


def pruned_by_optuna(rivals, curve, direction, startup, warmup_steps):
    """At which step a plain study of Optuna, with its own trials, prunes this curve; or None."""
    pruner = optuna.pruners.MedianPruner(n_startup_trials=startup, n_warmup_steps=warmup_steps)
    with quiet():
        study = optuna.create_study(direction=direction, pruner=pruner)
        for rival in rivals:
            trial = study.ask()
            for step, value in rival.items():
                trial.report(value, step)
            study.tell(trial, 0.0)
        trial = study.ask()
        for step, value in curve.items():
            trial.report(value, step)
            if trial.should_prune():
                return step
    return None


def pruned_by_us(rivals, curve, direction, startup, warmup_steps):
    rule = Pruning("loss", direction, startup, warmup_steps, tuple(rivals)).rule()
    for step, value in curve.items():
        if rule is not None and rule(step, {"other": 5.0, "loss": value}):
            return step
    return None


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_rule_is_the_median_pruner_of_optuna(direction):
    numbers = np.random.default_rng(11)
    decisions = []
    for case in range(60):
        steps = sorted(numbers.choice(12, size=6, replace=False).tolist())
        curves = [
            dict(zip(steps, numbers.normal(size=6).tolist(), strict=True))
            for _ in range(numbers.integers(0, 8))
        ]
        own = dict(zip(steps, numbers.normal(size=6).tolist(), strict=True))
        if case % 7 == 0:
            own[steps[-1]] = float("nan")
        arguments = (curves, own, direction, int(numbers.integers(0, 5)), int(numbers.integers(6)))
        decisions.append(pruned_by_us(*arguments))
        assert decisions[-1] == pruned_by_optuna(*arguments), arguments
    assert None in decisions
    assert len(set(decisions)) > 4


def test_nothing_is_pruned_before_there_are_enough_complete_trials():
    assert Pruning("val", "maximize", 4, 0, RIVALS).rule() is None
    assert Pruning("val", "maximize", 0, 0, ()).rule() is None


@pytest.fixture
def task(tmp_path):
    def make(function, level=0.0, **changes):
        made = Task(
            digest="0" * 64,
            params={"level": level},
            seed=1,
            function=FunctionPath("trials.py", function, HERE / "trials.py"),
            command=None,
            folder=tmp_path,
            timeout_s=None,
            required_metrics=("val",),
            declared_metrics=None,
            reserved_metrics=frozenset(),
            assets=tmp_path,
            pruning=Pruning("val", "maximize", 2, 1, RIVALS),
        )
        return replace(made, **changes)

    return make


@pytest.mark.parametrize("function", ["deaf", "careful"])
def test_a_trial_that_falls_behind_is_stopped_whatever_it_catches(task, function):
    outcome = attempt(task(function))
    assert outcome.state == "pruned"
    assert outcome.metrics == {}
    assert outcome.error is None
    assert outcome.traceback is None
    assert [(point.step, point.value) for point in outcome.curve][:2] == [(0, 0.0), (1, 0.0)]


def test_a_trial_ends_at_the_report_that_was_too_low(task):
    assert [point.step for point in attempt(task("careful")).curve] == [0, 1]
    late = replace(task("careful").pruning, warmup_steps=3)
    assert [point.step for point in attempt(task("careful", pruning=late)).curve] == [0, 1, 2, 3]


def test_a_trial_that_keeps_up_is_complete(task):
    outcome = attempt(task("careful", level=2.0))
    assert (outcome.state, outcome.metrics) == ("complete", {"val": 2.0})
    unpruned = attempt(task("careful", pruning=None))
    assert (unpruned.state, unpruned.metrics) == ("complete", {"val": 0.0})


def test_a_trial_that_prunes_itself_has_failed(task):
    outcome = attempt(task("gives_up"))
    assert outcome.state == "failed"
    assert outcome.error.startswith("TrialPruned")
