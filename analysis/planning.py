"""How many seeds a protocol's comparisons need, planned from runs that are there as a pilot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.drawing import stream
from analysis.errors import AnalysisError
from analysis.inference.corrections import reaches
from analysis.inference.paired import pair
from analysis.missing import apply_policy
from analysis.power import PowerPlan, PowerTest, plan_power
from analysis.protocol import Pair, Protocol
from analysis.results import cell_label
from analysis.runs import Cell, CellRuns, arms_in, match_blocks, read_runs


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """The plan of one comparison.

    Attributes:
        arm: the arm.
        reference: what it is held against.
        cell: the factor levels, empty when nothing is crossed.
        plan: how many seeds it takes; None when the pilot cannot tell.
        reason: why it cannot; None when it can.
    """

    arm: str
    reference: str
    cell: Cell
    plan: PowerPlan | None
    reason: str | None = None

    @property
    def label(self) -> str:
        """The comparison in a few words."""
        return f"{self.arm} against {self.reference}{cell_label(self.cell)}"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return {
            "arm": self.arm,
            "reference": self.reference,
            "cell": dict(self.cell),
            **(self.plan.to_dict() if self.plan else {}),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The plans of all comparisons of a protocol.

    Attributes:
        effect: the difference planned for, in the metric's unit.
        power: probability wanted of finding it.
        alpha: the protocol's error rate.
        family_size: number of comparisons; each is planned at alpha divided by it, unless the
            protocol does not correct.
        plans: one entry a comparison.
    """

    effect: float
    power: float
    alpha: float
    family_size: int
    plans: tuple[ComparisonPlan, ...]

    @property
    def seeds_needed(self) -> int | None:
        """Seeds that are enough for every comparison that could be planned; None if one is not."""
        known = [each.plan.seeds_needed for each in self.plans if each.plan]
        numbers = [each for each in known if each is not None]
        return max(numbers) if numbers and len(numbers) == len(known) else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return {
            "effect": self.effect,
            "power": self.power,
            "alpha": self.alpha,
            "family_size": self.family_size,
            "seeds_needed": self.seeds_needed,
            "plans": [each.to_dict() for each in self.plans],
        }


def plan_comparisons(
    frame: pd.DataFrame,
    protocol: Protocol,
    *,
    arm: str = "arm",
    block: str = "seed",
    within: Sequence[str] = (),
    arms: Sequence[str] | None = None,
    effect: float | None = None,
    power: float = 0.8,
    test: PowerTest = "t",
    seed: int = 0,
) -> StudyPlan:
    """Plan the seeds of every comparison of a protocol, at the level its correction may ask for.

    Args:
        frame: the pilot, long form, one row a run.
        protocol: what is to be compared; its smallest effect is planned for.
        arm: column that names the arm.
        block: column that matches runs.
        within: columns of factors.
        arms: every arm there is, in order; those of the frame when left out.
        effect: the difference to plan for instead, in the metric's unit, above 0.
        power: wanted, above alpha and below 1.
        test: which test is planned for; "t" is exact, the others are simulated.
        seed: of the simulations.

    Raises:
        AnalysisError: no effect was declared or given, or it is not above 0; and as
            `analysis.compare` does.
    """
    wanted = protocol.smallest_effect if effect is None else effect
    if wanted is None:
        raise AnalysisError(
            "a plan needs the smallest difference that matters, in the metric's unit: declare "
            "smallest_effect in the protocol, or give an effect"
        )
    if not 0 < wanted < float("inf"):
        raise AnalysisError(f"the effect is {wanted!r}; allowed: a finite number above 0")
    cells = read_runs(frame, metric=protocol.metric, arm=arm, block=block, within=within)
    names = tuple(arms) if arms is not None else arms_in(frame, arm)
    asked = protocol.pairs(names)
    family = len(asked) * len(cells)
    alpha = protocol.alpha if protocol.correction == "none" else protocol.alpha / max(1, family)
    goal = _Goal(wanted, power, alpha, test, seed)
    plans = tuple(
        _planned(apply_policy(runs, protocol), each, protocol, goal)
        for runs in cells
        for each in asked
    )
    return StudyPlan(wanted, power, protocol.alpha, family, plans)


@dataclass(frozen=True, slots=True)
class _Goal:
    """What every comparison is planned for."""

    effect: float
    power: float
    alpha: float
    test: PowerTest
    seed: int


def _planned(runs: CellRuns, names: Pair, protocol: Protocol, goal: _Goal) -> ComparisonPlan:
    arm, reference = names
    matched = match_blocks(runs.of(arm), runs.of(reference))
    if len(matched.values) < 2:
        reason = f"The pilot has {len(matched.values)} pair(s): no spread to plan from."
        return ComparisonPlan(arm, reference, runs.cell, None, reason)
    pairs = pair(matched.values, matched.reference)
    if pairs.spread_is_noise:
        reason = "All pairs of the pilot have the same difference: no spread to plan from."
        return ComparisonPlan(arm, reference, runs.cell, None, reason)
    plan = plan_power(
        pairs,
        effect=-goal.effect if protocol.alternative == "less" else goal.effect,
        power=goal.power,
        alpha=goal.alpha,
        alternative=protocol.alternative,
        test=goal.test,
        seed=int(stream(goal.seed, "power", arm, reference, runs.cell).integers(2**63)),
    )
    return ComparisonPlan(arm, reference, runs.cell, _not_below_floor(plan, protocol))


def _not_below_floor(plan: PowerPlan, protocol: Protocol) -> PowerPlan:
    """Raise the seeds of a plan to those with which the protocol's own test can reach alpha.

    A plan for the t-test may ask for fewer seeds than a test by signs or ranks needs to show
    anything whatever.
    """
    if protocol.test not in {"permutation", "wilcoxon"}:
        return plan
    sides = 2 if protocol.alternative == "two-sided" else 1
    least = next(n for n in range(1, 1100) if reaches(sides / 2.0**n, plan.alpha))
    raised = {
        name: max(least, number)
        for name in ("seeds_needed", "seeds_needed_at_sd_high")
        if (number := getattr(plan, name)) is not None
    }
    return replace(plan, **raised)
