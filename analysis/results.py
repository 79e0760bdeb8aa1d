"""What a comparison of arms returns: frozen, printable, and without rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.across import AcrossCells
from analysis.errors import UnknownComparisonError
from analysis.inference.bayesian import Posterior
from analysis.inference.effect_sizes import EffectName, EffectSize
from analysis.inference.result import TestName, TestResult
from analysis.omnibus import Omnibus
from analysis.protocol import Design, Protocol
from analysis.runs import Cell, Level
from analysis.treatments import CellFactorial

Decision = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm's runs in one cell. Every number but n and missing is in the metric's unit.

    Attributes:
        arm: the arm's name.
        cell: the factor levels, empty when nothing is crossed.
        n: runs with a finite value; all the numbers below come from these.
        missing: runs whose value was missing or infinite, left out of everything.
        replaced: runs whose value was missing or infinite, and stands here as the worst value of
            the cell because the protocol says so; they count in n.
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
    replaced: int
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
    """An arm held against a reference, in one cell.

    Attributes:
        arm: the arm.
        reference: what it is held against.
        cell: the factor levels, empty when nothing is crossed.
        n: pairs used; in an unpaired design, runs of the arm.
        n_reference: runs of the reference; the same as n in a paired design.
        dropped_blocks: blocks of either arm that lack a finite value in one of the two.
        tests: every test made; the protocol's decides.
        decisive_test: the name of the test that decides.
        replaced: runs of either arm that stand for a missing or infinite value, as the protocol
            declares. With any, no equivalence is found and no detectable effect is given.
        difference: mean of arm - reference, in the metric's unit whatever the direction; None
            when there are no pairs, or no runs of one of the two.
        ci_low: lower end of its t interval at level 1 - alpha (paired, or Welch's), two-sided and
            not corrected for the number of comparisons; None when there is none.
        ci_high: upper end of it.
        standard_error: of the difference; None when there is none.
        bca_low: lower end of the bias-corrected and accelerated bootstrap interval at the same
            level; None when n is below 2 or beyond what resampling is needed for, or when there
            is no spread.
        bca_high: upper end of it.
        equivalence_low: lower end of the t interval at level 1 - 2 alpha, which two one-sided
            tests of equivalence look at; None when there is none.
        equivalence_high: upper end of it.
        p_adjusted: the deciding test's p after the protocol's correction; None when it has none.
        effect_sizes: standardised effects with intervals at level 1 - alpha.
        minimal_detectable_effect: the smallest absolute difference, in the metric's unit, that a
            t-test of these runs would have found with a probability of 80 %, at their spread and
            at the strictest level that the correction may ask for; None without any spread, and
            where the deciding test cannot reach that level at this n.
        posterior: how probable it is, after a Bayesian correlated t-test, that the arm is worse,
            equivalent or better by the smallest effect that matters; above 0 is better in it,
            whatever the direction. None when no such effect was declared, without any spread, and
            in an unpaired design.
        decision: "better", "worse", "equivalent" or "undecided"; see `analysis.decision`.
        warnings: what a reader has to know before trusting the numbers, one sentence each.
    """

    arm: str
    reference: str
    cell: Cell
    n: int
    n_reference: int
    dropped_blocks: int
    tests: tuple[TestResult, ...]
    decisive_test: TestName
    replaced: int = 0
    difference: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    standard_error: float | None = None
    bca_low: float | None = None
    bca_high: float | None = None
    equivalence_low: float | None = None
    equivalence_high: float | None = None
    p_adjusted: float | None = None
    effect_sizes: tuple[EffectSize, ...] = ()
    minimal_detectable_effect: float | None = None
    posterior: Posterior | None = None
    decision: Decision = "undecided"
    warnings: tuple[str, ...] = ()

    @property
    def is_paired(self) -> bool:
        """Whether runs were matched by block."""
        return self.decisive_test in {"paired_t", "wilcoxon", "sign_flip"}

    @property
    def runs(self) -> str:
        """How many runs there were: "20 pairs", or "20 and 18 runs"."""
        if self.is_paired:
            return "1 pair" if self.n == 1 else f"{self.n} pairs"
        return f"{self.n} and {self.n_reference} runs"

    @property
    def effect_size(self) -> EffectSize:
        """The standardised mean difference: d_z of pairs, Hedges' g of runs that share nothing."""
        name: EffectName = "d_z" if self.is_paired else "hedges_g"
        return next(
            (each for each in self.effect_sizes if each.name == name),
            EffectSize(name),
        )

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
        """The deciding test's p, uncorrected (Dunnett's corrects itself)."""
        return self.test.p_value

    @property
    def exact(self) -> bool:
        """Whether the deciding test counted every arrangement of the data."""
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
        design: "paired" when runs were matched by a block, "unpaired" when not.
        omnibus: tests over all arms at once, one entry a cell with three arms or more.
        across: the arms' effects over all cells at once, for matched runs in more than one cell;
            None otherwise.
        factorial: effects of the treatments that arms combine, one entry a cell; empty when the
            protocol declares none.
        seed: seed of all that was drawn.
        resamples: bootstrap samples of each interval.
        warnings: what concerns all comparisons, one sentence each.
    """

    protocol: Protocol
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    design: Design = "paired"
    omnibus: tuple[Omnibus, ...] = ()
    across: AcrossCells | None = None
    factorial: tuple[CellFactorial, ...] = ()
    seed: int = 0
    resamples: int = 10_000
    warnings: tuple[str, ...] = ()

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


def untested(name: TestName) -> TestResult:
    """Return the result of a test for which there was nothing to test."""
    return TestResult(name, statistic=None, p_value=None, exact=False, p_floor=None)


def cell_label(cell: Cell) -> str:
    """Return factor levels in brackets, such as " (k = 5, dataset = digits)", or nothing."""
    levels = ", ".join(f"{factor} = {level}" for factor, level in cell)
    return f" ({levels})" if levels else ""
