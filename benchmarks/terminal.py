"""The one table that the command line prints."""

from collections.abc import Iterator, Sequence

from benchmarks.judging import judgements
from benchmarks.model import Question, Table
from benchmarks.records import Record
from benchmarks.wording import memory, number, ratio_to_ours, spread

COLUMNS = ("", "median", "min–max", "", "ours is", "MB", "n", "target")
_WORDS = (0, 3, 7)


def printed(measured: Sequence[tuple[Question, Record]]) -> str:
    """Every figure of all that was measured: medians, ratios to ours, memory and targets."""
    rows: list[Sequence[str]] = [COLUMNS]
    for question, record in measured:
        for table in record.tables:
            rows.append((f"{question.title}: {table.title}",))
            rows += _rows(table)
        if record.stopped is not None:
            rows.append((f"  {record.stopped}",))
    return "\n".join(_aligned(rows))


def _rows(table: Table) -> Iterator[tuple[str, ...]]:
    verdicts = [
        (each.contestant, f"{each.aim}: {_verdict(each.met)}") for each in judgements(table)
    ]
    for figure in table.figures:
        yield (
            f"  {figure.contestant} ({figure.role})",
            number(figure.median(table.quantity)),
            spread(table, figure),
            table.quantity.unit,
            ratio_to_ours(table, figure),
            memory(figure),
            str(len(figure.turns)),
            "; ".join(words for name, words in verdicts if name == figure.contestant),
        )
    for out in table.left_out:
        yield (f"  {out.contestant} is left out: {out.reason}",)


def _verdict(met: bool | None) -> str:
    if met is None:
        return "not measured"
    return "met" if met else "MISSED"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns under each other, words to the left; a row of one cell runs across all of them."""
    full = [row for row in rows if len(row) > 1]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    for row in rows:
        if len(row) == 1:
            yield row[0]
            continue
        cells = [
            cell.ljust(width) if place in _WORDS else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
