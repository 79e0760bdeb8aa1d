"""The sweeps of the overlay's probability and of the weight of attention transfer."""

from collections.abc import Iterator, Sequence

import pandas as pd

from analysis import Comparisons
from analysis.figures import Reference, sweep
from analysis.presentation.alt_text_sweeps import describe_sweep
from analysis.publication.columns import Column
from analysis.publication.comparison_columns import Row
from analysis.publication.entries import number_entry
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from studies.paper import published
from studies.paper.material import Material
from studies.paper.parts import Make, Part, of_comparisons
from studies.paper.tables import arm_rows, column, comparison_table
from studies.paper.words import UNTESTED, about_runs, level, parameter


def _make(swept: str, symbol: str, stem: str, header: str) -> Make:
    """Return what makes the part that sweeps one parameter.

    Args:
        swept: the parameter.
        symbol: what the paper calls it.
        stem: of the files of table and figure.
        header: of its column, which has to differ from the p of a test.
    """

    def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
        control = results.protocol.control
        rows = arm_rows(results)
        extra = {"arm": [_values(rows, answer, swept, header)]}
        caption = f"Sweep of {symbol} ({swept}), each value against {control}."
        table = comparison_table(answer, results, stem, caption, extra)
        yield PaperTable(stem, table)
        yield from _figure(answer, results, swept, (symbol, stem))
        theirs = published.chosen().get(swept)
        if theirs is not None:
            yield Words(
                f"The paper chose {symbol} = {theirs:g}, by accuracy on the test set. Here every "
                "value is tested, and none is selected."
            )

    return of_comparisons(make)


def _values(rows: Sequence[Row], answer: Answer, swept: str, header: str) -> Column:
    entries = [number_entry(swept, parameter(answer.study, row.arm.arm, swept)) for row in rows]
    return column(header, entries)


def _figure(
    answer: Answer, results: Comparisons, swept: str, names: tuple[str, str]
) -> Iterator[Item]:
    symbol, stem = names
    rows = [
        {
            "x": parameter(answer.study, each.arm, swept),
            "mean": each.mean,
            "low": each.ci_low,
            "high": each.ci_high,
            "n": each.n,
        }
        for each in results.arms
        if each.mean is not None
    ]
    if not rows:
        return
    control = next((each for each in results.arms if each.arm == results.protocol.control), None)
    reference = None
    if control is not None and control.mean is not None:
        reference = Reference(
            control.mean, control.ci_low, control.ci_high, control.n, f"{symbol} = 0"
        )
    points = pd.DataFrame(rows)
    x, y = f"{symbol} ({swept})", results.protocol.metric
    yield PaperFigure(
        stem,
        sweep(points, x=x, y=y, reference=reference, level=1 - results.protocol.alpha),
        f"Mean {results.protocol.metric} against {symbol}, with its {level(results)} interval; the "
        f"level line is the arm {results.protocol.control}. {about_runs(answer, results)} "
        f"{UNTESTED} Intervals of two means say little of their difference, which the table tests "
        "by pairs.",
        describe_sweep(points, x=x, y=y, reference=reference),
    )


OVERLAY = Part(
    "overlay",
    "How often images are overlaid",
    "overlay",
    _make("overlay_probability", "p", "overlay", "overlay p"),
)
ATTENTION = Part(
    "attention",
    "How strongly attention is transferred",
    "attention",
    _make("attention_weight", "γ", "attention", "γ"),
)
