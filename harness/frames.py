"""The trials of a study as a data frame, one row a trial."""

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from harness.canonical import JSON
from harness.study.model import Study
from harness.study.planning import TrialSpec
from harness.study.search import Search
from harness.study.sources import ALL_SOURCES, SOURCE_COLUMN


def trial_frame(
    study: Study, specs: Sequence[TrialSpec], metrics: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """One row a trial: ``trial``, ``arm``, ``seed``, every factor, every metric.

    Where the study declares sources of variance, ``source`` follows ``seed``.

    Args:
        study: the study.
        specs: its trials that are wanted, in the order wanted.
        metrics: the metrics of the trials that have any, by digest.
    """
    columns = ["trial", *cell_columns(study)]
    rows = [
        # Metrics first, so that none hides what follows by its name.
        {**metrics.get(spec.digest, {}), "trial": spec.digest, **cell_values(study, spec)}
        for spec in specs
    ]
    names = {name for spec in specs for name in metrics.get(spec.digest, {})} - set(columns)
    return pd.DataFrame(rows, columns=[*columns, *sorted(names)])


def ordinary(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The rows of ordinary trials, without those that vary one source of variance alone."""
    return frame[frame[SOURCE_COLUMN] == ALL_SOURCES] if study.seeds.sources else frame


def cell_columns(study: Study) -> tuple[str, ...]:
    """The columns that say which trial of its study a row is of."""
    source = (SOURCE_COLUMN,) if study.seeds.sources else ()
    return ("arm", "seed", *source, *varied_parameters(study))


def varied_parameters(study: Study) -> tuple[str, ...]:
    """The parameters that tell trials of one arm and seed apart: factors, or what is searched."""
    return tuple(study.factors if study.search is None else study.search.space)


def cell_values(study: Study, spec: TrialSpec) -> dict[str, JSON]:
    """What stands in these columns for a trial."""
    source = {SOURCE_COLUMN: spec.source} if study.seeds.sources else {}
    return {"arm": spec.arm, "seed": spec.seed, **source, **shown_levels(study, spec.levels)}


def shown_levels(study: Study, levels: Mapping[str, JSON]) -> dict[str, JSON]:
    """What stands in a frame for factor levels: themselves, or their JSON where pandas mixes up."""
    known_levels = _searched_values(study.search) if study.search else study.factors
    plain = {factor for factor, known in known_levels.items() if _can_be_grouped_by(known)}
    return {
        factor: level if factor in plain else json.dumps(level) for factor, level in levels.items()
    }


def _searched_values(search: Search) -> dict[str, Sequence[JSON]]:
    """What each searched parameter may be; of a range any number."""
    return {
        name: (each.low,) if each.values is None else tuple(each.values)  # noqa: PD011 - no frame
        for name, each in search.space.items()
    }


def _can_be_grouped_by(levels: Sequence[JSON]) -> bool:
    """Whether a data frame tells these levels apart and in order; to pandas, True equals 1."""
    return any(all(isinstance(level, kind) for level in levels) for kind in (bool, str)) or all(
        isinstance(level, int | float) and not isinstance(level, bool) for level in levels
    )
