"""Sources of variance: trials in which some random streams follow the seed and all others stay.

A source's name is a label, as an arm's is. The streams that it varies and the seed that holds all
others are part of what such a trial runs, and so of its identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.canonical import JSON

# The source of ordinary trials, in which every stream follows the seed.
ALL_SOURCES = "all"

# What results call the column that tells sources apart.
SOURCE_COLUMN = "source"

# What such a trial runs has these keys, beside its function or command.
VARIED_STREAMS = "varied_streams"
HELD_SEED = "held_seed"


@dataclass(frozen=True, slots=True)
class Seeding:
    """Which streams of a trial follow its seed, where not all of them do.

    Attributes:
        source: name of the source of variance, a label of these streams.
        streams: the streams that follow the trial's seed.
        held: the seed of all other streams.
    """

    source: str
    streams: tuple[str, ...]
    held: int


def labels_of(levels: Mapping[str, JSON], seeding: Seeding | None) -> dict[str, JSON]:
    """Factor levels as they are stored: together with the source, where there is one."""
    return {**levels} if seeding is None else {**levels, SOURCE_COLUMN: seeding.source}


def unlabelled(labels: Mapping[str, JSON], runs: Mapping[str, JSON]) -> tuple[dict[str, JSON], str]:
    """The factor levels and the source that stored labels stand for.

    Args:
        labels: what :func:`labels_of` gave.
        runs: what the trial runs; it tells a source from a factor that has the name of the column.

    Returns:
        The source is empty where a trial of a source lacks its name.
    """
    if VARIED_STREAMS not in runs:
        return dict(labels), ALL_SOURCES
    levels = {name: level for name, level in labels.items() if name != SOURCE_COLUMN}
    source = labels.get(SOURCE_COLUMN)
    return levels, source if isinstance(source, str) else ""


def labels_fit(
    labels: Mapping[str, JSON], params: Mapping[str, JSON], runs: Mapping[str, JSON]
) -> bool:
    """Whether stored labels can be those of a trial with these parameters."""
    levels, source = unlabelled(labels, runs)
    return bool(source) and all(params.get(name) == level for name, level in levels.items())
