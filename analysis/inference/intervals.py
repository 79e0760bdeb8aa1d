"""What every interval estimate returns."""

from dataclasses import dataclass

from analysis.errors import AnalysisError


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends of a two-sided interval, in the unit of what it estimates.

    Attributes:
        low: lower end.
        high: upper end, not below `low`.
    """

    low: float
    high: float


def require_level(level: float) -> None:
    """Refuse a confidence level that is not above 0 and below 1."""
    if not 0 < level < 1:
        raise AnalysisError(f"the level is {level!r}; allowed: a number above 0 and below 1")
