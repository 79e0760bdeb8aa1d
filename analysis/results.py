"""What a comparison of arms returns: frozen, printable, and without rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.errors import UnknownComparisonError
from analysis.inference.result import TestName, TestResult
from analysis.protocol import Protocol
from analysis.runs import Cell, Level

Decision = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm's runs in one cell. Every number but n and missing is in the metric's unit.

    Attributes:
        arm: the arm's name.
        cell: the factor levels, empty when nothing is crossed.
        n: runs with a finite value; all the numbers below come from these.
        missing: runs whose value was missing or infinite, left out of everything.
        mean: None when n = 0, as median, min, max and best are.
        sd: standard deviation, n - 1 in the denominator; None when n < 2.
        median: the middle value.
        min: lowest value.
        max: highest value.
        best: best of n: the maximum or the minimum, whichever the direction calls better. It
            grows with n, and so it is no estimate of what the arm can do.
        ci_low: lower end of the t interval of the mean at level 1 - alpha; None when n < 2.
        ci_high: upper end of it; None when n < 2.
        standard_error: sd / sqrt(n); None when n < 2.
    """

    arm: str
    cell: Cell
    n: int
    missing: int
    mean: float | None
    sd: float | None
    median: float | None
    min: float | None
    max: float | None
    best: float | None
    ci_low: float | None
    ci_high: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm held against a reference, in one cell, over the blocks that both have.

    Attributes:
        arm: the arm.
        reference: what it is held against.
        cell: the factor levels, empty when nothing is crossed.
        n: pairs used.
        dropped_blocks: blocks of either arm that lack a finite value in one of the two.
        difference: mean of arm - reference, in the metric's unit whatever the direction; None
            when n = 0.
        ci_low: lower end of its paired t interval at level 1 - alpha, not corrected for the
            number of comparisons; None when n < 2.
        ci_high: upper end of it; None when n < 2.
        standard_error: of the difference; None when n < 2.
        equivalence_low: lower end of the t interval at level 1 - 2 alpha, which two one-sided
            tests of equivalence look at; None when n < 2.
        equivalence_high: upper end of it; None when n < 2.
        tests: every test made; the protocol's decides.
        decisive_test: the name of the test that decides.
        p_adjusted: its p after the protocol's correction over all comparisons; None when p is.
        effect_size: Cohen's d_z; None when n < 2 or the differences have no spread.
        decision: "better", "worse", "equivalent" or "undecided"; see `analysis.decision`.
        warnings: what a reader has to know before trusting the numbers, one sentence each.
    """

    arm: str
    reference: str
    cell: Cell
    n: int
    dropped_blocks: int
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    standard_error: float | None
    equivalence_low: float | None
    equivalence_high: float | None
    tests: tuple[TestResult, ...]
    decisive_test: TestName
    p_adjusted: float | None = None
    effect_size: float | None = None
    decision: Decision = "undecided"
    warnings: tuple[str, ...] = ()

    @property
    def test(self) -> TestResult:
        """The test that decides."""
        return next(each for each in self.tests if each.name == self.decisive_test)

    @property
    def statistic(self) -> float | None:
        """The deciding test's statistic."""
        return self.test.statistic

    @property
    def p_value(self) -> float | None:
        """The deciding test's two-sided p, uncorrected."""
        return self.test.p_value

    @property
    def exact(self) -> bool:
        """Whether the deciding test counted every sign pattern."""
        return self.test.exact

    @property
    def p_floor(self) -> float | None:
        """The smallest p that the deciding test can give at this n."""
        return self.test.p_floor

    @property
    def label(self) -> str:
        """The comparison in a few words, such as "kd against student (k = 5)"."""
        return f"{self.arm} against {self.reference}{cell_label(self.cell)}"


@dataclass(frozen=True, slots=True)
class Comparisons:
    """All arms and all comparisons of a protocol.

    Attributes:
        protocol: what was asked.
        arms: a summary of every arm in every cell in which it ran.
        comparisons: every comparison, cell by cell, in the protocol's order.
    """

    protocol: Protocol
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def family_size(self) -> int:
        """How many comparisons share the correction: all of them, also those without runs yet."""
        return len(self.comparisons)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The combinations of factor levels, in order; one empty cell when nothing is crossed."""
        return tuple(dict.fromkeys(each.cell for each in self.arms))

    def comparison(self, arm: str, reference: str | None = None, **cell: Level) -> Comparison:
        """Look one comparison up.

        Args:
            arm: the arm.
            reference: what it is held against; may be left out where only one fits.
            **cell: factor levels; those that are not named may have any level.

        Raises:
            UnknownComparisonError: none fits, or more than one does.
        """
        fitting = [
            each
            for each in self.comparisons
            if each.arm == arm
            and reference in (None, each.reference)
            and cell.items() <= dict(each.cell).items()
        ]
        if len(fitting) == 1:
            return fitting[0]
        wanted = f"{arm} against {reference or 'any'}{cell_label(tuple(cell.items()))}"
        known = (each.label for each in self.comparisons)
        raise UnknownComparisonError(wanted, known, len(fitting))

    def sentence(self, comparison: Comparison) -> str:
        """Say in plain words what a comparison shows, and no more than that."""
        from analysis.presentation.wording import sentence

        return sentence(comparison, self.protocol, self.family_size)

    def to_frame(self) -> pd.DataFrame:
        """Return the comparisons, one row each; factors are columns, values are not rounded."""
        from analysis.presentation.export import comparisons_frame

        return comparisons_frame(self)

    def arms_to_frame(self) -> pd.DataFrame:
        """Return the arms, one row each; factors are columns, values are not rounded."""
        from analysis.presentation.export import arms_frame

        return arms_frame(self)

    def to_dict(self) -> Mapping[str, object]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        from analysis.presentation.export import as_dict

        return as_dict(self)

    def to_json(self, indent: int | None = 2) -> str:
        """Return everything as JSON: values not rounded, and null where there is none."""
        from analysis.presentation.export import as_json

        return as_json(self, indent)

    def __str__(self) -> str:
        from analysis.presentation.tables import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from analysis.presentation.tables import as_html

        return as_html(self)


def cell_label(cell: Cell) -> str:
    """Return factor levels in brackets, such as " (k = 5, dataset = digits)", or nothing."""
    levels = ", ".join(f"{factor} = {level}" for factor, level in cell)
    return f" ({levels})" if levels else ""
