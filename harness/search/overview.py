"""How far a search is, arm by arm, and how much of it is left."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from harness.search.answer import ArmFound
from harness.search.arms import arm_searches
from harness.search.judging import CandidateState, judged, reopened
from harness.search.text import assignments, score
from harness.store.reading import ResultsReader
from harness.store.schema import State
from harness.study.model import Study


def found_so_far(
    study: Study, store: ResultsReader | None, arms: Collection[str] | None = None
) -> list[ArmFound]:
    """What is recorded of a search, arm by arm; nothing when there is no database yet."""
    searches = arm_searches(study, arms)
    recorded = judged(searches, store) if store is not None else [[] for _ in searches]
    return [
        ArmFound(search, tuple(candidates))
        for search, candidates in zip(searches, recorded, strict=True)
    ]


def failed_trials(found: Sequence[ArmFound]) -> frozenset[str]:
    """Digests of the trials that failed."""
    return frozenset(
        trial for each in found for trial, state in each.trials.items() if state is State.FAILED
    )


def failed_open(found: Sequence[ArmFound]) -> list[ArmFound]:
    """What is recorded of a search, as it is once its failed trials are to be tried again."""
    return [
        replace(each, candidates=tuple(reopened(one, each.trials) for one in each.candidates))
        for each in found
    ]


def plan_rows(found: Sequence[ArmFound]) -> list[dict[str, Any]]:
    """One row an arm: its budget, what is finished of it, and the trials left at most."""
    return [
        {
            "arm": each.arm,
            "searched": ", ".join(each.search.space) or "nothing",
            "candidates": each.search.budget,
            "finished": each.tried,
            "trials left": trials_left(each),
        }
        for each in found
    ]


def status_rows(found: Sequence[ArmFound]) -> list[dict[str, Any]]:
    """One row an arm: candidates in each state, and the best of them."""
    return [
        {
            "arm": each.arm,
            **{str(state): each.states[state] for state in CandidateState},
            "best": score(each.winner),
            "with": assignments(each.winner.params) if each.winner is not None else "",
        }
        for each in found
    ]


def trials_left(found: ArmFound) -> int:
    """How many trials are left of an arm, at most: some candidates may repeat earlier ones."""
    seeds = len(found.search.study.seeds.all())
    repeated = len(found.candidates) - found.different
    return seeds * (found.search.budget - repeated) - found.finished_trials


def remaining_search_time_s(
    study: Study, found: Sequence[ArmFound], store: ResultsReader | None, jobs: int
) -> float | None:
    """How long the rest should take at most, in seconds; None before any trial has finished."""
    if store is None:
        return None
    stored = store.stored(study.name)
    trials = (trial for each in found for trial in each.trials)
    durations = [stored[trial].duration_s for trial in trials if trial in stored]
    known = [duration for duration in durations if duration]
    if not known:
        return None
    return sum(map(trials_left, found)) * fmean(known) / jobs
