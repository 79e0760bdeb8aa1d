import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import optuna
import pytest
import sqlalchemy as sa

from harness import Study
from harness.execution.worker.attempt import Task, attempt
from harness.execution.worker.functions import locate
from harness.running import run_search
from harness.search.answer import search_answer
from harness.search.arms import arm_searches
from harness.search.mirror import Mirror
from harness.search.optuna_study import quiet
from harness.search.waves import SearchWaves
from harness.store import schema
from harness.store.store import ResultsStore

TRIALS = Path(__file__).parent / "trials.py"
ARMS = {"plain": {}, "one": {"x": 0.9}, "two": {"x": 0.9, "y": 1}}
SPACE = {"x": {"low": 0.0, "high": 1.0}, "y": {"values": (1, 2, 3, 4)}}
SEARCH = {
    "trials": 10,
    "metric": "val",
    "direction": "maximize",
    "startup": 4,
    "at_once": 3,
    "warmup_steps": 1,
}

# Columns that say when, where or in which order something was written.
_OF_THE_RUN = frozenset(
    {"id", "run_id", "trial_id", "attempts", "started_at", "duration_s", "recorded_at"}
)


class CutShort(BaseException):
    """Stands for a process that ends at once."""


class SearchBench:
    """A folder with a database, and searches of the functions in trials.py in it."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.db = folder / "results.db"
        shutil.copy(TRIALS, folder / "trials.py")

    def study(self, function="bowl", *, arms=ARMS, seeds=2, space=SPACE, study=None, **search):
        return Study(
            **{
                "name": "search",
                "trial": {"function": f"trials.py:{function}"},
                "seeds": {"count": seeds},
                "params": {"level": 0},
                "arms": arms,
                "search": {**SEARCH, "space": space, **search},
                "protocol": {
                    "metric": "test_acc",
                    "direction": "maximize",
                    "control": next(iter(arms)),
                },
                "source": self.folder / "search.toml",
                **(study or {}),
            }
        )

    def run(self, function="bowl", *, jobs=2, retry_failed=False, only=None, **search):
        """Run a search in worker processes, as a user does."""
        return run_search(
            self.study(function, **search),
            db=self.db,
            artifacts=self.folder,
            jobs=jobs,
            arms=only,
            retry_failed=retry_failed,
        )

    def database(self):
        """Every row of every table of ours."""
        with closing(sqlite3.connect(self.db)) as connection:
            return [line for line in connection.iterdump() if "harness_" in line]

    def walk(self, study, stop_after=None):
        """Run a search trial by trial in this process, up to so many trials."""
        with ResultsStore(self.db) as store:
            searches = arm_searches(study)
            with closing(Mirror(store.database, searches)) as mirror:
                waves = SearchWaves(searches, store, mirror.show)
                try:
                    self._walk(study, store, waves, stop_after)
                except CutShort:
                    return None
            return search_answer(study, store)

    def _walk(self, study, store, waves, stop_after):
        done = 0
        run = store.begin_run(study, {"python": "CPython"})
        for wave in waves:
            store.add_planned(study, wave.specs)
            for spec in wave.specs:
                if done == stop_after:
                    raise CutShort
                store.claim(run, [spec.digest])
                store.record(run, [attempt(self.task(study, spec, wave.pruning))])
                done += 1

    def task(self, study, spec, pruning):
        return Task(
            digest=spec.digest,
            params=spec.params,
            seed=spec.seed,
            function=locate(study),
            command=None,
            folder=self.folder,
            timeout_s=None,
            required_metrics=(study.deciding_metric,),
            declared_metrics=None,
            reserved_metrics=frozenset(),
            assets=self.folder / "assets",
            seeding=spec.seeding,
            pruning=pruning.get(spec.digest),
        )

    def answer(self, study):
        with ResultsStore(self.db) as store:
            return search_answer(study, store)

    def rows(self):
        with ResultsStore(self.db) as store:
            return store.trial_rows("search")

    def dump(self):
        """All that harness and Optuna know of the search, save when and where it was found out."""
        with ResultsStore(self.db) as store:
            return {**_harness_tables(store), "optuna": optuna_trials(self.db)}


def _harness_tables(store):
    found = {}
    with store.database.read() as connection:
        digests = {row.id: row.digest for row in connection.execute(sa.select(schema.trials))}
        for table in (
            schema.candidates,
            schema.trials,
            schema.metrics,
            schema.learning_curves,
            schema.studies,
            schema.attachments,
        ):
            found[table.name] = sorted(
                str(
                    {
                        "of": digests.get(getattr(row, "trial_id", None)),
                        **{k: v for k, v in row._mapping.items() if k not in _OF_THE_RUN},
                    }
                )
                for row in connection.execute(sa.select(table))
            )
    return found


def optuna_trials(db):
    """The searches as Optuna shows them."""
    with quiet():
        storage = optuna.storages.RDBStorage(f"sqlite:///{db}")
    try:
        return {
            study.study_name: [
                (
                    trial.number,
                    trial.state.name,
                    trial.params,
                    trial.values,
                    trial.user_attrs,
                    trial.intermediate_values,
                    str(trial.distributions),
                )
                for trial in storage.get_all_trials(study._study_id)
            ]
            for study in storage.get_all_studies()
        }
    finally:
        storage.engine.dispose()


@pytest.fixture(scope="session")
def bench_in():
    """Make a bench in a folder."""
    return SearchBench


@pytest.fixture
def bench(tmp_path):
    return SearchBench(tmp_path / "bench")


@pytest.fixture
def another(tmp_path):
    """Make a bench in another folder, which has nothing in common with the first."""

    def make(name="another"):
        return SearchBench(tmp_path / name)

    return make
