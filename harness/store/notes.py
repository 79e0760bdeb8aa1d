"""Reads what trials and their assets noted: facts, cautions, and assets that came out anew.

A study's rows are read in one go and held against the digests here: a million digests in the
conditions of queries would take longer than all of the rows.
"""

import json
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import sqlalchemy as sa

from harness.assets import CAUTIONS
from harness.store import schema
from harness.store.rows import chunks
from harness.store.streaming import streamed


def read_facts(
    connection: sa.Connection, study: str, digests: AbstractSet[str]
) -> list[tuple[Mapping[str, Any], int]]:
    """What these trials noted about how they ran, each kind with the number of trials."""
    columns = schema.trials.c
    query = sa.select(columns.digest, columns.facts).where(
        columns.study == study, columns.facts.is_not(None)
    )
    counts = Counter(facts for trial, facts in streamed(connection, query) if trial in digests)
    return [(json.loads(facts), count) for facts, count in sorted(counts.items())]


def read_rebuilt_assets(
    connection: sa.Connection, study: str, digests: AbstractSet[str]
) -> list[str]:
    """Builders of assets of which these trials used more than one content."""
    assets = schema.assets
    builds = sa.select(assets.c.id, assets.c.digest, assets.c.builder, assets.c.content_digest)
    known = {number: build for number, *build in connection.execute(builds)}
    times = Counter((address, builder) for address, builder, _ in known.values())
    again = {number for number, build in known.items() if times[build[0], build[1]] > 1}
    used: dict[tuple[str, str], set[str]] = {}
    for number in {number for number, _ in _uses(connection, study, digests, again)}:
        address, builder, content = known[number]
        used.setdefault((builder, address), set()).add(content)
    return sorted({builder for (builder, _), contents in used.items() if len(contents) > 1})


def read_noted_cautions(
    connection: sa.Connection, study: str, digests: AbstractSet[str]
) -> list[tuple[str, int]]:
    """What these trials and their assets caution against, each with the number of trials."""
    trials, assets = schema.trials.c, schema.assets.c
    of_trials = sa.select(trials.facts, trials.digest).where(
        trials.study == study, trials.facts.contains(CAUTIONS)
    )
    of_assets = sa.select(assets.id, assets.facts).where(assets.facts.contains(CAUTIONS))
    noted: dict[str, set[str]] = {}
    for facts, trial in streamed(connection, of_trials):
        if trial in digests:
            noted.setdefault(facts, set()).add(trial)
    of_asset = {row.id: row.facts for row in connection.execute(of_assets)}
    for number, trial in _uses(connection, study, digests, of_asset.keys()):
        noted.setdefault(of_asset[number], set()).add(trial)
    concerned: dict[str, set[str]] = {}
    for facts, found in noted.items():
        for sentence in json.loads(facts).get(CAUTIONS, []):
            concerned.setdefault(sentence, set()).update(found)
    return [(sentence, len(found)) for sentence, found in sorted(concerned.items())]


def _uses(
    connection: sa.Connection, study: str, digests: AbstractSet[str], assets: AbstractSet[int]
) -> list[tuple[int, str]]:
    """Which of these trials used which of these assets: (asset, digest of the trial)."""
    found: list[tuple[int, str]] = []
    links, trials = schema.trial_assets.c, schema.trials.c
    for chunk in chunks(assets):
        query = (
            sa.select(links.asset_id, trials.digest)
            .join(schema.trials, trials.id == links.trial_id)
            .where(trials.study == study, links.asset_id.in_(chunk))
        )
        found += [(a, trial) for a, trial in streamed(connection, query) if trial in digests]
    return found
