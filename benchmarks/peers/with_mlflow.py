"""MLflow's tracking store on an SQLite file, through its fluent interface."""

import tempfile
from pathlib import Path

import mlflow

from benchmarks.serving import Run


def recording(folder: str, trials: int, metrics: int) -> Run:
    """Some runs after one another, each with its metrics."""
    place = Path(tempfile.mkdtemp(dir=folder))
    mlflow.set_tracking_uri(f"sqlite:///{place / 'mlflow.db'}")
    mlflow.set_experiment("recording")
    values = {f"metric_{number}": float(number) for number in range(metrics)}

    def run() -> None:
        for _ in range(trials):
            with mlflow.start_run():
                mlflow.log_metrics(values)

    return run
