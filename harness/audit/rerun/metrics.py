"""Whether a metric of a re-run is the original's: to the last bit, within tolerance, or not."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.tolerance import rerun_tolerance
from analysis.errors import AnalysisError

CHECK = "rerun_tolerance"

# Units are the last word of a metric's name, as in `latency_ms`.
_UNITS_OF_TIME = frozenset({"ns", "us", "ms", "s", "sec", "secs", "seconds", "minutes", "hours"})


class Agreement(StrEnum):
    """How a metric's two values compare."""

    IDENTICAL = "bit_identical"
    WITHIN = "within_tolerance"
    OUTSIDE = "outside_tolerance"
    NOT_TESTABLE = "not_testable"
    MEASURED = "measured_time"
    MISSING = "missing"


_AGREEMENT = {
    Outcome.PASS: Agreement.WITHIN,
    Outcome.FLAG: Agreement.OUTSIDE,
    Outcome.NOT_TESTABLE: Agreement.NOT_TESTABLE,
}


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric of one trial, and of its re-run.

    Attributes:
        metric: its name.
        original: the stored value; None where the original has no such metric.
        rerun: the new value; None where the re-run has no such metric.
        agreement: ``bit_identical``; ``within_tolerance`` or ``outside_tolerance`` of the arm's
            other runs; ``not_testable`` where those are too few; ``measured_time``, which is only
            reported; ``missing`` where one of the two has no such metric.
        finding: the check behind a tolerance; None where no tolerance was needed.
    """

    metric: str
    original: float | None
    rerun: float | None
    agreement: Agreement
    finding: Finding | None = None

    @property
    def identical(self) -> bool:
        """Whether both values are there and have the same bits."""
        both = self.original is not None and self.rerun is not None
        return both and same_bits(self.original or 0.0, self.rerun or 0.0)

    @property
    def differs(self) -> bool:
        """Whether it is not the original's, measured times aside."""
        return self.agreement not in {Agreement.IDENTICAL, Agreement.MEASURED}

    @property
    def difference(self) -> float | None:
        """Re-run minus original; None unless both are finite."""
        if self.original is None or self.rerun is None:
            return None
        difference = self.rerun - self.original
        return difference if math.isfinite(difference) else None

    @property
    def relative_difference(self) -> float | None:
        """The difference as a share of the original's size; None where that is 0."""
        if self.difference is None or not self.original:
            return None
        share = self.difference / abs(self.original)
        return share if math.isfinite(share) else None

    @property
    def tolerance(self) -> float | None:
        """By how much one more run may differ from the mean of the arm's other runs."""
        return self._value("tolerance")

    @property
    def distance(self) -> float | None:
        """How far the re-run lies from the mean of the arm's other runs; may be negative."""
        return self._value("difference")

    def _value(self, name: str) -> float | None:
        found = self.finding.values.get(name) if self.finding is not None else None
        return float(found) if isinstance(found, int | float) else None

    def document(self) -> dict[str, Any]:
        """The comparison as JSON has it; these keys stay."""
        return {
            "metric": self.metric,
            "original": _json(self.original),
            "rerun": _json(self.rerun),
            "agreement": str(self.agreement),
            "bit_identical": self.identical,
            "difference": self.difference,
            "relative_difference": self.relative_difference,
            "distance_from_other_runs": self.distance,
            "tolerance": self.tolerance,
            "other_runs": None if self.finding is None else self.finding.values.get("n_original"),
        }


def compare_metric(
    metric: str, original: float | None, rerun: float | None, others: Sequence[float]
) -> MetricComparison:
    """Compare a metric of a trial with that of its re-run.

    Args:
        metric: its name; what ends in a unit of time, such as ``latency_ms``, is a measured time.
        original: the stored value; None where there is none.
        rerun: the new value; None where there is none.
        others: the metric of the other runs of the same arm, whose spread gives the tolerance.
    """
    if is_measured_time(metric):
        return MetricComparison(metric, original, rerun, Agreement.MEASURED)
    if original is None or rerun is None:
        return MetricComparison(metric, original, rerun, Agreement.MISSING)
    if same_bits(original, rerun):
        return MetricComparison(metric, original, rerun, Agreement.IDENTICAL)
    found = _held_against(rerun, others)
    return MetricComparison(metric, original, rerun, _AGREEMENT[found.outcome], found)


def is_measured_time(metric: str) -> bool:
    """Whether a metric's name ends in a unit of time: no two measurements of one are equal."""
    words = metric.lower().split("_")
    return len(words) > 1 and words[-1] in _UNITS_OF_TIME


def same_bits(first: float, second: float) -> bool:
    """Whether two stored values are the same double; any NaN is any other.

    SQLite keeps no sign of a zero, so none is looked at.
    """
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    return struct.pack("<d", first + 0.0) == struct.pack("<d", second + 0.0)


def _held_against(value: float, others: Sequence[float]) -> Finding:
    """Hold a value that is not the original's against the arm's other runs."""
    known = [each for each in others if math.isfinite(each)]
    if not math.isfinite(value):
        return finding(CHECK, Outcome.FLAG, f"The re-run gave {value}.", n_original=len(known))
    if not known:
        detail = "The arm has no other complete run, so no difference can be called too large."
        return finding(CHECK, Outcome.NOT_TESTABLE, detail, n_original=0, n_rerun=1)
    try:
        return rerun_tolerance(known, [value])
    except AnalysisError as error:
        # Values too large for sums.
        return finding(CHECK, Outcome.NOT_TESTABLE, f"{error}.", n_original=len(known))


def _json(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity; they stand there as text."""
    return value if value is None or math.isfinite(value) else str(value)
