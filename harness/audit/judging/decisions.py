"""Decision tests of two arms, corrected within the family that a claim belongs to."""

import dataclasses
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from analysis.audit.family import ArmTests, decision_tests
from analysis.audit.finding import Finding
from analysis.audit.verdicts import Support
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.copied import copies_among
from harness.audit.judging.material import Material

_FEWEST_RUNS = 2

_Key = tuple[str, str, str, tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was computed for some claims of a file, so that others need not compute it again.

    Attributes:
        made: the decision tests of families.
        looked_through: what was found among all arms of a cell of some data.
    """

    made: dict[_Key, Mapping[str, ArmTests]] = field(default_factory=dict)
    looked_through: dict[tuple[str, str], tuple[Finding, ...]] = field(default_factory=dict)

    def copies(self, evidence: Evidence, cell: Cell) -> tuple[Finding, ...]:
        """Whether runs were copied, among all arms of a cell and not only those of a claim."""
        key = (evidence.name, cell.level)
        if key not in self.looked_through:
            self.looked_through[key] = tuple(copies_among(cell, evidence.metric))
        return self.looked_through[key]

    def of(
        self, evidence: Evidence, cell: Cell, control: str, arms: tuple[str, ...], alpha: float
    ) -> Mapping[str, ArmTests]:
        """Every arm against the control, in one cell of some data.

        Args:
            evidence: the data.
            cell: the arms' runs.
            control: the arm that the others are held against.
            arms: the others; with the control they are the family.
            alpha: the level at which results are called significant.
        """
        key = (evidence.name, cell.level, control, arms, alpha)
        if key not in self.made:
            self.made[key] = decision_tests(
                {name: _runs(cell.arms[name], evidence.is_matched) for name in (control, *arms)},
                control,
                matched=evidence.is_matched,
                direction=evidence.metric.direction,
                alpha=alpha,
            )
        return self.made[key]


def _runs(arm: ArmEvidence, matched: bool) -> list[float] | Mapping[Hashable, float]:
    if not matched:
        return arm.values
    return {run.seed: run.value for run in arm.runs}


def has_tests(cell: Cell, *arms: str) -> bool:
    """Whether arms have runs enough for a test."""
    return all(len(cell.arms[name].runs) >= _FEWEST_RUNS for name in arms)


def supported(
    material: Material, evidence: Evidence, cell: Cell, better: str, worse: str
) -> list[Support]:
    """What one cell of the data says of "better is better than worse"; nothing without runs enough.

    The family is the claim's, as far as its arms are in the cell; without one the comparison
    stands alone.
    """
    if not has_tests(cell, better, worse):
        return []
    control, arms = comparisons(material, cell, better, worse)
    member = better if control == worse else worse
    found = material.decisions.of(evidence, cell, control, arms, material.alpha)[member]
    support = Support(
        data=where(evidence, cell),
        estimate=found.estimate,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        tests=found.tests,
        runs=found.n + found.n_control,
        decided_by_one_run=found.decided_by_one_run,
        comparable=evidence.same_conditions,
    )
    return [support if control == worse else _turned(support)]


def comparisons(
    material: Material, cell: Cell, better: str, worse: str
) -> tuple[str, tuple[str, ...]]:
    """The control, and every arm that the claim's comparison is corrected together with."""
    family = material.family
    if family is not None and family.control in {better, worse}:
        member = worse if family.control == better else better
        if member in family.arms and member != family.primary:
            there = tuple(name for name in family.arms if has_tests_of(cell, name))
            return family.control, there
    return worse, (better,)


def has_tests_of(cell: Cell, name: str) -> bool:
    """Whether a cell has an arm with runs enough."""
    return name in cell.arms and has_tests(cell, name)


def where(evidence: Evidence, cell: Cell) -> str:
    """The data, with the level where they have several."""
    return f"{evidence.name} ({cell.level})" if cell.level else evidence.name


def _turned(support: Support) -> Support:
    """The same comparison from the other arm's side."""
    low, high = support.ci_low, support.ci_high
    return dataclasses.replace(
        support,
        estimate=-support.estimate,
        ci_low=None if high is None else -high,
        ci_high=None if low is None else -low,
    )
