"""Reads files of runs: CSV, one run a row, or one run of every arm a row."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.audit.printed_numbers import Printed, PrintedError, exact
from harness.audit.claims.files import beside, read_text
from harness.audit.claims.numbers import is_measurable
from harness.audit.evidence.model import Cell, Run
from harness.audit.evidence.source import Runs, Source, cells_of
from harness.errors import ClaimsError
from harness.study.parts import is_visible, twice
from harness.study.problems import shown

_MOST_ROWS = 200_000
_LONGEST_NAME = 200
_ARM, _SEED = "arm", "seed"


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, with the number of its line for whoever has to mend it."""

    line: int
    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _RunOfArm:
    """A run with the place it has."""

    line: int
    level: str
    arm: str
    run: Run


def cells_of_file(source: Source, given: str) -> tuple[Cell, ...]:
    """The runs of a file.

    Args:
        source: the entry of the claims file's data.
        given: the file that it names.

    Raises:
        ClaimsError: it is not there, lies elsewhere, or is not as it is described.
    """
    source.power_of_ten()
    path = beside(source.claims, given, f"{source.key}.file")
    text = read_text(path, source.claims.path, "this file", f"{source.key}.file", given)
    rows = _rows(source, text)
    read = _wide_rows if source.data.arm_columns else _long_rows
    cells: dict[str, dict[str, list[Run]]] = {}
    for found in read(source, rows):
        runs = cells.setdefault(found.level, {}).setdefault(found.arm, [])
        _require_new_seed(source, found, runs)
        runs.append(found.run)
    _require_runs(source, cells)
    return cells_of(cells)


