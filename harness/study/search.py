"""The ``[search]`` table of a study file: what is searched, how, and on which budget.

A search tries candidates: sets of values for the parameters of ``[search.space]``. Every arm is
searched on its own, with the same budget.
"""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from harness.canonical import canonical_json
from harness.errors import Problem
from harness.study.parts import Part, as_tuple, is_visible
from harness.study.problems import GrammarError, dotted, shown
from harness.study.values import LARGEST_INTEGER, value_problems

# Optuna's tables hold names of up to 512 characters.
_LONGEST_NAME = 500

# A grid of more points is a slip of the pen rather than a plan.
_LARGEST_GRID = 100_000

# Beyond this, what samplers compute with a range has no number.
_WIDEST_RANGE = 1e300

# How far from a step a number may lie that was computed rather than written.
_STEP_TOLERANCE = 1e-8

Scalar = str | int | float | bool | None


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GrammarError("must be a number")
    problems = tuple(value_problems(value))
    if problems:
        raise GrammarError(problems=problems)
    return value


# Whole numbers stay whole: whether a range has only these depends on how its ends are written.
Number = Annotated[int | float, BeforeValidator(_number)]


def _visible(metric: str) -> str:
    if not is_visible(metric):
        raise GrammarError("must be a name (text) that is not empty")
    return metric


def _listed(value: object) -> object:
    listed = list(value) if isinstance(value, tuple) else value
    problems = tuple(value_problems(listed)) or tuple(_not_single(listed))
    if problems:
        raise GrammarError(problems=problems)
    return as_tuple(value)


def _not_single(listed: object) -> Iterator[Problem]:
    for number, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, list | Mapping):
            remedy = "a list or a table cannot be searched as one value"
            what = "must be text, a number, true or false"
            yield Problem(what, dotted([number]), shown(each), remedy=remedy)


