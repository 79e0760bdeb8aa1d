"""Studies whose trials do nothing, and databases in which they are finished."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlalchemy as sa

    from harness.store.store import Run
    from harness.study.model import Study
    from harness.study.planning import TrialSpec

ARMS = 8
METRICS = 5
_AT_ONCE = 20_000
_FOLDED_AT = 97

Item = TypeVar("Item")
Row = tuple[object, ...]


def no_op(_params: Mapping[str, object], seed: int, _trial: object) -> dict[str, float]:
    """A trial that does nothing; its metric differs from seed to seed."""
    return {"metric_0": float(seed % _FOLDED_AT)}


def write_study(folder: Path, trials: int) -> Path:
    """A study file of this many trials that do nothing, in eight arms; its path."""
    arms = "\n".join(f"[arms.arm_{place}]\nsetting = {place}" for place in range(ARMS))
    path = folder / f"no_op_{trials}.toml"
    path.write_text(
        f"""name = "no_op_{trials}"
[trial]
function = "benchmarks.workload:no_op"
[seeds]
count = {trials // ARMS}
{arms}
[protocol]
metric    = "metric_0"
direction = "maximize"
control   = "arm_0"
smallest_effect = 0.005
"""
    )
    return path


@dataclass(frozen=True, slots=True)
class Results:
    """What finished trials have left.

    Attributes:
        metrics: names of the final metrics; the first one is an accuracy.
        curves: names of the metrics that have a learning curve.
        steps: points of each curve.
        examples: test examples of which it is stored whether they were right; 0 for none.
    """

    metrics: Sequence[str] = field(
        default_factory=lambda: tuple(f"metric_{number}" for number in range(METRICS))
    )
    curves: Sequence[str] = ()
    steps: int = 0
    examples: int = 0


def fill(db: Path, study: "Study", results: Results = Results()) -> int:
    """Write a study's trials as finished ones into a new database; how many there are.

    They go straight into the tables, many at once: how long trials take to store is another
    question, and a million of them would take an hour.
    """
    from harness.store.schema import RunState
    from harness.store.store import ResultsStore
    from harness.study.planning import plan

    specs = plan(study)
    with ResultsStore(db) as store:
        run = store.begin_run(study, {"python": "3"})
        with store.database.write() as connection:
            _insert(connection, "trials", _trials(study, specs, run))
            _insert(connection, "metrics", _metrics(specs, results))
            _insert(connection, "learning_curves", _curves(specs, results))
            _insert(connection, "predictions", _predictions(specs, results))
        store.end_run(run, RunState.FINISHED)
    return len(specs)


def _insert(connection: "sa.Connection", table: str, rows: Iterator[Row]) -> None:
    for part in _parts(rows):
        places = ", ".join("?" * len(part[0]))
        connection.exec_driver_sql(
            f"INSERT INTO harness_{table} {_COLUMNS[table]} VALUES ({places})", part
        )


_COLUMNS = {
    "trials": (
        "(id, digest, study, arm, seed, levels, params, what_runs, trial_version, state, run_id, "
        "attempts, started_at, duration_s)"
    ),
    "metrics": "(trial_id, metric, value)",
    "learning_curves": "(trial_id, metric, step, value)",
    "predictions": "(trial_id, examples, correct)",
}


def _parts(rows: Iterator[Item]) -> Iterator[list[Item]]:
    while part := list(islice(rows, _AT_ONCE)):
        yield part


def _trials(study: "Study", specs: Sequence["TrialSpec"], run: "Run") -> Iterator[Row]:
    from harness.canonical import canonical_json
    from harness.store.schema import State
    from harness.study.planning import what_runs

    runs = canonical_json(what_runs(study)).decode()
    params = {spec.arm: canonical_json(spec.params).decode() for spec in specs[: len(study.arms)]}
    for number, each in enumerate(specs, start=1):
        levels = json.dumps(dict(each.levels))
        yield (
            *(number, each.digest, each.study, each.arm, each.seed, levels, params[each.arm]),
            *(runs, study.trial.version, State.COMPLETE, run.id, 1, 1.7e9 + number, 1.5),
        )


def _accuracies(specs: Sequence["TrialSpec"]) -> Sequence[float]:
    """Accuracies on a grid of 0.0001, of which trials of one seed share a part."""
    import numpy as np

    rng = np.random.default_rng(1)
    shared = dict(enumerate(rng.normal(0.95, 0.004, 1 + max(each.seed for each in specs)).tolist()))
    own = rng.normal(0, 0.005, len(specs)).tolist()
    return [
        round(min(1.0, shared[each.seed] + noise), 4)
        for each, noise in zip(specs, own, strict=True)
    ]


def _metrics(specs: Sequence["TrialSpec"], results: Results) -> Iterator[Row]:
    import numpy as np

    first, *others = results.metrics
    rng = np.random.default_rng(2)
    for number, accuracy in enumerate(_accuracies(specs), start=1):
        yield number, first, accuracy
        for name, value in zip(others, rng.normal(size=len(others)).tolist(), strict=True):
            yield number, name, value


def _curves(specs: Sequence["TrialSpec"], results: Results) -> Iterator[Row]:
    import numpy as np

    rng = np.random.default_rng(3)
    for number in range(1, 1 + len(specs)):
        for name in results.curves:
            for step, noise in enumerate(rng.normal(0, 0.01, results.steps).tolist()):
                yield number, name, step, 1 - 1 / (step + 2) + noise


def _predictions(specs: Sequence["TrialSpec"], results: Results) -> Iterator[Row]:
    import numpy as np

    if not results.examples:
        return
    rng = np.random.default_rng(4)
    for number in range(1, 1 + len(specs)):
        right = rng.random(results.examples) < 0.95
        yield number, results.examples, np.packbits(right, bitorder="little").tobytes()
