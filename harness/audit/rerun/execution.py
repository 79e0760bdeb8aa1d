"""Runs trials once more, into a database of their own that is thrown away afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.canonical import JSON, digest
from harness.environment import capture
from harness.errors import RunInterrupted
from harness.execution.dispatch import run_missing
from harness.execution.pool import THREADS_PER_JOB, usable_cores
from harness.execution.worker.functions import source_digest
from harness.store.exchange import METRIC_PREFIX, Row, export_trial
from harness.store.reading import ResultsReader
from harness.store.store import ResultsStore
from harness.study.model import Study
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class Execution:
    """What one execution of a trial gave, and where it ran.

    Attributes:
        state: ``complete`` or ``failed``.
        duration_s: how long it took, in seconds; None where that is not known.
        metrics: final metrics; values may be NaN or infinite.
        curve: the learning curves' values, by metric and step.
        predictions: the number of test examples and one bit for each; None where none were saved.
        assets: the content of every asset that it used, by the asset's builder and address.
        facts: what the trial noted about how it ran.
        environment: code, packages, hardware and threads.
        error: what it raised; None unless it failed.
    """

    state: str
    duration_s: float | None
    metrics: Mapping[str, float]
    curve: Mapping[tuple[str, int], float]
    predictions: tuple[int, str] | None
    assets: Mapping[str, str]
    facts: Mapping[str, JSON]
    environment: Mapping[str, JSON]
    error: str | None


def stored_execution(store: ResultsReader, trial: str) -> Execution:
    """What the store holds of the trial with this digest."""
    row = export_trial(store, trial)
    saved: Any = row["predictions"]
    return Execution(
        state=str(row["state"]),
        duration_s=row["duration_s"],
        metrics=_metrics(row),
        curve={(name, int(step)): float(value) for step, name, value in row["learning_curve"]},
        predictions=None if saved is None else (int(saved["examples"]), str(saved["correct"])),
        assets={
            f"{asset['builder']} {asset['digest'][:12]}": _content(asset) for asset in row["assets"]
        },
        facts=row["facts"] or {},
        environment=row["environment"],
        error=_error(row),
    )


def run_again(
    study: Study, specs: Sequence[TrialSpec], *, assets: Path, jobs: int | None
) -> dict[str, Execution]:
    """Run trials as `harness study run` does, and keep nothing: what each gave, by digest.

    The runner itself runs them, with time limits, retries and one at a time where the study says
    so. It needs a store to write to, and is given an empty one.

    Args:
        study: the study, with what its arms take from searches.
        specs: the trials.
        assets: folder of the shared assets; one that is missing there is built.
        jobs: number of worker processes; all cores by default.

    Raises:
        StudyError: the trial function or program cannot be called.
        SetupError: it turns out in a worker that no trial can run.
        KeyboardInterrupt: after Ctrl-C or a termination signal.
    """
    with (
        TemporaryDirectory(prefix="harness-rerun-") as folder,
        ResultsStore(Path(folder) / "rerun.db") as scratch,
    ):
        try:
            run_missing(study, specs, scratch, assets, jobs=jobs)
        except RunInterrupted:
            # It would tell of trials that are stored, and of going on: here they vanish.
            raise KeyboardInterrupt from None
        return {spec.digest: stored_execution(scratch, spec.digest) for spec in specs}


def present_environment(
    study: Study, store: ResultsReader, *, assets: Path, jobs: int | None
) -> dict[str, JSON]:
    """The environment of now, with the same files left out as when the originals ran.

    The one that the runner records would count the results database among changes of the code.
    """
    return capture(
        study.source.parent if study.source is not None else Path.cwd(),
        jobs=1 if study.trial.alone else jobs or usable_cores(),
        threads_per_job=THREADS_PER_JOB,
        trial_source=source_digest(study),
        outputs=[assets, assets.parent / "reports", *store.database.files],
    )


def _metrics(row: Row) -> dict[str, float]:
    return {
        name.removeprefix(METRIC_PREFIX): float(value)
        for name, value in row.items()
        if name.startswith(METRIC_PREFIX)
    }


def _content(asset: Mapping[str, Any]) -> str:
    """Digest of what an asset is, as in `Asset.content_digest`."""
    return digest("asset-content", sorted([name, sha256] for name, _, sha256 in asset["files"]))


def _error(row: Row) -> str | None:
    """The error of the last attempt, where that is how the trial ended."""
    return str(row["failures"][-1]["error"]) if row["state"] == "failed" else None
