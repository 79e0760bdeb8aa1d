import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness import Study, run_study
from harness.store.exchange import export_rows
from harness.store.store import ResultsStore


class Bench:
    """A folder with a database, and a way to run a function in it: of trials.py, or FILE:NAME."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "results.db"
        for file in ("trials.py", "together.py"):
            shutil.copy(Path(__file__).parent / file, folder / file)

    def study(self, function, *, seeds=4, params=None, **trial):
        return Study(
            name="bench",
            trial={"function": _path(function), **trial},
            seeds={"count": seeds},
            params={"level": 0, "folder": str(self.folder), **(params or {})},
            arms={"low": {}, "high": {"level": 1}},
            protocol={"metric": "score", "direction": "maximize", "control": "low"},
            source=self.folder / "bench.toml",
        )

    def run(self, function, *, jobs=2, batch="auto", retry_failed=False, **study):
        return run_study(
            self.study(function, **study),
            db=self.db,
            artifacts=self.folder,
            jobs=jobs,
            batch=batch,
            retry_failed=retry_failed,
        )

    def rows(self):
        return {(row["arm"], row["seed"]): row for row in ResultsStore(self.db).trial_rows("bench")}

    def full_rows(self):
        """Everything that is kept of each trial, by arm and seed."""
        with ResultsStore(self.db) as store:
            return {(row["arm"], row["seed"]): row for row in export_rows(store, "bench")}

    def database(self):
        """Every row of every table."""
        with closing(sqlite3.connect(self.db)) as connection:
            return list(connection.iterdump())

    def batches(self):
        """The seeds of each batch, by level and seed, in the order in which the batches ran."""
        lines = (self.folder / "batches").read_text().splitlines()
        return [line.split()[1:] for line in lines]

    def executions(self):
        path = self.folder / "executions"
        return sorted(path.read_text().splitlines()) if path.exists() else []


def _path(function):
    return function if ":" in function else f"trials.py:{function}"


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
