"""The candidates of searches in the results store.

Their results are ordinary trials. A candidate that is recorded is never changed, so that whatever
was suggested from it stays explained.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import JsonValue

from harness.canonical import canonical_json
from harness.store import schema
from harness.store.database import Database
from harness.store.rows import insert_new


@dataclass(frozen=True, slots=True)
class Candidate:
    """Values that a search tries.

    Attributes:
        number: its place among the candidates of its arm, from 0.
        params: the searched parameters.
        suggested_by: ``declared``, ``grid``, or the version of Optuna that drew it.
    """

    number: int
    params: Mapping[str, JsonValue]
    suggested_by: str


def record_candidates(
    database: Database, study: str, arm: str, search: str, candidates: Sequence[Candidate]
) -> None:
    """Enter a batch of candidates, all of them or none; those that are there stay as they are.

    Another process that runs the same search may have entered them first, so read them back.

    Args:
        database: where they go.
        study: name of the study.
        arm: name of the arm.
        search: digest of everything that they depend on.
        candidates: the batch.
    """
    now = time.time()
    rows = [
        {
            "study": study,
            "arm": arm,
            "search_digest": search,
            "number": candidate.number,
            "params": canonical_json(candidate.params).decode(),
            "suggested_by": candidate.suggested_by,
            "recorded_at": now,
        }
        for candidate in candidates
    ]
    with database.write() as connection:
        insert_new(connection, schema.candidates, rows)


def read_candidates(database: Database, search: str) -> list[Candidate]:
    """The candidates of the search with this digest, in order.

    Numbers that JSON writes alike come back alike: 2.0 as 2.
    """
    columns = schema.candidates.c
    query = (
        sa.select(columns.number, columns.params, columns.suggested_by)
        .where(columns.search_digest == search)
        .order_by(columns.number)
    )
    with database.read() as connection:
        return [
            Candidate(number, json.loads(params), suggested_by)
            for number, params, suggested_by in connection.execute(query)
        ]


def searches(database: Database, study: str, arm: str) -> dict[str, int]:
    """The searches of an arm that have candidates, by digest, each with their number."""
    columns = schema.candidates.c
    query = (
        sa.select(columns.search_digest, sa.func.count().label("candidates"))
        .where(columns.study == study, columns.arm == arm)
        .group_by(columns.search_digest)
        .order_by(sa.func.min(columns.id))
    )
    with database.read() as connection:
        return {row.search_digest: row.candidates for row in connection.execute(query)}
