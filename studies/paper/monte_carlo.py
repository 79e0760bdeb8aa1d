"""The Monte Carlo experiment: many runs on random subsets of the training images."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis import Comparisons
from analysis.figures import histograms
from analysis.inference.normality import lilliefors
from analysis.many_arms.anova import one_way
from analysis.presentation.alt_text_images import describe_histograms
from analysis.presentation.numbers import decimals_for
from analysis.publication import PublicationTable
from analysis.publication.columns import Column, text_column
from analysis.publication.comparison_columns import Row
from analysis.publication.entries import (
    Entry,
    nothing_entry,
    number_entry,
    p_entry,
)
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable
from studies.paper import published
from studies.paper.material import Material
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import Values, arm_rows, column, comparison_table, explained, values_of
from studies.paper.words import HERE, PAPER, THERE, UNTESTED, about_runs


def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
    """Yield the table of arms, the paper's own way of testing, and the histograms."""
    rows = arm_rows(results)
    extra = {"mean ± sd": [_medians(rows), *_normality(rows, answer)]}
    caption = "Monte Carlo experiment: each seed trains on another random part of the images."
    table = comparison_table(answer, results, "monte-carlo", caption, extra)
    yield PaperTable("monte-carlo", table)
    yield PaperTable("monte-carlo-paper", _papers_way(answer, results))
    metric = results.protocol.metric
    yield PaperFigure(
        "monte-carlo-histograms",
        histograms(answer.compared, arm="arm", metric=metric),
        f"{metric} of every run, one histogram an arm, beside the normal curve with the arm's own "
        f"mean and deviation. {about_runs(answer, results)} {UNTESTED}",
        describe_histograms(answer.compared, arm="arm", metric=metric),
    )


def _medians(rows: Sequence[Row]) -> Column:
    entries = [
        number_entry(
            "median",
            row.arm.median,
            min(6, decimals_for(row.arm.standard_error, row.arm.median)),
        )
        for row in rows
    ]
    return column("median", entries)


def _normality(rows: Sequence[Row], answer: Answer) -> tuple[Column, Column]:
    metric = answer.study.protocol.metric
    found = [lilliefors(values_of(answer.compared, metric, arm=row.arm.arm)) for row in rows]
    words = (
        "D: Lilliefors' test of normality, and its p, which is tabled from 0.001 to 0.99 and not "
        "corrected; a large one does not show normality."
    )
    distances = [number_entry("lilliefors", each.statistic, 3) for each in found]
    return (
        column("D", distances, words, latex="$D$"),
        column(
            "p normal",
            [p_entry("p_normal", each.p_value) for each in found],
            latex=r"$p_{\mathrm{normal}}$",
        ),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One arm tested as the paper does it: its own numbers, or what it printed."""

    arm: str
    n: int
    sd: float | None
    normality: float | None
    normal_p: float | None
    t: float | None
    p: float | None


def _papers_way(answer: Answer, results: Comparisons) -> PublicationTable:
    """The equal-variance t-test of the paper on our runs, and below it what it printed."""
    ours, theirs = list(_our_rows(answer, results)), list(_their_rows())
    rows = [*ours, *theirs]
    table = PublicationTable(
        columns=(
            text_column("arm", [each.arm for each in rows]),
            column("n", [number_entry("n", each.n, 0) for each in rows]),
            column("sd", [_number("sd", each.sd, 4) for each in rows]),
            column("D", [_number("lilliefors", each.normality, 3) for each in rows], latex="$D$"),
            column(
                "p normal",
                [_p("p_normal", each.normal_p) for each in rows],
                latex=r"$p_{\mathrm{normal}}$",
            ),
            column("t", [_number("t", each.t, 2) for each in rows]),
            column("p", [_p("p", each.p) for each in rows]),
        ),
        caption=(
            "The paper's way of testing the Monte Carlo experiment: a t-test of equal variances "
            f"against {results.protocol.control}, as if runs shared nothing, not corrected; D is "
            f"Lilliefors' statistic. {about_runs(answer, results)} {PAPER} "
            "Deviations there are in per cent."
        ),
        label="tab:monte-carlo-paper",
        groups=(*[HERE for _ in ours], *[THERE for _ in theirs]),
        row_names=tuple(each.arm for each in rows),
        subject=results.protocol.metric,
    )
    return explained(table, "the control, or too few runs that differ.")


def _our_rows(answer: Answer, results: Comparisons) -> Iterator[_Row]:
    control, metric = results.protocol.control, results.protocol.metric
    reference = values_of(answer.compared, metric, arm=control)
    for each in results.arms:
        values = values_of(answer.compared, metric, arm=each.arm)
        normal = lilliefors(values)
        t, p = (None, None) if each.arm == control else _pooled_t(values, reference)
        yield _Row(each.arm, each.n, each.sd, normal.statistic, normal.p_value, t, p)


def _their_rows() -> Iterator[_Row]:
    for arm, row in published.monte_carlo().iterrows():
        known = {str(name): None if math.isnan(each) else float(each) for name, each in row.items()}
        yield _Row(
            arm=str(arm),
            n=int(row["n"]),
            sd=math.sqrt(row["variance"]),
            normality=known["lilliefors_statistic"],
            normal_p=known["lilliefors_p"],
            t=known["t"],
            p=known["p"],
        )


def _pooled_t(values: Values, control: Values) -> tuple[float | None, float | None]:
    """Student's t of two samples with one variance: the root of F of their analysis of variance."""
    if len(values) == 0 or len(control) == 0:
        return (None, None)
    found = one_way({"arm": values, "control": control})
    if found.statistic is None:
        return (None, None)
    return (
        math.copysign(math.sqrt(found.statistic), values.mean() - control.mean()),
        found.p_value,
    )


def _number(name: str, value: float | None, decimals: int) -> Entry:
    return nothing_entry(name) if value is None else number_entry(name, value, decimals)


def _p(name: str, value: float | None) -> Entry:
    return nothing_entry(name) if value is None else p_entry(name, value)


PART = Part("monte-carlo", "Monte Carlo experiment", "mc_seeds", of_comparisons(make))
