"""How many seeds a next study needs, and what the best of n grows to."""

from collections.abc import Iterator, Mapping

from analysis import Comparisons
from analysis.best_of_n import BestOfN, expected_best
from analysis.drawing import stream
from analysis.figures import best_of_n
from analysis.inference.paired import Floats
from analysis.planning import StudyPlan, plan_comparisons
from analysis.presentation.alt_text_curves import describe_best_of_n, describe_power_curve
from analysis.presentation.plans import PLAN_COLUMNS, plan_figure, plan_rows, plan_sentence, widest
from analysis.presentation.svg import to_svg
from analysis.results import cell_label
from analysis.runs import Cell, finite_values, read_runs
from harness.answer import Answer
from harness.reports.blocks import Block, Paragraph, Picture, Section, Table, Unfold

_MOST_PANELS = 4

# Time and memory of the curve grow with the square of the runs: 3 s and 0.4 GB an arm here.
_MOST_RUNS = 2000


def sections(answer: Answer, results: Comparisons) -> Iterator[Section]:
    """How many seeds the declared effect needs, and the expected best of k runs."""
    if results.protocol.smallest_effect is not None and results.comparisons:
        plan = plan_comparisons(
            answer.compared,
            results.protocol,
            within=tuple(answer.study.factors),
            arms=tuple(answer.study.arms),
        )
        if any(each.plan for each in plan.plans):
            yield Section("power", "How many seeds", tuple(_plan(plan, results)))
    blocks = tuple(_best(answer, results))
    if blocks:
        yield Section("best-of-n", "Best of n", blocks)


def _plan(plan: StudyPlan, results: Comparisons) -> Iterator[Block]:
    yield Paragraph(plan_sentence(plan, results.protocol))
    yield Table(
        "Seeds needed",
        "Planned from the spread of the differences between the runs of this page as a pilot, for "
        "a paired t-test at the level that the correction may ask for. The effect planned for is "
        "the declared one, not the one that these runs happen to show. "
        f"In this table, {PLAN_COLUMNS}",
        plan_rows(plan),
    )
    largest = widest(plan)
    found = largest.plan if largest else None
    if largest is None or found is None:
        return
    text = describe_power_curve(found.curve, target=found.power, seeds_needed=found.seeds_needed)
    yield Picture(
        to_svg(plan_figure(plan, results.protocol), text),
        f"Power against the number of pairs for {largest.label}, the comparison whose differences "
        "spread most.",
    )


def _best(answer: Answer, results: Comparisons) -> Iterator[Block]:
    cells = list(_values(answer, results))
    if not cells:
        return
    yield Paragraph(
        "The best of n runs grows with n whatever the method, so it is no result; arms can be "
        "compared at equal k only. Near k = n the interval cannot pass the best run seen."
    )
    metric = results.protocol.metric
    largest = max(len(each) for _, values in cells for each in values.values())
    if largest > _MOST_RUNS:
        yield Paragraph(
            f"No curve is drawn for up to {largest} runs of an arm: with more than {_MOST_RUNS}, "
            "its resamples take minutes. `analysis.expected_best(values, up_to=k)` gives the "
            "expected best of a few k."
        )
        return
    if len(cells) > _MOST_PANELS:
        yield Paragraph(f"{_MOST_PANELS} of {len(cells)} combinations of levels are shown.")
    for cell, values in cells[:_MOST_PANELS]:
        curves, label = _curves(cell, values, results), cell_label(cell)
        points = {arm: curve.points for arm, curve in curves.items()}
        picture = Picture(
            to_svg(best_of_n(points, metric), describe_best_of_n(points, metric)),
            f"Expected best {metric} of k runs{label}, without bias, with its 95 % bootstrap "
            "interval.",
        )
        yield Unfold(f"Expected best of k runs{label}", (picture,))


def _values(answer: Answer, results: Comparisons) -> Iterator[tuple[Cell, dict[str, Floats]]]:
    """Yield every combination of levels with the values of the arms that have two or more."""
    metric, factors = results.protocol.metric, tuple(answer.study.factors)
    for runs in read_runs(answer.compared, metric=metric, arm="arm", block="seed", within=factors):
        values = {arm: finite_values(runs.of(arm)) for arm in answer.study.arms}
        known = {arm: each for arm, each in values.items() if len(each) > 1}
        if known:
            yield runs.cell, known


def _curves(cell: Cell, values: Mapping[str, Floats], results: Comparisons) -> dict[str, BestOfN]:
    direction = results.protocol.direction
    return {
        arm: expected_best(each, direction=direction, rng=stream(0, "best of n", arm, cell))
        for arm, each in values.items()
    }
