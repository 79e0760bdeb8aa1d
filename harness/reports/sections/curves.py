"""How the metrics went while the trials ran."""

from collections.abc import Iterator

import pandas as pd

from analysis.figures import learning_curves
from analysis.presentation.alt_text_curves import describe_learning_curves
from analysis.presentation.curves import summarise_curves
from analysis.presentation.svg import to_svg
from harness.answer import Answer
from harness.evidence import curve_metrics, curves
from harness.reports.blocks import Block, Heading, Paragraph, Picture, Section
from harness.store.reading import ResultsReader

_MOST_FIGURES = 8


def sections(answer: Answer, store: ResultsReader) -> Iterator[Section]:
    """One figure a metric and combination of levels, if trials kept learning curves."""
    drawn = list(_curves(answer, store))
    if not drawn:
        return
    blocks: list[Block] = [
        Paragraph(
            "The band is the t interval of the mean at each step by itself, and none for a curve "
            "as a whole. Where a test metric is drawn, no step may be chosen by it."
        )
    ]
    for title, metric, rows in drawn[:_MOST_FIGURES]:
        blocks += [Heading(title), _picture(rows, metric, answer.study.protocol.control)]
    if len(drawn) > _MOST_FIGURES:
        blocks.append(Paragraph(f"{_MOST_FIGURES} of {len(drawn)} figures are shown."))
    yield Section("curves", "Learning curves", tuple(blocks))


def _curves(answer: Answer, store: ResultsReader) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the title, the metric and the points of every figure there could be."""
    if "curves" not in store.kept(answer.study.name):
        return
    for metric in curve_metrics(answer.study, store, trials=answer.complete):
        frame = curves(answer.study, store, metric, trials=answer.complete).rename(
            columns={"value": metric}
        )
        for label, rows in _cells(answer, frame):
            yield f"{metric}{label}", metric, rows


def _cells(answer: Answer, frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    factors = list(answer.study.factors)
    if not factors:
        yield "", frame
        return
    for levels, rows in frame.groupby(factors, sort=True):
        shown = ", ".join(f"{name} = {level}" for name, level in zip(factors, levels, strict=True))
        yield f" ({shown})", rows


def _picture(rows: pd.DataFrame, metric: str, control: str) -> Picture:
    text = describe_learning_curves(summarise_curves(rows, metric), metric)
    steps = rows["step"].nunique()
    caption = f"Mean {metric} of every arm at each of {steps} steps, with its 95 % t interval."
    return Picture(to_svg(learning_curves(rows, metric, control=control), text), caption)
