"""What the test set itself contributes: intervals over seeds and test examples, McNemar's test."""

from collections.abc import Iterator, Sequence

from analysis import Comparisons
from analysis.drawing import stream
from analysis.presentation.examples import mcnemar_rows, two_way_rows
from analysis.presentation.numbers import count_of, format_percent
from analysis.variance.mcnemar import McNemarResult, mcnemar
from analysis.variance.two_way_bootstrap import TwoWayInterval, two_way_interval
from harness.answer import Answer
from harness.paired_predictions import LeftOut, PairedPredictions, paired_predictions
from harness.reports.blocks import Block, Paragraph, Section, Table, Unfold
from harness.store.reading import ResultsReader

_RESAMPLES = 2000


def sections(answer: Answer, results: Comparisons, store: ResultsReader) -> Iterator[Section]:
    """The section on test examples, if the trials saved their predictions."""
    found = list(paired_predictions(answer, results, store))
    pairs = [each for each in found if isinstance(each, PairedPredictions)]
    blocks: list[Block] = list(_intervals(pairs, results)) if pairs else []
    blocks += [
        Paragraph(f"Left out: {each.comparison.label}. {each.reason}")
        for each in found
        if isinstance(each, LeftOut)
    ]
    blocks += [_by_seed(each, results) for each in pairs]
    if blocks:
        yield Section("examples", "Seeds and test examples", tuple(blocks))


def _intervals(pairs: Sequence[PairedPredictions], results: Comparisons) -> Iterator[Block]:
    intervals = [(each.comparison, _interval(each, results)) for each in pairs]
    sizes = {each.arm.shape[1] for each in pairs}
    of = count_of(max(sizes), "test example") if len(sizes) == 1 else "the test examples"
    yield Paragraph(
        "Trials share one test set, so their spread over seeds does not show how the difference "
        "in accuracy would change with other test examples. These intervals draw seeds and "
        "examples anew (Owen 2007); the one over both is conservative."
    )
    yield Table(
        "Intervals over seeds and examples",
        f"Difference in the share of {of} that are right, with "
        f"{format_percent(1 - results.protocol.alpha)} bootstrap intervals over seeds alone, over "
        "examples alone, and over both.",
        two_way_rows(intervals),
    )
    for warning in dict.fromkeys(each.warning for _, each in intervals if each.warning):
        yield Paragraph(f"Note: {warning}")


def _interval(pair: PairedPredictions, results: Comparisons) -> TwoWayInterval:
    return two_way_interval(
        pair.arm,
        pair.reference,
        rng=stream(0, "two-way", pair.comparison.arm, pair.comparison.reference),
        resamples=_RESAMPLES,
        level=1 - results.protocol.alpha,
    )


def _by_seed(pair: PairedPredictions, results: Comparisons) -> Unfold:
    found: list[tuple[int, McNemarResult]] = [
        (seed, mcnemar(arm, reference))
        for seed, arm, reference in zip(pair.seeds, pair.arm, pair.reference, strict=True)
    ]
    apart = sum(each.p_value < results.protocol.alpha for _, each in found)
    table = Table(
        f"McNemar's test, {pair.comparison.label}",
        "One row a seed: how many examples both trained models got right, only one, or neither, "
        "and the exact McNemar test of these two models, not corrected. It tells two models "
        "apart and not two methods.",
        mcnemar_rows(found),
    )
    alpha = results.protocol.alpha
    return Unfold(
        f"McNemar's test of {pair.comparison.label}: {apart} of "
        f"{count_of(len(found), 'pair')} of trained models differ at {alpha:g}, not corrected; up "
        f"to {alpha * len(found):.2g} would by chance if none did",
        (table,),
    )
