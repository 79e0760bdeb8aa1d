"""Trial functions with a batch form, good and bad ones; used as a file beside a study.

Every batch leaves a line in the file ``batches``, if it is told where: its process, and level and
seed of each trial.
"""

import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

from harness.batching import batch_of_one, offers_batches
from harness.errors import InputError, Problem, SetupError
from harness.trial import TrialPruned


def anything(_params):
    return None


def same_level(params):
    return params["level"]


def offer(run, *, alike=same_level, at_most=4, **more):
    @offers_batches(run, alike=alike, at_most=at_most, **more)
    def train(params, seed, trial):
        return batch_of_one(run, trial)

    return train


def leave_trace(trials):
    who = " ".join(f"{trial.params['level']}:{trial.seed}" for trial in trials)
    if trials[0].params["folder"] is not None:
        with (Path(trials[0].params["folder"]) / "batches").open("a") as file:
            file.write(f"{os.getpid()} {who}\n")


def metrics_of(trial):
    noise = float(trial.rng("noise").normal())
    trial.report(0, loss=noise)
    trial.save_predictions([trial.seed % 2 == 0, True])
    trial.note(threads=1)
    return {"score": trial.params["level"] + noise}


def run_fine(trials):
    leave_trace(trials)
    return [metrics_of(trial) for trial in trials]


def slow_enough_to_measure(trials):
    time.sleep(0.4)
    return run_fine(trials)


def metrics_unless_two(trial):
    if trial.seed == 2:
        raise RuntimeError("seed two is cursed")
    return metrics_of(trial)


def result_or_error(trial):
    try:
        return metrics_unless_two(trial)
    except Exception as error:  # noqa: BLE001 - the contract
        return error


def run_broken_at_two(trials):
    leave_trace(trials)
    return [result_or_error(trial) for trial in trials]


def run_raises_with_two(trials):
    if any(trial.seed == 2 for trial in trials):
        raise ArithmeticError("the whole batch is gone")
    return run_fine(trials)


def run_dies_with_two(trials):
    if any(trial.seed == 2 for trial in trials):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_fine(trials)


def run_hangs_with_two(trials):
    while any(trial.seed == 2 for trial in trials):
        time.sleep(0.05)
    return run_fine(trials)


def run_loses_one_of_several(trials):
    return run_fine(trials)[: max(1, len(trials) - 1)]


def run_exits_when_several(trials):
    if len(trials) > 1:
        raise SystemExit(3)
    return run_fine(trials)


def run_with_assets(trials):
    for trial in trials:
        trial.asset(built, level=trial.params["level"])
        trial.caution(f"Seed {trial.seed} is young.")
        trial.attach("seed.bin", bytes([trial.seed]))
        trial.used_data("numbers", f"digest {trial.seed}")
    return run_fine(trials)


def built(build, level):
    (build.path / "level").write_text(str(level))


def learn(trial):
    """Report a curve that is better with a larger ``x``; a search may stop it."""
    try:
        for step in range(4):
            trial.report(step, val=trial.params["x"] * (step + 1) + trial.seed / 100)
    except TrialPruned as end:
        return end
    return {"val": trial.params["x"] * trial.params["slope"] + trial.seed / 100}


def run_learn(trials):
    return [learn(trial) for trial in trials]


def run_leaves_later(trials):
    """Answer, and end the process a moment later, as a library's thread may."""
    threading.Timer(0.05, os._exit, args=(1,)).start()
    return [{"val": trial.params["x"]} for trial in trials]


def draw(trial):
    found = {name: float(trial.rng(name).normal()) for name in ("init", "order")}
    return {"score": sum(found.values()), **found}


def alike_by_function(params):
    if params["level"] == 1:
        raise KeyError("a parameter that arm one lacks")
    return "all"


class RefusedError(InputError, SetupError):
    """A mistake in the study file."""


def refuse_level_one(params):
    if params["level"] == 1:
        raise RefusedError(Problem("not allowed", "level", "1", ("0",)), "the parameters")
    return "all"


def size_by_level(params):
    return 2 if params["level"] == 0 else 4


def run_lengthens(trials):
    leave_trace(trials)
    for trial in trials:
        trial.params["nested"]["widths"].append(10)
    return [{"score": float(len(trial.params["nested"]["widths"]))} for trial in trials]


def run_hangs_at_first(trials):
    leave_trace(trials)
    while any(trial.seed == 0 for trial in trials):
        time.sleep(0.05)
    return [metrics_of(trial) for trial in trials]


def size_and_trace(params):
    with (Path(params["folder"]) / "asked").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return 1


hangs_at_first = offer(run_hangs_at_first, at_most=size_and_trace)


class OutOfMemoryError(RuntimeError):
    """Called as the one that a training framework raises when its device is full."""


def run_short_of_memory(trials, most=2, error=MemoryError):
    leave_trace(trials)
    if len(trials) > most:
        raise error(f"no room for {len(trials)}")
    return [metrics_of(trial) for trial in trials]


needs_memory = offer(run_short_of_memory, alike=anything, at_most=8)
needs_memory_of_a_gpu = offer(
    partial(run_short_of_memory, error=OutOfMemoryError), alike=anything, at_most=8
)
needs_all_memory = offer(partial(run_short_of_memory, most=0), alike=anything, at_most=8)
leaves_later = offer(run_leaves_later, alike=anything, at_most=3)
lengthens = offer(run_lengthens, alike=anything)
fine = offer(run_fine)
any_level = offer(run_fine, alike=anything)
measured = offer(slow_enough_to_measure, alike=anything)
broken_at_two = offer(run_broken_at_two, alike=anything)
raises_with_two = offer(run_raises_with_two, alike=anything)
dies_with_two = offer(run_dies_with_two, alike=anything)
hangs_with_two = offer(run_hangs_with_two, alike=anything, at_most=2)
loses_one_of_several = offer(run_loses_one_of_several)
exits_when_several = offer(run_exits_when_several)
with_assets = offer(run_with_assets, alike=anything)
picky = offer(run_fine, alike=alike_by_function)
refuses_level_one = offer(run_fine, alike=refuse_level_one)
sized = offer(run_fine, alike=anything, at_most=size_by_level)
taught_at_level_one = offer(
    run_fine, alike=anything, needs_asset=lambda params: params["level"] == 1
)
asks_for_what_is_not_there = offer(run_fine, needs_asset=lambda params: params["teacher"])
for_one_worker = offer(run_fine, at_most=2, workers=lambda: 1)
misspelt = offer(run_fine, alike=None, may_differ=("levle",))
holds_none = offer(run_fine, at_most=0)
learns = offer(run_learn, alike=anything, at_most=3)
draws = offer(lambda trials: [draw(trial) for trial in trials], alike=anything)
