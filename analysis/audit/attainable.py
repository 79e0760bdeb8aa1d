"""The floor of exact tests: so many runs cannot give a smaller p."""

import math
from fractions import Fraction
from typing import Literal

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, printed
from analysis.errors import AnalysisError

Sides = Literal[1, 2]

_ONE_SAMPLE = {
    "sign_flip": "sign-flip test",
    "signed_rank": "signed-rank test",
    "wilcoxon": "signed-rank test",
}
_TWO_SAMPLES = {
    "permutation": "two-sample permutation test",
    "rank_sum": "rank-sum test",
    "mann_whitney": "rank-sum test",
}

_ENOUGH = 1500
"""Runs from which the floor lies below every number that can be printed, 1e-400."""


def attainable_p(
    p: Printed | str | int | None,
    n: int,
    *,
    n2: int | None = None,
    test: str,
    sides: Sides = 2,
    exact: bool = True,
) -> Finding:
    """Check that an exact test of so many runs can give a p as small as the one printed.

    Rule: a test that counts arrangements gives no p below the share of the most extreme ones.
    Those are 2 of the 2^n sign patterns (sign-flip and signed-rank test), and 2 of the C(n + n2,
    n) splits (permutation and rank-sum test), or 1 split where the sizes differ, because its
    mirror image need not be as extreme then. One-sided tests have 1 each. Source: Fisher 1935,
    The Design of Experiments, section 21; Pitman 1937, Supplement to the Journal of the Royal
    Statistical Society 4, 119-130.

    False alarms: normal approximations (SciPy's and R's default with ties or many runs) and
    p-values from random draws do fall below the floor; give ``exact=False`` for them. A one-sided
    p needs ``sides=1``. Without ties the floor of a rank-sum test of unequal sizes is twice as
    high as the one used here, which never makes a false failure.

    Args:
        p: as printed, in [0, 1]; "<" and the rounding of its last digit are respected.
        n: number of pairs, or runs of the first arm; at least 1.
        n2: runs of the second arm, at least 1; None: as many as of the first. Not used for pairs.
        test: "sign_flip", "signed_rank" ("wilcoxon"), "permutation", "rank_sum"
            ("mann_whitney"); any other has no floor that is known here.
        sides: 2, or 1 for a one-sided test.
        exact: whether p comes from counting all arrangements.

    Returns:
        `fail` when every p that is printed so lies below the floor; `not_applicable` for tests
        without a floor; `missing_input` without p.

    Raises:
        AnalysisError: a number is out of its range, or p is no printed number.
    """
    _require_size(n, "n")
    if n2 is not None:
        _require_size(n2, "n2")
    if sides not in (1, 2):
        raise AnalysisError(f"sides is {sides!r}; allowed: 1, 2")
    if p is None:
        return finding("attainable_p", Outcome.MISSING_INPUT, "No p is given.")
    given = printed(p)
    if not 0 <= given.value <= 1:
        raise AnalysisError(f"p is {given.text!r}; allowed: from 0 to 1")
    if test not in _ONE_SAMPLE | _TWO_SAMPLES:
        return _no_floor(given, f"The test {test!r} counts no arrangements, so it has no floor.")
    if not exact:
        return _no_floor(given, "A p that was approximated or drawn at random has no floor.")
    return _held_against(given, n, n if n2 is None else n2, test, sides)


def _held_against(given: Printed, n: int, n2: int, test: str, sides: Sides) -> Finding:
    if test in _ONE_SAMPLE:
        tails, arrangements = sides, 2 ** min(n, _ENOUGH)
        counted, runs = f"2^{n}", f"{n} pairs"
    else:
        tails = sides if n == n2 else 1
        arrangements = _splits(n, n2)
        counted, runs = f"C({n + n2}, {n})", f"{n} + {n2} runs"
    floor = Fraction(tails, arrangements)
    side = "two" if sides == 2 else "one"
    words = (_ONE_SAMPLE | _TWO_SAMPLES)[test]
    bound = f"{tails} / {counted} = {float(floor):.4g}"
    possible = _reaches(given, floor)
    claim = given.text if given.relation != "=" else f"= {given.text.removeprefix('=').strip()}"
    detail = (
        f"p {claim} can come from an exact {side}-sided {words} of {runs}, whose smallest p is "
        f"{bound}."
        if possible
        else f"p {claim} cannot come from an exact {side}-sided {words} of {runs}: "
        f"its smallest p is {bound}."
    )
    outcome = Outcome.PASS if possible else Outcome.FAIL
    return finding("attainable_p", outcome, detail, p=given, floor=floor, test=test, sides=sides)


def _reaches(given: Printed, floor: Fraction) -> bool:
    """Whether some p at or above the floor is what was printed."""
    match given.relation:
        case "<":
            return floor < Fraction(given.value)
        case "<=":
            return floor <= Fraction(given.value)
        case "=":
            return floor <= Fraction(given.high)
        case _:
            return True


def _splits(n: int, n2: int) -> int:
    if min(n, n2) > _ENOUGH:
        n = n2 = _ENOUGH
    return math.comb(n + n2, n)


def _no_floor(given: Printed, detail: str) -> Finding:
    return finding("attainable_p", Outcome.NOT_APPLICABLE, detail, p=given)


def _require_size(size: object, name: str) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise AnalysisError(f"{name} is {size!r}; allowed: a whole number, at least 1")
