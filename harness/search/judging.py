"""What came of candidates: the trials of each, taken together over the seeds."""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, stdev

from pydantic import JsonValue

from harness.search.arms import ArmSearch
from harness.store.candidates import Candidate, read_candidates
from harness.store.reading import ResultsReader, StoredTrial
from harness.store.schema import FINISHED, State
from harness.study.planning import TrialSpec


class CandidateState(StrEnum):
    """Where a candidate stands."""

    OPEN = "open"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True)
class JudgedCandidate:
    """A candidate and what came of it.

    Attributes:
        number: its place among the candidates of its arm, from 0.
        params: the searched parameters.
        suggested_by: ``declared``, ``grid``, or the version of Optuna that drew it.
        specs: its trials, one a seed.
        states: where each of them stands.
        state: ``open`` until all trials are finished; then ``failed`` if one failed or has no
            finite metric, or if they are too large for a mean; else ``pruned`` if one was pruned,
            else ``complete``.
        values: the metric of every seed, in the order of the seeds; empty unless it is complete.
        curves: for every seed the metric as it was reported, by step.
    """

    number: int
    params: Mapping[str, JsonValue]
    suggested_by: str
    specs: tuple[TrialSpec, ...]
    states: tuple[State, ...]
    state: CandidateState
    values: tuple[float, ...]
    curves: tuple[Mapping[int, float], ...]

    @property
    def mean(self) -> float | None:
        """Mean of the metric over the seeds; None unless it is complete."""
        return fmean(self.values) if self.values else None

    @property
    def sd(self) -> float | None:
        """Standard deviation over the seeds; None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def curve(self) -> dict[int, float]:
        """Mean over the seeds at every step at which all seeds reported a finite value."""
        steps = set.intersection(*(set(curve) for curve in self.curves)) if self.curves else set()
        reported = {step: [curve[step] for curve in self.curves] for step in sorted(steps)}
        return {step: fmean(values) for step, values in reported.items() if _has_score(values)}


@dataclass(frozen=True)
class _Results:
    """What is stored of a study: states, final metrics and one learning curve, by trial."""

    stored: Mapping[str, StoredTrial]
    metrics: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, Mapping[int, float]]


def judged(searches: Sequence[ArmSearch], store: ResultsReader) -> list[list[JudgedCandidate]]:
    """The candidates of each search with what came of them, as far as its budget goes.

    Args:
        searches: the searches of some arms of one study.
        store: where their candidates and trials are.
    """
    found = [
        [
            (candidate, search.trials(search.plain(candidate.params)))
            for candidate in read_candidates(store.database, search.digest)
            if candidate.number < search.budget
        ]
        for search in searches
    ]
    if not any(found):
        return [[] for _ in searches]
    digests = [spec.digest for each in found for _, specs in each for spec in specs]
    results = _read(searches[0], store, digests)
    return [
        [_judged(search, candidate, specs, results) for candidate, specs in each]
        for search, each in zip(searches, found, strict=True)
    ]


def reopened(candidate: JudgedCandidate, again: Container[str]) -> JudgedCandidate:
    """A candidate as it is when those of its trials that failed are to be tried again.

    Args:
        candidate: as it is stored.
        again: digests of the trials that may be.
    """
    states = tuple(
        State.PLANNED if state is State.FAILED and spec.digest in again else state
        for spec, state in zip(candidate.specs, candidate.states, strict=True)
    )
    if states == candidate.states:
        return candidate
    return replace(candidate, states=states, state=CandidateState.OPEN, values=())


def winner(search: ArmSearch, candidates: Sequence[JudgedCandidate]) -> JudgedCandidate | None:
    """The complete candidate with the best mean; of equal ones the first. None without any."""
    sign = 1.0 if search.direction == "maximize" else -1.0
    complete = [each for each in candidates if each.mean is not None]
    return max(complete, key=lambda each: (sign * (each.mean or 0.0), -each.number), default=None)


def _read(search: ArmSearch, store: ResultsReader, digests: Sequence[str]) -> _Results:
    name = search.study.name
    # States first: of a trial that is finished here, all that is read later is there as well. One
    # that another process finishes in between is still open here.
    stored = store.stored(name)
    metrics = store.final_metrics(name)
    points = store.curves(digests, [search.settings.metric])
    curves: dict[str, dict[int, float]] = {}
    for trial, step, value in zip(points["trial"], points["step"], points["value"], strict=True):
        curves.setdefault(trial, {})[int(step)] = float(value)
    return _Results(stored, metrics, curves)


def _judged(
    search: ArmSearch, candidate: Candidate, specs: tuple[TrialSpec, ...], results: _Results
) -> JudgedCandidate:
    metric = search.settings.metric
    values = [results.metrics.get(spec.digest, {}).get(metric, math.nan) for spec in specs]
    stored = results.stored
    states = [stored[s.digest].state if s.digest in stored else State.PLANNED for s in specs]
    state = _state(states, values)
    return JudgedCandidate(
        number=candidate.number,
        params=search.plain(candidate.params),
        suggested_by=candidate.suggested_by,
        specs=specs,
        states=tuple(states),
        state=state,
        values=tuple(values) if state is CandidateState.COMPLETE else (),
        curves=tuple(results.curves.get(spec.digest, {}) for spec in specs),
    )


def _state(states: Sequence[State], values: Sequence[float]) -> CandidateState:
    if not FINISHED.issuperset(states):
        return CandidateState.OPEN
    if State.FAILED in states:
        return CandidateState.FAILED
    if State.PRUNED in states:
        return CandidateState.PRUNED
    return CandidateState.COMPLETE if _has_score(values) else CandidateState.FAILED


def _has_score(values: Sequence[float]) -> bool:
    """Whether numbers have a mean and a spread: finite ones of up to 1e308 may be too large."""
    if not all(map(math.isfinite, values)):
        return False
    try:
        spread = stdev(values) if len(values) > 1 else 0.0
        return math.isfinite(fmean(values)) and math.isfinite(spread)
    except OverflowError:
        return False
