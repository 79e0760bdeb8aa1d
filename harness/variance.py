"""The variance of a study's metric by declared source of randomness."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.runs import Cell, Level
from analysis.variance.by_arm import ArmSources, decompose_by_arm
from harness.evidence import predictions, runs_by_source
from harness.store.reading import ResultsReader
from harness.study.model import Study
from harness.study.sources import ALL_SOURCES, SOURCE_COLUMN

# Metrics are stored as floats of double precision, shares of examples are exact.
_SAME = 1e-6


def variance_by_source(
    study: Study, store: ResultsReader, metric: str, level: float
) -> tuple[ArmSources, ...]:
    """Return the variances by source of every arm that has runs of one.

    Where trials saved predictions and the metric is their mean, test examples are a source too.

    Args:
        study: a study that declares sources.
        store: where its trials are.
        metric: name of the metric.
        level: confidence level of the intervals, above 0 and below 1.

    Raises:
        AnalysisError: a source has runs that cannot be taken apart.
    """
    frame = runs_by_source(study, store)
    if frame.empty or metric not in frame:
        return ()
    return decompose_by_arm(
        frame,
        metric,
        source=SOURCE_COLUMN,
        within=tuple(study.factors),
        level=level,
        predictions=_predictions(study, store, frame[frame[SOURCE_COLUMN] == ALL_SOURCES], metric),
    )


def _predictions(
    study: Study, store: ResultsReader, frame: pd.DataFrame, metric: str
) -> dict[tuple[str, Cell], npt.NDArray[np.bool_]]:
    """Return the predictions of ordinary trials whose metric is their mean, by arm and cell."""
    found: dict[tuple[str, Cell], npt.NDArray[np.bool_]] = {}
    for arm in study.arms:
        for levels in study.cells:
            rows = frame[frame["arm"] == arm]
            cell: list[tuple[str, Level]] = []
            for factor, level in levels.items():
                # The frame writes levels that pandas cannot group by as text.
                rows = rows[rows[factor].astype(str) == str(level)]
                cell.append((factor, level if isinstance(level, str | int | float) else str(level)))
            stored = predictions(study, store, arm=arm, levels=levels)
            means = dict(zip(stored.seeds.tolist(), stored.correct.mean(axis=1), strict=True))
            values = dict(zip(rows["seed"], rows[metric], strict=True))
            if means and all(abs(means[seed] - values.get(seed, 2)) < _SAME for seed in means):
                found[arm, tuple(cell)] = stored.correct
    return found
