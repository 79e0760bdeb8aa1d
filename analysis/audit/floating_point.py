"""How far floating-point arithmetic can have put a mean or a variance off.

Numbers printed with all their digits carry these errors: ten runs of exactly 91.182 on average may
print 91.18199999999999. No check may call that impossible.
"""

from fractions import Fraction

EPSILON = Fraction(1, 2**52)
"""The spacing of floating-point numbers just above 1, in double precision."""


def mean_slack(n: int, largest: Fraction) -> Fraction:
    """How far the mean of n values, or the difference of two such means, can be off.

    Args:
        n: how many values there are.
        largest: their largest absolute value.
    """
    return (n + 2) * EPSILON * largest


def variance_slack(n: int, largest: Fraction) -> Fraction:
    """How far the variance of n values can be off.

    The one-pass formula, the mean of the squares less the square of the mean, is the worst in use:
    each of its two sums is off by n / 2 epsilons of the largest square at most.

    Args:
        n: how many values there are.
        largest: their largest absolute value.
    """
    return 2 * (n + 3) * EPSILON * largest**2 * Fraction(n, max(1, n - 1))
