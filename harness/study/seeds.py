"""The seeds of a study, and which of their streams may be varied alone."""

from collections import Counter
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from harness.errors import Problem
from harness.study.parts import Part, as_tuple, as_tuples, is_visible, twice
from harness.study.problems import GrammarError, shown
from harness.study.sources import ALL_SOURCES
from harness.study.values import LARGEST_INTEGER

Seed = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
Streams = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class Seeds(Part):
    """The seeds that every arm is run with: 0 … count − 1, or those listed.

    Attributes:
        count: how many, from 0 on.
        values: or which.
        sources: sources of variance by name, each with the random streams that make it up. Besides
            its ordinary trials every arm then has, for each source, trials in which only these
            streams follow the seed, and all others stay at ``held``.
        held: the seed of all streams that stay the same.
    """

    count: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    values: Annotated[tuple[Seed, ...], BeforeValidator(as_tuple)] | None = None
    sources: Annotated[dict[str, Streams], BeforeValidator(as_tuples)] = Field(default_factory=dict)
    held: Seed = 0

    @model_validator(mode="after")
    def _one_list(self) -> "Seeds":
        if (self.count is None) == (self.values is None):
            raise GrammarError(
                "seeds are either counted or listed",
                given="neither" if self.count is None else "both",
                remedy="write count = 20, or values = [3, 5, 8]",
            )
        if self.values is not None and not self.values:
            raise GrammarError("the list of seeds is empty", key="values", given="[]")
        if self.values is not None and len(set(self.values)) < len(self.values):
            twice = sorted(seed for seed, times in Counter(self.values).items() if times > 1)
            raise GrammarError("a seed is listed twice", key="values", given=shown(twice))
        return self

    @model_validator(mode="after")
    def _sources_are_apart(self) -> "Seeds":
        problems = [
            problem
            for source, streams in self.sources.items()
            for problem in _source_problems(source, streams)
        ]
        shared = twice(stream for streams in self.sources.values() for stream in set(streams))
        if shared is not None:
            problems.append(
                Problem(
                    "a stream belongs to one source, or its variance would be counted twice",
                    "sources",
                    shared,
                )
            )
        if problems:
            raise GrammarError(problems=problems)
        return self

    def all(self) -> tuple[int, ...]:
        """Every seed, in the order in which they are run."""
        return self.values if self.values is not None else tuple(range(self.count or 0))


def _source_problems(source: str, streams: tuple[str, ...]) -> list[Problem]:
    key = f"sources.{source}"
    if source == ALL_SOURCES:
        what = "is what the ordinary trials are called, in which every stream follows the seed"
        return [Problem(what, key, source, remedy="give the source another name")]
    if not is_visible(source):
        return [Problem("a source needs a visible name of one line", "sources", repr(source))]
    if not streams or not all(is_visible(stream) for stream in streams):
        remedy = 'write those that the trial function draws from, such as ["init"]'
        return [Problem("lists names of random streams", key, shown(streams), remedy=remedy)]
    if twice(streams) is not None:
        return [Problem("a stream is listed twice", key, shown(streams))]
    return []
