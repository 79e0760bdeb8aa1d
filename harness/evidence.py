"""What lies behind a study's answer: runs by source of variance, predictions, learning curves.

Nothing here is read before it is asked for; an answer holds none of it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from harness.canonical import JSON, canonical_json
from harness.errors import InputError, Problem
from harness.frames import cell_frame, trial_frame
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.store.schema import State
from harness.study.model import Study
from harness.study.planning import TrialSpec, plan
from harness.study.sources import ALL_SOURCES, SOURCE_COLUMN


class PredictionMatrix(NamedTuple):
    """Which test examples the trials of one arm got right.

    Attributes:
        seeds: ``(trials,)``, in the study's order.
        correct: ``(trials, examples)``, true where the prediction is right. The examples stand in
            the order of the test set, which is the same in every trial of a study.
    """

    seeds: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]


def runs_by_source(
    study: Study, store: ResultsReader, *, trials: Sequence[TrialSpec] | None = None
) -> pd.DataFrame:
    """The complete trials of a study, as a decomposition of variance takes them.

    A row of the source ``all`` is an ordinary trial, in which every stream follows the seed. In a
    row of another source only that source's streams do. The ordinary trial of the held seed is the
    trial of that seed in every source at once: it ran once, and stands in a row of each.

    Args:
        study: the study.
        store: where its trials are.
        trials: its complete trials, where they are known already, as an answer knows them. To find
            them anew takes seconds in a large study; so it is with `trials` everywhere here.

    Returns:
        Columns ``arm``, every factor, ``seed``, ``source``, every metric. Without declared sources
        every row is of the source ``all``.
    """
    specs = _complete(study, store, None, trials)
    frame = trial_frame(study, specs, store.final_metrics(study.name))
    if SOURCE_COLUMN not in frame:
        frame[SOURCE_COLUMN] = ALL_SOURCES
    at_held = frame[(frame[SOURCE_COLUMN] == ALL_SOURCES) & (frame["seed"] == study.seeds.held)]
    shared = [at_held.assign(**{SOURCE_COLUMN: source}) for source in study.seeds.sources]
    frame = pd.concat([frame, *shared], ignore_index=True).drop(columns="trial")
    leading = ["arm", *study.factors, "seed", SOURCE_COLUMN]
    return frame[[*leading, *(name for name in frame if name not in leading)]]


def predictions(
    study: Study,
    store: ResultsReader,
    *,
    arm: str,
    levels: Mapping[str, JSON] | None = None,
    source: str = ALL_SOURCES,
    trials: Sequence[TrialSpec] | None = None,
) -> PredictionMatrix:
    """Which test examples each complete trial of an arm got right.

    Trials that saved no predictions are left out.

    Args:
        study: the study.
        store: where its trials are.
        arm: name of the arm.
        levels: the level of every factor; None where the study has no factors.
        source: the source of variance that the trials vary; ordinary ones by default.
        trials: its complete trials, where they are known already.

    Raises:
        InputError: if the study has no such arm, source or combination of levels.
        StoreError: if the trials saved predictions of different numbers of examples.
    """
    _require("arm", arm, tuple(study.arms))
    cell = canonical_json(_cell(study, levels or {}))
    of_arm = [s for s in _complete(study, store, source, trials) if s.arm == arm]
    # Trials of one cell have their levels from one mapping.
    cells = {id(spec.levels): spec.levels for spec in of_arm}
    meant = {key for key, each in cells.items() if canonical_json(each) == cell}
    seeds = {spec.digest: spec.seed for spec in of_arm if id(spec.levels) in meant}
    stored = store.predictions(list(seeds))
    kept = np.array([seeds[trial] for trial in stored.trials], dtype=np.int64)
    return PredictionMatrix(kept, stored.correct)


def curve_metrics(
    study: Study, store: ResultsReader, *, trials: Sequence[TrialSpec] | None = None
) -> list[str]:
    """The metrics of which complete trials of a study kept a learning curve, sorted.

    Args:
        study: the study.
        store: where its trials are.
        trials: its complete trials, where they are known already.
    """
    return store.curve_metrics([spec.digest for spec in _complete(study, store, None, trials)])


def curves(
    study: Study,
    store: ResultsReader,
    metric: str,
    *,
    source: str = ALL_SOURCES,
    trials: Sequence[TrialSpec] | None = None,
) -> pd.DataFrame:
    """The learning curves of one metric, of every complete trial of a study.

    Args:
        study: the study.
        store: where its trials are.
        metric: what was reported at each step.
        source: the source of variance that the trials vary; ordinary ones by default.
        trials: its complete trials, where they are known already.

    Returns:
        Columns ``arm``, ``seed``, every factor, ``step``, ``value``; one row a point, trial by
        trial in the study's order and step by step. NaN and infinity are what they are. Without
        rows while no trial is complete.

    Raises:
        InputError: if trials are complete and none of them reported this metric, or a factor has
            the name of a column.
    """
    specs = {spec.digest: spec for spec in _complete(study, store, source, trials)}
    points = store.curves(list(specs), [metric])
    if specs and points.empty:
        _require("learning curve", metric, tuple(store.curve_metrics(list(specs))))
    columns = ["arm", "seed", *study.factors, "step", "value"]
    if len(set(columns)) < len(columns):
        what = "a learning curve has columns step and value, so no factor can be called so"
        raise InputError(Problem(what, allowed=tuple(study.factors)), "factors")
    cells = cell_frame(study, list(specs.values()))
    # The study's order of trials, and within each trial the store's order of steps.
    return cells.merge(points.drop(columns="metric"), on="trial")[columns]


def complete_trials(
    study: Study, store: ResultsReader, source: str | None = None
) -> list[TrialSpec]:
    """The complete trials of a study, of one source or of all, in the order of its plan.

    Raises:
        InputError: if the study has no such source.
    """
    return _complete(study, store, source, None)


def _complete(
    study: Study, store: ResultsReader, source: str | None, known: Sequence[TrialSpec] | None
) -> list[TrialSpec]:
    if source is not None:
        _require(SOURCE_COLUMN, source, (ALL_SOURCES, *study.seeds.sources))
    if known is None:
        stored = store.stored(study.name)
        known = [
            spec
            for spec in plan(linked(study, store))
            if (trial := stored.get(spec.digest)) is not None and trial.state == State.COMPLETE
        ]
    return [spec for spec in known if source in {None, spec.source}]


def _cell(study: Study, levels: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The combination of levels that is meant.

    Raises:
        InputError: unless it gives every factor one of its levels.
    """
    for factor in levels:
        _require("factor", factor, tuple(study.factors))
    for factor, allowed in study.factors.items():
        if factor not in levels:
            what = f"say which level of the factor {factor} is meant"
            raise InputError(Problem(what, allowed=_shown(allowed)), "levels")
        if canonical_json(levels[factor]) not in map(canonical_json, allowed):
            what = f"the factor {factor} has no such level"
            raise InputError(Problem(what, "", str(levels[factor]), _shown(allowed)), "levels")
    return levels


def _shown(levels: Sequence[JSON]) -> tuple[str, ...]:
    return tuple(canonical_json(level).decode() for level in levels)


def _require(kind: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        what = f"the study has no such {kind}"
        raise InputError(Problem(what, given=given, allowed=allowed), kind)
