"""Variances by source as tables and sentences."""

from collections.abc import Sequence
from math import inf

from analysis.presentation.numbers import count_of, format_number, format_percent
from analysis.presentation.text_table import aligned
from analysis.results import cell_label
from analysis.variance.by_arm import ArmSources, BlockShare
from analysis.variance.source_results import READINGS, Source

Row = tuple[str, ...]


def source_rows(each: ArmSources) -> tuple[Row, ...]:
    """Return one row a source, everything at once last, a header first."""
    rows = [*each.sources.sources, *([each.sources.total] if each.sources.total else [])]
    return (("source", "n", "sd", "interval of the sd", "share"), *map(_source_row, rows))


def source_sentence(each: ArmSources, metric: str) -> str:
    """Say which estimate is largest, how sure that is, and whether the sources add up."""
    label = f"{each.arm}{cell_label(each.cell)}"
    known = [source for source in each.sources.sources if source.variance is not None]
    if not known:
        return f"{label}: no source has runs enough to say how far it moves {metric}."
    largest = max(known, key=lambda source: source.variance or 0.0)
    if not largest.variance:
        return f"{label}: none of the sources measured moves {metric} at all."
    text = f"{label}: {_largest(largest, known)}"
    ratio, reading = each.sources.ratio, each.sources.reading
    if ratio is None or reading is None:
        return text
    low, high = each.sources.ratio_low, each.sources.ratio_high
    return (
        f"{text} Runs that draw everything anew have {ratio:.2f} times the variance that the "
        f"sources drawn alone add up to (interval {_number(low)} to {_number(high)}): "
        f"{READINGS[reading]}."
    )


def _largest(largest: Source, known: Sequence[Source]) -> str:
    share = (
        "" if largest.share is None else f", {format_percent(round(largest.share, 2))} of the sum"
    )
    estimate = f"{largest.name} (sd {_number(largest.sd)}{share})"
    others = [each for each in known if each is not largest]
    if not others:
        return f"only {estimate} can be estimated."
    if largest.low is not None and largest.low > max(map(_upper_end, others)):
        return f"the largest estimate is {estimate}; its interval lies above all others."
    return (
        f"the largest estimate is {estimate}; the intervals overlap, so another source may bring "
        "more."
    )


def _upper_end(source: Source) -> float:
    if source.high is not None:
        return source.high
    return inf if source.variance else 0.0


def source_notes(each: ArmSources) -> tuple[str, ...]:
    """Return what a reader has to know before trusting the variances, one sentence each."""
    missing = each.sources.missing
    left_out = f"{count_of(missing, 'run')} without a finite value left out."
    return (*each.sources.warnings, *((left_out,) if missing else ()))


def share_sentence(share: BlockShare, metric: str, block: str) -> str:
    """Say what the runs of one block have in common, and what pairing gains or costs."""
    label = cell_label(share.cell)
    if share.correlation is None:
        return f"{metric}{label} does not vary at all within its arms."
    correlation, low, high = share.correlation, share.correlation_low, share.correlation_high
    known = low is not None and high is not None
    over = f"Over {count_of(share.blocks, 'block')} and {count_of(len(share.arms), 'arm')}, "
    leaves = (
        f"leaves a difference {1 - correlation:.2f} times the variance that it would have without"
    )
    if correlation < 0:
        interval = f" (interval {_correlation(low)} to {_correlation(high)})" if known else ""
        chance = ", or seems to by chance" if high is None or high >= 0 else ""
        return (
            f"{over}the runs of one {block} have a negative correlation in {metric}{label}, "
            f"{_correlation(correlation)}{interval}: pairing costs{chance}; it {leaves}."
        )
    interval = f" (interval {_percent(low)} to {_percent(high)})" if known else ""
    return (
        f"{over}{_percent(correlation)} of the variance of {metric}{label}{interval} is "
        f"common to the runs of one {block}: pairing {leaves}."
    )


def variance_text(
    arms: Sequence[ArmSources], shares: Sequence[BlockShare], metric: str, block: str
) -> str:
    """Return everything as plain text."""
    blocks = []
    for each in arms:
        blocks += [source_sentence(each, metric), aligned(source_rows(each))]
        blocks += [f"Note: {note}" for note in source_notes(each)]
    for share in shares:
        blocks.append(share_sentence(share, metric, block))
        blocks += [f"Note: {note}" for note in share.notes]
    return "\n\n".join(blocks)


def _source_row(source: Source) -> Row:
    interval = "n/a" if source.low is None else f"{_number(source.low)} to {_number(source.high)}"
    share = "" if source.share is None else format_percent(round(source.share, 2))
    return (source.name, str(source.n), _number(source.sd), interval, share)


def _percent(share: float | None) -> str:
    return "n/a" if share is None else format_percent(round(share, 2))


def _correlation(value: float | None) -> str:
    return "n/a" if value is None else format_number(value, 2)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3g}"
