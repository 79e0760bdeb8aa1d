"""Compression: what cutting blocks off costs, and whether a teacher lowers the price."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis import Comparisons
from analysis.figures import pareto_front, sweep, trade_off
from analysis.pareto import ParetoFront, pareto
from analysis.presentation.alt_text_pareto import describe_pareto_front
from analysis.presentation.alt_text_sweeps import describe_sweep, describe_trade_off
from analysis.publication import PublicationTable
from analysis.publication.best_arms import BestArms, find_best
from analysis.publication.columns import text_column
from analysis.publication.entries import Entry, nothing_entry, number_entry
from analysis.publication.means import means_table
from analysis.results import ArmSummary
from analysis.runs import Cell
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from studies.paper import published
from studies.paper.compression_sizes import (
    FACTOR,
    LATENCY,
    LATENCY_WORDS,
    REMOVED,
    Size,
    sizes_by_removed,
    sizes_table,
)
from studies.paper.material import Material
from studies.paper.pareto_table import pareto_table
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import column, comparison_table, explained, values_of
from studies.paper.words import PAPER, UNTESTED, about, about_runs, dataset, level

_DECADES = 30.0
"""Above this ratio of largest to smallest mean, an axis is logarithmic."""


def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
    """Yield accuracies by factor and arm, their tests, the figures, and what the paper printed."""
    best = find_best(results, answer.compared)
    yield PaperTable("compression", _means(answer, results, best))
    caption = "Compression: every arm against the control, at each number of blocks removed."
    tests = comparison_table(answer, results, "compression-tests", caption, best=best)
    yield PaperTable("compression-tests", tests)
    sizes = sizes_by_removed(answer)
    yield PaperTable("compression-sizes", sizes_table(answer, sizes))
    points = _points(answer, results)
    if len(points):
        yield _accuracy_figure(answer, results, points)
    yield from _speed(answer, results, points, sizes)
    yield from _pareto(answer, results)
    yield PaperTable("compression-paper", _printed())


def _means(answer: Answer, results: Comparisons, best: BestArms) -> PublicationTable:
    def factor(cell: Cell) -> Entry:
        values = values_of(answer.compared, FACTOR, **dict(cell))
        found = float(values.mean()) if len(values) else None
        return number_entry(FACTOR, found, 2)

    table = means_table(
        results,
        answer.compared,
        label="tab:compression",
        caption="Compression by blocks removed (k); the factor is the teacher's parameters over "
        f"the student's. {about(answer)}",
        beside={"factor": factor},
        best=best,
    )
    first, *others = table.columns
    return replace(table, columns=(replace(first, header="k"), *others))


def _points(answer: Answer, results: Comparisons) -> pd.DataFrame:
    """One row an arm and number of blocks removed, with its compression factor as x."""
    rows = []
    for summary in results.arms:
        cell = dict(summary.cell)
        factors = values_of(answer.compared, FACTOR, arm=summary.arm, **cell)
        if summary.mean is None or len(factors) == 0 or REMOVED not in cell:
            continue
        rows.append({"x": float(factors.mean()), **_interval(summary), REMOVED: cell[REMOVED]})
    return pd.DataFrame(rows)


def _interval(summary: ArmSummary) -> dict[str, object]:
    return {
        "mean": summary.mean,
        "low": summary.ci_low,
        "high": summary.ci_high,
        "n": summary.n,
        "group": summary.arm,
    }


def _accuracy_figure(answer: Answer, results: Comparisons, points: pd.DataFrame) -> PaperFigure:
    metric = answer.study.protocol.metric
    x = "compression factor"
    return PaperFigure(
        "compression-accuracy",
        sweep(points, x=x, y=metric, log_x=_spans_decades(points["x"]), level=_level(results)),
        f"Mean {metric} of every arm against the compression factor, with its {level(results)} "
        f"interval. {about_runs(answer, results)} {UNTESTED}",
        describe_sweep(points, x=x, y=metric),
    )


def _speed(
    answer: Answer, results: Comparisons, points: pd.DataFrame, sizes: Sequence[Size]
) -> Iterator[Item]:
    """Yield the figures of time, by what the trials themselves measured."""
    times = {each.removed: each.latency_ms for each in sizes if each.latency_ms}
    if not times:
        yield Words(
            f"No trial returned {LATENCY}: there is neither speed-up against factor nor accuracy "
            "against inference time.",
            is_caution=True,
        )
        return
    yield _speedup_figure(answer, [each for each in sizes if each.removed in times])
    yield from _time_figure(answer, results, points, times)


def _speedup_figure(answer: Answer, sizes: Sequence[Size]) -> PaperFigure:
    """The gain in time beside the gain in arithmetic, over the largest of the students."""
    first = sizes[0]
    rows = [
        {"x": each.factor, "mean": gain, "low": None, "high": None, "group": name}
        for name, quantity in (("latency", "latency_ms"), ("multiply-adds", "multiply_adds"))
        for each in sizes
        if (gain := _gain(first, each, quantity)) is not None and each.factor is not None
    ]
    points = pd.DataFrame(rows)
    x, y = "compression factor", f"gain over k = {first.removed}"
    return PaperFigure(
        "compression-speed",
        sweep(points, x=x, y=y, log_x=_spans_decades(points["x"]), level=None),
        f"Speed-up against the compression factor: the latency of k = {first.removed}, the largest "
        "of these students, over each one's, and the same ratio of multiply-adds. "
        f"{LATENCY_WORDS} The speed-up over the teacher is in the part on sizes and speed. "
        f"Data: networks for {dataset(answer.study)}; n = 1 measurement a network and machine, so "
        f"that there is no interval. {UNTESTED}",
        describe_sweep(points, x=x, y=y),
    )


def _level(results: Comparisons) -> float:
    return 1 - results.protocol.alpha


def _gain(first: Size, other: Size, quantity: str) -> float | None:
    whole, part = getattr(first, quantity), getattr(other, quantity)
    return whole / part if whole and part else None


def _time_figure(
    answer: Answer, results: Comparisons, points: pd.DataFrame, times: Mapping[int, float]
) -> Iterator[Item]:
    rows = [
        {
            "cost": times[int(row[REMOVED])],
            **{name: row[name] for name in ("mean", "low", "high", "n")},
            "arm": row["group"],
            "label": f"k={int(row[REMOVED])}",
        }
        for _, row in points.iterrows()
        if int(row[REMOVED]) in times
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows)
    metric = answer.study.protocol.metric
    yield PaperFigure(
        "compression-time",
        trade_off(
            frame, x=LATENCY, y=metric, log_x=_spans_decades(frame["cost"]), level=_level(results)
        ),
        f"Mean {metric} with its {level(results)} interval against latency; k is the number of "
        f"blocks removed. {LATENCY_WORDS} It is that of the architecture, the same in every arm. "
        f"{about_runs(answer, results)} {UNTESTED}",
        describe_trade_off(frame, x=LATENCY, y=metric),
    )


def _pareto(answer: Answer, results: Comparisons) -> Iterator[Item]:
    settings = answer.study.pareto
    if settings is None:
        return
    known = {
        name: direction
        for name, direction in settings.objectives.items()
        if name in answer.compared and answer.compared[name].notna().any()
    }
    if absent := [name for name in settings.objectives if name not in known]:
        yield Words(f"No trial returned {', '.join(absent)}, which the study weighs as well.")
    if len(known) < 2:
        return
    front = pareto(answer.compared, known, configuration=("arm", *answer.study.factors))
    words = about_runs(answer, results)
    yield PaperTable("compression-pareto", pareto_table(front, "compression-pareto", words))
    metric = answer.study.protocol.metric
    others = [name for name in known if name != metric] if metric in known else []
    for number, other in enumerate(others, 1):
        yield _front_figure(words, front, (other, metric), f"compression-pareto-{number}")


def _front_figure(words: str, front: ParetoFront, axes: tuple[str, str], stem: str) -> PaperFigure:
    x, y = axes
    means = pd.Series([each.means[x].mean for each in front.configurations if each.n])
    return PaperFigure(
        stem,
        pareto_front(front, x, y, log_x=_spans_decades(means)),
        f"{y} against {x}: filled marks are on the front by their means, a ring is the knee, and a "
        f"mark's size is the probability of being on the front by {front.resamples} bootstrap "
        f"samples. {words} {UNTESTED}",
        describe_pareto_front(front),
    )


def _printed() -> PublicationTable:
    theirs = published.models()
    removed = [f"{each}" for each in theirs.index]
    arms = [name for name in ("student", "kd", "ig", "kd_ig") if name in theirs]

    def numbers(name: str, decimals: int | None) -> list[Entry]:
        return [
            nothing_entry(name) if pd.isna(each) else number_entry(name, float(each), decimals)
            for each in theirs[name]
        ]

    table = PublicationTable(
        columns=(
            text_column("k", removed),
            column("factor", numbers("compression_factor", 2)),
            column("teacher", numbers("teacher", 2)),
            *(column(arm, numbers(arm, 2)) for arm in arms),
            column("seconds", numbers("seconds_a_batch_of_64", 5)),
            column("speed-up", numbers("claimed_speedup", None)),
        ),
        caption=(
            f"{PAPER} Accuracy in per cent by blocks removed (k; 0 is the teacher) and arm, with "
            "neither n nor a spread; seconds for a batch of 64, and the speed-up it prints."
        ),
        label="tab:compression-paper",
        row_names=tuple(f"k {each}" for each in removed),
        subject="paper",
    )
    return explained(table, "the teacher is no student.")


def _spans_decades(values: "pd.Series[float]") -> bool:
    return bool(values.min() > 0 and values.max() / values.min() > _DECADES)


PART = Part("compression", "Compression", "compression", of_comparisons(make))
