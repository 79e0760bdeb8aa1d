"""Every arm's interquartile mean over several tasks, from a frame of runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.drawing import stream
from analysis.errors import AnalysisError
from analysis.inference.interquartile import InterquartileMean, interquartile_mean
from analysis.results import cell_label
from analysis.runs import arms_in, finite_values, read_runs


@dataclass(frozen=True, slots=True)
class ArmOverTasks:
    """One arm's runs of all tasks in one number.

    Attributes:
        arm: the arm.
        missing: runs whose value was missing or infinite, left out.
        result: the interquartile mean of the others, with its interval.
    """

    arm: str
    missing: int
    result: InterquartileMean


def interquartile_means(
    frame: pd.DataFrame,
    metric: str,
    *,
    tasks: str | Sequence[str],
    arm: str = "arm",
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 50_000,
) -> tuple[ArmOverTasks, ...]:
    """Return every arm's interquartile mean over its tasks, each with a stratified bootstrap.

    See :func:`analysis.inference.interquartile.interquartile_mean`. Intervals of two arms that
    overlap do not say that the arms are alike: hold arms against each other with `compare`, within
    each task.

    Args:
        frame: long form, one row a run, in any order.
        metric: column of the metric, on one scale for all tasks.
        tasks: column, or columns, that tell tasks apart: data sets, or levels of factors.
        arm: column that names the arm.
        level: confidence level, above 0 and below 1.
        seed: seeds the resamples; every arm draws a stream of its own, whatever the others are.
        resamples: how many, at least 1.

    Returns:
        One entry an arm, in the order of `compare`.

    Raises:
        AnalysisError: an arm has no finite value in a task that another arm has, so that the arms'
            numbers would be about different tasks; and what `analysis.runs.read_runs` and
            `interquartile_mean` raise.
    """
    columns = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    cells = read_runs(frame, metric=metric, arm=arm, block=None, within=columns)
    found = []
    for name in arms_in(frame, arm):
        series = [finite_values(runs.of(name)) for runs in cells]
        for runs, values in zip(cells, series, strict=True):
            if len(values) == 0:
                raise AnalysisError(
                    f"The arm {name!r} has no finite {metric}{cell_label(runs.cell)}, and other "
                    "arms have runs there: run it, or leave the task out for all arms."
                )
        rng = stream(seed, "interquartile mean", name)
        result = interquartile_mean(series, rng=rng, level=level, resamples=resamples)
        runs_of_arm = int(np.count_nonzero(frame[arm].astype(str) == name))
        found.append(ArmOverTasks(name, runs_of_arm - result.n, result))
    return tuple(found)
