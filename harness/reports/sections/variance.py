"""Where the variance comes from, and what pairing by seed gains."""

from collections.abc import Iterator

from analysis import Comparisons
from analysis.presentation.variance import (
    share_sentence,
    source_notes,
    source_rows,
    source_sentence,
)
from analysis.variance.by_arm import shared_by_block
from harness.answer import Answer
from harness.reports.blocks import Block, Findings, Paragraph, Section, Table
from harness.store.reading import ResultsReader
from harness.variance import variance_by_source


def sections(answer: Answer, results: Comparisons, store: ResultsReader) -> Iterator[Section]:
    """The section on variance, if there is anything to split."""
    metric = results.protocol.metric
    level = 1 - results.protocol.alpha
    blocks: list[Block] = []
    shares = shared_by_block(
        answer.compared, metric, within=tuple(answer.study.factors), level=level
    )
    if shares:
        sentences = ((share_sentence(each, metric, "seed"), each.notes) for each in shares)
        blocks.append(Findings(tuple(sentences)))
    declared = answer.study.seeds.sources
    arms = (
        variance_by_source(answer.study, store, metric, level, trials=answer.complete)
        if declared
        else ()
    )
    for each in arms:
        blocks += [
            Findings(((source_sentence(each, metric), source_notes(each)),)),
            Table(
                f"Variance of {each.arm} by source",
                "In the runs of a source only that source's random numbers follow the seed; all "
                "others are held. The variances add up to that of runs that draw everything anew "
                "only if the sources do not act on each other.",
                source_rows(each),
            ),
        ]
    if declared and not arms:
        blocks.append(Paragraph("No trial that varies one source alone has finished yet."))
    if blocks:
        yield Section("variance", "Where the variance comes from", tuple(blocks))
