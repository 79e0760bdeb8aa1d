"""What a reader has to know before trusting a comparison's numbers."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from analysis.inference.corrections import adjust, reaches
from analysis.presentation.numbers import count_of, format_p
from analysis.protocol import Pair, Protocol
from analysis.results import ArmSummary, Comparison
from analysis.runs import CellRuns, finite

if TYPE_CHECKING:
    import pandas as pd

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


def out_of_reach(
    comparison: Comparison, protocol: Protocol, family_floor: float | None
) -> str | None:
    """Say that no data whatever could have made this comparison significant.

    Args:
        comparison: the comparison.
        protocol: its protocol.
        family_floor: the lowest corrected p that it can get, see `family_floors`.

    Returns:
        A sentence; None when alpha can be reached.
    """
    floor, alpha = comparison.p_floor, protocol.alpha
    if floor is None or family_floor is None:
        return None
    if not reaches(floor, alpha):
        return (
            f"{comparison.runs} cannot reach alpha = {alpha:g}: the smallest p that this test can "
            f"give is {_floor(floor)}."
        )
    if not reaches(family_floor, alpha):
        return (
            f"{comparison.runs} cannot reach alpha = {alpha:g} after "
            f"{CORRECTION_NAMES[protocol.correction]}: the smallest p is "
            f"{_floor(floor)}, and {_floor(family_floor)} once corrected."
        )
    return None


def family_floors(
    comparisons: Sequence[Comparison], protocol: Protocol
) -> tuple[float | None, ...]:
    """Return the lowest corrected p that each comparison of a family can get, whatever the data.

    A corrected p never falls when another p of the family rises, so the lowest ones are what the
    correction makes of all floors at once. None where there is no test.
    """
    floors = [None if each.p_value is None else each.p_floor or 0.0 for each in comparisons]
    return adjust(floors, "none" if protocol.test == "dunnett" else protocol.correction)


def single_run(comparison: Comparison, protocol: Protocol) -> str | None:
    """Say that a p below alpha comes from a single run of an arm, and so decides nothing."""
    p_value = comparison.p_adjusted
    if min(comparison.n, comparison.n_reference) != 1 or p_value is None:
        return None
    if not reaches(p_value, protocol.alpha):
        return None
    arm = comparison.arm if comparison.n == 1 else comparison.reference
    return (
        f"A single run of {arm} does not say how far the next one would lie from it, so that "
        f"nothing is decided although p = {_floor(p_value)}."
    )


def same_values(n: int) -> str:
    """Say that two arms whose runs share nothing have the same values all the same."""
    return (
        f"Both arms have the same {count_of(n, 'value')}, as two arms have that are the same "
        "training: is the parameter in which they differ used?"
    )


def few_differences(n: int, nonzero: int, protocol: Protocol) -> str | None:
    """Say that so many pairs are tied that a test by signs or ranks can show nothing."""
    if nonzero == 0:
        return (
            f"Both arms have the same value in all of the {count_of(n, 'pair')}, as two arms have "
            "that are the same training: is the parameter in which they differ used?"
        )
    sides = 2.0 if protocol.alternative == "two-sided" else 1.0
    floor = sides * 0.5**nonzero
    if nonzero == n or reaches(floor, protocol.alpha):
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


def nothing_shared(cells: Sequence[CellRuns], block: str) -> tuple[str, ...]:
    """Say that no two arms' runs can be matched in any cell, as by a column that is no key."""
    for runs in cells:
        if len(runs.series) < 2 or _some_shared([each.index for each in runs.series.values()]):
            return ()
    problem = f"No value of {block!r} occurs in more than one arm, so no runs can be matched."
    remedy = "Name the column that says which runs belong together, or none if they share nothing."
    return (f"{problem} {remedy}",)


def _some_shared(blocks: Sequence["pd.Index[Any]"]) -> bool:
    """Whether a block occurs in two arms; a run without a value has a block all the same."""
    seen: set[object] = set()
    for index in blocks:
        # Nearly always the first blocks of the second arm settle it.
        if any(block in seen for block in index):
            return True
        seen.update(index)
    return False


def about_all(arms: Sequence[ArmSummary], protocol: Protocol) -> tuple[str, ...]:
    """Say what concerns all comparisons: maxima that are taken for results."""
    found = []
    if len({each.arm for each in arms}) < 2:
        found.append("Fewer than two arms have runs: there is nothing to compare.")
    if _LOOKS_LIKE_A_MAXIMUM.search(protocol.metric):
        found.append(
            f"The metric {protocol.metric} looks like a maximum over several evaluations. A "
            "maximum grows with their number, so the arms are comparable only if all had the same "
            "number, and it is no estimate of what one run gives."
        )
    found += [*_effect_out_of_scale(arms, protocol), *_names_alike(arms)]
    sizes = {each.n for each in arms if each.n}
    if len(sizes) > 1:
        small, large = min(sizes), max(sizes)
        found.append(
            f"The best of n is over {small} runs for some arms and over {large} for others: do not "
            "compare these maxima, because more runs give a higher one by themselves."
        )
    return tuple(found)


def _effect_out_of_scale(arms: Sequence[ArmSummary], protocol: Protocol) -> Iterator[str]:
    """Say that the smallest effect was perhaps given in another unit than the metric."""
    values = [each for arm in arms for each in (arm.min, arm.max) if each is not None]
    spread = max(values) - min(values) if values else 0.0
    effect = protocol.smallest_effect
    if effect is not None and 0 < spread < effect:
        yield (
            f"The smallest effect declared to matter, {effect:g}, is larger than the whole range "
            f"of the runs, {spread:.3g}: is it in the unit of {protocol.metric}?"
        )


def _names_alike(arms: Sequence[ArmSummary]) -> Iterator[str]:
    """Say that two arms differ in nothing but spaces and capitals."""
    seen: dict[str, str] = {}
    for name in dict.fromkeys(each.arm for each in arms):
        other = seen.setdefault(" ".join(name.split()).casefold(), name)
        if other != name:
            yield (
                f"The arms {other!r} and {name!r} differ in spaces or capitals only: are they two?"
            )


def _floor(p_value: float) -> str:
    # Three digits, so that 0.0625 is not shown as something smaller.
    return format_p(p_value) if p_value < 0.0001 else f"{p_value:.3g}"
