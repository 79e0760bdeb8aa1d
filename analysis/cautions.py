"""What a reader has to know before trusting a comparison's numbers."""

from analysis.presentation.numbers import count_of, format_p
from analysis.protocol import Protocol
from analysis.results import Comparison


def out_of_reach(comparison: Comparison, protocol: Protocol, family_floor: float) -> str | None:
    """Say that no data whatever could have made this comparison significant.

    Args:
        comparison: the comparison.
        protocol: its protocol.
        family_floor: the lowest corrected p that any comparison of the family can get, in
            (0, 1]. Holm multiplies the lowest p by the family's size and lets no other fall
            below the product.

    Returns:
        A sentence; None when alpha can be reached.
    """
    floor, alpha = comparison.p_floor, protocol.alpha
    if floor is None:
        return None
    pairs = count_of(comparison.n, "pair")
    if floor >= alpha:
        return (
            f"{pairs} cannot reach alpha = {alpha:g}: the smallest p that this test can give is "
            f"{format_p(floor, alpha)}."
        )
    if family_floor >= alpha:
        return (
            f"{pairs} cannot reach alpha = {alpha:g} after Holm's correction: the smallest p is "
            f"{format_p(floor, alpha)}, and {format_p(family_floor, alpha)} once corrected."
        )
    return None


def family_floor(comparisons: list[Comparison], protocol: Protocol) -> float:
    """Return the lowest corrected p that a family can get, in [0, 1]; 0 when it has no floor."""
    tested = [each for each in comparisons if each.p_value is not None]
    lowest = min((each.p_floor or 0.0 for each in tested), default=0.0)
    return min(1.0, lowest * len(comparisons)) if protocol.correction == "holm" else lowest


def few_differences(n: int, nonzero: int, alpha: float) -> str | None:
    """Say that so many pairs are tied that the sign-flip test can show nothing."""
    if nonzero == 0:
        return (
            f"Both arms have the same value in all of the {count_of(n, 'pair')}, as two arms have "
            "that are the same training: is the parameter in which they differ used?"
        )
    floor = 2.0 / 2.0**nonzero
    if nonzero == n or floor < alpha:
        return None
    return (
        f"Only {nonzero} of {count_of(n, 'pair')} differ: with these data the sign-flip test "
        f"cannot give a p below {format_p(floor, alpha)}."
    )


def dropped(blocks: int) -> str | None:
    """Say that blocks were left out of a paired comparison."""
    if blocks == 0:
        return None
    return f"{count_of(blocks, 'block')} without a finite value in both arms left out."


def excluded(arm: str, runs: int) -> str | None:
    """Say that an arm had values that no mean can include."""
    if runs == 0:
        return None
    return f"{count_of(runs, 'run')} of {arm} with a missing or infinite value left out."
