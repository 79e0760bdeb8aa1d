"""What every interval estimate returns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends of a two-sided interval, in the unit of what it estimates.

    Attributes:
        low: lower end.
        high: upper end, not below `low`.
    """

    low: float
    high: float
