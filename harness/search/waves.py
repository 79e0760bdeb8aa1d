"""The trials of a search, wave by wave: the next batch of every arm."""

import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass

from harness.execution.waves import Wave
from harness.search.arms import ArmSearch
from harness.search.judging import CandidateState, JudgedCandidate, judged, reopened
from harness.search.pruning import Pruning
from harness.search.suggesting import next_batch
from harness.store.candidates import record_candidates
from harness.store.schema import FINISHED, State
from harness.store.store import ResultsStore
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class SearchWaves:
    """The waves of a search, each asked for when the trials of the one before are finished.

    Attributes:
        searches: the searches of the arms.
        store: where candidates and trials are.
        after: called with all candidates of every arm before each wave and at the end.
        again: digests of failed trials that are run again.
    """

    searches: Sequence[ArmSearch]
    store: ResultsStore
    after: Callable[[Sequence[Sequence[JudgedCandidate]]], None]
    again: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Wave]:
        again = self.again
        while True:
            now = self._now(again)
            self.after(now)
            idle = [pair for pair in zip(self.searches, now, strict=True) if not _open(pair[1])]
            suggested = [self._suggest(*pair) for pair in idle]
            if any(suggested):
                now = self._now(again)
            wave = self._wave(now, again)
            if wave.specs:
                yield wave
                # They have been planned again with this wave.
                again = frozenset()
            # Candidates whose trials are all there already need no wave, and others may follow.
            elif not any(suggested):
                return

    def _now(self, again: Container[str]) -> list[list[JudgedCandidate]]:
        """All candidates; failed trials that are to be tried again count as planned."""
        found = judged(self.searches, self.store)
        return [[reopened(candidate, again) for candidate in each] for each in found]

    def _suggest(self, search: ArmSearch, candidates: Sequence[JudgedCandidate]) -> bool:
        """Record the next batch of an arm; whether there is one."""
        batch = next_batch(search, candidates)
        if batch:
            record_candidates(
                self.store.database, search.study.name, search.arm, search.digest, batch
            )
        return bool(batch)

    def _wave(self, now: Sequence[Sequence[JudgedCandidate]], again: frozenset[str]) -> Wave:
        specs: dict[str, TrialSpec] = {}
        pruning: dict[str, Pruning] = {}
        for search, candidates in zip(self.searches, now, strict=True):
            for candidate in _next_open(search, candidates):
                earlier = candidates[: search.first_of_batch(candidate.number)]
                for place, (spec, state) in enumerate(
                    zip(candidate.specs, candidate.states, strict=True)
                ):
                    if state in FINISHED:
                        continue
                    specs.setdefault(spec.digest, spec)
                    if spec.search is not None:
                        pruning.setdefault(spec.digest, _pruning(search, earlier, place))
        return Wave(tuple(specs.values()), pruning, again)


def _open(candidates: Sequence[JudgedCandidate]) -> list[JudgedCandidate]:
    return [each for each in candidates if each.state is CandidateState.OPEN]


def _next_open(search: ArmSearch, candidates: Sequence[JudgedCandidate]) -> list[JudgedCandidate]:
    """The open candidates of the earliest batch that has any.

    After trials were planned again, several batches may. What the later ones are pruned by is known
    once the earlier ones are finished, and must not depend on which finish first.
    """
    waiting = _open(candidates)
    first = min((search.first_of_batch(each.number) for each in waiting), default=0)
    return [each for each in waiting if search.first_of_batch(each.number) == first]


def _pruning(search: ArmSearch, earlier: Sequence[JudgedCandidate], place: int) -> Pruning:
    """What the trial at this place among the seeds is measured by."""
    return Pruning(
        metric=search.settings.metric,
        direction=search.direction,
        startup=search.settings.startup,
        warmup_steps=search.settings.warmup_steps,
        curves=tuple(
            {step: value for step, value in each.curves[place].items() if math.isfinite(value)}
            for each in earlier
            if each.states[place] is State.COMPLETE
        ),
    )
