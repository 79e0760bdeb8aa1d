"""How numbers are written for people: as many digits as they deserve, never a false zero."""

import math
from decimal import ROUND_HALF_UP, Decimal

MISSING = "n/a"
_LOWEST_P = 0.0001


def decimals_for(standard_error: float | None, estimate: float | None = None) -> int:
    """Return how many decimals an estimate deserves.

    Two significant digits of its standard error, so that what is shown is about as fine as what
    is known. Without a standard error (one run, or no spread), as many as the estimate needs to
    be told from its neighbours at six significant digits.

    Args:
        standard_error: in the estimate's unit, >= 0; None when there is none.
        estimate: the number to be shown; None when there is none.

    Returns:
        A number of decimals, >= 0.
    """
    if standard_error is not None and standard_error > 0 and math.isfinite(standard_error):
        # Rounded to two digits first, because 0.0996 becomes 0.10, which needs one decimal less.
        exponent = int(f"{standard_error:.1e}".partition("e")[2])
        return max(0, 1 - exponent)
    if not estimate or not math.isfinite(estimate):
        return 0
    digits, _, exponent_text = f"{estimate:.5e}".partition("e")
    significant = len(digits.rstrip("0").partition(".")[2])
    return max(0, significant - int(exponent_text))


def format_number(value: float | None, decimals: int) -> str:
    """Return a number with fixed decimals; "n/a" when there is none, and never "-0.00"."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def format_interval(low: float | None, high: float | None, decimals: int) -> str:
    """Return an interval at the decimals of its estimate; "n/a" when there is none."""
    if low is None or high is None:
        return MISSING
    return f"{format_number(low, decimals)} to {format_number(high, decimals)}"


def format_p(p_value: float | None, alpha: float | None = None) -> str:
    """Return a p-value with two significant digits; "< 0.0001" below that; "n/a" when None.

    Args:
        p_value: in (0, 1].
        alpha: when given, digits are added until rounding no longer carries p onto alpha, so
            that 0.0496 reads as below 0.05 and not as "0.050".
    """
    if p_value is None:
        return MISSING
    if p_value < _LOWEST_P:
        return f"< {_LOWEST_P}"
    digits = 2
    while alpha is not None and p_value != alpha and digits < 15:
        if float(_rounded(p_value, digits)) != alpha:
            break
        digits += 1
    return _rounded(p_value, digits)


def _rounded(p_value: float, digits: int) -> str:
    """Round a half up, not to the even digit: 0.0625, which a test may have for floor, is 0.063."""
    exact = Decimal(repr(p_value))
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    rounded = exact.quantize(unit, rounding=ROUND_HALF_UP)
    if rounded.adjusted() > exact.adjusted():
        # 0.0996 becomes 0.10, which needs one decimal less.
        unit = unit.scaleb(1)
    return f"{exact.quantize(min(unit, Decimal(1)), rounding=ROUND_HALF_UP):f}"


def p_statement(p_value: float | None, alpha: float | None = None) -> str:
    """Return "p = 0.0021", "p < 0.0001", or "p undefined"."""
    text = format_p(p_value, alpha)
    if p_value is None:
        return "p undefined"
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def format_percent(share: float) -> str:
    """Return a share in [0, 1] as a percentage with no more digits than it has, e.g. "95 %"."""
    return f"{100 * share:.6g} %"


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: "1 pair", "20 pairs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
