"""Suggests the next candidates of an arm from those that are finished.

A batch follows from the batches before it and from nothing else, so that it comes out the same
whenever it is asked for, by whichever process.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState
from pydantic import JsonValue

from harness.canonical import canonical_json, digest
from harness.search.arms import ArmSearch
from harness.search.judging import CandidateState, JudgedCandidate
from harness.search.optuna_study import (
    distributions,
    frozen,
    optuna_version,
    quiet,
    study_in_memory,
)
from harness.store.candidates import Candidate

# How often a candidate that is there already is drawn anew. Where a space has few values, all of
# them may be there; the repetition then costs nothing, because its trials are there as well.
_DRAWS = 20

_STATES = {
    CandidateState.COMPLETE: TrialState.COMPLETE,
    CandidateState.PRUNED: TrialState.PRUNED,
    CandidateState.FAILED: TrialState.FAIL,
}


def next_batch(search: ArmSearch, judged: Sequence[JudgedCandidate]) -> list[Candidate]:
    """The candidates that follow those that are recorded, up to the end of a batch.

    Args:
        search: the search of the arm.
        judged: its recorded candidates; those of earlier batches are finished.
    """
    first = len(judged)
    if first >= search.budget:
        return []
    begin = search.first_of_batch(first)
    end = min(search.budget, begin + search.settings.at_once)
    if not search.space:
        return [Candidate(0, {}, "declared")]
    if search.settings.sampler == "grid":
        points = itertools.islice(_grid(search), first, end)
        return [Candidate(number, point, "grid") for number, point in enumerate(points, first)]
    with quiet():
        return list(_drawn(search, judged[:begin], judged[begin:], range(first, end)))


def as_optuna_trial(
    candidate: JudgedCandidate,
    space: Mapping[str, BaseDistribution],
    **shown: Any,  # noqa: ANN401 - attributes and times, as `frozen` takes them
) -> FrozenTrial:
    """A finished candidate as Optuna learns from it and shows it."""
    return frozen(
        _STATES[candidate.state],
        value=candidate.mean,
        params=candidate.params,
        space=space,
        curve=candidate.curve,
        **shown,
    )


def _grid(search: ArmSearch) -> Iterator[Mapping[str, JsonValue]]:
    """Every point of the grid, the last parameter varying fastest."""
    axes = [dimension.points() for dimension in search.space.values()]
    for point in itertools.product(*axes):
        yield dict(zip(search.space, point, strict=True))


def _drawn(
    search: ArmSearch,
    earlier: Sequence[JudgedCandidate],
    batch: Sequence[JudgedCandidate],
    numbers: range,
) -> Iterator[Candidate]:
    """Candidates for these numbers, the declared values first of all."""
    space = distributions(search.space)
    study = study_in_memory(
        search.direction, [as_optuna_trial(candidate, space) for candidate in earlier]
    )
    known = {canonical_json(candidate.params) for candidate in (*earlier, *batch)}
    for candidate in batch:
        study.add_trial(frozen(TrialState.RUNNING, params=candidate.params, space=space))
    for number in numbers:
        if number == 0:
            values, by = dict(search.start), "declared"
        else:
            values, by = _draw(search, study, number, known), optuna_version()
        known.add(canonical_json(values))
        study.add_trial(frozen(TrialState.RUNNING, params=values, space=space))
        yield Candidate(number, values, by)


def _draw(
    search: ArmSearch, study: optuna.Study, number: int, known: set[bytes]
) -> dict[str, JsonValue]:
    """Values for a candidate; of several draws the first that is not there already."""
    draws = [_drawn_once(search, study, number, 0)]
    while canonical_json(draws[-1]) in known and len(draws) < _DRAWS:
        draws.append(_drawn_once(search, study, number, len(draws)))
    return draws[-1]


def _drawn_once(
    search: ArmSearch, study: optuna.Study, number: int, draw: int
) -> dict[str, JsonValue]:
    study.sampler = _sampler(search, number, draw)
    asked = study.ask(distributions(search.space))
    # The study must not remember what was only asked for: candidates are added to it by themselves.
    study.tell(asked, state=TrialState.FAIL)
    return search.plain(asked.params)


def _sampler(search: ArmSearch, number: int, draw: int) -> optuna.samplers.BaseSampler:
    settings = search.settings
    # NumPy's old generator, which Optuna uses, takes 32 bits.
    seed = int(digest("search-seed", [settings.seed, search.arm, number, draw])[:8], 16)
    if settings.sampler == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    # With the liar, a candidate keeps away from those of its batch, whose scores nobody knows yet.
    return optuna.samplers.TPESampler(
        n_startup_trials=settings.startup, seed=seed, constant_liar=True
    )
