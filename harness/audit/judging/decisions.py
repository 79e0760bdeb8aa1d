"""Decision tests of two arms, corrected within the family that a claim belongs to."""

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.audit.family import ArmTests, decision_tests
from analysis.audit.finding import Finding
from analysis.audit.verdicts import Support
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.copied import copies_among
from harness.audit.judging.material import Material
from harness.audit.judging.summarised import is_summarised, summary_tests

_FEWEST_RUNS = 2

_Key = tuple[str, str, "Comparisons", float]


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
        self, evidence: Evidence, cell: Cell, family: "Comparisons", alpha: float
    ) -> Mapping[str, ArmTests]:
        """Every arm against the control, in one cell of some data.

        Args:
            evidence: the data.
            cell: the arms' runs.
            family: the arms that are compared, and corrected together.
            alpha: the level at which results are called significant.
        """
        key = (evidence.name, cell.level, family, alpha)
        if key not in self.made:
            arms = (family.control, *family.arms)
            matched = are_matched(evidence, cell, arms)
            self.made[key] = decision_tests(
                {name: _runs(cell.arms[name], matched) for name in arms},
                family.control,
                matched=matched,
                direction=evidence.metric.direction,
                alpha=alpha,
                untested=family.untested,
            )
        return self.made[key]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparisons with one control that are corrected together.

    Attributes:
        control: the arm that the others are held against.
        arms: the others that can be tested.
        untested: how many more the family declares, of which nothing can be tested.
    """

    control: str
    arms: tuple[str, ...]
    untested: int = 0

    @property
    def size(self) -> int:
        """Number of comparisons that are corrected for."""
        return len(self.arms) + self.untested


def are_matched(evidence: Evidence, cell: Cell, arms: Sequence[str]) -> bool:
    """Whether runs belong together: declared so, and every two arms share two blocks or more."""
    if not evidence.is_matched:
        return False
    blocks = [{run.seed for run in cell.arms[arm].runs} for arm in arms]
    return all(len(blocks[0] & each) >= _FEWEST_RUNS for each in blocks[1:])


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

    The family is the claim's; without one the comparison stands alone. Where only means and
    deviations are printed, Welch's test of them is all there is.
    """
    find: Callable[[Material, Evidence, Cell, Comparisons, str], list[Support]]
    if has_tests(cell, better, worse):
        family = comparisons(material, cell, (better, worse), has_tests_of)
        find = _of_runs
    elif _is_summarised_in(cell, better) and _is_summarised_in(cell, worse):
        family = comparisons(material, cell, (better, worse), _is_summarised_in)
        find = _of_summaries
    else:
        return []
    member = better if family.control == worse else worse
    found = find(material, evidence, cell, family, member)
    return found if family.control == worse else [_turned(each) for each in found]


def _of_runs(
    material: Material, evidence: Evidence, cell: Cell, family: Comparisons, member: str
) -> list[Support]:
    found = material.decisions.of(evidence, cell, family, material.alpha)[member]
    return [
        Support(
            data=where(evidence, cell),
            estimate=found.estimate,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            tests=found.tests,
            runs=found.n + found.n_control,
            decided_by_one_run=found.decided_by_one_run,
            comparable=evidence.same_conditions,
            family=family.size,
        )
    ]


def _of_summaries(
    _material: Material, evidence: Evidence, cell: Cell, family: Comparisons, member: str
) -> list[Support]:
    maximize = evidence.metric.direction == "maximize"
    tests = summary_tests(
        cell, family.control, family.arms, maximize=maximize, untested=family.untested
    )
    found = tests.get(member)
    if found is None:
        return []
    return [
        Support(
            data=where(evidence, cell),
            estimate=found.difference,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            tests=(found.test,),
            runs=found.runs,
            comparable=evidence.same_conditions,
            family=family.size,
        )
    ]


def comparisons(
    material: Material,
    cell: Cell,
    arms: tuple[str, str],
    can_be_tested: Callable[[Cell, str], bool],
) -> Comparisons:
    """The comparisons that the claim's one is corrected together with."""
    better, worse = arms
    family = material.family
    if family is not None and family.control in {better, worse}:
        member = worse if family.control == better else better
        if member in family.arms and member != family.primary:
            there = tuple(name for name in family.arms if can_be_tested(cell, name))
            return Comparisons(family.control, there, len(family.arms) - len(there))
    return Comparisons(worse, (better,))


def _is_summarised_in(cell: Cell, name: str) -> bool:
    return is_summarised(cell.arms.get(name))


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
