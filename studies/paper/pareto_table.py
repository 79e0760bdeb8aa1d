"""A Pareto analysis as a table for a paper."""

from analysis.inference.student_t import MeanInterval
from analysis.pareto import ParetoFront
from analysis.pareto.result import Configuration
from analysis.pareto.text import format_share
from analysis.presentation.numbers import decimals_for, format_percent
from analysis.publication import PublicationTable
from analysis.publication.columns import text_column
from analysis.publication.entries import (
    Entry,
    Part,
    Quantity,
    estimate_entry,
    nothing_entry,
    number_entry,
    text_entry,
)
from studies.paper.tables import column, explained, point_entry
from studies.paper.words import UNTESTED


def pareto_table(front: ParetoFront, stem: str, about: str) -> PublicationTable:
    """Return one row a configuration: means with intervals, and its place.

    Args:
        front: the analysis.
        stem: of the table's files.
        about: a sentence on the data set and the runs.
    """
    configurations = front.configurations
    table = PublicationTable(
        columns=(
            text_column("configuration", [each.label for each in configurations]),
            column("n", [number_entry("n", each.n, 0) for each in configurations]),
            *(
                column(name, [_mean(each.means[name], name) for each in configurations])
                for name in front.objectives
            ),
            column("front", [text_entry("front", _place(each)) for each in configurations]),
            column("P(front)", [_share(each.probability_on_front) for each in configurations]),
        ),
        caption=(
            f"Trade-offs: means with their {format_percent(front.level)} intervals where runs "
            "differ; front: on the Pareto front by the means; P(front): the share of "
            f"{front.resamples} bootstrap samples in which no other mean dominates. {about} "
            f"{UNTESTED}"
        ),
        label=f"tab:{stem}",
        row_names=tuple(each.label for each in configurations),
        subject="pareto",
    )
    return explained(table, "a single run has no probability.")


def _mean(found: MeanInterval, name: str) -> Entry:
    names = (f"mean {name}", f"{name} low", f"{name} high")
    if found.low is None:
        return point_entry(found.mean, _decimals_of(found.mean), names)
    decimals = min(6, decimals_for(found.standard_error, found.mean))
    return estimate_entry(found.mean, found.low, found.high, decimals, names)


def _decimals_of(constant: float | None) -> int:
    """Decimals of four digits that mean something, for what has no standard error."""
    return 0 if constant is None else decimals_for(None, float(f"{constant:.4g}"))


def _place(configuration: Configuration) -> str:
    if configuration.is_knee:
        return "knee"
    return "yes" if configuration.on_front else "no"


def _share(share: float | None) -> Entry:
    if share is None:
        return nothing_entry("probability")
    part = Part(format_share(share), is_math=True)
    return Entry((part,), (Quantity("probability", share, part),))
