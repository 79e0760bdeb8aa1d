"""Which arms are the best of their cell, and which of the others were shown to be worse.

An arm that was not shown to be worse than the best is not distinguishable from it, and a table
sets both in bold. That takes a comparison with the best arm itself; where none was declared, the
runs are needed to make it, and without them the arm stays unmarked.
"""

import math
from dataclasses import dataclass

import pandas as pd

from analysis.cautions import family_floors
from analysis.decision import is_significant, means_and_ranks_agree
from analysis.errors import AnalysisError
from analysis.inference.corrections import reaches
from analysis.protocol import Protocol
from analysis.publication.compared import compare_all_pairs
from analysis.results import ArmSummary, Comparison, Comparisons
from analysis.runs import Cell

_MOST_PAIRS = 500
_MOST_PAIRED_RUNS = 5_000_000

Place = tuple[Cell, str]
"""An arm in a cell."""


@dataclass(frozen=True, slots=True)
class BestArms:
    """What is known of every arm beside the best of its cell.

    Attributes:
        best: the arms with the best mean; several when they tie.
        alike: arms that a comparison with a best arm did not show to be worse.
        untold: arms that were never tested against a best arm.
        further: the comparisons made for this, where the declared ones did not suffice; None when
            they did, or when there were no runs to make them from.
    """

    best: frozenset[Place]
    alike: frozenset[Place]
    untold: frozenset[Place]
    further: Comparisons | None

    def marks(self, cell: Cell, arm: str) -> bool | None:
        """Whether an arm is bold; None when nobody knows."""
        if (cell, arm) in self.untold:
            return None
        return (cell, arm) in self.best | self.alike


def find_best(
    results: Comparisons,
    frame: pd.DataFrame | None = None,
    *,
    arm: str = "arm",
    block: str | None = "seed",
    seed: int = 0,
) -> BestArms:
    """Find the best arms and those that were not shown to be worse.

    A declared comparison with the best arm decides where there is one. Only for the others all
    pairs of arms are compared, with the protocol's test and its correction for all pairs; unless
    there are so many (500 pairs, or 5,000,000 runs in them) that it would take minutes.

    Args:
        results: the declared comparisons.
        frame: the runs that they were made from; None to use nothing but `results`.
        arm: column of `frame` that names the arm.
        block: column of `frame` that matches runs; not looked at when they share nothing.
        seed: of tests that draw arrangements.

    Raises:
        AnalysisError: `frame` does not hold the runs of `results`.
    """
    best = frozenset(place for cell in results.cells for place in _best_of(results, cell))
    others = [(each.cell, each.arm) for each in results.arms if each.mean is not None]
    others = [place for place in others if place not in best]
    verdicts = {place: _shown_worse(results, place, best) for place in others}
    further = None
    if frame is not None and None in verdicts.values() and _takes_seconds(results):
        further = compare_all_pairs(results, frame, arm=arm, block=block, seed=seed)
        _require_same_runs(results, further)
        for place, verdict in verdicts.items():
            if verdict is None:
                verdicts[place] = _shown_worse(further, place, best)
    return BestArms(
        best=best,
        alike=frozenset(place for place, worse in verdicts.items() if worse is False),
        untold=frozenset(place for place, worse in verdicts.items() if worse is None),
        further=further,
    )


def _takes_seconds(results: Comparisons) -> bool:
    sizes = [sum(arm.cell == cell for arm in results.arms) for cell in results.cells]
    pairs = sum(size * (size - 1) // 2 for size in sizes)
    runs = max((arm.n for arm in results.arms), default=0)
    return pairs <= _MOST_PAIRS and pairs * runs <= _MOST_PAIRED_RUNS


def _best_of(results: Comparisons, cell: Cell) -> list[Place]:
    known = {each.arm: each.mean for each in results.arms if each.cell == cell}
    means = {arm: mean for arm, mean in known.items() if mean is not None}
    if not means:
        return []
    top = max(means.values()) if results.protocol.maximizes else min(means.values())
    # Means of the same values in another order differ by rounding errors.
    return [(cell, arm) for arm, mean in means.items() if math.isclose(mean, top, rel_tol=1e-12)]


def _shown_worse(results: Comparisons, place: Place, best: frozenset[Place]) -> bool | None:
    """Whether an arm was shown to be worse than every best arm of its cell; None if untested."""
    cell, arm = place
    floors = family_floors(results.comparisons, results.protocol)
    verdicts = [
        _is_worse(comparison, floor, arm, results.protocol)
        for comparison, floor in zip(results.comparisons, floors, strict=True)
        for best_cell, best_arm in best
        if comparison.cell == cell == best_cell
        and {comparison.arm, comparison.reference} == {arm, best_arm}
    ]
    told = [each for each in verdicts if each is not None]
    if False in told:
        return False
    n_best = sum(best_cell == cell for best_cell, _ in best)
    return True if len(told) == n_best else None


def _is_worse(
    comparison: Comparison, floor: float | None, arm: str, protocol: Protocol
) -> bool | None:
    """Whether one comparison shows this arm, one of its two, to be worse; None if it cannot."""
    if comparison.difference is None or comparison.p_adjusted is None:
        return None
    if floor is not None and not reaches(floor, protocol.alpha):
        # Not to be told apart by a test that tells nothing apart is no merit.
        return None
    arm_is_higher = (comparison.difference > 0) == (comparison.arm == arm)
    if protocol.alternative != "two-sided":
        looks_for_higher = (protocol.alternative == "greater") == (comparison.arm == arm)
        if looks_for_higher == protocol.maximizes:
            # The test asked only whether this arm is the better one.
            return None
    shown = is_significant(comparison, protocol) and means_and_ranks_agree(comparison)
    return shown and arm_is_higher != protocol.maximizes


def _require_same_runs(results: Comparisons, again: Comparisons) -> None:
    if len(results.arms) == len(again.arms) and all(
        any(_same(each, other) for other in again.arms) for each in results.arms
    ):
        return
    raise AnalysisError(
        "The frame does not hold the runs that the comparisons were made from: arms differ in "
        "their number of runs or their mean. Give the frame that `compare` was given, and the "
        "same columns."
    )


def _same(one: ArmSummary, other: ArmSummary) -> bool:
    if (one.cell, one.arm, one.n) != (other.cell, other.arm, other.n):
        return False
    if one.mean is None or other.mean is None:
        return one.mean is other.mean
    return math.isclose(one.mean, other.mean, rel_tol=1e-9)
