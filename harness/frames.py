"""The trials of a study as a data frame, one row a trial."""

import json
import math
from collections.abc import Mapping, Sequence
from itertools import chain

import pandas as pd

from harness.canonical import JSON
from harness.study.model import Study
from harness.study.planning import TrialSpec
from harness.study.search import Search
from harness.study.sources import ALL_SOURCES, SOURCE_COLUMN

_NONE: Mapping[str, float] = {}


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
    found = [metrics.get(spec.digest, _NONE) for spec in specs]
    content: dict[str, Sequence[object]] = {"trial": [spec.digest for spec in specs]}
    content |= _cells_by_column(study, specs)
    # A metric never hides a column of its own name.
    names = set(chain.from_iterable(found)) - content.keys()
    content |= {name: [each.get(name, math.nan) for each in found] for name in sorted(names)}
    return _framed(content)


def cell_frame(study: Study, specs: Sequence[TrialSpec]) -> pd.DataFrame:
    """One row a trial: ``trial``, and the columns of :func:`cell_columns`."""
    digests: list[object] = [spec.digest for spec in specs]
    return _framed({"trial": digests, **_cells_by_column(study, specs)})


def _framed(content: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    # Without rows pandas would take columns of text for numbers.
    return pd.DataFrame(content) if content["trial"] else pd.DataFrame(columns=list(content))


def _cells_by_column(study: Study, specs: Sequence[TrialSpec]) -> dict[str, list[object]]:
    # Trials of one cell have their levels from one mapping, so each is worked out once.
    levels = {id(spec.levels): spec.levels for spec in specs}
    shown = {key: shown_levels(study, each) for key, each in levels.items()}
    of_specs = [shown[id(spec.levels)] for spec in specs]
    found: dict[str, list[object]] = {
        "arm": [spec.arm for spec in specs],
        "seed": [spec.seed for spec in specs],
    }
    if study.seeds.sources:
        found[SOURCE_COLUMN] = [spec.source for spec in specs]
    for name in varied_parameters(study):
        found[name] = [each.get(name, math.nan) for each in of_specs]
    return found


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
