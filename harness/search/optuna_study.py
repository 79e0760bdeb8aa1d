"""Optuna studies in memory, built from what is recorded, without a word on the terminal."""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from harness.canonical import JSON
from harness.study.search import Dimension

Direction = Literal["maximize", "minimize"]

# What Optuna learns from does not depend on when it was.
_ONE_MOMENT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def optuna_version() -> str:
    """What suggests candidates, as it is recorded with them."""
    return f"optuna {optuna.__version__}"


@contextmanager
def quiet() -> Iterator[None]:
    """Have Optuna say nothing below an error, and leave its logger as it was."""
    logger = logging.getLogger("optuna")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def distribution(dimension: Dimension) -> BaseDistribution:
    """What Optuna calls the range of a parameter."""
    if dimension.values is not None:
        return CategoricalDistribution(dimension.values)
    low, high, step = dimension.low or 0, dimension.high or 0, dimension.step
    if step is None:
        return FloatDistribution(low, high, log=dimension.log)
    # Optuna would move a `high` between two steps by itself, and say so.
    last = dimension.last
    if isinstance(low, int) and isinstance(step, int) and isinstance(last, int):
        return IntDistribution(low, last, log=dimension.log, step=step)
    return FloatDistribution(low, float(str(last)), step=step)


def distributions(space: Mapping[str, Dimension]) -> dict[str, BaseDistribution]:
    """The whole space, in its order."""
    return {name: distribution(dimension) for name, dimension in space.items()}


def study_in_memory(
    direction: Direction,
    trials: Sequence[FrozenTrial],
    sampler: optuna.samplers.BaseSampler | None = None,
) -> optuna.Study:
    """A study in memory that has these trials."""
    # Given explicitly, because Optuna's default is drawn from the clock.
    sampler = sampler or optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(
        direction=direction, sampler=sampler, pruner=optuna.pruners.NopPruner()
    )
    study.add_trials(trials)
    return study


def frozen(
    state: TrialState,
    *,
    value: float | None = None,
    params: Mapping[str, JSON] | None = None,
    space: Mapping[str, BaseDistribution] | None = None,
    curve: Mapping[int, float] | None = None,
    attributes: Mapping[str, JSON] | None = None,
    began: dt.datetime = _ONE_MOMENT,
    ended: dt.datetime = _ONE_MOMENT,
) -> FrozenTrial:
    """A trial as Optuna keeps it.

    Args:
        state: where it stands.
        value: its value, if it is complete.
        params: the searched parameters.
        space: their distributions.
        curve: its intermediate values by step.
        attributes: its user attributes.
        began: when it began.
        ended: when it ended, if it did.
    """
    return FrozenTrial(
        number=-1,
        trial_id=-1,
        state=state,
        value=value,
        datetime_start=began,
        datetime_complete=ended if state.is_finished() else None,
        params=dict(params or {}),
        distributions=dict(space or {}),
        user_attrs=dict(attributes or {}),
        system_attrs={},
        intermediate_values=dict(curve or {}),
    )


def optuna_direction(direction: Direction) -> StudyDirection:
    """A direction as Optuna has it."""
    return StudyDirection[direction.upper()]
