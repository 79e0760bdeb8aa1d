"""Tells whether anything has changed of what is stored of a study, without answering it again."""

import hashlib
import marshal
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from harness.store import schema
from harness.store.reading import ResultsReader
from harness.store.streaming import parts

# PostgreSQL refuses a sum beyond the largest number; no sum of these, weighted by trial and step,
# comes near it.
_LARGEST_SUMMED = 1e280


def fingerprint(store: ResultsReader, study: str) -> str:
    """SHA-256 over all that an answer to a study can depend on in the database.

    Trials, with their parameters and facts, metrics, failures, predictions, assets, environments,
    definitions, protocols and candidates are read row by row, so that any change of them is
    noticed.

    Not noticed are changes that a person can make by hand, and harness never makes, of what takes
    too long to read. Of learning curves, weighted sums are looked at: a change is missed that is
    about 1e-16 of such a sum or less, that leaves all four of them as they are, or that is between
    values beyond 1e280. Of attached files, the names and sizes are looked at, not what is in them.
    """
    content = hashlib.sha256()
    with store.database.read() as connection:
        for query in _queries(study):
            for part in parts(connection, query):
                content.update(_bytes_of(part))
            content.update(b"\n")
    return content.hexdigest()


def _bytes_of(rows: Iterable[Iterable[object]]) -> bytes:
    # Half of the time of `repr`, which writes numbers as decimals. From its third version on,
    # `marshal` writes objects that are equal and the same otherwise than those that are only equal.
    return marshal.dumps([tuple(row) for row in rows], 2)


def _queries(study: str) -> Iterator[sa.Select[Any]]:
    trials = schema.trials
    of_study = trials.c.study == study
    yield sa.select(trials).where(of_study).order_by(trials.c.id)
    for table in (schema.metrics, schema.attempts, schema.predictions, schema.trial_assets):
        query = sa.select(table).join(trials, trials.c.id == table.c.trial_id).where(of_study)
        yield query.order_by(*table.primary_key.columns)
    yield _curves(study)
    yield _attachments(study)
    yield from _used(study)
    for table, name in (
        (schema.studies, "name"),
        (schema.protocols, "study"),
        (schema.candidates, "study"),
    ):
        yield sa.select(table).where(table.c[name] == study).order_by(table.c.id)


def _curves(study: str) -> sa.Select[Any]:
    """Sums by arm, metric and kind of value; the weights tell what moved between places."""
    trials, curves = schema.trials, schema.learning_curves.c
    summed = sa.case((sa.func.abs(curves.value) < _LARGEST_SUMMED, curves.value))
    weighted = (summed, summed * curves.trial_id, summed * curves.step)
    terms = (*weighted, summed * curves.trial_id * curves.step, curves.trial_id, curves.step)
    groups = (trials.c.arm, curves.metric, curves.problem)
    return (
        sa.select(*groups, sa.func.count(), *map(sa.func.sum, terms))
        .join(trials, trials.c.id == curves.trial_id)
        .where(trials.c.study == study)
        .group_by(*groups)
        .order_by(*groups)
    )


def _attachments(study: str) -> sa.Select[Any]:
    trials, files = schema.trials, schema.attachments.c
    return (
        sa.select(files.trial_id, files.name, sa.func.length(files.content))
        .join(trials, trials.c.id == files.trial_id)
        .where(trials.c.study == study)
        .order_by(files.trial_id, files.name)
    )


def _used(study: str) -> Iterator[sa.Select[Any]]:
    """What trials share: the assets, and the runs with the environments that they ran in."""
    trials, runs, uses = schema.trials.c, schema.runs, schema.trial_assets.c
    of_study = trials.study == study
    numbers = sa.select(uses.asset_id).join(schema.trials, trials.id == uses.trial_id)
    assets = schema.assets
    yield sa.select(assets).where(assets.c.id.in_(numbers.where(of_study))).order_by(assets.c.id)
    environments = schema.environments
    yield (
        sa.select(runs.c.id, runs.c.protocol_digest, environments)
        .join(environments, environments.c.id == runs.c.environment_id)
        .where(runs.c.id.in_(sa.select(trials.run_id).where(of_study)))
        .order_by(runs.c.id)
    )
