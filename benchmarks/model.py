"""What a measurement is: questions, tables of figures, and what is aimed at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

Role = Literal["ours", "variant", "peer", "floor"]
"""``ours`` as users get it; a ``variant`` of it that shows what a choice is worth; a ``peer``, what
a user would otherwise do; a ``floor``, below which nobody can come."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of one contestant.

    Attributes:
        wall_s: how long it took, in seconds.
        cpu_s: processor time that all its processes took, in seconds; None where it is not known,
            as where the contestant timed a part of its run only.
    """

    wall_s: float
    cpu_s: float | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is read off a run.

    Attributes:
        unit: what the number counts, e.g. ``ms`` or ``images/s``.
        better: which direction is.
        of: for ``lower``: the unit's amount of work, e.g. 10000 for "s for 10,000 trials".
        seconds: how many seconds one unit of a lower-is-better quantity has, e.g. 0.001 for ms.
    """

    unit: str
    better: Literal["lower", "higher"] = "lower"
    of: float = 1.0
    seconds: float = 1.0

    def value(self, wall_s: float, amount: float) -> float:
        """The number for a run that did this amount of work in this time."""
        if self.better == "higher":
            return amount / wall_s
        return wall_s * self.of / amount / self.seconds


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of one contestant.

    Attributes:
        contestant: its name, as the tables show it.
        role: what it stands for.
        amount: how much work one run did, in what the quantity counts.
        turns: every run that counts, in their order.
        peak_rss_mb: the most memory that its process held, imports included, in 10^6 bytes; of the
            largest process where it has several. None where it was not asked for.
        versions: of the packages that did the work.
        details: further numbers and words, by name with its unit; those of the last run.
        note: what a reader has to know to compare it fairly; one or two sentences.
    """

    contestant: str
    role: Role
    amount: float
    turns: tuple[Turn, ...]
    peak_rss_mb: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, float | str] = field(default_factory=dict)
    note: str = ""

    def values(self, quantity: Quantity) -> list[float]:
        """The number of every run."""
        return [quantity.value(turn.wall_s, self.amount) for turn in self.turns]

    def median(self, quantity: Quantity) -> float:
        """The median of all runs."""
        return median(self.values(quantity))

    def median_in_cpu_time(self, quantity: Quantity) -> float | None:
        """The same, with processor time for time on the clock; None where it is not known."""
        known = [turn.cpu_s for turn in self.turns if turn.cpu_s]
        if len(known) < len(self.turns):
            return None
        return median(quantity.value(cpu_s, self.amount) for cpu_s in known)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A contestant that was not measured, and why."""

    contestant: str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """What one contestant's figure has to be.

    Attributes:
        contestant: whose.
        what: ``value``, its median in the table's quantity; ``times``, how many times better its
            median is than that of ``against``; ``peak_rss_mb``, its memory; or a detail's name.
        bound: the number aimed at. A value of a lower-is-better quantity, memory and details are
            at most this; values of higher-is-better quantities and times are at least this.
        against: for ``times``: the contestant that it is compared with.
    """

    contestant: str
    what: str
    bound: float
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Contestants that took turns, in one quantity.

    The first figure whose role is ``ours`` is what the ratios of the others refer to.
    """

    title: str
    quantity: Quantity
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def figure(self, contestant: str) -> Figure | None:
        """The figure of this contestant; None if it was not measured."""
        return next((each for each in self.figures if each.contestant == contestant), None)

    @property
    def reference(self) -> Figure | None:
        """What the ratios refer to; None where ours was not measured."""
        return next((each for each in self.figures if each.role == "ours"), None)

    def times_better(self, one: Figure, other: Figure) -> float:
        """How many times better one median is than the other, whichever direction is better."""
        first, second = one.median(self.quantity), other.median(self.quantity)
        return first / second if self.quantity.better == "higher" else second / first


@dataclass(frozen=True, slots=True)
class Setting:
    """How much is measured.

    Attributes:
        quick: smaller work and fewer runs, to see that everything works: seconds a question. Its
            figures are never kept.
        folder: an empty folder for files, on the disk on which results are kept; it is removed
            afterwards.
    """

    quick: bool
    folder: Path


@dataclass(frozen=True, slots=True)
class Question:
    """One module's measurement.

    Attributes:
        name: the module's name, also of its results.
        title: a heading.
        asks: what is measured and how, and what each contestant does: Markdown, shown as it is.
        measure: makes the tables, one by one.
        limit_s: how long it may take before it is stopped; what it found until then is kept.
        needs_gpu: whether it belongs to ``make bench-gpu``.
        check: raises where what is to be measured does not compute what it should; run first.
    """

    name: str
    title: str
    asks: str
    measure: Callable[[Setting], Iterator[Table]]
    limit_s: float = 120.0
    needs_gpu: bool = False
    check: Callable[[], None] | None = None
