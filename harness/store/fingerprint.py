"""Tells whether anything has changed of what is stored of a study, without reading its results."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from harness.store import schema
from harness.store.reading import ResultsReader


def fingerprint(store: ResultsReader, study: str) -> str:
    """SHA-256 over all that an answer to a study can depend on in the database.

    A finished trial is not modified, so its state, its run and the moments at which it ran stand
    for all that it left behind. The sum of the metrics tells where somebody changed them by hand.
    """
    content = hashlib.sha256()
    with store.database.read() as connection:
        for query in _queries(study):
            for row in connection.execute(query):
                content.update(repr(tuple(row)).encode())
            content.update(b"\n")
    return content.hexdigest()


def _queries(study: str) -> Iterator[sa.Select[tuple[object, ...]]]:
    trials, metrics = schema.trials, schema.metrics
    of_study = trials.c.study == study
    columns = ("id", "digest", "arm", "levels", "state", "run_id", "attempts", "started_at")
    yield sa.select(*(trials.c[name] for name in columns)).where(of_study).order_by(trials.c.id)
    values = (sa.func.count(), sa.func.sum(metrics.c.value), sa.func.count(metrics.c.problem))
    yield (
        sa.select(metrics.c.metric, *values)
        .join(trials, metrics.c.trial_id == trials.c.id)
        .where(of_study)
        .group_by(metrics.c.metric)
        .order_by(metrics.c.metric)
    )
    for table, name in ((schema.studies, "name"), (schema.protocols, "study")):
        yield sa.select(table).where(table.c[name] == study).order_by(table.c.id)
