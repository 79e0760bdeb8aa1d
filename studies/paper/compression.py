"""Compression: what cutting blocks off costs, and whether a teacher lowers the price."""

from collections.abc import Iterator
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
from studies.paper.latency import METRIC, Timed, batch_sizes, timed
from studies.paper.material import Material
from studies.paper.pareto_table import pareto_table
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import column, comparison_table, explained, values_of
from studies.paper.words import PAPER, about

REMOVED = "blocks_removed"
FACTOR = "compression_factor"
LATENCIES = "latency"

_DECADES = 30.0
"""Above this ratio of largest to smallest mean, an axis is logarithmic."""


def make(answer: Answer, results: Comparisons, material: Material) -> Iterator[Item]:
    """Yield accuracies by factor and arm, their tests, the figures, and what the paper printed."""
    best = find_best(results, answer.compared)
    yield PaperTable("compression", _means(answer, results, best))
    caption = "Compression: every arm against the control, at each number of blocks removed."
    tests = comparison_table(answer, results, "compression-tests", caption, best=best)
    yield PaperTable("compression-tests", tests)
    points = _points(answer, results)
    if len(points):
        yield _accuracy_figure(answer, points)
    yield from _speed(answer, points, material)
    yield from _pareto(answer)
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


def _accuracy_figure(answer: Answer, points: pd.DataFrame) -> PaperFigure:
    metric = answer.study.protocol.metric
    x = "compression factor"
    return PaperFigure(
        "compression-accuracy",
        sweep(points, x=x, y=metric, log_x=_spans_decades(points["x"])),
        f"Mean {metric} of every arm against the compression factor, with its interval. "
        f"{about(answer)}",
        describe_sweep(points, x=x, y=metric),
    )


def _speed(answer: Answer, points: pd.DataFrame, material: Material) -> Iterator[Item]:
    """Yield the figures that need the study of latencies, or say that it is missing."""
    latencies = material.answer(LATENCIES)
    known = timed(latencies) if latencies is not None else ()
    if latencies is None or not known:
        yield Words(
            "Speed-up against factor, and accuracy against inference time, need the study "
            f"{LATENCIES}, which has no results yet: `{material.command(LATENCIES)}`.",
            is_caution=True,
        )
        return
    yield from _speedup_figure(latencies, known)
    largest = max(batch_sizes(latencies))
    times = {each.blocks_removed: each for each in known if each.batch_size == largest}
    yield from _time_figure(answer, points, times, largest)


def _speedup_figure(latencies: Answer, known: tuple[Timed, ...]) -> Iterator[Item]:
    rows = []
    for each in known:
        factors = values_of(latencies.compared, FACTOR, arm=each.arm)
        if each.speedup is None or len(factors) == 0:
            continue
        found = each.speedup
        rows.append(
            {
                "x": float(factors.mean()),
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "n": found.n,
                "group": f"batch of {each.batch_size}",
            }
        )
    if not rows:
        return
    points = pd.DataFrame(rows)
    x, y = "compression factor", "speed-up"
    yield PaperFigure(
        "compression-speed",
        sweep(points, x=x, y=y, log_x=_spans_decades(points["x"])),
        "Measured speed-up, the teacher's latency over the student's, against the compression "
        f"factor, warm, with its interval over trials. {about(latencies)}",
        describe_sweep(points, x=x, y=y),
    )


def _time_figure(
    answer: Answer, points: pd.DataFrame, times: dict[int, Timed], batch: int
) -> Iterator[Item]:
    rows = [
        {
            "cost": times[int(row[REMOVED])].latency.mean,
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
    x = f"{METRIC}, batch of {batch}"
    yield PaperFigure(
        "compression-time",
        trade_off(frame, x=x, y=metric, log_x=_spans_decades(frame["cost"])),
        f"Mean {metric} with its interval against the mean latency of a batch of {batch} images; "
        f"k is the number of blocks removed. Latency is that of the architecture, the same in "
        f"every arm. {about(answer)}",
        describe_trade_off(frame, x=x, y=metric),
    )


def _pareto(answer: Answer) -> Iterator[Item]:
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
    yield PaperTable("compression-pareto", pareto_table(front, "compression-pareto", about(answer)))
    metric = answer.study.protocol.metric
    others = [name for name in known if name != metric] if metric in known else []
    for number, other in enumerate(others, 1):
        yield _front_figure(answer, front, (other, metric), f"compression-pareto-{number}")


def _front_figure(
    answer: Answer, front: ParetoFront, axes: tuple[str, str], stem: str
) -> PaperFigure:
    x, y = axes
    means = pd.Series([each.means[x].mean for each in front.configurations if each.n])
    return PaperFigure(
        stem,
        pareto_front(front, x, y, log_x=_spans_decades(means)),
        f"{y} against {x}: filled marks are on the front by their means, a ring is the knee, and a "
        f"mark's size is the probability of being on the front. {about(answer)}",
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
