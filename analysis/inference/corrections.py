"""Corrections of p-values for the number of comparisons made."""

from collections.abc import Sequence

from analysis.errors import AnalysisError
from analysis.protocol import Correction


def adjust(p_values: Sequence[float | None], method: Correction) -> tuple[float | None, ...]:
    """Adjust a family of p-values so that each may be held against alpha itself.

    Holm's step-down procedure (Holm 1979, Scandinavian Journal of Statistics 6, 65-70): of m
    p-values in ascending order the i-th, counted from 0, is multiplied by m - i; an adjusted
    value is never below the one before it, and never above 1.

    Args:
        p_values: the family, each in [0, 1]; None where no test could be made. None stays None,
            and counts as a member of the family with p = 1: a comparison that was declared and
            could not be made must not make the others look better.
        method: "holm", or "none" to leave every p-value as it is.

    Returns:
        The adjusted p-values, in the order given.

    Raises:
        AnalysisError: a p-value lies outside [0, 1] or is NaN, or the method is unknown.
    """
    for p_value in p_values:
        if p_value is not None and not 0 <= p_value <= 1:
            raise AnalysisError(f"a p-value is {p_value!r}; allowed: a number from 0 to 1, or None")
    if method == "none":
        return tuple(p_values)
    if method == "holm":
        return _holm(p_values)
    raise AnalysisError(f"the correction is {method!r}; allowed: 'holm', 'none'")


def _holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p_value, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_value))
        adjusted[place] = highest
    return tuple(adjusted)
