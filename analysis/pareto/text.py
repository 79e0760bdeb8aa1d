"""A Pareto analysis as plain text: what was asked, a table, and what it shows."""

from analysis.inference.student_t import MeanInterval
from analysis.pareto.result import Configuration, ParetoFront
from analysis.presentation.numbers import (
    MISSING,
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_percent,
)
from analysis.presentation.text_table import aligned

Row = tuple[str, ...]

_MOST_NAMED = 2
_RESAMPLED = {"blocks": "whole blocks", "runs": "runs within each configuration"}


def as_text(front: ParetoFront) -> str:
    """Return the heading, the table, the sentences and what to beware of."""
    blocks = [heading(front), aligned(rows(front)), "\n".join(sentences(front))]
    blocks += ["\n".join(f"Note: {each}" for each in front.warnings)]
    return "\n\n".join(each for each in blocks if each)


def heading(front: ParetoFront) -> str:
    """Return what was asked, in one line."""
    wanted = ", ".join(
        f"{name} ({'higher' if direction == 'maximize' else 'lower'} is better)"
        for name, direction in front.objectives.items()
    )
    return f"Pareto front of {count_of(len(front.configurations), 'configuration')} in {wanted}"


def rows(front: ParetoFront) -> tuple[Row, ...]:
    """Return the table, its header first, every number as it is to be shown."""
    level = format_percent(front.level)
    columns = [part for name in front.objectives for part in (f"mean {name}", f"{level} interval")]
    header = ("configuration", "n", *columns, "front", "P(front)", "dominated by")
    return (header, *(_row(each) for each in front.configurations))


def sentences(front: ParetoFront) -> tuple[str, ...]:
    """Return what the analysis shows, in sentences that say no more than that."""
    found = (_members(front), _probability(front), _knee(front), _volume(front))
    return tuple(each for each in found if each)


def format_share(share: float | None) -> str:
    """Return a share of resamples with two decimals; never 0 or 1 where it is only near them."""
    if share is None:
        return MISSING
    if 0 < share < 0.005:
        return "< 0.01"
    if 0.995 <= share < 1:
        return "> 0.99"
    return f"{share:.2f}"


def _row(each: Configuration) -> Row:
    cells: list[str] = []
    for summary in each.means.values():
        decimals = decimals_for(summary.standard_error, summary.mean)
        cells += [format_number(summary.mean, decimals), _interval(summary, decimals)]
    left_out = f" ({each.missing} left out)" if each.missing else ""
    mark = "knee" if each.is_knee else "yes" if each.on_front else "no"
    share = format_share(each.probability_on_front)
    above = ", ".join(each.dominated_by[:_MOST_NAMED])
    if len(each.dominated_by) > _MOST_NAMED:
        above += f" and {len(each.dominated_by) - _MOST_NAMED} more"
    return (each.label, f"{each.n}{left_out}", *cells, mark if each.n else MISSING, share, above)


def _interval(summary: MeanInterval, decimals: int) -> str:
    if summary.n > 1 and summary.low is None:
        return "constant"
    return format_interval(summary.low, summary.high, decimals)


def _members(front: ParetoFront) -> str:
    members = [each.label for each in front.front]
    if not members:
        return "No configuration has a complete run, so there is no front."
    if len(members) == 1:
        return f"{members[0]} dominates all others or equals them: its mean is the whole front."
    known = sum(each.n > 0 for each in front.configurations)
    names = ", ".join(members)
    return f"{len(members)} of {known} configurations are on the front by their means: {names}."


def _probability(front: ParetoFront) -> str | None:
    if front.resampling == "none":
        return None
    return (
        f"P(front) is the share of {front.resamples} resamples of "
        f"{_RESAMPLED[front.resampling]} in which no other mean dominates the configuration's."
    )


def _knee(front: ParetoFront) -> str | None:
    if front.knee is None:
        return None if not front.front else "The front has no knee, on the objectives' own scales."
    return f"The knee, where the front bends most, is {front.knee}."


def _volume(front: ParetoFront) -> str | None:
    volume = front.hypervolume
    if volume is None:
        return None
    text = f"Hypervolume {volume.value:.4g}"
    if volume.low is not None and volume.high is not None:
        level = format_percent(front.level)
        text += f" ({level} interval {volume.low:.4g} to {volume.high:.4g})"
    point = ", ".join(f"{name} {value:.4g}" for name, value in volume.reference.items())
    return f"{text} up to the reference point {point} ({volume.chosen})."
