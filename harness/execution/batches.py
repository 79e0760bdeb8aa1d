"""Which trials share a batch: groups of alike ones, cut as evenly as the workers need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from harness.canonical import JSON
from harness.errors import InputError, Problem
from harness.execution.worker.survey import Kind
from harness.execution.worker.task import Task

BatchChoice: TypeAlias = Literal["auto", "off"] | int
"""How trials are batched: as the trial function says, not at all, or at most so many together."""


def require_choice(choice: object) -> None:
    """Refuse what is no :data:`BatchChoice`.

    Raises:
        InputError: saying what would be one.
    """
    if choice in ("auto", "off") or (type(choice) is int and choice >= 1):
        return
    problem = Problem(
        "how trials are batched is auto, off, or the largest batch, a whole number from 1",
        given=repr(choice),
        allowed=("auto", "off", "1, 2, 3 …"),
    )
    raise InputError(problem, "batch")


@dataclass(slots=True)
class Cell:
    """What trials of one study with equal parameters have in common.

    Attributes:
        params: their parameters.
        kind: with which others they may share a batch; None where each has to run by itself.
        needs_asset: whether they need an asset that one worker makes while the others wait.
        expected_s: how long one of them takes by itself, in seconds; None before any has.
    """

    params: Mapping[str, JSON]
    kind: Kind | None = None
    needs_asset: bool = False
    expected_s: float | None = None

    def measured(self, duration_s: float) -> None:
        """Learn from a trial that ran by itself.

        A slow one counts at once, because short trials are handed out many at a time; a fast one
        by half, so that a first one that had to import is forgotten.
        """
        known = self.expected_s
        if known is None or duration_s >= known:
            self.expected_s = duration_s
        else:
            self.expected_s = (known + duration_s) / 2


@dataclass(slots=True)
class Job:
    """A trial of this run.

    Attributes:
        task: what a worker is given.
        cell: the trials with its parameters.
        failures: how often it has failed in this run.
        claimed: whether it belongs to this run already.
        single: whether it runs by itself, in no batch and with nothing before or after it.
    """

    task: Task
    cell: Cell
    failures: int = 0
    claimed: bool = False
    single: bool = False


def batches(
    jobs: Sequence[Job],
    workers: int,
    largest: int | None,
    fits: Mapping[bytes, int] = MappingProxyType({}),
) -> list[list[Job]]:
    """The jobs, those that share a batch together, in the order of the first of each batch.

    The number of batches is a multiple of the workers where there are jobs enough: several batches
    that keep every worker busy end sooner than one that is as large as a worker can hold.

    Where several workers begin with jobs that need an asset, one makes it and the others wait. So
    jobs that need none share batches, as far as these are full, and follow the first batch that has
    to wait.

    Args:
        jobs: in the order in which they are wanted.
        workers: number of worker processes.
        largest: the largest batch that the user wants; None for as large as their kinds allow.
        fits: the largest batch of jobs that are alike, where larger ones did not fit into memory.
    """
    groups: dict[bytes, _Group] = {}
    units: list[tuple[int, list[Job]]] = []
    for place, job in enumerate(jobs):
        kind = None if job.single else job.cell.kind
        if kind is None:
            units.append((place, [job]))
        else:
            most = min(kind.at_most, fits.get(kind.alike, kind.at_most), largest or kind.at_most)
            groups.setdefault(kind.alike, _Group(most)).add(place, job, most)
    counts = _counts(list(groups.values()), workers)
    for group, count in zip(groups.values(), counts, strict=True):
        if workers > 1:
            group.placed.sort(key=lambda placed: placed[1].cell.needs_asset)
        units += [(part[0][0], [job for _, job in part]) for part in _evenly(group.placed, count)]
    in_order = [unit for _, unit in sorted(units, key=lambda unit: unit[0])]
    return in_order if workers == 1 else _one_waits(in_order)


@dataclass(slots=True)
class _Group:
    """Jobs that are alike, with their places, and how many of them a batch may have."""

    at_most: int
    placed: list[tuple[int, Job]] = field(default_factory=list)

    def add(self, place: int, job: Job, at_most: int) -> None:
        self.at_most = min(self.at_most, at_most)
        self.placed.append((place, job))


def _one_waits(units: Sequence[list[Job]]) -> list[list[Job]]:
    """The first unit that needs an asset, those that need none, and then the others."""
    needing: list[list[Job]] = []
    free: list[list[Job]] = []
    for unit in units:
        (needing if any(job.cell.needs_asset for job in unit) else free).append(unit)
    return [*needing[:1], *free, *needing[1:]]


def _counts(groups: Sequence[_Group], workers: int) -> list[int]:
    """Into how many batches each group is cut."""
    counts = [-(-len(group.placed) // group.at_most) for group in groups]
    while sum(counts) % workers:
        means = [len(group.placed) / count for group, count in zip(groups, counts, strict=True)]
        widest = max(range(len(counts)), key=means.__getitem__)
        if means[widest] <= 1:
            break
        counts[widest] += 1
    return counts


def _evenly(group: Sequence[tuple[int, Job]], count: int) -> list[Sequence[tuple[int, Job]]]:
    """Parts of consecutive jobs whose lengths differ by one at most."""
    short, longer = divmod(len(group), count)
    ends = [(number + 1) * short + min(number + 1, longer) for number in range(count)]
    return [group[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
