"""What sums of squares whole numbers can have: the arithmetic behind GRIMMER.

Take n whole numbers with the sum S and the sum of squares Q, and call D = nQ - S² their scatter: it
is n(n - ddof) times their variance. A whole number and its square are both even or both odd, and so
are S and Q. Adding 1 to every number leaves D as it is, so only r = S mod n matters. D is smallest
when the numbers differ by 1 at most, r(n - r), and as Q goes in steps of 2, D goes in steps of 2n.
The possible scatters are therefore among r(n - r) + 2nj with j = 0, 1, 2, ...

From n = 5 on every one of these belongs to some sample, as far as they were gone through; for
n = 2, 3 and 4 some do not (with n = 2 and S even, D/4 is a square), which is never held against
anybody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from analysis.audit.granules import Interval, WholeNumbers, whole_numbers


@dataclass(frozen=True, slots=True)
class Sample:
    """The sum and the sum of squares of n whole numbers, as a check found them possible."""

    sum: int
    sum_of_squares: int


def possible_sample(
    n: int, sums: Iterable[int], scatters: Interval, values: WholeNumbers | None = None
) -> Sample | None:
    """The first sum of n whole numbers whose scatter can lie where it must, or None.

    Args:
        n: how many numbers there are.
        sums: the sums that they may have.
        scatters: where n times the sum of squares less the squared sum must lie.
        values: the numbers allowed, when they are bounded.
    """
    window = whole_numbers(scatters)
    for total in sums:
        least = _least_scatter(n, total)
        steps = max(0, -((least - window.first) // (2 * n)))
        scatter = least + 2 * n * steps
        greatest = window.last
        if values is not None:
            greatest = min(greatest, _greatest_scatter(n, total, values))
        if scatter <= greatest:
            return Sample(total, (scatter + total * total) // n)
    return None


def distinct_sums(n: int, sums: WholeNumbers) -> range:
    """As many of the sums as differ in what scatter they allow: n in a row are all there are."""
    return range(sums.first, min(sums.last, sums.first + n - 1) + 1)


def chance_of_detection(n: int, sums: Iterable[int], width: float) -> float:
    """How often a wrong deviation would be found impossible.

    It is the share of all places that leave an interval of a given width without a possible
    scatter.

    Args:
        n: how many numbers there are.
        sums: the sums that they may have, at least one.
        width: how long the interval is within which the scatter is known.
    """
    period = 2 * n
    starts = sorted({_least_scatter(n, total) % period for total in sums})
    return sum(max(0.0, gap - width) for gap in _gaps(starts, period)) / period


def _gaps(starts: list[int], period: int) -> Iterator[int]:
    """The distances between neighbours on a circle."""
    yield from (right - left for left, right in pairwise(starts))
    yield starts[0] + period - starts[-1]


def _least_scatter(n: int, total: int) -> int:
    """The scatter of n whole numbers that differ by 1 at most."""
    rest = total % n
    return rest * (n - rest)


def _greatest_scatter(n: int, total: int, values: WholeNumbers) -> int:
    """The scatter of n bounded whole numbers of which all but one are at a bound."""
    span = values.last - values.first
    excess = total - n * values.first
    at_top, rest = divmod(excess, span) if span > 0 else (0, 0)
    return n * (at_top * span**2 + rest**2) - excess**2
