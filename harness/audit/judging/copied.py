"""Looks for copied runs among all arms of some data."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from analysis.audit.copies import duplicates
from analysis.audit.finding import Finding
from analysis.audit.printed_numbers import Printed
from harness.audit.claims.grammar import Metric
from harness.audit.evidence.model import Cell
from harness.audit.judging.material import granule, granule_items


def copies_among(cell: Cell, metric: Metric) -> Iterator[Finding]:
    """Copies are looked for among all arms of the data, not only those of the claim."""
    printed: Mapping[str, list[Printed]] = {
        name: [run.printed for run in arm.runs if run.printed is not None]
        for name, arm in cell.arms.items()
    }
    known = {name: values for name, values in printed.items() if len(values) > 1}
    if known:
        yield duplicates(_in_steps(known, metric))


def _in_steps(
    arms: Mapping[str, list[Printed]], metric: Metric
) -> Mapping[str, Sequence[Printed | str]]:
    """The runs as right answers, where these come in larger steps than the printed digits.

    Ties are as frequent as the larger of the two steps makes them.
    """
    items = granule_items(metric)
    finest = max(run.decimals for runs in arms.values() for run in runs)
    if items is None or granule(metric, items) <= Fraction(1, 10) ** finest:
        return arms
    step = granule(metric, items)
    return {
        arm: [str(round(Fraction(run.value) / step)) for run in runs] for arm, runs in arms.items()
    }
