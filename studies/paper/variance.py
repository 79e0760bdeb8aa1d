"""Variance: which source of randomness makes results vary."""

from collections.abc import Iterator, Sequence

from analysis.presentation.numbers import format_percent
from analysis.presentation.variance import source_notes, source_sentence
from analysis.publication import PublicationTable
from analysis.publication.columns import text_column
from analysis.publication.entries import Entry, interval_entry, nothing_entry, number_entry
from analysis.variance.by_arm import ArmSources
from analysis.variance.source_results import Source
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperTable, Words
from harness.variance import variance_by_source
from studies.paper.material import Found, Material
from studies.paper.parts import Part
from studies.paper.tables import column, explained
from studies.paper.words import UNTESTED, dataset, run_range


def make(found: Found, material: Material) -> Iterator[Item]:
    """Yield the spread that each source brings, and what it says."""
    answer = found.answer
    if answer is None:
        return
    protocol = answer.study.protocol
    level = 1 - protocol.alpha
    arms = variance_by_source(answer.study, material.context.store, protocol.metric, level)
    if not arms:
        yield Words("No trial that varies one source alone has finished yet.")
        return
    yield PaperTable("variance", _table(answer, arms, level))
    for each in arms:
        yield Words(source_sentence(each, protocol.metric))
        yield from (Words(f"Note: {note}") for note in source_notes(each))


def _table(answer: Answer, found: Sequence[ArmSources], level: float) -> PublicationTable:
    rows = [
        (each.arm, source)
        for each in found
        for source in (*each.sources.sources, *filter(None, [each.sources.total]))
    ]
    sources = [source for _, source in rows]
    table = PublicationTable(
        columns=(
            text_column("source", [each.name for each in sources]),
            column("n", [number_entry("n", each.n, 0) for each in sources]),
            column("sd", [number_entry("sd", each.sd, 4) for each in sources]),
            column(f"interval [{format_percent(level)}]", [_interval(each) for each in sources]),
            column("share", [_share(each) for each in sources]),
        ),
        caption=(
            f"Spread of {answer.study.protocol.metric} by source of randomness: in the runs of a "
            "source only its random numbers follow the seed. sd: standard deviation, with its "
            f"{format_percent(level)} interval for normal values; share: of the sum of the "
            "sources' variances. The last row of an arm draws everything anew. "
            f"Data: {dataset(answer.study)}; n = {run_range(each.n for each in sources)} a row. "
            f"{UNTESTED}"
        ),
        label="tab:variance",
        groups=tuple(arm for arm, _ in rows),
        row_names=tuple(each.name for each in sources),
        subject=answer.study.protocol.metric,
    )
    return explained(table, "no spread, or a row that is no part of the sum.")


def _interval(source: Source) -> Entry:
    if source.low is None or source.high is None:
        return nothing_entry("sd_low", "sd_high")
    return interval_entry(source.low, source.high, 4, ("sd_low", "sd_high"))


def _share(source: Source) -> Entry:
    return (
        nothing_entry("share") if source.share is None else number_entry("share", source.share, 2)
    )


PART = Part("variance", "Where the variance comes from", "variance", make)
