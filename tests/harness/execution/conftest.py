import shutil
from pathlib import Path

import pytest

from harness import Study, run_study
from harness.store.store import ResultsStore


class Bench:
    """A folder with a database, and a way to run one of the functions in trials.py in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "results.db"
        shutil.copy(Path(__file__).parent / "trials.py", folder / "trials.py")

    def study(self, function, *, seeds=4, params=None, **trial):
        return Study(
            name="bench",
            trial={"function": f"trials.py:{function}", **trial},
            seeds={"count": seeds},
            params={"level": 0, "folder": str(self.folder), **(params or {})},
            arms={"low": {}, "high": {"level": 1}},
            protocol={"metric": "score", "direction": "maximize", "control": "low"},
            source=self.folder / "bench.toml",
        )

    def run(self, function, *, jobs=2, retry_failed=False, **study):
        return run_study(
            self.study(function, **study),
            db=self.db,
            artifacts=self.folder,
            jobs=jobs,
            retry_failed=retry_failed,
        )

    def rows(self):
        return {(row["arm"], row["seed"]): row for row in ResultsStore(self.db).trial_rows("bench")}

    def executions(self):
        path = self.folder / "executions"
        return sorted(path.read_text().splitlines()) if path.exists() else []


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
