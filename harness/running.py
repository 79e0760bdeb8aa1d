"""Runs a study and gives its answer: what ``harness study run`` does, for programs."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from harness.answer import Answer, answer
from harness.execution.dispatch import RunSummary, run_missing
from harness.store.store import ResultsStore
from harness.study.model import Study
from harness.study.planning import plan, select_arms

DEFAULT_ARTIFACTS = Path("artifacts")


@dataclass(frozen=True)
class StudyRun:
    """An answer, and what it took to get it this time."""

    answer: Answer
    summary: RunSummary


def run_study(
    study: Study,
    *,
    db: str | Path | None = None,
    artifacts: str | Path | None = None,
    jobs: int | None = None,
    arms: Collection[str] | None = None,
    retry_failed: bool = False,
) -> StudyRun:
    """Run the trials of a study that are missing, and answer it.

    On systems that start worker processes afresh (all that harness runs on), a script that calls
    this guards the call with ``if __name__ == "__main__":``.

    Args:
        study: the study.
        db: a file or a URL; None takes ``HARNESS_DB``, then ``artifacts/results.db``.
        artifacts: folder for shared assets; ``artifacts`` by default.
        jobs: number of worker processes; all cores by default.
        arms: run these arms only; all by default.
        retry_failed: whether trials that failed in an earlier run are tried again.

    Raises:
        StudyError: if the study cannot be run as it is.
        RunInterrupted: after Ctrl-C; what was finished is stored.
    """
    specs = plan(study)
    if arms is not None:
        specs = select_arms(study, specs, arms)
    assets = Path(artifacts or DEFAULT_ARTIFACTS) / "assets"
    with ResultsStore(db) as store:
        summary = run_missing(study, specs, store, assets, jobs=jobs, retry_failed=retry_failed)
        return StudyRun(answer(study, store), summary)
