"""Trial functions for the tests of searches; used as a file beside a study."""

import math
import os
import time
from pathlib import Path

from harness.trial import TrialPruned


def bowl(params, seed, trial):
    """Score best at x = 0.3 and, where it is a parameter, y = 3; told step by step."""
    score = 1 - (params.get("x", 0.0) - 0.3) ** 2 - 0.1 * abs(params.get("y", 3) - 3)
    score += 0.01 * float(trial.rng("noise").normal())
    for step in range(4):
        trial.report(step, val=score * (1 - 0.5 ** (step + 1)))
    return {"val": score, "test_acc": 1 - score if _inverted() else score}


def _inverted():
    """Whether someone has inverted the labels of the test set."""
    return "INVERTED_LABELS" in os.environ


def slow_bowl(params, seed, trial):
    time.sleep(0.05)
    return bowl(params, seed, trial)


def mute(params, seed, trial):
    return {"val": 1 - (params.get("x", 0.0) - 0.3) ** 2}


def faulty(params, seed, trial):
    """Fail where x is high, and score what is no number where it is low."""
    if params.get("x", 0.5) > 0.8 and seed == 1:
        raise ValueError("x is too high")
    score = bowl(params, seed, trial)
    return {**score, "val": math.nan} if params.get("x", 0.5) < 0.1 else score


def equal(params, seed, trial):
    return {"val": 1.0}


def total(params, seed, trial):
    """Add up whatever is searched, whatever it is called."""
    numbers = [value for value in params.values() if isinstance(value, int | float)]
    return {"val": float(sum(numbers))}


def deaf(params, seed, trial):
    """Go on reporting, whatever it is told."""
    for step in range(4):
        try:
            trial.report(step, val=params["level"])
        except:  # noqa: E722 - what nobody should write, and many do
            continue
    return {"val": params["level"]}


def careful(params, seed, trial):
    """Raise something else when it is stopped, as a `with` block may."""
    try:
        for step in range(4):
            try:
                trial.report(step, val=params["level"])
            except Exception:  # noqa: BLE001 - a careless training loop
                continue
    except BaseException as error:
        raise RuntimeError("the files could not be closed") from error
    return {"val": params["level"]}


def endless(params, seed, trial):
    """Report infinity of either sign, and end with a number."""
    trial.report(0, val=math.inf if seed == 0 else -math.inf)
    trial.report(1, val=0.5)
    return {"val": 0.5 + params["x"]}


def huge(params, seed, trial):
    """Give finite numbers whose sum is none."""
    trial.report(0, val=1.7e308)
    return {"val": 1.7e308}


def scattered(params, seed, trial):
    """Give finite numbers whose standard deviation is none."""
    return {"val": 1.7e308 if seed else -1.7e308}


def flaky(params, seed, trial):
    """Fail at the starting point while the disk is full; there it would have been hard to beat."""
    start = params["x"] == 0.9
    if start and Path("disk_is_full").exists():
        raise RuntimeError("disk full")
    for step in range(6):
        score = (0.9 if start else 0.05) * step - (params["x"] - 0.3) ** 2
        trial.report(step, val=score)
    return {"val": score}


def gives_up(params, seed, trial):
    raise TrialPruned("I think this is enough")
