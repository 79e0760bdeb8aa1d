"""Searches the numbers of a table that harness did not write among all that the database gives."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.audit.printed_numbers import Printed, PrintedError, printed
from harness.audit.provenance.findings import Cause, CheckedFile, Origin, Stray
from harness.audit.provenance.headings import metrics_named
from harness.audit.provenance.pool import Pool, StoredNumber
from harness.audit.provenance.units import Cell, Unit

TELLING = 0.2
"""A number that so large a share of all numbers would be found like it is found by chance."""

_FEWEST = 20
"""The chance is taken over at least so many numbers of the same precision."""

_SLACK = 1e-9
"""Floating-point arithmetic may have moved a stored value so far, relative to its size."""

_LABELS = 5
"""So many row labels that name no arm are named; the others are counted."""

_STATISTICS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("mean", "average", "avg"), frozenset({"mean"})),
    **dict.fromkeys(("sd", "std", "stdev", "σ"), frozenset({"sd"})),
    **dict.fromkeys(("max", "maximum", "best"), frozenset({"max", "best"})),
    **dict.fromkeys(("min", "minimum"), frozenset({"min"})),
    "median": frozenset({"median"}),
    "p": frozenset({"p_value", "p_adjusted"}),
}
"""What a word above a column says that its numbers are."""

_OF_SOMETHING_ELSE = frozenset(
    {"difference", "diff", "delta", "δ", "gain", "effect", "ci", "interval", "rank", "ranks"}
    | {"change", "improvement", "vs", "versus", "against", "ratio"}
)
"""A "mean difference" is no arm's mean: beside these words a column may hold any statistic."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A file whose numbers were searched.

    Attributes:
        file: how many of its numbers were searched and found.
        strays: those of tables that follow from nothing.
        origins: those that were found.
        unexplained: those of prose and headings that follow from nothing.
        notes: which rows are called after no arm.
    """

    file: CheckedFile
    strays: tuple[Stray, ...]
    origins: tuple[Origin, ...]
    unexplained: tuple[Origin, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    line: int
    place: str
    text: str
    arms: tuple[str, ...]
    column: str
    metrics: frozenset[str] = frozenset()


def look_up(name: str, units: Sequence[Unit], pool: Pool) -> LookedUp:
    """Search every number of a file among those of a pool.

    Numbers of tables and macros have to follow. Numbers of headings, of a table's labels and of
    prose, such as years and "95 %", need not.

    Args:
        name: the file.
        units: what it says.
        pool: what the database gives.
    """
    labels = _label_columns(units)
    strays: list[Stray] = []
    origins: list[Origin] = []
    unexplained: list[Origin] = []
    for place, must_follow in _numbers(name, units, pool, labels):
        found = _matches(place, pool)
        if found and must_follow:
            origins.append(_origin(place, found, pool))
        elif must_follow:
            strays.append(_stray(place, pool))
        elif not found:
            unexplained.append(Origin(name, place.line, place.place, place.text, "", 0, 0.0))
    checked = CheckedFile(name, len(origins) + len(strays), len(origins), "looked_up")
    notes = _called_after_no_arm(name, units, pool, labels)
    return LookedUp(checked, tuple(strays), tuple(origins), tuple(unexplained), notes)


def _numbers(
    name: str, units: Sequence[Unit], pool: Pool, labels: frozenset[tuple[str, int]]
) -> Iterator[tuple[_Place, bool]]:
    for unit in units:
        for number, cell in enumerate(unit.cells):
            is_value = unit.kind == "row" and (unit.table, number) not in labels
            where = _where(unit, cell)
            arms = _arms(unit, cell, pool) if is_value else ()
            metrics = metrics_named(cell.column, pool.metrics) if is_value else frozenset()
            for text in cell.numbers:
                found = _Place(name, unit.line, where, text, arms, cell.column, metrics)
                yield found, is_value


def _called_after_no_arm(
    name: str, units: Sequence[Unit], pool: Pool, labels: frozenset[tuple[str, int]]
) -> tuple[str, ...]:
    """One note that names the rows whose numbers any arm's number may explain."""
    names: dict[str, None] = {}
    for unit in units if pool.arms else ():
        values = [
            cell
            for place, cell in enumerate(unit.cells)
            if unit.kind == "row" and cell.numbers and (unit.table, place) not in labels
        ]
        if any(not _arms(unit, cell, pool) for cell in values):
            names[unit.name.replace("**", "").strip()] = None
    if not names:
        return ()
    first = ", ".join(repr(each) for each in list(names)[:_LABELS])
    more = f" and {len(names) - _LABELS} more" if len(names) > _LABELS else ""
    of = f" of {', '.join(pool.studies)}" if pool.studies else ""
    if len(names) == 1:
        return (f"{name}: row label {first} names no arm{of}: any arm's number explains it.",)
    return (f"{name}: row labels {first}{more} name no arm{of}: any arm's number explains them.",)


def _label_columns(units: Sequence[Unit]) -> frozenset[tuple[str, int]]:
    """The first column of every table whose entries are not all numbers with decimals."""
    first: dict[str, list[str]] = {}
    for unit in units:
        if unit.kind == "row" and len(unit.cells) > 1:
            first.setdefault(unit.table, []).append(unit.cells[0].text)
    return frozenset(
        (table, 0) for table, texts in first.items() if not all("." in _bare(t) for t in texts)
    )


