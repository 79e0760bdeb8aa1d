"""All arms at once: do any of them differ, how do they rank, and which treatment does what."""

from collections.abc import Iterator

from analysis import Comparisons
from analysis.across import AcrossCells
from analysis.omnibus import Omnibus
from analysis.presentation.alt_text_curves import describe_critical_difference
from analysis.presentation.many_arms import (
    across_counts,
    across_rows,
    effect_rows,
    effect_sentence,
    omnibus_rows,
    omnibus_sentence,
    rank_rows,
)
from analysis.presentation.numbers import count_of
from analysis.presentation.svg import to_svg
from analysis.publication.paper import rank_figure
from analysis.results import cell_label
from analysis.treatments import CellFactorial
from harness.reports.blocks import Block, Findings, Heading, Paragraph, Picture, Section, Table


def sections(results: Comparisons) -> Iterator[Section]:
    """The sections on all arms, all levels and treatments, where there is something to show."""
    if results.omnibus:
        blocks = [block for each in results.omnibus for block in _omnibus(each, results)]
        yield Section("all-arms", "All arms at once", tuple(blocks))
    if results.across is not None:
        yield Section("all-levels", "Over all levels", tuple(_across(results.across, results)))
    if results.factorial:
        blocks = [block for each in results.factorial for block in _factorial(each, results)]
        yield Section("treatments", "What each treatment does", tuple(blocks))


def _omnibus(omnibus: Omnibus, results: Comparisons) -> Iterator[Block]:
    if omnibus.cell:
        yield Heading(cell_label(omnibus.cell).strip(" ()"))
    yield Findings(((omnibus_sentence(omnibus, results.protocol), ()),))
    if omnibus.warning:
        return
    runs = "complete blocks" if results.design == "paired" else "runs in all"
    dropped = (
        f", {count_of(omnibus.dropped_blocks, 'incomplete one')} left out"
        if omnibus.dropped_blocks
        else ""
    )
    yield Table(
        "Tests over all arms",
        f"Whether any arm differs from any other, over {omnibus.n} {runs}{dropped}. Friedman's "
        "test looks at ranks within blocks, analysis of variance at values. None of them says "
        "which arms differ.",
        omnibus_rows(omnibus, results.protocol),
    )
    ranks = omnibus.nemenyi
    if ranks is None:
        return
    yield Table(
        "Average ranks",
        f"Rank 1 is the best of a block. Two arms are told apart when their average ranks differ "
        f"by more than {ranks.critical_difference:.3g} (Nemenyi, alpha {ranks.alpha:g}, "
        f"{count_of(ranks.blocks, 'block')}).",
        rank_rows(ranks),
    )
    by_arm = dict(zip(ranks.arms, ranks.average_ranks, strict=True))
    text = describe_critical_difference(by_arm, ranks.critical_difference, ranks.cliques)
    yield Picture(
        to_svg(rank_figure(omnibus), text),
        "Critical-difference diagram: a bar joins arms whose average ranks are not told apart.",
    )


def _across(across: AcrossCells, results: Comparisons) -> Iterator[Block]:
    if across.model is None:
        yield Paragraph(f"No model can be fitted over all levels: {across.warning}")
        return
    yield Table(
        "Effects over all levels",
        f"A linear mixed model of {across_counts(across, across.model)}, with random intercepts "
        "for the combinations of levels and for blocks within them. An arm's effect is taken to be "
        "the same at every level, so read the comparisons at each level first; p is Wald's and not "
        "corrected.",
        across_rows(across.model, results.protocol),
    )
    for warning in across.model.warnings:
        yield Paragraph(f"Note: {warning}")


def _factorial(cell: CellFactorial, results: Comparisons) -> Iterator[Block]:
    if cell.cell:
        yield Heading(cell_label(cell.cell).strip(" ()"))
    result = cell.result
    if result is None:
        yield Paragraph("No block has a finite value in every arm, so no effect can be estimated.")
        return
    sentences = (effect_sentence(each, result, results.protocol) for each in result.effects)
    yield Findings(tuple((each, ()) for each in sentences))
    yield Table(
        "Effects of treatments",
        "A main effect is the mean of all runs with the treatment minus the mean of all without "
        "it. An interaction of two is half the difference between the one's effect with and "
        "without the other. Each effect is tested on its own contrasts within blocks, over "
        f"{count_of(cell.n, 'complete block')}; p is corrected over all {len(result.effects)} "
        "effects.",
        effect_rows(result, results.protocol),
    )
