"""Plans of seeds as a table and a sentence."""

from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.planning import ComparisonPlan, StudyPlan
from analysis.presentation.numbers import count_of, format_number, format_percent
from analysis.presentation.text_table import aligned
from analysis.protocol import Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = tuple[str, ...]

PLAN_COLUMNS = (
    "sd is that of the pilot's differences; seeds is how many an arm takes if it is right, and "
    "seeds at upper sd if it is as large as the upper end of its interval; detectable is the "
    "smallest difference that as many pairs as the pilot has find with that probability."
)
"""What the columns of a plan hold, in a sentence."""


def plan_rows(plan: StudyPlan) -> tuple[Row, ...]:
    """Return one row a comparison, a header first; `PLAN_COLUMNS` says what the columns hold."""
    header = (
        "comparison",
        "pilot pairs",
        "sd",
        "seeds",
        "seeds at upper sd",
        "detectable",
    )
    return (header, *(_row(each) for each in plan.plans))


def plan_sentence(plan: StudyPlan, protocol: Protocol) -> str:
    """Say how many seeds are enough for all comparisons."""
    family = plan.family_size
    where = "the comparison" if family == 1 else f"each of {family} comparisons"
    goal = (
        f"a difference of {plan.effect:g} in {protocol.metric} with a probability of "
        f"{format_percent(plan.power)} in {where}"
    )
    needed = plan.seeds_needed
    if needed is None:
        return f"No number of seeds that can be planned for is known to show {goal}."
    text = f"To show {goal}, {needed} seeds an arm are enough if the spread is as in the pilot."
    unplanned = count_of(sum(each.plan is None for each in plan.plans), "comparison")
    return text if unplanned.startswith("0") else f"{text} It cannot tell for {unplanned}."


def plan_text(plan: StudyPlan, protocol: Protocol) -> str:
    """Return the sentence, the table and every comparison's plan as plain text."""
    columns = f"In the table, {PLAN_COLUMNS}"
    blocks = [plan_sentence(plan, protocol), aligned(plan_rows(plan)), columns]
    blocks += [f"{each.label}: {each.plan or each.reason}" for each in plan.plans]
    return "\n\n".join(blocks)


def plan_figure(plan: StudyPlan, protocol: Protocol) -> "Figure":
    """Draw power against the number of pairs, for the comparison whose differences spread most.

    Raises:
        AnalysisError: no comparison could be planned.
    """
    from analysis.figures import power_curve

    found = widest(plan)
    if found is None or found.plan is None:
        raise AnalysisError("No comparison could be planned, so there is no power to draw.")
    return power_curve(
        found.plan.curve,
        target=found.plan.power,
        seeds_needed=found.plan.seeds_needed,
        smallest_effect=plan.effect,
        metric=protocol.metric,
        alpha=found.plan.alpha,
    )


def widest(plan: StudyPlan) -> ComparisonPlan | None:
    """Return the planned comparison whose differences spread most; None when none was planned."""
    planned = [each for each in plan.plans if each.plan is not None]
    return max(planned, key=lambda each: each.plan.sd if each.plan else 0.0, default=None)


def _row(each: ComparisonPlan) -> Row:
    if each.plan is None:
        return (each.label, *("n/a",) * 5)
    plan = each.plan
    return (
        each.label,
        str(plan.pilot_n),
        f"{plan.sd:.3g}",
        _seeds(plan.seeds_needed),
        _seeds(plan.seeds_needed_at_sd_high),
        "none"
        if plan.minimal_detectable_effect is None
        else f"{plan.minimal_detectable_effect:.3g}",
    )


def _seeds(number: int | None) -> str:
    return "out of reach" if number is None else format_number(number, 0)
