"""How long storing a finished trial takes, beside Optuna's storage on the same kind of file.

Run with ``make bench``. A trial has five metrics; each is committed durably before the next one.
Both write to SQLite files in the same folder, in turns; medians and their ratio are what to quote.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness import Study
from harness.outcome import Outcome
from harness.store.store import ResultsStore
from harness.study.planning import plan

ROUNDS = 7
TRIALS = 100
METRICS = {f"metric_{number}": float(number) for number in range(5)}


def harness_recorder(folder: Path) -> Callable[[], float]:
    """A function that stores some trials one by one and returns seconds a trial."""
    store = ResultsStore(folder / "harness.db")
    study = Study(
        name="recording",
        trial={"function": "nowhere:at_all"},
        seeds={"count": TRIALS * ROUNDS},
        arms={"only": {}},
        protocol={"metric": "metric_0", "direction": "maximize", "control": "only"},
    )
    specs = list(plan(study))
    store.add_planned(study, specs)
    run = store.begin_run(study, {})

    def record() -> float:
        batch = [specs.pop().digest for _ in range(TRIALS)]
        store.claim(run, batch)
        started = time.perf_counter()
        for digest in batch:
            outcome = Outcome(digest, "complete", 0.0, 1.0, METRICS, (), None, (), {})
            store.record(run, [outcome])
        return (time.perf_counter() - started) / TRIALS

    return record


def optuna_recorder(folder: Path) -> Callable[[], float] | None:
    """The same with Optuna, or None where it is not installed."""
    try:
        import optuna
    except ImportError:
        return None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage=f"sqlite:///{folder / 'optuna.db'}")

    def record() -> float:
        started = time.perf_counter()
        for _ in range(TRIALS):
            trial = study.ask()
            for name, value in METRICS.items():
                trial.set_user_attr(name, value)
            study.tell(trial, 0.0)
        return (time.perf_counter() - started) / TRIALS

    return record


def main() -> None:
    """Print milliseconds a trial for both, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = harness_recorder(Path(name)), optuna_recorder(Path(name))
        times: dict[str, list[float]] = {"harness": [], "optuna": []}
        for _ in range(ROUNDS):
            times["harness"].append(ours())
            if theirs is not None:
                times["optuna"].append(theirs())
    print(f"milliseconds to store a trial with 5 metrics; {ROUNDS} rounds of {TRIALS}")
    for who, values in times.items():
        if values:
            median, low, high = statistics.median(values), min(values), max(values)
            print(f"{who:8} median {median * 1e3:.2f}  min {low * 1e3:.2f}  max {high * 1e3:.2f}")
    if times["optuna"]:
        ratio = statistics.median(times["optuna"]) / statistics.median(times["harness"])
        print(f"ratio optuna / harness {ratio:.1f}")


if __name__ == "__main__":
    main()
