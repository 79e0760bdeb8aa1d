"""What a reader has to know before trusting a comparison's numbers."""

import re
from collections.abc import Sequence

from analysis.presentation.numbers import count_of, format_p
from analysis.protocol import Pair, Protocol
from analysis.results import ArmSummary, Comparison
from analysis.runs import CellRuns, finite

_LOOKS_LIKE_A_MAXIMUM = re.compile(
    r"(^|[_\W])(best|max|maximum|peak|top_?run)([_\W]|$)", re.IGNORECASE
)

CORRECTION_NAMES = {
    "holm": "Holm's correction",
    "hochberg": "Hochberg's correction",
    "benjamini_hochberg": "Benjamini and Hochberg's correction",
    "bonferroni": "Bonferroni's correction",
    "none": "no correction",
}


def out_of_reach(comparison: Comparison, protocol: Protocol, family_floor: float) -> str | None:
    """Say that no data whatever could have made this comparison significant.

    Args:
        comparison: the comparison.
        protocol: its protocol.
        family_floor: the lowest corrected p that any comparison of the family can get, in
            (0, 1].

    Returns:
        A sentence; None when alpha can be reached.
    """
    floor, alpha = comparison.p_floor, protocol.alpha
    if floor is None:
        return None
    if floor >= alpha:
        return (
            f"{comparison.runs} cannot reach alpha = {alpha:g}: the smallest p that this test can "
            f"give is {_floor(floor)}."
        )
    if family_floor >= alpha:
        return (
            f"{comparison.runs} cannot reach alpha = {alpha:g} after "
            f"{CORRECTION_NAMES[protocol.correction]}: the smallest p is "
            f"{_floor(floor)}, and {_floor(family_floor)} once corrected."
        )
    return None


def family_floor(comparisons: Sequence[Comparison], protocol: Protocol) -> float:
    """Return the lowest corrected p that a family can get, in [0, 1]; 0 when it has no floor.

    Holm and Bonferroni multiply the lowest p by the family's size, and Holm lets no other fall
    below the product. Hochberg and Benjamini-Hochberg multiply the highest by 1, so when all
    comparisons reach their floors at once nothing is lost.
    """
    tested = [each.p_floor or 0.0 for each in comparisons if each.p_value is not None]
    lowest = min(tested, default=0.0)
    if protocol.correction in {"holm", "bonferroni"}:
        return min(1.0, lowest * len(comparisons))
    # A comparison without a test counts with p = 1, and so keeps its place at the top.
    if protocol.correction == "hochberg":
        return min(1.0, lowest * (1 + len(comparisons) - len(tested)))
    if protocol.correction == "benjamini_hochberg" and tested:
        return min(1.0, lowest * len(comparisons) / len(tested))
    return lowest


def few_differences(n: int, nonzero: int, protocol: Protocol) -> str | None:
    """Say that so many pairs are tied that a test by signs or ranks can show nothing."""
    if nonzero == 0:
        return (
            f"Both arms have the same value in all of the {count_of(n, 'pair')}, as two arms have "
            "that are the same training: is the parameter in which they differ used?"
        )
    sides = 2.0 if protocol.alternative == "two-sided" else 1.0
    floor = sides * 0.5**nonzero
    if nonzero == n or floor < protocol.alpha:
        return None
    test = "sign-flip" if protocol.test == "permutation" else "signed-rank"
    return (
        f"Only {nonzero} of {count_of(n, 'pair')} differ: with these data the {test} test "
        f"cannot give a p below {_floor(floor)}."
    )


def dropped(blocks: int) -> str | None:
    """Say that blocks were left out of a paired comparison."""
    if blocks == 0:
        return None
    return f"{count_of(blocks, 'block')} without a finite value in both arms left out."


def about_values(runs: CellRuns, names: Pair) -> tuple[str, ...]:
    """Say which arms had values that no mean can include, and what became of them."""
    found = []
    for arm in names:
        series = runs.of(arm)
        excluded = len(series) - len(finite(series))
        if excluded:
            found.append(
                f"{count_of(excluded, 'run')} of {arm} with a missing or infinite value left out."
            )
        if replaced := runs.replaced.get(arm, 0):
            found.append(
                f"{count_of(replaced, 'run')} of {arm} with a missing or infinite value "
                f"{'counts' if replaced == 1 else 'count'} as the worst value of any arm, as the "
                "protocol declares."
            )
    return tuple(found)


def about_all(arms: Sequence[ArmSummary], protocol: Protocol) -> tuple[str, ...]:
    """Say what concerns all comparisons: maxima that are taken for results."""
    found = []
    if _LOOKS_LIKE_A_MAXIMUM.search(protocol.metric):
        found.append(
            f"The metric {protocol.metric} looks like a maximum over several evaluations. A "
            "maximum grows with their number, so the arms are comparable only if all had the same "
            "number, and it is no estimate of what one run gives."
        )
    sizes = {each.n for each in arms if each.n}
    if len(sizes) > 1:
        small, large = min(sizes), max(sizes)
        found.append(
            f"The best of n is over {small} runs for some arms and over {large} for others: do not "
            "compare these maxima, because more runs give a higher one by themselves."
        )
    return tuple(found)


def _floor(p_value: float) -> str:
    # Three digits, so that 0.0625 is not shown as something smaller.
    return format_p(p_value) if p_value < 0.0001 else f"{p_value:.3g}"
