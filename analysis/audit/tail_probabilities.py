"""Tail probabilities of the tests that papers print, right also where floats underflow."""

import math
from decimal import Decimal
from typing import Literal, get_args

from scipy import special

from analysis.errors import AnalysisError

Test = Literal["t", "F", "z", "chi2", "r"]
"""Student's t, the variance ratio F, the normal z, chi-squared, and Pearson's r."""

TESTS: tuple[Test, ...] = get_args(Test)

DF_COUNT: dict[Test, int] = {"t": 1, "F": 2, "z": 0, "chi2": 1, "r": 1}
"""How many degrees of freedom each test is printed with."""

SMALLEST_FLOAT_P = 1e-280
"""Below it the logarithm is computed: the special functions lose digits before they give 0."""

_SMALLEST_LOG = -2e6
"""Beyond any p that is printed; its exponential is still a decimal number."""


def tail_p(test: Test, magnitude: Decimal, df: Decimal | None, df2: Decimal | None) -> Decimal:
    """Return the p of a statistic: both tails of t, z and r, the upper tail of F and chi-squared.

    The relative error is below 1e-9 down to `SMALLEST_FLOAT_P`, and below 1e-6 beneath it.

    Args:
        test: which distribution.
        magnitude: the statistic's absolute value, infinity included; at most 1 for r.
        df: degrees of freedom, above 0; of the numerator for F, n - 2 for r, None for z.
        df2: degrees of freedom of the denominator, for F only.

    Returns:
        p in [0, 1]; 0 only for an infinite statistic or below 1e-800000.
    """
    if magnitude.is_infinite() or (test == "r" and magnitude >= 1):
        return Decimal(0)
    p = float(_direct(test, magnitude, df, df2))
    if p >= SMALLEST_FLOAT_P:
        return Decimal(min(p, 1.0))
    return Decimal(max(_logarithm(test, magnitude, df, df2), _SMALLEST_LOG)).exp()


def require_test(test: str) -> Test:
    """Return the test, or refuse a name that is none."""
    for known in TESTS:
        if test == known:
            return known
    raise AnalysisError(f"the test is {test!r}; allowed: {', '.join(map(repr, TESTS))}")


def _direct(test: Test, magnitude: Decimal, df: Decimal | None, df2: Decimal | None) -> float:
    value, first, second = float(magnitude), float(df or 0), float(df2 or 0)
    match test:
        case "t":
            return 2 * float(special.stdtr(first, -value))
        case "z":
            return 2 * float(special.ndtr(-value))
        case "F":
            return float(special.fdtrc(first, second, value))
        case "chi2":
            return float(special.chdtrc(first, value))
        case "r":
            return float(special.betainc(first / 2, 0.5, float(1 - magnitude**2)))


def _logarithm(test: Test, magnitude: Decimal, df: Decimal | None, df2: Decimal | None) -> float:
    """Natural logarithm of p, far in the tail."""
    value, first, second = float(magnitude), float(df or 0), float(df2 or 0)
    match test:
        case "t":
            return _log_beta_share(first / 2, 0.5, -math.log1p(value / first * value))
        case "z":
            return math.log(2) + float(special.log_ndtr(-value))
        case "F":
            return _log_beta_share(second / 2, first / 2, -math.log1p(first / second * value))
        case "chi2":
            return _log_gamma_share(first / 2, value / 2)
        case "r":
            return _log_beta_share(first / 2, 0.5, float((1 - magnitude**2).ln()))


def _log_beta_share(a: float, b: float, log_x: float) -> float:
    """Logarithm of the regularised incomplete beta function I_x(a, b) far below x = a / (a + b).

    The continued fraction is formula 26.5.8 of Abramowitz & Stegun 1964.
    """
    x = math.exp(log_x)

    def partial(step: int) -> float:
        m = step // 2
        if step % 2 == 0:
            return m * (b - m) * x / ((a + step - 1) * (a + step))
        return -(a + m) * (a + b + m) * x / ((a + step - 1) * (a + step))

    front = a * log_x + b * math.log1p(-x) - math.log(a) - float(special.betaln(a, b))
    fraction, c, d = 1.0, 1.0, 0.0
    for step in range(1, 20_000):
        d = 1 / (1 + partial(step) * d)
        c = 1 + partial(step) / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front - math.log(fraction)


def _log_gamma_share(a: float, x: float) -> float:
    """Logarithm of the regularised upper incomplete gamma function Q(a, x) far above x = a.

    The continued fraction is formula 6.5.31 of Abramowitz & Stegun 1964, in its even part.
    """
    front = a * math.log(x) - x - math.lgamma(a)
    b = x + 1 - a
    c, d = math.inf, 1 / b
    fraction = d
    for step in range(1, 20_000):
        numerator = -step * (step - a)
        b += 2
        d = 1 / (b + numerator * d)
        c = b + numerator / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front + math.log(fraction)