def _bare(text: str) -> str:
    return text if re.fullmatch(r"[-−+]?\d*\.\d+", text) else ""


def _arms(unit: Unit, cell: Cell, pool: Pool) -> tuple[str, ...]:
    """The arms that the row or the column is called after."""
    named = {_normal(arm): arm for arm in pool.arms}
    texts = [cell.column, *(each.text for each in unit.cells if not each.numbers)]
    return tuple(dict.fromkeys(named[_normal(t)] for t in texts if _normal(t) in named))


def _normal(text: str) -> str:
    return "".join(each for each in text.lower() if each.isalnum())


def _matches(place: _Place, pool: Pool) -> tuple[StoredNumber, ...]:
    """The stored numbers that print so and may stand there, means first and single runs last."""
    found = [each for each in _in_relation(place, pool) if _may_stand(each, place)]
    found.sort(key=lambda each: (each.is_run, each.statistic != "mean"))
    return tuple(found)


def _elsewhere(place: _Place, pool: Pool) -> tuple[StoredNumber, ...]:
    """The stored numbers that print so, wherever they may stand; those of its arms first."""
    found = list(_in_relation(place, pool))
    found.sort(key=lambda each: not set(each.arms) & set(place.arms))
    return tuple(found)


def _may_stand(number: StoredNumber, place: _Place) -> bool:
    """Whether a number is of the row's arms, and what the column says that its numbers are."""
    if place.metrics and number.metric not in place.metrics:
        return False
    wanted = _wanted(place.column)
    if wanted and number.statistic not in wanted:
        return False
    # Counts, such as that of the seeds, are the same for every arm.
    is_count = not number.arms and number.value.is_integer()
    return not place.arms or is_count or bool(set(number.arms) & set(place.arms))


def _wanted(column: str) -> frozenset[str]:
    """The statistics that a column declares; none where it may hold any."""
    words = re.findall(r"[^\W\d_]+", column.lower())
    if set(words) & _OF_SOMETHING_ELSE:
        return frozenset()
    return frozenset().union(*(_STATISTICS.get(word, frozenset()) for word in words))


def _in_relation(place: _Place, pool: Pool) -> Sequence[StoredNumber]:
    try:
        number = printed(place.text)
    except PrintedError:
        return ()
    low, high = float(number.low), float(number.high)
    slack = _SLACK * max(abs(low), abs(high))
    match number.relation:
        case "=":
            return pool.between(low - slack, high + slack)
        case "<" | "<=":
            found = pool.between(0.0, float(number.value))
        case _:
            found = pool.between(float(number.value), 1.0)
    # Only p-values are printed as lying below or above something.
    return [each for each in found if each.statistic in _STATISTICS["p"]]


def chance(number: Printed, stored: Iterable[float]) -> float:
    """The share of all numbers of this size and precision that some stored value prints as.

    "This size" is from half to twice the number, or twenty steps of its last digit around it where
    that is more.

    Args:
        number: the number.
        stored: the values that it may be.
    """
    step = 2 * float(number.half_unit)
    value = float(number.value)
    low, high = sorted((value / 2, value * 2))
    if (high - low) / step < _FEWEST:
        low, high = value - _FEWEST / 2 * step, value + _FEWEST / 2 * step
    covered = {round(each / step) for each in stored if low <= each <= high}
    return min(1.0, len(covered) / ((high - low) / step))


def _origin(place: _Place, found: Sequence[StoredNumber], pool: Pool) -> Origin:
    number = printed(place.text)
    possible = [each for each in pool.numbers if _may_stand(each, place)]
    if number.relation == "=":
        share = chance(number, (each.value for each in possible))
    else:
        p_values = [each for each in possible if each.statistic in _STATISTICS["p"]]
        share = len(found) / len(p_values)
    first = found[0]
    return Origin(
        place.file,
        place.line,
        place.place,
        place.text,
        first.what,
        len(found),
        share,
        first.is_run,
    )


def _stray(place: _Place, pool: Pool) -> Stray:
    others = _elsewhere(place, pool)
    cause: Cause = "not_stored"
    if others:
        of_these = not place.arms or bool(set(others[0].arms) & set(place.arms))
        cause = "other_statistic" if of_these else "other_arm"
    nearest = _nearest(place, pool)
    beside = f" The nearest that could is {nearest.value:.6g}, {nearest.what}." if nearest else ""
    what = (
        f"which follows only as {others[0].what}" if others else "which follows from nothing stored"
    )
    return Stray(
        place.file,
        place.line,
        place.place,
        "number",
        place.text,
        nearest.what if nearest else "",
        cause,
        f"In {place.place}: found {place.text}, {what}.{beside}",
    )


def _nearest(place: _Place, pool: Pool) -> StoredNumber | None:
    """The stored number that comes nearest of those that may stand there."""
    try:
        value = float(printed(place.text).value)
    except PrintedError:
        return None
    possible = (each for each in pool.numbers if _may_stand(each, place) and not each.is_run)
    return min(possible, key=lambda each: abs(each.value - value), default=None)


def _where(unit: Unit, cell: Cell) -> str:
    if unit.kind == "words":
        return f"the text “{unit.name}”"
    if unit.kind == "header":
        return f"the heading of {unit.table_name}"
    of = f", column {cell.column!r}" if cell.column else ""
    return f"row {unit.name!r}{of} of {unit.table_name}"
