"""What the figures say: which targets are met, and where ours is not ahead."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.model import Figure, Table, Target
from benchmarks.wording import aim, heading, number, with_unit


@dataclass(frozen=True, slots=True)
class Judgement:
    """One target beside what was measured.

    Attributes:
        contestant: whose figure it is.
        aim: what was asked for, in words.
        measured: what was found, in words.
        met: whether it is enough; None where one of the figures is missing.
    """

    contestant: str
    aim: str
    measured: str
    met: bool | None


def judgements(table: Table) -> Iterator[Judgement]:
    """Every target of a table beside what was measured."""
    for target in table.targets:
        value = measured(table, target)
        words = "not measured" if value is None else _words(table, target, value)
        met = None if value is None else _is_met(table, target, value)
        yield Judgement(target.contestant, aim(table, target), words, met)


def measured(table: Table, target: Target) -> float | None:
    """The number that a target is about; None where a figure for it is missing."""
    figure = table.figure(target.contestant)
    if figure is None:
        return None
    if target.what == "times":
        against = table.figure(target.against or "")
        return None if against is None else table.times_better(figure, against)
    if target.what == "peak_rss_mb":
        return figure.peak_rss_mb
    if target.what == "value":
        return figure.median(table.quantity)
    value = figure.details.get(target.what)
    return value if isinstance(value, int | float) else None


def _words(table: Table, target: Target, value: float) -> str:
    if target.what == "times":
        return f"{number(value)} times"
    if target.what == "peak_rss_mb":
        return with_unit(value, "MB")
    if target.what == "value":
        return with_unit(value, table.quantity.unit)
    return f"{heading(target.what)} {number(value)}"


def _is_met(table: Table, target: Target, value: float) -> bool:
    at_least = target.what == "times" or (
        target.what == "value" and table.quantity.better == "higher"
    )
    return value >= target.bound if at_least else value <= target.bound


def ahead_of_ours(table: Table) -> Iterator[Figure]:
    """The peers whose median is better than that of ours."""
    ours = table.reference
    if ours is None:
        return
    for figure in table.figures:
        if figure.role == "peer" and table.times_better(figure, ours) > 1:
            yield figure
