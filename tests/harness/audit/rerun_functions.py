"""Trial functions whose behaviour a file decides, so that a re-run can be made to differ."""

import os
import signal
import time
from pathlib import Path

from harness import batch_of_one, offers_batches


def _told(params):
    file = Path(params["folder"]) / "tell"
    return file.read_text().split() if file.exists() else []


def main(params, seed, trial):
    told = _told(params)
    # Between two numbers, so that no run lies far from the others of its arm, whatever the seed.
    score = params["level"] + seed % 4 + float(trial.rng("noise").uniform(0, 0.1))
    if "raise" in told:
        raise RuntimeError("the data are gone")
    if "die" in told:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang" in told:
        time.sleep(60)
    if "drift" in told:
        score += (time.time_ns() % 1000 + 1) * 1e-9
    if "far" in told:
        score += 1000
    trial.report(0, loss=score + ("curve" in told), epoch_s=time.perf_counter())
    trial.save_predictions([seed % 2 == 0, "predictions" not in told])
    trial.note(threads=2 if "facts" in told else 1)
    found = {
        "score": score,
        "wall_s": time.perf_counter(),
        "pid_apart": float(params["pid"] != os.getpid()),
    }
    if "fewer" not in told:
        found["other"] = float("nan") if "nan" in told else 1.0
    return found


def _numbers(build, told):
    (build.path / "numbers").write_bytes(os.urandom(8))


def with_asset(params, seed, trial):
    trial.asset(_numbers, told="once")
    return {"score": float(seed)}


def together(trials):
    return [{"score": float(trial.seed)} for trial in trials]


@offers_batches(together, alike=lambda _params: None, at_most=8, workers=lambda: 1)
def batched(params, seed, trial):
    return batch_of_one(together, trial)
