"""How long storing a finished trial takes, beside Optuna, MLflow, and SQLite alone."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Run, Timed

TRIALS = 100
OF_PEERS = 30
METRICS = 5
ROUNDS = 7
TURNS_AT_MOST = 1 + ROUNDS
TARGET_MS = 0.5


def harness(folder: str, trials: int, metrics: int) -> Run:
    """Finished trials, stored one by one as a run does it; claiming them is not timed."""
    from harness import Study
    from harness.outcome import Outcome
    from harness.store.store import ResultsStore
    from harness.study.planning import plan

    store = ResultsStore(Path(tempfile.mkdtemp(dir=folder)) / "harness.db")
    study = Study(
        name="recording",
        trial={"function": "nowhere:at_all"},
        seeds={"count": trials * TURNS_AT_MOST},
        arms={"only": {}},
        protocol={"metric": "metric_0", "direction": "maximize", "control": "only"},
    )
    specs = list(plan(study))
    store.add_planned(study, specs)
    run = store.begin_run(study, {})
    values = {f"metric_{number}": float(number) for number in range(metrics)}

    def record() -> Timed:
        batch = [specs.pop().digest for _ in range(trials)]
        store.claim(run, batch)
        cpu, started = time.process_time(), time.perf_counter()
        for digest in batch:
            store.record(run, [Outcome(digest, "complete", 0.0, 1.0, values, (), None, (), {})])
        return Timed(time.perf_counter() - started, time.process_time() - cpu)

    return record


def sqlite(folder: str, trials: int, metrics: int) -> Run:
    """The rows alone, one durable transaction a trial, without a library in between."""
    connection = sqlite3.connect(
        Path(tempfile.mkdtemp(dir=folder)) / "plain.db", isolation_level=None
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE trial (id INTEGER PRIMARY KEY, state TEXT)")
    connection.execute(
        "CREATE TABLE metric (trial INTEGER, name TEXT, value REAL, PRIMARY KEY (trial, name))"
    )
    values = [(f"metric_{number}", float(number)) for number in range(metrics)]

    def run() -> None:
        for _ in range(trials):
            connection.execute("BEGIN IMMEDIATE")
            trial = connection.execute("INSERT INTO trial (state) VALUES ('complete')").lastrowid
            rows = [(trial, *each) for each in values]
            connection.executemany("INSERT INTO metric VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """Files in one folder; every trial is committed before the next one."""
    trials, of_peers = (10, 3) if setting.quick else (TRIALS, OF_PEERS)
    fewer = f"Measured with {of_peers} trials a run."
    work = {"folder": str(setting.folder), "metrics": METRICS}
    ours, peers = {**work, "trials": trials}, {**work, "trials": of_peers}
    yield contest(
        f"A finished trial with {METRICS} metrics",
        Quantity("ms", seconds=1e-3),
        [
            Contestant("harness", "ours", "benchmarks.recording:harness", ours, trials),
            Contestant("SQLite alone", "floor", "benchmarks.recording:sqlite", ours, trials),
            Contestant(
                "Optuna",
                "peer",
                "benchmarks.peers.with_optuna:recording",
                peers,
                of_peers,
                packages=("optuna",),
                note=f"Its relational storage; metrics are user attributes. {fewer}",
            ),
            Contestant(
                "MLflow",
                "peer",
                "benchmarks.peers.with_mlflow:recording",
                peers,
                of_peers,
                environment="peers",
                packages=("mlflow",),
                note=f"Its tracking store: `start_run`, `log_metrics`. {fewer}",
            ),
        ],
        rounds=ROUNDS,
        targets=[Target("harness", "value", TARGET_MS)],
    )


QUESTION = Question(
    "recording",
    "Recording a finished trial",
    """\
Each stores finished trials one by one in an SQLite file of its own, in the same folder, and is
back when the trial is safe. harness stores the trial's state, how long it took, and its metrics, in
one transaction; the others store at least the metrics. SQLite alone writes the same rows to two
tables without any library in between, in its write-ahead mode with full synchronisation, as harness
does. All wait for the disk, whose speed changes with what else it does: SQLite alone says what it
was.""",
    measure,
    limit_s=60,
)
