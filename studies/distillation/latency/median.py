"""A median, and an interval for it that assumes no distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# One in twenty intervals may miss, so the confidence is 0.95.
ONE_IN = 20

# Of five values not even smallest and largest have the median between them with probability 0.95.
FEWEST_VALUES = 6


@dataclass(frozen=True, slots=True)
class MedianInterval:
    """A median and where it lies.

    Attributes:
        median: of the values.
        low: lower end of the interval, one of the values.
        high: upper end of the interval, one of the values.
        coverage: the probability with which such an interval holds the median of what the values
            were drawn from; at least 0.95.
    """

    median: float
    low: float
    high: float
    coverage: float


def median_interval(values: Sequence[float]) -> MedianInterval:
    """The shortest interval between two order statistics of equal depth that covers enough.

    The interval from the l-th smallest to the l-th largest of n values misses the median with
    probability ``2·P(B ≤ l − 1)``, where B is binomial of n and ½ (Hahn and Meeker 1991, section
    5.2; Conover 1999, section 3.2); l is the largest for which that is at most 0.05.

    The values have to be independent draws from one continuous distribution. Calls that follow each
    other are so only roughly: what drifts within a process, such as the clock of the processor, and
    what differs between processes is not in the interval.

    Args:
        values: at least six, in any order.

    Raises:
        ValueError: if there are fewer.
    """
    count = len(values)
    if count < FEWEST_VALUES:
        raise ValueError(f"an interval needs at least {FEWEST_VALUES} values; given: {count}")
    ordered = sorted(values)
    depth, missed = _depth(count)
    return MedianInterval(median(ordered), ordered[depth - 1], ordered[-depth], 1 - missed)


def _depth(count: int) -> tuple[int, float]:
    """The depth l of the interval, and the probability with which it misses the median."""
    # In whole numbers, so that no rounding decides. Importing SciPy for this would take longer than
    # most measurements.
    everything = 2**count
    depth, binomial, tail = 0, 1, 0
    while 2 * (tail + binomial) * ONE_IN <= everything:
        tail += binomial
        depth += 1
        binomial = binomial * (count - depth + 1) // depth
    return depth, 2 * tail / everything
