"""What a search found: the one object that terminals, pages and programs show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from harness.answer import Answer, answer, trials_of
from harness.search.arms import ArmSearch, arm_searches
from harness.search.judging import CandidateState, JudgedCandidate, judged, winner
from harness.search.linking import linked
from harness.store.reading import Failure, ResultsReader
from harness.store.schema import FINISHED, State
from harness.study.model import Study


@dataclass(frozen=True)
class ArmFound:
    """What the search of one arm found.

    Attributes:
        search: the search.
        candidates: the candidates that are recorded, in order.
    """

    search: ArmSearch
    candidates: tuple[JudgedCandidate, ...]

    @property
    def arm(self) -> str:
        """Name of the arm."""
        return self.search.arm

    @cached_property
    def states(self) -> Mapping[CandidateState, int]:
        """Number of candidates in each state; those yet to be suggested count as open."""
        counts = Counter(candidate.state for candidate in self.candidates)
        counts[CandidateState.OPEN] += self.search.budget - len(self.candidates)
        return counts

    @property
    def tried(self) -> int:
        """Number of candidates that are finished, whatever became of them."""
        return self.search.budget - self.states[CandidateState.OPEN]

    @cached_property
    def start(self) -> JudgedCandidate | None:
        """The candidate with the declared values; None where it is not (yet) one."""
        found = (each for each in self.candidates if self.search.is_start(each.params))
        return next(found, None)

    @cached_property
    def winner(self) -> JudgedCandidate | None:
        """The best complete candidate; None without any."""
        return winner(self.search, self.candidates)

    @property
    def gain(self) -> float | None:
        """By how much the winner's mean is better than the starting point's; at least 0.

        It is optimistic: the winner was selected for being the best of all. None where either is
        not complete.
        """
        if self.winner is None or self.start is None:
            return None
        best, start = self.winner.mean, self.start.mean
        if best is None or start is None:
            return None
        return best - start if self.search.direction == "maximize" else start - best

    @property
    def different(self) -> int:
        """How many candidates differ: a space of few values repeats some."""
        return len({candidate.specs[0].digest for candidate in self.candidates})

    @property
    def trials(self) -> Mapping[str, State]:
        """The trials of the recorded candidates and where they stand, by digest."""
        return {
            spec.digest: state
            for each in self.candidates
            for spec, state in zip(each.specs, each.states, strict=True)
        }

    @property
    def finished_trials(self) -> int:
        """How many of its trials are finished."""
        return sum(state in FINISHED for state in self.trials.values())


@dataclass(frozen=True)
class SearchAnswer:
    """A search with its candidates and what came of them.

    Attributes:
        study: the search as it is asked now.
        arms: what was found, arm by arm.
        trials: its trials and what lies behind them; nothing is compared.
    """

    study: Study
    arms: tuple[ArmFound, ...]
    trials: Answer

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The trials that failed, with their errors."""
        return self.trials.failures

    @property
    def total(self) -> int:
        """How many trials it has at most when all are finished."""
        return len(self.study.seeds.all()) * self.budget

    @property
    def finished(self) -> int:
        """How many of them are finished."""
        return self.trials.finished

    def arm(self, name: str) -> ArmFound:
        """What was found for the arm of this name.

        Raises:
            KeyError: if the study has no such arm.
        """
        return {found.arm: found for found in self.arms}[name]

    def winners(self) -> dict[str, Mapping[str, JsonValue]]:
        """The searched parameters of the winner of every arm that has one."""
        return {found.arm: found.winner.params for found in self.arms if found.winner is not None}

    @property
    def budget(self) -> int:
        """How many candidates it has when all are finished."""
        return sum(found.search.budget for found in self.arms)

    @property
    def tried(self) -> int:
        """How many of them are finished, whatever became of them."""
        return sum(found.tried for found in self.arms)

    @property
    def is_finished(self) -> bool:
        """Whether every candidate of every arm is finished."""
        return self.tried == self.budget

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know before believing the numbers, one sentence each."""
        from harness.search.cautions import search_cautions

        return search_cautions(self)

    def __str__(self) -> str:
        from harness.search.text import search_text

        return search_text(self)


def any_answer(study: Study, store: ResultsReader) -> Answer | SearchAnswer:
    """The answer to a study: what a search found, or how arms compare."""
    return answer(study, store) if study.search is None else search_answer(study, store)


def search_answer(study: Study, store: ResultsReader) -> SearchAnswer:
    """What the store knows of a search, finished or not.

    Args:
        study: a study with ``[search]``.
        store: where its candidates and trials are.

    Raises:
        StudyError: if an arm begins where another search has no winner yet.
    """
    study = linked(study, store)
    searches = arm_searches(study)
    arms = tuple(
        ArmFound(search, tuple(candidates))
        for search, candidates in zip(searches, judged(searches, store), strict=True)
    )
    specs = {s.digest: s for each in arms for c in each.candidates for s in c.specs}
    return SearchAnswer(study, arms, trials_of(study, store, tuple(specs.values())))
