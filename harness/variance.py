"""The variance of a study's metric by declared source of randomness."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.runs import Cell, Level
from analysis.variance.by_arm import ArmSources, decompose_by_arm
from analysis.variance.example_sampling import TEST_EXAMPLES
from harness.canonical import JSON
from harness.errors import StoreError
from harness.evidence import PredictionMatrix, complete_trials, predictions, runs_by_source
from harness.frames import shown_levels
from harness.store.reading import ResultsReader
from harness.study.model import Study
from harness.study.planning import TrialSpec
from harness.study.sources import ALL_SOURCES, SOURCE_COLUMN

# Metrics are stored as floats of double precision, shares of examples are exact.
_SAME = 1e-6


def variance_by_source(
    study: Study,
    store: ResultsReader,
    metric: str,
    level: float,
    *,
    trials: Sequence[TrialSpec] | None = None,
) -> tuple[ArmSources, ...]:
    """Return the variances by source of every arm that has runs of one.

    Where trials saved predictions and the metric is their mean, test examples are a source too.

    Args:
        study: a study that declares sources.
        store: where its trials are.
        metric: name of the metric.
        level: confidence level of the intervals, above 0 and below 1.
        trials: the study's complete trials, where they are known already.

    Raises:
        AnalysisError: a source has runs that cannot be taken apart.
    """
    trials = complete_trials(study, store) if trials is None else trials
    frame = runs_by_source(study, store, trials=trials)
    if frame.empty or metric not in frame:
        return ()
    return decompose_by_arm(
        frame,
        metric,
        source=SOURCE_COLUMN,
        within=tuple(study.factors),
        level=level,
        predictions=_predictions(study, store, frame, metric, trials),
    )


def _predictions(
    study: Study,
    store: ResultsReader,
    frame: pd.DataFrame,
    metric: str,
    trials: Sequence[TrialSpec],
) -> dict[tuple[str, Cell], npt.NDArray[np.bool_]]:
    """Return the predictions of ordinary trials whose metric is their mean, by arm and cell.

    None where the study has a source of the name that test examples would have.
    """
    if TEST_EXAMPLES in study.seeds.sources:
        return {}
    frame = frame[frame[SOURCE_COLUMN] == ALL_SOURCES]
    found: dict[tuple[str, Cell], npt.NDArray[np.bool_]] = {}
    for arm in study.arms:
        for levels in study.cells:
            shown = shown_levels(study, levels)
            rows = frame[frame["arm"] == arm]
            for factor, level in shown.items():
                rows = rows[rows[factor] == level]
            try:
                stored = predictions(study, store, arm=arm, levels=levels, trials=trials)
            except StoreError:
                # Test sets of different sizes are no sample of one population.
                continue
            if _is_their_mean(stored, dict(zip(rows["seed"], rows[metric], strict=True))):
                cell: Cell = tuple((name, _level(level)) for name, level in shown.items())
                found[arm, cell] = stored.correct
    return found


def _is_their_mean(stored: PredictionMatrix, values: Mapping[int, float]) -> bool:
    """Whether the metric of every trial is the share of its test examples that are right."""
    if stored.correct.size == 0:
        return False
    means = dict(zip(stored.seeds.tolist(), stored.correct.mean(axis=1), strict=True))
    return all(abs(mean - values[seed]) < _SAME for seed, mean in means.items())


def _level(level: JSON) -> Level:
    return level if isinstance(level, str | int | float) else str(level)
