"""From trials that are wanted to what workers are told of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.execution.batches import Cell, Job
from harness.execution.worker import functions
from harness.execution.worker.task import Task
from harness.search.pruning import Pruning
from harness.study.consistency import reserved_names
from harness.study.model import Study
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class MissingTrials:
    """What is still to be run of a wave.

    Attributes:
        jobs: these trials; at least one.
        enter: enters the wave into the database, which is done when nothing speaks against its
            trials: what a worker refuses that is asked for them leaves no trace.
    """

    jobs: Sequence[Job]
    enter: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What trials with equal parameters and levels have in common."""

    cell: Cell
    reserved_metrics: frozenset[str]


def jobs_of(
    study: Study, specs: Sequence[TrialSpec], assets: Path, pruning: Mapping[str, Pruning]
) -> list[Job]:
    """The jobs of a wave.

    Args:
        study: the study.
        specs: the trials that are to be run.
        assets: folder of the shared assets.
        pruning: by what those are measured that may be cut short, by digest.
    """
    function = functions.locate(study) if study.trial.function is not None else None
    folder, needed, reserved = folder_of(study), (study.deciding_metric,), reserved_names(study)
    # Trials of one arm and cell share these objects; to compare what is in them takes far longer.
    shared: dict[tuple[int, int], _Shared] = {}
    jobs = []
    for spec in specs:
        place = id(spec.params), id(spec.levels)
        if place not in shared:
            shared[place] = _Shared(Cell(spec.params), frozenset(reserved | set(spec.levels)))
        task = Task(
            digest=spec.digest,
            params=spec.params,
            seed=spec.seed,
            function=function,
            command=study.trial.command,
            folder=folder,
            timeout_s=study.trial.timeout_s,
            required_metrics=needed,
            declared_metrics=study.trial.metrics,
            reserved_metrics=shared[place].reserved_metrics,
            assets=assets,
            seeding=spec.seeding,
            alone=study.trial.alone,
            pruning=pruning.get(spec.digest),
        )
        jobs.append(Job(task, shared[place].cell))
    return jobs


def folder_of(study: Study) -> Path:
    """Where a study's program runs, and its code lies."""
    return study.source.parent if study.source is not None else Path.cwd()
