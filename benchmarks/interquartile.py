"""How long intervals of interquartile means take, beside rliable and a loop over NumPy arrays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Run, Timed

ARMS = 8
RUNS = 60
TASKS = 5
RESAMPLES = 50_000
PEERS_SHARES = {"NumPy and SciPy": 0.2, "rliable": 0.05}
"""Of the resamples, that peers take."""

ROUNDS = 5
TIMES_RLIABLE = 10.0
AT_ONCE = 1_000
"""More resamples at once are slower: they leave the cache."""

Values = Mapping[str, Sequence[Sequence[float]]]


def scores(arms: int, runs: int, tasks: int) -> Values:
    """Scores of runs × tasks for every arm."""
    rng = np.random.default_rng(1)
    levels = rng.uniform(0.5, 0.95, tasks)
    return {
        f"arm {place}": np.round(rng.normal(levels, 0.02, (runs, tasks)), 4).tolist()
        for place in range(arms)
    }


def harness(values: Values, resamples: int) -> Run:
    """Every arm's interquartile mean from a frame of runs."""
    import pandas as pd

    from analysis import interquartile_means

    rows = [
        (arm, task, score)
        for arm, runs in values.items()
        for run in runs
        for task, score in enumerate(run)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "task", "score"])

    def run() -> Timed:
        first = interquartile_means(frame, "score", tasks="task", resamples=resamples)[0].result
        assert first.interval is not None
        low, high = first.interval.low, first.interval.high
        return Timed(details={"first_arm": _interval(low, high)})

    return run


def with_numpy(values: Values, resamples: int) -> Run:
    """Resamples as arrays, some at once; SciPy's trimmed mean of each."""
    from scipy import stats

    arms = [np.array(each) for each in values.values()]

    def run() -> Timed:
        rng = np.random.default_rng(1)
        intervals = []
        for scores in arms:
            runs, tasks = scores.shape
            means = []
            for _ in range(0, resamples, AT_ONCE):
                chosen = rng.integers(runs, size=(AT_ONCE, runs, tasks))
                drawn = scores[chosen, np.arange(tasks)].reshape(AT_ONCE, -1)
                means.append(stats.trim_mean(drawn, 0.25, axis=1))
            intervals.append(np.quantile(np.concatenate(means), (0.025, 0.975)))
        return Timed(details={"first_arm": _interval(*intervals[0])})

    return run


def _interval(low: float, high: float) -> str:
    return f"{low:.4f} to {high:.4f}"


def measure(setting: Setting) -> Iterator[Table]:
    """All arms, one after the other."""
    resamples = 1_000 if setting.quick else RESAMPLES
    values = scores(ARMS, RUNS, TASKS)

    def peer(name: str, prepare: str, note: str = "", **of: Any) -> Contestant:  # noqa: ANN401
        share = 1.0 if setting.quick else PEERS_SHARES[name]
        work = {"values": values, "resamples": round(share * resamples)}
        measured = f"Measured with {work['resamples']:,} resamples, and scaled. {note}".rstrip()
        return Contestant(name, "peer", prepare, work, share, note=measured, **of)

    yield contest(
        f"{ARMS} arms × {RUNS} runs × {TASKS} tasks, {resamples:,} resamples",
        Quantity("s"),
        [
            Contestant(
                "harness",
                "ours",
                "benchmarks.interquartile:harness",
                {"values": values, "resamples": resamples},
                packages=("numpy",),
            ),
            peer(
                "NumPy and SciPy",
                "benchmarks.interquartile:with_numpy",
                packages=("numpy", "scipy"),
                note=f"Arrays of {AT_ONCE:,} resamples at once.",
            ),
            peer(
                "rliable",
                "benchmarks.peers.with_rliable:interquartile_means",
                environment="peers",
                packages=("rliable", "numpy"),
            ),
        ],
        rounds=ROUNDS,
        targets=[Target("harness", "times", TIMES_RLIABLE, against="rliable")],
        memory=True,
    )


QUESTION = Question(
    "interquartile",
    "Interquartile means over tasks",
    """\
For every arm the mean of the middle half of its runs of all tasks, with its 95 % interval from a
bootstrap that draws within each task. All three compute the same; the interval of the first arm, to
which each draws other resamples, is shown to see it.""",
    measure,
    limit_s=90,
)
