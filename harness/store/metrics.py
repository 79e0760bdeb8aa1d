"""Reads the final metrics of a study's trials, a row a trial.

The database puts a trial's metrics side by side. A million trials with five metrics are then a
million rows to fetch and not five, which takes two thirds of the time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from harness.store import schema
from harness.store.schema import State
from harness.store.streaming import streamed

# SQLite gives rows of 2,000 columns at most.
_COLUMNS_AT_ONCE = 500


def read_final_metrics(connection: sa.Connection, study: str) -> dict[str, dict[str, float]]:
    """Final metrics of every complete trial of a study, by digest; NaN and infinity too."""
    found: dict[str, dict[str, float]] = {}
    for names in _names(connection, study):
        for digest, *values in streamed(connection, _side_by_side(study, names)):
            known = found.setdefault(digest, {})
            if None in values:
                pairs = zip(names, values, strict=True)
                known.update((name, value) for name, value in pairs if value is not None)
            else:
                known.update(zip(names, values, strict=True))
    for digest, name, problem in streamed(connection, _problems(study)):
        found[digest][name] = float(problem)
    return found


def _names(connection: sa.Connection, study: str) -> Iterator[Sequence[str]]:
    """The names of all metrics, sorted, as many at once as fit in a row."""
    query = _of_complete(sa.select(schema.metrics.c.metric).distinct(), study)
    names: list[str] = sorted(connection.scalars(query))
    for start in range(0, len(names), _COLUMNS_AT_ONCE):
        yield names[start : start + _COLUMNS_AT_ONCE]


def _side_by_side(study: str, names: Sequence[str]) -> sa.Select[Any]:
    trials, metrics = schema.trials.c, schema.metrics.c
    # A trial has a metric once: the largest of one number is that number.
    values = (
        sa.func.max(sa.case((metrics.metric == name, metrics.value))).label(f"value_{place}")
        for place, name in enumerate(names)
    )
    query = sa.select(trials.digest, *values).group_by(trials.id, trials.digest)
    return _of_complete(query, study)


def _problems(study: str) -> sa.Select[Any]:
    """The values that are no numbers a database can hold."""
    trials, metrics = schema.trials.c, schema.metrics.c
    query = sa.select(trials.digest, metrics.metric, metrics.problem)
    return _of_complete(query.where(metrics.problem.is_not(None)), study)


def _of_complete(query: sa.Select[Any], study: str) -> sa.Select[Any]:
    trials, metrics = schema.trials.c, schema.metrics.c
    return query.join_from(schema.trials, schema.metrics, metrics.trial_id == trials.id).where(
        trials.study == study, trials.state == State.COMPLETE
    )