class Dimension(Part):
    """What one searched parameter may be: one of some values, or a number of a range.

    Attributes:
        values: the values, in no order.
        low: smallest number of the range.
        high: largest number of the range.
        step: distance of neighbouring numbers, counted from ``low``; every number when left out.
            Where ``low`` and ``step`` are whole, so are the numbers.
        log: whether the logarithm of the number is searched evenly.
    """

    values: Annotated[tuple[Scalar, ...], BeforeValidator(_listed)] | None = None
    low: Number | None = None
    high: Number | None = None
    step: Number | None = None
    log: bool = False

    @model_validator(mode="after")
    def _well_formed(self) -> "Dimension":
        check = self._listed_values if self.values is not None else self._range
        problems = tuple(check())
        if problems:
            raise GrammarError(problems=problems)
        return self

    def _listed_values(self) -> Iterator[Problem]:
        values = self.values or ()
        given = [name for name in ("low", "high", "step") if getattr(self, name) is not None]
        if given or self.log:
            what = "either lists its values or has a range"
            remedy = "write { values = [1, 2, 4] }, or { low = 0.1, high = 1.0 }"
            yield Problem(what, "", ", ".join(["values", *given]), remedy=remedy)
        if not values:
            yield Problem("lists at least one value", "values", "[]")
        # To Optuna, as to Python, true is 1.
        if len(dict.fromkeys(values)) < len(values):
            yield Problem("a value is listed twice", "values", shown(values))

    def _range(self) -> Iterator[Problem]:
        if self.low is None or self.high is None:
            remedy = "write { values = [1, 2, 4] }, or { low = 0.1, high = 1.0 }"
            yield Problem("lists its values, or has a range from low to high", remedy=remedy)
            return
        if self.low > self.high:
            yield Problem("the range is empty: low is more than high", "", self._shown())
        if not self.log and self.high - self.low > _WIDEST_RANGE:
            remedy = "write log = true, or a narrower range"
            yield Problem("the range is too wide to draw from", "", self._shown(), remedy=remedy)
        if self.log and self.low <= 0:
            remedy = "a logarithmic range begins above 0, such as low = 0.001"
            yield Problem("has no logarithm", "low", shown(self.low), remedy=remedy)
        yield from self._step_problems()

    def _step_problems(self) -> Iterator[Problem]:
        low, high, step = self.low, self.high, self.step
        if step is None:
            if isinstance(low, int) and isinstance(high, int):
                remedy = f"write step = 1 for whole numbers, or low = {low}.0 for any number"
                what = "are only whole numbers meant, or all numbers between them?"
                yield Problem(what, "", self._shown(), remedy=remedy)
        elif step <= 0:
            yield Problem("must be more than 0", "step", shown(step))
        elif self.log and not (step == 1 and self.is_whole):
            remedy = "leave out step, or write step = 1 with a whole low and high"
            yield Problem("a logarithmic range has no other step", "step", shown(step), (), remedy)
        elif self.size > _LARGEST_GRID and not self.is_whole:
            yield Problem(f"makes more than {_LARGEST_GRID} numbers", "step", shown(step))

    def _shown(self) -> str:
        parts = {"low": self.low, "high": self.high, "step": self.step}
        return ", ".join(f"{name} = {value}" for name, value in parts.items() if value is not None)

    @property
    def is_whole(self) -> bool:
        """Whether it has whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.step, int)

    @property
    def is_finite(self) -> bool:
        """Whether its values can be counted."""
        return self.values is not None or self.step is not None or self.low == self.high

    @property
    def size(self) -> int:
        """How many values it has, where they can be counted."""
        if self.values is not None:
            return len(self.values)
        if self.step is None or self.low is None or self.high is None:
            return 1
        return int((_exact(self.high) - _exact(self.low)) / _exact(self.step)) + 1

    def identity(self) -> dict[str, JsonValue]:
        """All that it is, for a digest, in which 1 and 1.0 are one number.

        Whole steps from a whole number are whole numbers or not, by how the two are written; those
        that are not have a key more.
        """
        content = self.model_dump(mode="json")
        if self.is_whole or self.low is None or self.step is None:
            return content
        floating = float(self.low).is_integer() and float(self.step).is_integer()
        return {**content, "numbers": "floating"} if floating else content

    def points(self) -> tuple[Scalar, ...]:
        """Every value, where they can be counted, in the order declared."""
        return self.values if self.values is not None else tuple(map(self._at, range(self.size)))

    @property
    def last(self) -> Scalar:
        """The largest number of a range that has steps."""
        return self._at(self.size - 1)

    def plain(self, value: JsonValue) -> Scalar:
        """A value of it as it would be declared.

        A stepped number loses the rounding of a sum, and a number that JSON wrote without its
        fraction becomes what it was.

        Args:
            value: a value that the dimension contains.
        """
        if self.values is not None:
            known = canonical_json(value)
            return next(each for each in self.values if canonical_json(each) == known)
        if not isinstance(value, int | float):
            raise TypeError(f"{value!r} is no number")
        number = self._steps(value)
        return float(value) if number is None else self._at(round(number))

    def contains(self, value: JsonValue) -> bool:
        """Whether a parameter may have this value here."""
        if self.values is not None:
            return any(canonical_json(each) == canonical_json(value) for each in self.values)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if self.low is None or self.high is None or not self.low <= value <= self.high:
            return False
        number = self._steps(value)
        return number is None or abs(number - round(number)) < _STEP_TOLERANCE

    def _steps(self, value: float) -> float | None:
        """How many steps above ``low``; None where there are no steps."""
        if self.step is None or self.low is None:
            return None
        return (value - self.low) / self.step

    def _at(self, number: int) -> Scalar:
        low = 0 if self.low is None else self.low
        if self.step is None:
            return low
        if isinstance(low, int) and isinstance(self.step, int):
            return low + number * self.step
        return float(_exact(low) + number * _exact(self.step))


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def _named(space: Mapping[str, Dimension]) -> Mapping[str, Dimension]:
    if not space:
        raise GrammarError("nothing is searched", remedy="name a parameter and what it may be")
    for name in space:
        if not is_visible(name) or len(name) > _LONGEST_NAME:
            what = f"a searched parameter has a visible name of up to {_LONGEST_NAME} characters"
            raise GrammarError(what, given=shown(name))
    return space


class Search(Part):
    """How the arms of a study are searched.

    Attributes:
        trials: candidates an arm: the same budget for each. A grid has as many as it has points.
        metric: its mean over the seeds decides which candidate wins.
        direction: which values are better; the protocol's when left out.
        sampler: ``tpe`` learns from the candidates before, ``random`` does not, ``grid`` tries all.
        pruner: ``median`` stops a trial early that is worse than the median of those before it at
            the same step; ``none`` lets every trial finish.
        at_once: candidates that are suggested together, from all that were finished before. It is
            part of what the search is, so that results do not depend on how many workers there are.
        startup: random candidates before ``tpe`` begins to learn, and complete trials of an arm and
            a seed before one of them may be pruned.
        warmup_steps: steps of a trial, from 0, at which it is never pruned.
        seed: what all suggestions follow.
        space: the parameters that are searched. An arm searches those that it has.
    """

    trials: Annotated[int, Field(ge=1, le=100_000)]
    metric: Annotated[str, AfterValidator(_visible)]
    direction: Literal["maximize", "minimize"] | None = None
    sampler: Literal["tpe", "random", "grid"] = "tpe"
    pruner: Literal["median", "none"] = "median"
    at_once: Annotated[int, Field(ge=1, le=1000)] = 4
    startup: Annotated[int, Field(ge=0, le=100_000)] = 10
    warmup_steps: Annotated[int, Field(ge=0, le=2**31 - 1)] = 2
    seed: Annotated[int, Field(ge=0, le=LARGEST_INTEGER)] = 0
    space: Annotated[dict[str, Dimension], AfterValidator(_named)]

    def searched(self, params: Mapping[str, JsonValue]) -> dict[str, Dimension]:
        """What an arm with these parameters searches: the part of the space that it has."""
        return {name: dimension for name, dimension in self.space.items() if name in params}

    def budget(self, params: Mapping[str, JsonValue]) -> int:
        """How many candidates an arm with these parameters has."""
        searched = self.searched(params)
        if not searched:
            return 1
        if self.sampler == "grid":
            return math.prod(dimension.size for dimension in searched.values())
        return self.trials
