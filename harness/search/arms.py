"""The search of one arm: what it depends on, where it begins, and which batches it has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import JsonValue

from harness.canonical import canonical_json, digest
from harness.study.model import Study
from harness.study.planning import TrialSpec, candidate_trials, require_arms, what_runs
from harness.study.search import Dimension, Search


@dataclass(frozen=True)
class ArmSearch:
    """The search of one arm of a study.

    Attributes:
        study: the study.
        settings: its table ``[search]``.
        arm: name of the arm.
    """

    study: Study
    settings: Search
    arm: str

    @cached_property
    def params(self) -> Mapping[str, JsonValue]:
        """All parameters of the arm as they are declared."""
        return {**self.study.params, **self.study.arms[self.arm]}

    @cached_property
    def space(self) -> Mapping[str, Dimension]:
        """What is searched, in the order declared; empty where there is nothing to search."""
        return self.settings.searched(self.params)

    @cached_property
    def start(self) -> Mapping[str, JsonValue]:
        """The declared values of what is searched: the starting point."""
        return {name: self.params[name] for name in self.space}

    @property
    def budget(self) -> int:
        """How many candidates it has when it is finished."""
        return self.settings.budget(self.params)

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """Which values of the metric are better."""
        return self.settings.direction or self.study.protocol.direction

    @cached_property
    def digest(self) -> str:
        """Digest of everything that the candidates depend on.

        The budget is no part of it: candidates that are there already would be suggested again, so
        a larger budget goes on from them. The arm's name is: each arm draws from a stream of its
        own. So an arm of a search that is renamed is searched anew.
        """
        settings = self.settings.model_dump(mode="json", exclude={"trials", "space", "direction"})
        return digest(
            "search",
            {
                "study": self.study.name,
                "trial": what_runs(self.study),
                "trial_version": self.study.trial.version,
                "arm": self.arm,
                "params": self.params,
                "seeds": self.study.seeds.all(),
                "direction": self.direction,
                # Suggestions depend on the order of the parameters, which JSON objects have not.
                "space": [[name, each.identity()] for name, each in self.space.items()],
                "settings": settings,
            },
        )

    def first_of_batch(self, number: int) -> int:
        """The first candidate of the batch that a candidate is suggested with."""
        return number - number % self.settings.at_once

    def plain(self, values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Searched parameters as the study would declare them, in the order of the space."""
        return {name: each.plain(values[name]) for name, each in self.space.items()}

    def trials(self, values: Mapping[str, JsonValue]) -> tuple[TrialSpec, ...]:
        """The trials of a candidate with these values, one a seed."""
        return candidate_trials(self.study, self.arm, values, self.digest)

    def is_start(self, values: Mapping[str, JsonValue]) -> bool:
        """Whether a candidate is the starting point."""
        return canonical_json(values) == canonical_json(self.start)


def arm_searches(study: Study, arms: Collection[str] | None = None) -> tuple[ArmSearch, ...]:
    """The searches of a study, arm by arm.

    Args:
        study: a study with ``[search]``.
        arms: names of the arms that are wanted; None for all.

    Raises:
        StudyError: for an arm that the study does not have.
    """
    if study.search is None:
        raise ValueError(f"the study {study.name!r} is no search")
    wanted = tuple(study.arms) if arms is None else require_arms(study, arms)
    return tuple(ArmSearch(study, study.search, arm) for arm in study.arms if arm in wanted)
