"""What a decomposition into sources returns: frozen, printable, and without rounding."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from analysis.errors import AnalysisError

Reading = Literal["as the sum", "more than the sum", "less than the sum"]

READINGS: Mapping[Reading, str] = {
    "as the sum": "the remainder may be chance",
    "more than the sum": "more than chance: sources act on each other, or one was not declared",
    "less than the sum": "less than chance allows: sources act against each other, or overlap",
}
"""What each reading means, in words."""

_HEADINGS = ("source", "n", "sd", "interval of sd", "share")


@dataclass(frozen=True, slots=True)
class Source:
    """The spread that one source brings.

    Attributes:
        name: the source.
        n: runs that drew it anew, or test examples.
        degrees: of freedom of its variance; n less the number of arms.
        variance: in squared units; None when there are no degrees of freedom.
        low: lower end of the interval of its sd; None when the sd is None or 0.
        high: upper end of it.
        share: of the sum of all sources' variances, from 0 to 1; None when the sum is 0
            or one of its parts is unknown.
    """

    name: str
    n: int
    degrees: int
    variance: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None

    @property
    def sd(self) -> float | None:
        """Standard deviation, in the metric's unit."""
        return None if self.variance is None else self.variance**0.5


@dataclass(frozen=True, slots=True)
class VarianceSources:
    """Variances by source, beside the variance of runs that drew everything anew.

    Attributes:
        metric: the metric's column.
        level: confidence level of the intervals.
        sources: by name, and the test examples last where there are predictions.
        total: of the runs that drew everything anew; None when there are none.
        ratio: variance of these over the sum of the runs' sources (without test examples); None
            when one of the two is unknown or the sum is 0.
        ratio_low: lower end of its interval, from F; None when the ratio is.
        ratio_high: upper end of it.
        reading: what that interval says: "as the sum" when it holds 1.
        missing: runs without a finite value, left out.
        warnings: what a reader has to know before trusting the numbers, one sentence each.
    """

    metric: str
    level: float
    sources: tuple[Source, ...]
    total: Source | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    reading: Reading | None
    missing: int
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Source:
        for each in self._rows():
            if each.name == name:
                return each
        known = ", ".join(repr(each.name) for each in self._rows())
        raise AnalysisError(f"there is no source {name!r}; there are: {known}")

    @property
    def sum_variance(self) -> float:
        """Sum of all sources' variances, test examples included; what is unknown counts as 0."""
        return sum(each.variance or 0.0 for each in self.sources)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a source, and the total last; values are not rounded."""
        names = ("n", "degrees", "variance", "sd", "low", "high", "share")
        rows = [
            {"source": each.name, **{name: getattr(each, name) for name in names}}
            for each in self._rows()
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        total = None if self.total is None else _plain(self.total)
        return {
            **asdict(self),
            "sources": [_plain(each) for each in self.sources],
            "total": total,
            "sum_variance": self.sum_variance,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        rows = [_cells(each) for each in self._rows()]
        widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
        lines = [f"{self.metric}: sd by source, intervals at {100 * self.level:g} %"]
        for row in (_HEADINGS, *rows):
            first, *rest = (cell.ljust(w) for cell, w in zip(row, widths, strict=True))
            lines.append("  ".join((first, *rest)).rstrip())
        if self.reading is not None:
            lines.append(
                f"everything / sum of the runs' sources = {_number(self.ratio)} "
                f"({_number(self.ratio_low)} to {_number(self.ratio_high)}) in variance: "
                f"{READINGS[self.reading]}"
            )
        if self.missing:
            lines.append(f"{self.missing} run(s) without a finite value were left out")
        return "\n".join((*lines, *(f"note: {each}" for each in self.warnings)))

    def _rows(self) -> tuple[Source, ...]:
        return self.sources if self.total is None else (*self.sources, self.total)


def _plain(source: Source) -> dict[str, object]:
    return {**asdict(source), "sd": source.sd}


def _cells(source: Source) -> tuple[str, ...]:
    interval = "n/a" if source.low is None else f"{_number(source.low)} to {_number(source.high)}"
    share = "" if source.share is None else f"{100 * source.share:.0f} %"
    return (source.name, str(source.n), _number(source.sd), interval, share)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3g}"
