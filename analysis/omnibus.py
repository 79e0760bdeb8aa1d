"""Tests over all arms at once: whether any of them differ, and how they rank."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.drawing import stream
from analysis.inference.paired import Floats
from analysis.many_arms.anova import Anova, one_way, welch_anova
from analysis.many_arms.block_anova import block_anova
from analysis.many_arms.friedman import FriedmanResult, friedman
from analysis.many_arms.matching import MatchedArms, matched_arms
from analysis.many_arms.nemenyi import RankComparisons, nemenyi
from analysis.plan import Plan
from analysis.protocol import Design
from analysis.runs import Cell, CellRuns, finite_values


@dataclass(frozen=True, slots=True)
class Omnibus:
    """Tests over all arms of one cell that have runs.

    Attributes:
        cell: the factor levels, empty when nothing is crossed.
        arms: the arms tested, in order.
        n: complete blocks; in an unpaired design, runs in all.
        dropped_blocks: blocks that lack a finite value in one of the arms.
        friedman: Friedman's test of ranks within blocks; None in an unpaired design.
        nemenyi: every pair of average ranks; None when Friedman's test is.
        anova: analysis of variance over complete blocks; one-way in an unpaired design.
        welch: one-way analysis that does not assume equal variances; None in a paired design.
        warning: why nothing could be tested; None when something was.
    """

    cell: Cell
    arms: tuple[str, ...]
    n: int
    dropped_blocks: int
    friedman: FriedmanResult | None = None
    nemenyi: RankComparisons | None = None
    anova: Anova | None = None
    welch: Anova | None = None
    warning: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return {**asdict(self), "cell": dict(self.cell)}


def omnibus_of(runs: CellRuns, names: Sequence[str], plan: Plan, design: Design) -> Omnibus:
    """Test all arms of a cell at once.

    Args:
        runs: the cell's runs.
        names: all arms, in order; those without a finite value here are left out.
        plan: the protocol and the random numbers.
        design: whether runs are matched by block.
    """
    present = tuple(name for name in names if len(finite_values(runs.of(name))))
    blank = Omnibus(runs.cell, present, 0, 0)
    if len(present) < 3:
        return _without(blank, "Fewer than three arms have runs: there is nothing to test at once.")
    if design == "unpaired":
        return _unpaired(runs, blank)
    values, dropped = complete_matrix(runs, present)
    if len(values) == 0:
        return _without(blank, "No block has a finite value in every arm.", dropped)
    matched = replace(matched_arms(values, present), dropped_blocks=dropped)
    return _paired(matched, blank, plan)


def complete_matrix(runs: CellRuns, names: Sequence[str]) -> tuple[Floats, int]:
    """Return the blocks in which all of these arms have a finite value.

    Returns:
        Values of shape (blocks, arms), and the number of blocks left out.
    """
    wide = pd.concat([runs.of(name) for name in names], axis="columns", join="outer", sort=False)
    values = wide.to_numpy(dtype=np.float64)
    complete = np.isfinite(values).all(axis=1)
    return values[complete], int(np.count_nonzero(~complete))


def _without(blank: Omnibus, warning: str, dropped: int = 0) -> Omnibus:
    return Omnibus(blank.cell, blank.arms, 0, dropped, warning=warning)


def _paired(matched: MatchedArms, blank: Omnibus, plan: Plan) -> Omnibus:
    rng = stream(plan.seed, "friedman", blank.arms, blank.cell)
    draws = plan.rank_draws(matched.blocks * len(matched.arms))
    ranks = friedman(matched, direction=plan.protocol.direction, rng=rng, resamples=draws)
    return Omnibus(
        cell=blank.cell,
        arms=blank.arms,
        n=matched.blocks,
        dropped_blocks=matched.dropped_blocks,
        friedman=ranks,
        nemenyi=nemenyi(ranks, plan.protocol.alpha),
        anova=block_anova(matched),
    )


def _unpaired(runs: CellRuns, blank: Omnibus) -> Omnibus:
    groups = {name: finite_values(runs.of(name)) for name in blank.arms}
    return Omnibus(
        cell=blank.cell,
        arms=blank.arms,
        n=sum(map(len, groups.values())),
        dropped_blocks=0,
        anova=one_way(groups),
        welch=welch_anova(groups),
    )
