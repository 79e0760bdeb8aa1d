"""The ablation: what each part of the method contributes."""

from collections.abc import Iterator, Sequence

import numpy as np

from analysis import Comparisons, Protocol, TestResult, compare
from analysis.figures import differences, distributions
from analysis.presentation.alt_text import describe_differences, describe_distributions
from analysis.presentation.numbers import decimals_for
from analysis.publication import PublicationTable
from analysis.publication.columns import Column, text_column
from analysis.publication.comparison_columns import Row
from analysis.publication.entries import (
    Entry,
    nothing_entry,
    number_entry,
    p_entry,
    spread_entry,
)
from analysis.results import ArmSummary
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable
from studies.paper import published
from studies.paper.material import Material
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import arm_rows, column, comparison_table, explained, values_of
from studies.paper.words import HERE, PAPER, THERE, UNTESTED, about_runs, level, tested

TEACHER = "test_teacher_accuracy"


def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
    """Yield the table of arms, the paper's own way of testing, and the figures."""
    rows = arm_rows(results)
    extra = {"mean ± sd": [_best(rows), _beside_teacher(rows, answer)]}
    if results.protocol.test != "permutation":
        # Of a permutation test the statistic is the difference itself.
        extra[f"difference [{level(results)}]"] = [_statistic(rows)]
    caption = "Ablation: every combination of the treatments."
    yield PaperTable("ablation", comparison_table(answer, results, "ablation", caption, extra))
    yield PaperTable("ablation-paper", _papers_way(answer, results))
    yield PaperFigure(
        "ablation-runs",
        distributions(answer.compared, results),
        f"Every run of the ablation, with quartiles, and each arm's mean with its {level(results)} "
        f"interval. {about_runs(answer, results)} {UNTESTED}",
        describe_distributions(results),
    )
    if results.comparisons:
        yield PaperFigure(
            "ablation-differences",
            differences(results),
            f"Difference of every arm to {results.protocol.control}, with its paired "
            f"{level(results)} interval, not corrected; the mark's shape says how the protocol "
            f"decides. {about_runs(answer, results)} {tested(results)}",
            describe_differences(results),
        )


def _best(rows: Sequence[Row]) -> Column:
    entries = [number_entry("best", row.arm.best, _decimals(row.arm)) for row in rows]
    words = "Best: the best of n runs, which grows with n and is no result."
    return column("best of n", entries, words)


def _beside_teacher(rows: Sequence[Row], answer: Answer) -> Column:
    """Each arm's mean less the accuracy of the teacher that all trials share."""
    teachers = np.unique(values_of(answer.compared, TEACHER))
    name = "difference_to_teacher"
    if len(teachers) != 1:
        reason = "trials report none" if len(teachers) == 0 else "trials have several teachers"
        entries = [nothing_entry(name) for _ in rows]
        return column("Δ teacher", entries, f"Δ teacher: no number, because {reason}.")
    teacher = float(teachers[0])
    entries = [
        number_entry(
            name, None if row.arm.mean is None else row.arm.mean - teacher, _decimals(row.arm)
        )
        for row in rows
    ]
    words = f"Δ teacher: the arm's mean less the one teacher's {teacher:.4g}, whose own spread "
    return column("Δ teacher", entries, words + "is in no interval.", latex=r"$\Delta$ teacher")


def _statistic(rows: Sequence[Row]) -> Column:
    entries = [
        nothing_entry("statistic")
        if row.comparison is None
        else number_entry("statistic", row.comparison.statistic, 4)
        for row in rows
    ]
    return column("statistic", entries, "Statistic: of the test that decides.", rank=2)


def _papers_way(answer: Answer, results: Comparisons) -> PublicationTable:
    """The paper's paired t-test on our runs, and on its own, which share nothing."""
    runs = published.ablation_runs()
    asked = Protocol("test_accuracy", "maximize", "student", test="t", correction="none")
    theirs = compare(runs, asked, block="run", arms=tuple(dict.fromkeys(runs["arm"])))
    groups = ((HERE, results), (THERE, theirs))
    rows = [(name, source, arm) for name, source in groups for arm in source.arms if not arm.cell]
    tests = [_paired_t(source, arm.arm) for _, source, arm in rows]
    places = [min(map(_decimals, source.arms)) for _, source, _ in rows]
    table = PublicationTable(
        columns=(
            text_column("arm", [arm.arm for _, _, arm in rows]),
            column("n", [number_entry("n", arm.n, 0) for _, _, arm in rows]),
            column(
                "best of n",
                [
                    number_entry("best", arm.best, decimals)
                    for (_, _, arm), decimals in zip(rows, places, strict=True)
                ],
            ),
            column(
                "mean ± sd",
                [
                    spread_entry(arm.mean, arm.sd, decimals)
                    for (_, _, arm), decimals in zip(rows, places, strict=True)
                ],
            ),
            column("t", [_statistic_of(each) for each in tests]),
            column("p", [_p_of(each) for each in tests]),
        ),
        caption=(
            "The paper's way of testing the ablation: a paired t-test against "
            f"{results.protocol.control}, not corrected for the number of arms. Ours pairs runs of "
            "one seed; the paper's pairs runs by their numbers, which share nothing. The best of n "
            f"runs is no result. {about_runs(answer, results)} {PAPER} "
            "Accuracies there are in per cent; t and p are computed here from its runs."
        ),
        label="tab:ablation-paper",
        groups=tuple(name for name, _, _ in rows),
        row_names=tuple(arm.arm for _, _, arm in rows),
        subject=results.protocol.metric,
    )
    return explained(table, "the control, or nothing to test.")


def _paired_t(results: Comparisons, arm: str) -> TestResult | None:
    """The paired t-test of an arm against the control, whichever test the protocol declares."""
    control = results.protocol.control
    for each in results.comparisons:
        if (each.arm, each.reference) == (arm, control):
            return next((test for test in each.tests if test.name == "paired_t"), None)
    return None


def _statistic_of(test: TestResult | None) -> Entry:
    return nothing_entry("t") if test is None else number_entry("t", test.statistic, 2)


def _p_of(test: TestResult | None) -> Entry:
    return nothing_entry("p") if test is None else p_entry("p", test.p_value)


def _decimals(summary: ArmSummary) -> int:
    return min(6, decimals_for(summary.standard_error, summary.mean))


PART = Part("ablation", "Ablation", "ablation", of_comparisons(make))
