"""Corrections of p-values for the number of comparisons made."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from analysis.errors import AnalysisError
from analysis.protocol import Correction

_ROUNDING = 1e-12


def reaches(p_value: float | None, alpha: float) -> bool:
    """Whether a p-value is at most alpha, rounding errors apart; False when there is none.

    "At most", because exact tests reach certain levels only: 3 and 3 runs can give 0.05 itself,
    and rejecting then errs in 5 % of all cases and no more.
    """
    return p_value is not None and p_value <= alpha * (1 + _ROUNDING)


def adjust(p_values: Sequence[float | None], method: Correction) -> tuple[float | None, ...]:
    """Adjust a family of p-values so that each may be held against alpha itself.

    Of m p-values in ascending order, p_i being the i-th, counted from 1; no adjusted value is
    above 1:

    - "bonferroni": m p_i (Bonferroni's inequality). Holds the family-wise error rate.
    - "holm": (m - i + 1) p_i, and never below the one before it (Holm 1979, Scandinavian Journal
      of Statistics 6, 65-70). Holds the family-wise error rate; never worse than Bonferroni.
    - "hochberg": (m - i + 1) p_i, and never above the one after it (Hochberg 1988, Biometrika 75,
      800-802). Holds the family-wise error rate for independent tests, and for tests that depend
      on each other positively, as one-sided tests of many arms against one control do (Sarkar
      1998, Annals of Statistics 26, 494-504); never worse than Holm.
    - "benjamini_hochberg": m p_i / i, and never above the one after it (Benjamini & Hochberg
      1995, Journal of the Royal Statistical Society B 57, 289-300). Holds the false discovery
      rate, the expected share of true nulls among the rejected, under such conditions (Benjamini
      & Yekutieli 2001, Annals of Statistics 29, 1165-1188); the chance of at least one false
      rejection may well be above alpha.

    Args:
        p_values: the family, each in [0, 1]; None where no test could be made. None stays None,
            and counts as a member of the family with p = 1: a comparison that was declared and
            could not be made must not make the others look better.
        method: one of the above, or "none" to leave every p-value as it is.

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
    if method not in _METHODS:
        allowed = ", ".join(repr(each) for each in (*_METHODS, "none"))
        raise AnalysisError(f"the correction is {method!r}; allowed: {allowed}")
    # Untested members have p = 1, and so the last places, where 1 is what they are adjusted to.
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    values = _METHODS[method]([p for p, _ in tested], len(p_values))
    for (_, place), value in zip(tested, values, strict=True):
        adjusted[place] = value
    return tuple(adjusted)


def _bonferroni(ascending: Sequence[float], family: int) -> list[float]:
    return [min(1.0, family * p) for p in ascending]


def _holm(ascending: Sequence[float], family: int) -> list[float]:
    return list(accumulate((min(1.0, (family - i) * p) for i, p in enumerate(ascending)), max))


def _hochberg(ascending: Sequence[float], family: int) -> list[float]:
    return _step_up([(family - i) * p for i, p in enumerate(ascending)])


def _benjamini_hochberg(ascending: Sequence[float], family: int) -> list[float]:
    return _step_up([family * p / (i + 1) for i, p in enumerate(ascending)])


def _step_up(multiplied: Sequence[float]) -> list[float]:
    """Lower each value to the smallest one from it onwards, and to 1."""
    lowered = list(accumulate((min(1.0, each) for each in reversed(multiplied)), min))
    return lowered[::-1]


_METHODS: Mapping[Correction, Callable[[Sequence[float], int], list[float]]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "benjamini_hochberg": _benjamini_hochberg,
}
