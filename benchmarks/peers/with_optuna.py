"""Optuna's storage on an SQLite file, with its own settings."""

import tempfile
from pathlib import Path

import optuna

from benchmarks.serving import Run


def _study(folder: str) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    place = Path(tempfile.mkdtemp(dir=folder))
    # Its other samplers read every finished trial before each new one.
    sampler = optuna.samplers.RandomSampler(seed=1)
    return optuna.create_study(storage=f"sqlite:///{place / 'optuna.db'}", sampler=sampler)


def recording(folder: str, trials: int, metrics: int) -> Run:
    """Some trials after one another, each with its metrics as user attributes."""
    study = _study(folder)
    values = {f"metric_{number}": float(number) for number in range(metrics)}

    def run() -> None:
        for _ in range(trials):
            trial = study.ask()
            for name, value in values.items():
                trial.set_user_attr(name, value)
            study.tell(trial, 0.0)

    return run


def optimising(folder: str, trials: int, jobs: int) -> Run:
    """Trials that do nothing, by this many threads."""
    study = _study(folder)
    return lambda: study.optimize(lambda _: 0.0, n_trials=trials, n_jobs=jobs)
