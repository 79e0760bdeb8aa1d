"""Reads what trials keep beside their metrics: predictions, learning curves, attachments."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import sqlalchemy as sa

from harness.errors import StoreError
from harness.store import schema
from harness.store.rows import chunks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


Kept = Literal["curves", "predictions"]

_TABLES: dict[Kept, sa.Table] = {
    "curves": schema.learning_curves,
    "predictions": schema.predictions,
}


def read_kept(connection: sa.Connection, study: str) -> frozenset[Kept]:
    """What any trial of a study kept, found without a look at each trial's rows."""
    trials = schema.trials.c
    queries = {
        kept: sa.select(table.c.trial_id)
        .join(schema.trials, trials.id == table.c.trial_id)
        .where(trials.study == study)
        .limit(1)
        for kept, table in _TABLES.items()
    }
    return frozenset(
        kept for kept, query in queries.items() if connection.scalar(query) is not None
    )


class StoredPredictions(NamedTuple):
    """Which test examples each of several trials got right.

    Attributes:
        trials: digests of the trials that saved their predictions.
        correct: ``(trials, examples)``, true where the prediction is right.
    """

    trials: tuple[str, ...]
    correct: "npt.NDArray[np.bool_]"


def read_predictions(connection: sa.Connection, digests: Sequence[str]) -> StoredPredictions:
    """The saved predictions of these trials, in their order; those that saved none are left out.

    Raises:
        StoreError: if they are of test sets of different sizes, which no matrix can hold.
    """
    packed: dict[str, bytes] = {}
    sizes: dict[int, str] = {}
    columns = schema.predictions.c
    for chunk in chunks(digests):
        query = (
            sa.select(schema.trials.c.digest, columns.examples, columns.correct)
            .join(schema.trials, schema.trials.c.id == columns.trial_id)
            .where(schema.trials.c.digest.in_(chunk))
        )
        for trial, examples, correct in connection.execute(query):
            packed[trial] = correct
            sizes.setdefault(examples, trial)
    if len(sizes) > 1:
        named = ", ".join(f"{size} (trial {sizes[size][:12]})" for size in sorted(sizes))
        raise StoreError(
            f"These trials saved predictions of different numbers of examples: {named}"
        )
    import numpy as np

    trials = tuple(digest for digest in dict.fromkeys(digests) if digest in packed)
    examples = next(iter(sizes), 0)
    rows = np.frombuffer(b"".join(packed[trial] for trial in trials), dtype=np.uint8)
    rows = rows.reshape(len(trials), -(-examples // 8))
    return StoredPredictions(trials, np.unpackbits(rows, axis=1, count=examples).astype(bool))


def read_curves(
    connection: sa.Connection, digests: Collection[str], metrics: Collection[str] | None
) -> "pd.DataFrame":
    """The learning curves of these trials: ``trial``, ``step``, ``metric``, ``value``.

    Sorted by trial, metric and step. NaN and infinity are what they are.

    Args:
        connection: to read by.
        digests: the trials.
        metrics: only the curves of these metrics; None for all.
    """
    import pandas as pd

    curves, trials = schema.learning_curves, schema.trials
    rows: list[tuple[str, int, str, float]] = []
    for chunk in chunks(digests):
        query = (
            sa.select(trials.c.digest, curves.c.step, curves.c.metric, curves.c.value)
            .add_columns(curves.c.problem)
            .join(curves, curves.c.trial_id == trials.c.id)
            .where(trials.c.digest.in_(chunk))
        )
        if metrics is not None:
            query = query.where(curves.c.metric.in_(list(metrics)))
        rows += [
            (trial, step, metric, float(problem) if problem else value)
            for trial, step, metric, value, problem in connection.execute(query)
        ]
    frame = pd.DataFrame(rows, columns=["trial", "step", "metric", "value"])
    frame = frame.astype({"step": "int64", "value": "float64"})
    return frame.sort_values(["trial", "metric", "step"], ignore_index=True)


def read_attachment(connection: sa.Connection, trial: str, name: str) -> bytes | None:
    """A file that this trial kept; None when it kept none of this name."""
    kept, trials = schema.attachments, schema.trials
    query = (
        sa.select(kept.c.content)
        .join(trials, trials.c.id == kept.c.trial_id)
        .where(trials.c.digest == trial, kept.c.name == name)
    )
    return connection.scalar(query)


def read_curve_metrics(connection: sa.Connection, digests: Collection[str]) -> list[str]:
    """The metrics of which any of these trials kept a learning curve."""
    curves, trials = schema.learning_curves, schema.trials
    found: set[str] = set()
    for chunk in chunks(digests):
        query = (
            sa.select(curves.c.metric)
            .join(trials, trials.c.id == curves.c.trial_id)
            .where(trials.c.digest.in_(chunk))
            .distinct()
        )
        found.update(connection.scalars(query))
    return sorted(found)
