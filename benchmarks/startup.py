"""How long the command line takes to start, beside Python alone and beside Optuna's.

Run with ``make bench``. The commands take turns, so that a machine whose speed drifts treats all
alike; the medians and their ratios are what to quote.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15


def commands() -> dict[str, list[str]]:
    """What is timed, by name; Optuna only where it is installed."""
    found = {"python -c pass": [sys.executable, "-c", "pass"]}
    for name in ("harness", "optuna"):
        program = shutil.which(name, path=str(Path(sys.executable).parent))
        if program is not None:
            found[f"{name} --help"] = [program, "--help"]
    harness = found.get("harness --help")
    if harness is not None:
        found["harness study plan --help"] = [harness[0], "study", "plan", "--help"]
    return found


def seconds(command: list[str]) -> float:
    """Wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print each command's median and its ratio to Python alone."""
    timed = commands()
    for command in timed.values():
        seconds(command)  # fills the caches of the file system
    times: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(ROUNDS):
        for name, command in timed.items():
            times[name].append(seconds(command))
    base = statistics.median(times["python -c pass"])
    print(f"{'command':28} {'median s':>9} {'min':>7} {'max':>7} {'ratio':>6}   n = {ROUNDS}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:28} {median:9.3f} {min(values):7.3f} {max(values):7.3f} {median / base:6.1f}")


if __name__ == "__main__":
    main()
