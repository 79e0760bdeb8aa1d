"""How long a full analysis takes, beside SciPy and three packages for comparing learning methods.

Run with ``make bench``. Eight arms share seeds; seven comparisons are made with the first of them.
All take turns on the same values; medians and their ratios are what to quote, with
`benchmarks/README.md` beside them, which says what each of them computes, and what it does not.
What is not installed is named and left out. Peak memory is what `tracemalloc` sees, in one more
run of each.
"""

import contextlib
import importlib
import importlib.metadata
import io
import os
import platform
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis import Protocol, compare

ARMS = 8
SEEDS = (60, 20)
ROUNDS = 5
ENOUGH_S = 30.0
"""What has taken this long in all is not run again."""

TRACED_UP_TO_S = 10.0
"""What takes longer is not run once more for its memory: tracing makes it several times slower."""

BOOTSTRAPS = 10_000
FLIPS = 100_000

Design = Literal["paired", "unpaired"]
Scores = NDArray[np.float64]
Values = Mapping[str, Scores]
Contestant = Callable[[], object]


def accuracies(seeds: int) -> Values:
    """Accuracies on a grid of 0.0001 that share a part by seed; each arm gains 0.001."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0.95, 0.004, seeds)
    return {
        f"arm {place}": np.round(shared + 0.001 * place + rng.normal(0, 0.005, seeds), 4)
        for place in range(ARMS)
    }


def with_harness(values: Values, design: Design) -> dict[str, Contestant]:
    """Everything that `compare` computes."""
    frame = pd.DataFrame(
        [(arm, seed, each) for arm, row in values.items() for seed, each in enumerate(row)],
        columns=["arm", "seed", "accuracy"],
    )
    protocol = Protocol("accuracy", "maximize", control="arm 0", smallest_effect=0.002)
    block = "seed" if design == "paired" else None
    return {"harness": lambda: compare(frame, protocol, block=block, resamples=BOOTSTRAPS)}


def with_scipy(values: Values, design: Design) -> dict[str, Contestant]:
    """The same three tests and the same interval of every comparison, vectorised."""
    one, two = (_scipy_paired, _scipy_unpaired)
    compared = one if design == "paired" else two
    control, *others = values.values()

    def run() -> list[object]:
        found: list[object] = [compared(each, control) for each in others]
        return found if design == "paired" else [*found, stats.dunnett(*others, control=control)]

    return {"SciPy": run}


def _scipy_paired(arm: Scores, control: Scores) -> tuple[object, ...]:
    return (
        stats.ttest_rel(arm, control).confidence_interval(),
        stats.wilcoxon(arm, control),
        # One sample of differences is flipped in half the time that two samples take.
        stats.permutation_test(
            (arm - control,), np.mean, permutation_type="samples", n_resamples=FLIPS
        ),
        stats.bootstrap((arm - control,), np.mean, method="BCa", n_resamples=BOOTSTRAPS),
    )


def _scipy_unpaired(arm: Scores, control: Scores) -> tuple[object, ...]:
    def difference(one: Scores, other: Scores, axis: int = -1) -> Scores:
        return np.asarray(np.mean(one, axis=axis) - np.mean(other, axis=axis))

    return (
        stats.ttest_ind(arm, control, equal_var=False).confidence_interval(),
        stats.mannwhitneyu(arm, control),
        stats.permutation_test((arm, control), difference, n_resamples=FLIPS),
        stats.bootstrap((arm, control), difference, method="BCa", n_resamples=BOOTSTRAPS),
    )


def _part_of(package: str, name: str | None) -> ModuleType:
    return importlib.import_module(package if name is None else f"{package}.{name}")


def with_rliable(values: Values, design: Design) -> dict[str, Contestant]:
    """Its bootstrap of mean and IQM of every arm, and of the probability of improvement."""
    if design == "paired":
        return {}
    library, metrics = (_part_of("rliable", name) for name in ("library", "metrics"))
    scores = {arm: each[:, np.newaxis] for arm, each in values.items()}
    control, *others = scores
    pairs = {arm: (scores[arm], scores[control]) for arm in others}

    def aggregates(each: Scores) -> Scores:
        return np.array([metrics.aggregate_mean(each), metrics.aggregate_iqm(each)])

    def improvement(one: Scores, other: Scores) -> Scores:
        return np.array([metrics.probability_of_improvement(one, other)])

    intervals = library.get_interval_estimates
    return {
        "rliable: mean, IQM": lambda: intervals(scores, aggregates, reps=BOOTSTRAPS),
        "rliable: P(improvement)": lambda: intervals(pairs, improvement, reps=BOOTSTRAPS),
    }


def with_deepsig(values: Values, design: Design) -> dict[str, Contestant]:
    """Its permutation and bootstrap tests, or its almost stochastic order with its own defaults."""
    deepsig = importlib.import_module("deepsig")
    control, *others = values.values()

    def resampled() -> list[object]:
        return [
            (
                deepsig.permutation_test(each, control, num_samples=FLIPS),
                deepsig.bootstrap_test(each, control, num_samples=BOOTSTRAPS),
            )
            for each in others
        ]

    def ordered() -> list[object]:
        settings = {"num_comparisons": len(others), "show_progress": False}
        return [deepsig.aso(each, control, **settings) for each in others]

    if design == "paired":
        return {"deepsig: resampling": resampled}
    return {"deepsig: ASO": ordered}


def with_autorank(values: Values, design: Design) -> dict[str, Contestant]:
    """Its one call."""
    if design == "unpaired":
        return {}
    autorank = importlib.import_module("autorank").autorank
    frame = pd.DataFrame(dict(values))
    return {"autorank": lambda: autorank(frame)}


_PARTS = {"rliable": "library"}
"""What of a package has to work, where the package alone imports nothing."""

_UNFIT = (ImportError, TypeError, ValueError)
"""How the import of a package can fail that was built for other versions of its dependencies."""

PEERS = {"rliable": with_rliable, "deepsig": with_deepsig, "autorank": with_autorank}


def contestants(values: Values, design: Design) -> dict[str, Contestant]:
    """All that can be imported here, by name."""
    found = with_harness(values, design) | with_scipy(values, design)
    for make in PEERS.values():
        with contextlib.suppress(*_UNFIT):
            found |= make(values, design)
    return found


def seconds(run: Contestant) -> float:
    """Wall time of one run, in seconds."""
    with contextlib.redirect_stdout(io.StringIO()):
        started = time.perf_counter()
        run()
        return time.perf_counter() - started


def peak_mb(run: Contestant) -> float:
    """The most memory that one run holds at once beyond what it began with, in 10^6 bytes."""
    tracemalloc.start()
    seconds(run)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def measure(values: Values, design: Design) -> None:
    """Print every contestant's median, its ratio to `compare`, and its memory."""
    runs = contestants(values, design)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            if sum(times[name]) < ENOUGH_S:
                times[name].append(seconds(run))
    base = statistics.median(times["harness"])
    header = f"{'median s':>9} {'min':>7} {'max':>7} {'ratio':>6} {'peak MB':>8}   n"
    print(f"\n{design + ', ' + str(len(values['arm 0'])) + ' seeds':24} {header}")
    for name, found in times.items():
        median = statistics.median(found)
        peak = f"{peak_mb(runs[name]):8.1f}" if median < TRACED_UP_TO_S else f"{'-':>8}"
        spread = f"{median:9.3f} {min(found):7.3f} {max(found):7.3f}"
        print(f"{name:24} {spread} {median / base:6.1f} {peak} {len(found):3}", flush=True)


def version(package: str) -> str:
    """The installed version, or what to install, or that it does not work here."""
    try:
        _part_of(package, _PARTS.get(package))
    except ModuleNotFoundError as error:
        return f"{package} is left out ({error}): pip install {package}"
    except _UNFIT as error:
        return f"{package} is left out, it does not go with what is installed: {error}"
    return f"{package} {importlib.metadata.version(package)}"


def main() -> None:
    """Print the versions, and a table for each design and number of seeds."""
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    for package in ("numpy", "scipy", "pandas", *PEERS):
        print(version(package))
    for seeds in SEEDS:
        for design in get_args(Design):
            measure(accuracies(seeds), design)


if __name__ == "__main__":
    main()
