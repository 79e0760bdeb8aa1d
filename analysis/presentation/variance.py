"""Variances by source as tables and sentences."""

from collections.abc import Sequence

from analysis.presentation.numbers import count_of, format_percent
from analysis.presentation.text_table import aligned
from analysis.results import cell_label
from analysis.variance.by_arm import ArmSources, BlockShare
from analysis.variance.source_results import Source

Row = tuple[str, ...]


def source_rows(each: ArmSources) -> tuple[Row, ...]:
    """Return one row a source, everything at once last, a header first."""
    rows = [*each.sources.sources, *([each.sources.total] if each.sources.total else [])]
    return (("source", "n", "sd", "interval of the sd", "share"), *map(_source_row, rows))


def source_sentence(each: ArmSources, metric: str) -> str:
    """Say which source brings most, and whether the sources add up to the whole."""
    label = f"{each.arm}{cell_label(each.cell)}"
    known = [source for source in each.sources.sources if source.variance]
    if not known:
        return f"{label}: no declared source moves {metric} at all."
    largest = max(known, key=lambda source: source.variance or 0.0)
    share = (
        "" if largest.share is None else f", {format_percent(round(largest.share, 2))} of the sum"
    )
    text = (
        f"{label}: the largest of the sources measured is {largest.name} "
        f"(sd {_number(largest.sd)}{share})."
    )
    ratio = each.sources.ratio
    if ratio is None:
        return text
    low, high = each.sources.ratio_low, each.sources.ratio_high
    by_chance = low is not None and high is not None and low <= 1 <= high
    return (
        f"{text} Runs that draw everything anew have {ratio:.2f} times the variance that the other "
        f"sources add up to (interval {_number(low)} to {_number(high)}, so that "
        f"{'chance may account for the rest' if by_chance else 'they act on each other'})."
    )


def share_sentence(share: BlockShare, metric: str, block: str) -> str:
    """Say what pairing by block gains, and no more."""
    label = cell_label(share.cell)
    if share.correlation is None:
        return f"{metric}{label} does not vary at all within its arms."
    gain = 1 - share.correlation
    return (
        f"Over {count_of(share.blocks, 'block')} and {count_of(len(share.arms), 'arm')}, "
        f"{format_percent(round(share.correlation, 2))} of the variance of {metric}{label} is "
        f"common to the runs of one {block}: pairing leaves a difference {gain:.2f} times the "
        "variance that it would have without."
    )


def variance_text(
    arms: Sequence[ArmSources], shares: Sequence[BlockShare], metric: str, block: str
) -> str:
    """Return everything as plain text."""
    blocks = []
    for each in arms:
        blocks += [source_sentence(each, metric), aligned(source_rows(each))]
        blocks += [f"Note: {note}" for note in each.sources.warnings]
    for share in shares:
        blocks.append(share_sentence(share, metric, block))
        blocks += [f"Note: {note}" for note in share.components.notes]
    return "\n\n".join(blocks)


def _source_row(source: Source) -> Row:
    interval = "n/a" if source.low is None else f"{_number(source.low)} to {_number(source.high)}"
    share = "" if source.share is None else format_percent(round(source.share, 2))
    return (source.name, str(source.n), _number(source.sd), interval, share)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3g}"
