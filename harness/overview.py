"""How far a study is, cell by cell, and how long the rest should take."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from harness.canonical import JSON
from harness.store.reading import ResultsReader, StoredTrial
from harness.store.schema import FINISHED, State
from harness.study.model import Study
from harness.study.planning import TrialSpec, plan, select_arms


@dataclass(frozen=True, slots=True)
class CellOverview:
    """The trials of one arm at one combination of factor levels, ordinary or of one source.

    Attributes:
        arm: name of the arm.
        levels: the factor levels.
        source: the source of variance that its trials vary; ``all`` for ordinary trials.
        states: number of trials in each state.
        finished: seeds whose trials are finished.
        missing: seeds whose trials are not.
        durations_s: how long the finished trials took, in seconds.
    """

    arm: str
    levels: Mapping[str, JSON]
    source: str
    states: Mapping[State, int]
    finished: tuple[int, ...]
    missing: tuple[int, ...]
    durations_s: tuple[float, ...]


def cells(
    study: Study, stored: Mapping[str, StoredTrial], arms: Collection[str] | None
) -> list[CellOverview]:
    """Every cell of a study, in the order in which the study declares them.

    Args:
        study: the study.
        stored: its stored trials, by digest.
        arms: only these arms; None for all.
    """
    groups: dict[tuple[str, int, str], list[TrialSpec]] = defaultdict(list)
    order = {id(cell): number for number, cell in enumerate(study.cells)}
    for spec in _specs(study, arms):
        groups[spec.source, order[id(spec.levels)], spec.arm].append(spec)
    return [_cell(specs, stored) for specs in groups.values()]


def trials(
    study: Study, stored: Mapping[str, StoredTrial], arms: Collection[str] | None
) -> list[dict[str, Any]]:
    """Every trial of a study with its state; trials never entered are planned."""
    return [
        {
            "trial": spec.digest,
            "arm": spec.arm,
            "seed": spec.seed,
            "levels": dict(spec.levels),
            "source": spec.source,
            "params": dict(spec.params),
            "state": str(_state(spec, stored)),
        }
        for spec in _specs(study, arms)
    ]


def failed_planned(stored: Mapping[str, StoredTrial]) -> dict[str, StoredTrial]:
    """Stored trials as they are once those that failed are to be tried again."""
    return {
        digest: replace(trial, state=State.PLANNED) if trial.state is State.FAILED else trial
        for digest, trial in stored.items()
    }


def remaining_time_s(table: Sequence[CellOverview], jobs: int) -> float | None:
    """How long the missing trials should take, in seconds; None before any has finished.

    Each cell is expected to go on as its finished trials went; a cell without any, as the mean of
    all others.
    """
    known = [duration for cell in table for duration in cell.durations_s]
    if not known:
        return None
    typical = fmean(known)
    work = sum(
        len(cell.missing) * (fmean(cell.durations_s) if cell.durations_s else typical)
        for cell in table
    )
    return work / jobs


@dataclass(frozen=True, slots=True)
class ExpectedWorkers:
    """How many worker processes a run will have, without asking the trial function.

    Attributes:
        jobs: their number.
        sure: whether there can be so many; the trial function's batch form may want fewer.
    """

    jobs: int
    sure: bool

    def __str__(self) -> str:
        """As a plan says it."""
        return f"{self.jobs} at a time" + ("" if self.sure else " if so many can run side by side")


def expected_workers(
    study: Study, store: ResultsReader | None, jobs: int | None
) -> ExpectedWorkers:
    """As many as the user wants, or else as many as the study's last run here had.

    Args:
        study: the study.
        store: where its runs are; None where there is no database yet.
        jobs: the number that the user gave, if any.
    """
    if study.trial.alone:
        return ExpectedWorkers(1, sure=True)
    if jobs is None:
        last = store.last_jobs(study.name) if store is not None else None
        if last is not None:
            return ExpectedWorkers(last, sure=True)
    # It takes joblib, which is of no use to those who only look at the cells.
    from harness.execution.pool import usable_cores

    wanted = jobs or usable_cores()
    return ExpectedWorkers(wanted, sure=wanted == 1)


def spans(seeds: Sequence[int]) -> str:
    """Seeds in short, such as ``0-19, 25``."""
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and seed == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], seed]
        else:
            parts.append([seed])
    return ", ".join("-".join(map(str, part)) for part in parts)


def _specs(study: Study, arms: Collection[str] | None) -> Sequence[TrialSpec]:
    return plan(study) if arms is None else select_arms(study, plan(study), arms)


def _cell(specs: Sequence[TrialSpec], stored: Mapping[str, StoredTrial]) -> CellOverview:
    states = {spec.seed: _state(spec, stored) for spec in specs}
    durations = (stored[spec.digest].duration_s for spec in specs if spec.digest in stored)
    return CellOverview(
        arm=specs[0].arm,
        levels=specs[0].levels,
        source=specs[0].source,
        states=Counter(states.values()),
        finished=tuple(seed for seed, state in states.items() if state in FINISHED),
        missing=tuple(seed for seed, state in states.items() if state not in FINISHED),
        # An attempt whose worker died has no duration.
        durations_s=tuple(duration for duration in durations if duration),
    )


def _state(spec: TrialSpec, stored: Mapping[str, StoredTrial]) -> State:
    return stored[spec.digest].state if spec.digest in stored else State.PLANNED
