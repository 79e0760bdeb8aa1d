"""Trial functions that misbehave, for the tests of execution; used as a file beside a study."""

import os
import resource
import signal
import sys
import time
from pathlib import Path

import numpy as np


def fine(params, seed, trial):
    noise = float(trial.rng("noise").normal())
    trial.report(0, loss=noise)
    trial.save_predictions([seed % 2 == 0, True])
    trial.note(threads=1)
    return {"score": params["level"] + noise}


def broken_at_two(params, seed, trial):
    if seed == 2:
        raise RuntimeError("seed two is cursed")
    return fine(params, seed, trial)


def fails_once(params, seed, trial):
    marker = Path(params["folder"]) / f"{params['level']}-{seed}"
    if not marker.exists():
        marker.touch()
        raise OSError("the file system hiccuped")
    return fine(params, seed, trial)


def kills_itself_at_two(params, seed, trial):
    if seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return fine(params, seed, trial)


def slow_at_two(params, seed, trial):
    while seed == 2:
        try:
            time.sleep(0.05)
        except Exception:  # noqa: BLE001 - a careless training loop
            continue
    return fine(params, seed, trial)


def counted(params, seed, trial):
    """Leave a trace of every execution, so that running twice is seen."""
    with (Path(params["folder"]) / "executions").open("a") as file:
        file.write(f"{params['level']} {seed}\n")
    time.sleep(params.get("sleep_s", 0))
    return fine(params, seed, trial)


def faint(build):
    (build.path / "map").write_text("1")
    build.caution("The map is faint.")


def doubts(params, seed, trial):
    trial.asset(faint)
    if seed == 2:
        trial.caution("The machine was busy.")
        trial.caution("The machine was busy.")
        trial.caution("The map is faint.")
    trial.attach("raw.bin", bytes([seed]))
    return fine(params, seed, trial)


_KEPT = []


def grows(params, seed, trial):
    """Keep 400 MB from the second trial on, as a worker does that has loaded its data."""
    _KEPT.append(b"x" * (400 * 2**20 if len(_KEPT) == 1 else 1))
    # loky looks at a worker's memory at most once a second.
    time.sleep(1.1)
    return {"score": 0.0, "pid": float(os.getpid())}


def talks(params, seed, trial):
    print("this must not reach standard output")
    sys.stdout.flush()
    return fine(params, seed, trial)


def infinite_at_two(params, seed, trial):
    return {"score": float("nan") if seed == 2 else 1.0 + params["level"], "other": float("inf")}


def wrong_metric(params, seed, trial):
    return {"scores": 1.0}


def no_mapping(params, seed, trial):
    return 0.93


def text_metric(params, seed, trial):
    return {"score": "0.93"}


def leaves(params, seed, trial):
    sys.exit(3)


def two_arguments(params, seed):
    return {"score": 1.0}


def _build(build, size):
    (build.path / "numbers.txt").write_text(
        " ".join(map(str, build.rng("n").integers(9, size=size)))
    )
    with (build.path.parent.parent / "builds").open("a") as file:
        file.write("built\n")


def with_asset(params, seed, trial):
    asset = trial.asset(_build, size=5)
    numbers = (asset.path / "numbers.txt").read_text().split()
    return {"score": params["level"] + float(trial.rng("n").normal()) + len(numbers)}


def metric_called(params, seed, trial):
    return {"score": 1.0, params["metric_name"]: 2.0}


def deaf_at_two(params, seed, trial):
    ends = time.monotonic() + 3
    while seed == 2 and time.monotonic() < ends:
        try:
            time.sleep(0.05)
        except:  # noqa: E722 - what nobody should write, and many do
            continue
    return fine(params, seed, trial)


def _drawn(build):
    """An asset that comes out different every time, as with another version of a library."""
    (build.path / "draw").write_bytes(os.urandom(8))


def with_fleeting_asset(params, seed, trial):
    trial.asset(_drawn)
    return fine(params, seed, trial)


def draws(params, seed, trial):
    found = {name: float(trial.rng(name).normal()) for name in ("init", "order")}
    return {"score": sum(found.values()), **found}


def uses_seed(params, seed, trial):
    other = float(trial.rng("other").normal())
    return {"seed_given": seed, "other": other, "score": float(trial.rng("order").normal())}


def timed(params, seed, trial):
    """Leave when the trial began and ended, by a clock that all processes share."""
    began = time.monotonic()
    time.sleep(params["sleep_s"])
    with (Path(params["folder"]) / "spans").open("a") as file:
        file.write(f"{began} {time.monotonic()}\n")
    return fine(params, seed, trial)


def told_of_memory(params, seed, trial):
    """Note what this process was started with, as the kernel knows it."""
    pairs = (pair.partition("=") for pair in Path("/proc/self/environ").read_text().split("\0"))
    names = ("MALLOC_", "GLIBC_TUNABLES")
    trial.note(told={name: value for name, _, value in pairs if name.startswith(names)})
    return fine(params, seed, trial)


def takes_and_frees(params, seed, trial):
    """Count the page faults of taking and freeing 64 MB, once it has been done before."""
    faults = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            np.ones(64 * 2**20 // 8)
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return {"score": 0.0, "faults": float(faults[-1])}


def slow_now_and_then(params, seed, trial):
    time.sleep(0.05 if seed % 25 == 24 else 0)
    return counted(params, seed, trial)


def kills_itself_at_sixty(params, seed, trial):
    if seed == 60:
        os.kill(os.getpid(), signal.SIGKILL)
    return fine(params, seed, trial)
