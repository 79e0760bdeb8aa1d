"""Writes ``docs/performance.md`` from the results; no number on it comes from anywhere else."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conditions import Machine
from benchmarks.judging import ahead_of_ours, judgements
from benchmarks.measuring import ROOT
from benchmarks.model import Figure, Question, Table
from benchmarks.questions import questions
from benchmarks.records import Record, load
from benchmarks.wording import (
    detail,
    detail_names,
    heading,
    in_cpu_time,
    memory,
    number,
    ratio_to_ours,
    spread,
    with_unit,
)

PAGE = ROOT / "docs" / "performance.md"

_HEAD = """\
# Performance

What harness does beside what one would otherwise do. `make bench` and `make bench-gpu` measure it,
and write this page from what they found; [how it is measured](../benchmarks/README.md).

"Ours is × 3" says that ours is three times as good as that row: a third of the time, or three
times the rate. Below 1, the other one is better. A floor is the bare work with nothing around it.
Medians of n runs that took turns. "In CPU time" is the same median with the processor time of all
processes of a contestant in place of the time on the clock; it is empty where that is not known.
Memory is the most that the largest process of a contestant held, with its imports.
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with its results, if there are any."""

    question: Question
    record: Record | None

    @property
    def tables(self) -> tuple[Table, ...]:
        """What was measured."""
        return () if self.record is None else self.record.tables


def write_page() -> Path:
    """Write the page from the results that are there; its path."""
    PAGE.write_text(page([Shown(each, load(each.name)) for each in questions()]), encoding="utf-8")
    return PAGE


def page(shown: Sequence[Shown]) -> str:
    """The page of these questions, in this order."""
    machines = _machines(shown)
    parts = [
        _HEAD,
        "## What is aimed at\n",
        *_targets(shown),
        "## Where we are not ahead\n",
        *_listed(shown, _behind, "Nowhere, in what was measured."),
        "## What is not known\n",
        *_listed(shown, _unknown, "All of it was measured."),
        *(part for each in shown for part in _section(each, machines)),
        *_gpu_section(shown),
        "## Machines\n",
        *_machine_lines(machines),
    ]
    return "\n".join(parts)


def _targets(shown: Iterable[Shown]) -> Iterator[str]:
    rows = [
        (
            f"{each.question.title}: {table.title}",
            judged.contestant,
            judged.aim,
            judged.measured,
            _met(judged.met),
        )
        for each in shown
        for table in each.tables
        for judged in judgements(table)
    ]
    yield _markdown(("what", "of", "aim", "measured", "met"), rows) if rows else "Nothing yet.\n"


def _met(met: bool | None) -> str:
    if met is None:
        return "not measured"
    return "yes" if met else "**no**"


def _listed(
    shown: Iterable[Shown], lines_of: Callable[[Shown], Iterator[str]], otherwise: str
) -> Iterator[str]:
    lines = [f"- {line}" for each in shown for line in lines_of(each)]
    yield "\n".join(lines or [otherwise]) + "\n"


def _behind(shown: Shown) -> Iterator[str]:
    """In plain words: targets that are missed, and peers that are better."""
    title = shown.question.title
    for table in shown.tables:
        for judged in judgements(table):
            if judged.met is False:
                found = f"{judged.contestant}, {judged.measured}; aim: {judged.aim}."
                yield f"{title} ({table.title}): {found}"
        for peer in ahead_of_ours(table):
            yield f"{title} ({table.title}): {_better(table, peer)}"


def _unknown(shown: Shown) -> Iterator[str]:
    """What was not measured, or not to its end."""
    title = shown.question.title
    if shown.record is None:
        yield f"{title}: not measured."
    elif shown.record.stopped is not None:
        yield f"{title}: {shown.record.stopped}."
    for table in shown.tables:
        for judged in judgements(table):
            if judged.met is None:
                yield f"{title} ({table.title}): {judged.contestant}, {judged.aim}: not measured."


def _better(table: Table, peer: Figure) -> str:
    ours = table.reference
    assert ours is not None  # nobody is ahead of nothing
    quantity = table.quantity
    return (
        f"{peer.contestant} is {number(table.times_better(peer, ours))} times as good as "
        f"{ours.contestant}: {with_unit(peer.median(quantity), quantity.unit)} and "
        f"{with_unit(ours.median(quantity), quantity.unit)}. {peer.note}"
    ).rstrip()


def _section(shown: Shown, machines: Sequence[Machine]) -> Iterator[str]:
    yield f"## {shown.question.title}\n"
    yield f"{shown.question.asks.strip()}\n"
    if shown.record is None:
        yield f"{_unmeasured(shown.question)}\n"
        return
    for table in shown.tables:
        yield from _table(table)
    yield f"{_conditions(shown.record, machines)}\n"


def _unmeasured(question: Question) -> str:
    if question.needs_gpu:
        return "Not measured: no GPU was at hand. `make bench-gpu` measures it."
    return f"Not measured yet: `python -m benchmarks {question.name}` does."


def _gpu_section(shown: Iterable[Shown]) -> Iterator[str]:
    """That nothing is known of GPUs, where there is no question about them yet."""
    if not any(each.question.needs_gpu for each in shown):
        yield "## On a GPU\n"
        yield "Not measured: no GPU was at hand. `make bench-gpu` measures it.\n"


def _table(table: Table) -> Iterator[str]:
    if table.figures:
        yield _markdown(*_cells(table))
    for figure in table.figures:
        if figure.note or figure.versions:
            yield f"- {figure.contestant}: {_remark(figure)}"
    for out in table.left_out:
        yield f"- {out.contestant} is left out: {out.reason}"
    yield ""


def _remark(figure: Figure) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in figure.versions.items())
    return " ".join(part for part in (versions and f"{versions}.", figure.note) if part)


def _cells(table: Table) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = detail_names(table)
    columns = (
        table.title,
        "",
        f"median {table.quantity.unit}",
        "min–max",
        "ours is",
        "in CPU time",
        "memory MB",
        *map(heading, names),
        "n",
    )
    rows = [
        (
            figure.contestant,
            figure.role,
            number(figure.median(table.quantity)),
            spread(table, figure),
            ratio_to_ours(table, figure),
            in_cpu_time(table, figure),
            memory(figure),
            *(detail(figure, name) for name in names),
            str(len(figure.turns)),
        )
        for figure in table.figures
    ]
    return columns, rows


def _markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table without the columns, after the second, that are empty in every row."""
    kept = list(rows)
    full = [place for place in range(len(columns)) if place < 2 or any(row[place] for row in kept)]
    lines = [[columns[place] for place in full], ["---"] * len(full)]
    lines += [[row[place].replace("|", "\\|") for place in full] for row in kept]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _machines(shown: Iterable[Shown]) -> list[Machine]:
    """Every machine once, in the order of the questions."""
    found: list[Machine] = []
    for each in shown:
        if each.record is not None and each.record.conditions.machine not in found:
            found.append(each.record.conditions.machine)
    return found


def _conditions(record: Record, machines: Sequence[Machine]) -> str:
    found = record.conditions
    place = machines.index(found.machine) + 1
    commit = "outside a checkout" if found.commit is None else f"at {found.commit}"
    changed = " with changes" if found.changed else ""
    ended = "" if record.stopped is None else f" It was {record.stopped}."
    return (
        f"Measured on {found.date}, {commit}{changed}, on machine {place}; load "
        f"{found.load_before} before and {found.load_after} after.{ended}"
    )


def _machine_lines(machines: Sequence[Machine]) -> Iterator[str]:
    for place, each in enumerate(machines, start=1):
        gpu = "" if each.gpu is None else f", {each.gpu}"
        versions = ", ".join(f"{name} {version}" for name, version in each.versions.items())
        yield (
            f"{place}. {each.processor}, {each.cores} cores, {number(each.memory_gb)} GB of "
            f"memory{gpu}; {each.system}; {versions}."
        )
    yield "" if machines else "None yet.\n"
