"""Evidence: the values that claims are held against, whatever they were read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.audit.printed_numbers import Printed
from harness.audit.claims.grammar import Design, Metric, Summary


@dataclass(frozen=True, slots=True)
class Run:
    """One run's value.

    Attributes:
        value: in the metric's unit.
        printed: as it was printed; None for our own runs, which are known exactly.
        seed: its seed, or what else it shares with a run of another arm; None when not recorded.
    """

    value: float
    printed: Printed | None = None
    seed: str | None = None


@dataclass(frozen=True, slots=True)
class ArmEvidence:
    """What is known of one arm.

    Attributes:
        runs: its runs in their order; empty where only a summary is printed.
        summary: what is printed of it; None where its runs are known.
    """

    runs: tuple[Run, ...] = ()
    summary: Summary | None = None

    @property
    def values(self) -> list[float]:
        """The runs' values in their order, in the metric's unit."""
        return [run.value for run in self.runs]


@dataclass(frozen=True, slots=True)
class Cell:
    """Arms that can be held against each other.

    Attributes:
        level: the level of the factor, such as "blocks_removed = 5"; empty without a factor.
        arms: what is known of each arm.
    """

    level: str
    arms: Mapping[str, ArmEvidence]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry of a claims file's data, read.

    Attributes:
        name: its name there.
        metric_name: the metric's name.
        metric: what is measured; values are in its unit.
        design: how the runs were made.
        cells: one, or one a level of the factor.
        is_ours: whether it is a study in the results database.
        same_conditions: whether its sizes, and not only its signs, can be held against the paper's.
        note: what a reader has to know of it.
        lacking: why there is nothing, and the command that would change it; None when there is.
        waiting: why an arm has nothing, by arm: arms of a study that have no finished trials yet.
        drift: protocols with which the data were looked at: at their first trial, and now.
    """

    name: str
    metric_name: str
    metric: Metric
    design: Design
    cells: tuple[Cell, ...] = ()
    is_ours: bool = False
    same_conditions: bool = True
    note: str = ""
    lacking: str | None = None
    waiting: Mapping[str, str] = field(default_factory=dict)
    drift: tuple[Mapping[str, object], Mapping[str, object]] | None = field(default=None)

    @property
    def is_matched(self) -> bool:
        """Whether runs of different arms belong together, and say which."""
        return self.design.pairing in {"seed", "split"} and all(
            run.seed is not None for cell in self.cells for arm in cell.arms.values()
            for run in arm.runs
        )  # fmt: skip

    def arm_names(self) -> tuple[str, ...]:
        """Every arm of any cell, in order."""
        return tuple(dict.fromkeys(name for cell in self.cells for name in cell.arms))

    def with_arms(self, names: Sequence[str]) -> tuple[Cell, ...]:
        """The cells that have all of these arms."""
        return tuple(cell for cell in self.cells if all(name in cell.arms for name in names))