def _rows(source: Source, text: str) -> list[_Row]:
    """The rows below the header, each with as many entries as the header."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[_Row] = []
    header: list[str] = []
    try:
        for entries in reader:
            if not any(entry.strip() for entry in entries) and len(entries) < 2:
                continue
            if not header:
                header = _header(source, entries)
            elif len(entries) != len(header):
                counts = f"{len(entries)} entries, and the header {len(header)}"
                remedy = "separate entries by commas; write decimals with a point"
                raise _refused(source, f"line {reader.line_num} has {counts}", remedy)
            else:
                rows.append(_Row(reader.line_num, dict(zip(header, entries, strict=True))))
            if len(rows) > _MOST_ROWS:
                raise _refused(source, f"has more than {_MOST_ROWS:,} rows")
    except csv.Error as error:
        raise _refused(source, f"line {reader.line_num}: is no CSV ({error})") from None
    if not rows:
        empty = "has a header and no rows below it" if header else "is empty"
        raise _refused(source, empty, "one row a run, below a header")
    return rows


def _header(source: Source, entries: Sequence[str]) -> list[str]:
    header = [entry.strip() for entry in entries]
    if (column := twice(header)) is not None:
        raise _refused(source, f"has two columns called {column!r}", "give each its own name")
    level = (source.data.level,) if source.data.level is not None else ()
    for column in (*_value_columns(source), *level):
        if column not in header:
            remedy = None
            if len(header) == 1:
                remedy = "the first line names the columns, separated by commas"
            raise source.refusal("the file has no such column", "file", column, header, remedy)
    return header


def _value_columns(source: Source) -> tuple[str, ...]:
    return source.data.arm_columns or (_ARM, source.column)


def _long_rows(source: Source, rows: Sequence[_Row]) -> Iterator[_RunOfArm]:
    """One run a row."""
    for row in rows:
        arm = row.entries[_ARM].strip()
        if not arm:
            raise _refused(source, f"line {row.line} names no arm", "write its name into arm")
        if not is_visible(arm) or len(arm) > _LONGEST_NAME:
            remedy = f"a name is text on one line, of at most {_LONGEST_NAME} characters"
            raise _refused(source, f"line {row.line}: {shown(arm)} is no name of an arm", remedy)
        yield _run_of(source, row, arm, source.column)


def _wide_rows(source: Source, rows: Sequence[_Row]) -> Iterator[_RunOfArm]:
    """One run of every arm a row; an empty entry is no run."""
    for row in rows:
        for arm in source.data.arm_columns:
            if row.entries[arm].strip():
                yield _run_of(source, row, arm, arm)


def _run_of(source: Source, row: _Row, arm: str, column: str) -> _RunOfArm:
    level = source.data.level
    where = f"{level} = {row.entries[level].strip()}" if level is not None else ""
    value = _value(source, row, column)
    seed = row.entries.get(_SEED, "").strip() or None
    return _RunOfArm(row.line, where, arm, source.run(value, seed))


def _value(source: Source, row: _Row, column: str) -> Printed:
    text = row.entries[column].strip()
    try:
        value = exact(text)
    except PrintedError as error:
        remedy = "every run has a number; leave the whole row out of a run that gave none"
        raise _of_line(source, row, column, str(error), remedy) from None
    if not is_measurable(value):
        raise _of_line(source, row, column, f"{text} is no size of anything measured")
    _require_share(source, row, column, value)
    return _with_zeros(source, row, column, value)


def _require_share(source: Source, row: _Row, column: str, value: Printed) -> None:
    """An accuracy of 9260 %, or of 92.6, is in another unit than is said."""
    if not source.metric.is_share:
        return
    unit = source.data.unit or source.metric.unit
    whole = 100 if unit == "%" else 1
    if not 0 <= value.value <= whole:
        what = f"{value} lies outside 0 to {whole}, where every share of test examples lies"
        remedy = f"the unit is taken to be {unit!r}: say unit of data.{source.name}, or of its "
        remedy += "metric; a metric that is no share has a unit of its own"
        raise _of_line(source, row, column, what, remedy)


def _with_zeros(source: Source, row: _Row, column: str, value: Printed) -> Printed:
    """The same number with the zeros that it was printed with."""
    decimals = source.data.decimals
    if decimals is None or value.decimals == decimals:
        return value
    if value.decimals > decimals:
        remedy = "declare the decimals there are, or none"
        what = f"{value} has {value.decimals} decimals, and {decimals} are declared"
        raise _of_line(source, row, column, what, remedy)
    try:
        return exact(f"{value.value:.{decimals}f}")
    except PrintedError:
        what = f"{value} cannot be written with {decimals} decimals"
        raise _of_line(source, row, column, what) from None


def _require_new_seed(source: Source, found: _RunOfArm, runs: Sequence[Run]) -> None:
    """Runs are matched by their seed, which one of them would otherwise lose silently."""
    if source.design.pairing not in {"seed", "split"} or found.run.seed is None:
        return
    if any(each.seed == found.run.seed for each in runs):
        what = f"line {found.line}: the arm {found.arm!r} has the seed {found.run.seed} twice"
        remedy = 'leave one of the runs out, or say pairing = "none" of these data'
        raise _refused(source, what, remedy)


def _require_runs(source: Source, cells: Runs) -> None:
    """Refuse a file that has not the runs that it is declared to have."""
    if not cells:
        raise _refused(source, "has no runs: all entries are empty")
    for level, arms in cells.items():
        for arm, runs in arms.items():
            if source.data.runs is not None and len(runs) != source.data.runs:
                at = f" at {level}" if level else ""
                raise source.refusal(
                    f"the file has another number of runs of the arm {arm!r}{at}: {len(runs)}",
                    "runs",
                    str(source.data.runs),
                    remedy="declare the runs there are, or complete the file",
                )


def _of_line(
    source: Source, row: _Row, column: str, what: str, remedy: str | None = None
) -> ClaimsError:
    return _refused(source, f"line {row.line}, column {column}: {what}", remedy)


def _refused(source: Source, what: str, remedy: str | None = None) -> ClaimsError:
    return source.refusal(what, "file", source.data.file, remedy=remedy)
