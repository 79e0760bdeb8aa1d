"""The answer itself: sentences, arms, comparisons, and the runs behind each."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from analysis import Comparison, Comparisons
from analysis.figures import differences, distributions
from analysis.presentation.alt_text import describe_differences, describe_distributions
from analysis.presentation.details import effect_rows, interval_rows, test_rows
from analysis.presentation.numbers import format_percent
from analysis.presentation.svg import to_svg
from analysis.presentation.tables import arm_rows, comparison_rows, heading
from harness.answer import Answer
from harness.reports.blocks import Block, Findings, Paragraph, Picture, Section, Table, Unfold
from harness.reports.sections.provenance import arm_anchor

# More comparisons than this have their pairs in the export only.
_MOST_PAIRED_TABLES = 40

# More rows make a page that browsers open slowly; the export has them all.
_MOST_PAIRS = 2000


def answer_section(answer: Answer) -> Section:
    """One sentence a comparison."""
    results = answer.comparisons
    if results is None:
        text = (
            f"No trial has finished with the metric {answer.study.protocol.metric} yet, so there "
            "is nothing to compare."
        )
        return Section("answer", "Answer", (Paragraph(text),))
    if not results.comparisons:
        text = "No comparison can be made yet: the arms to be compared have no results."
        return Section("answer", "Answer", (Paragraph(text),))
    sentences = tuple((results.sentence(each), each.warnings) for each in results.comparisons)
    return Section(
        "answer",
        "Answer",
        (
            Findings(sentences),
            *(Paragraph(f"Note: {each}") for each in results.warnings),
            Paragraph(
                "Where no difference was shown, that is no evidence that there is none: the "
                "interval says which differences remain possible.",
                quiet=True,
            ),
        ),
    )


def arms_section(answer: Answer, results: Comparisons) -> Section:
    """Every arm in numbers and in a figure."""
    metric = results.protocol.metric
    level = format_percent(1 - results.protocol.alpha)
    figure = distributions(answer.compared, results, within=tuple(answer.study.factors))
    return Section(
        "arms",
        "Arms",
        (
            Table(
                "Arms",
                f"{metric} of every arm. The interval is the {level} t interval of the mean over "
                "seeds. The best of n grows with n and is no result.",
                arm_rows(results),
                links=tuple(arm_anchor(answer, each.arm) for each in results.arms),
            ),
            Picture(
                to_svg(figure, describe_distributions(results)),
                f"Every run's {metric}, with quartiles, and the mean of each arm with its {level} "
                "interval.",
            ),
        ),
    )


def comparisons_section(answer: Answer, results: Comparisons) -> Section:
    """Every comparison in numbers and in a figure, with all its tests, effects and pairs."""
    level = format_percent(1 - results.protocol.alpha)
    linked = len(results.comparisons) <= _MOST_PAIRED_TABLES
    blocks: list[Block] = [
        Table(
            "Comparisons",
            f"{heading(results)}. Differences are arm minus reference over trials of equal seed; "
            f"the interval is the paired {level} t interval, not corrected; d_z is the mean "
            "difference over the standard deviation of the differences; detectable is the "
            "smallest difference that these runs would have shown with a probability of 80 %.",
            comparison_rows(results),
            links=tuple(
                _pairs_anchor(place) if linked else arm_anchor(answer, each.arm)
                for place, each in enumerate(results.comparisons)
            ),
        ),
        Picture(
            to_svg(differences(results), describe_differences(results)),
            f"Mean paired difference to the reference with its {level} interval. The mark's shape "
            "says how the protocol decides.",
        ),
        Unfold("Every test of every comparison", (_tests(results),)),
        Unfold("Effect sizes and bootstrap intervals", tuple(_effects(results, level))),
    ]
    if linked:
        blocks += _pairs(answer, results.comparisons)
    return Section("comparisons", "Comparisons", tuple(blocks))


def _tests(results: Comparisons) -> Table:
    return Table(
        "Tests",
        "p is not corrected. The floor is the smallest p that the test can give at this n, "
        "whatever the data. Only the test marked as deciding was declared; choosing another one "
        "after seeing it here would not be a test any more.",
        test_rows(results),
    )


def _effects(results: Comparisons, level: str) -> Iterator[Block]:
    yield Table(
        "Effect sizes",
        f"Standardised effects with their {level} intervals. Superiority is the probability that "
        "the arm's value is higher than the reference's in the same block, ties counted half.",
        effect_rows(results),
    )
    yield Table(
        "Intervals",
        f"{level} intervals of the mean difference: Student's t, and the bias-corrected and "
        "accelerated bootstrap. Where they disagree, the differences are far from normal or few.",
        interval_rows(results),
    )


def _pairs_anchor(place: int) -> str:
    return f"pairs-of-comparison-{place}"


def _pairs(answer: Answer, comparisons: Sequence[Comparison]) -> Iterator[Unfold]:
    """Every pair of trials behind each comparison."""
    for place, each in enumerate(comparisons):
        pairs = _matched_trials(answer, each)
        shown = pairs.head(_MOST_PAIRS)
        cut = f", the first {len(shown)} of {len(pairs)} shown" if len(shown) < len(pairs) else ""
        table = Table(
            f"Pairs of {each.label}",
            "One row a seed that both have run. Values as they were stored, unrounded; none where "
            "a trial gave no finite one.",
            _pair_rows(each, shown),
        )
        yield Unfold(f"The pairs of {each.label}{cut}", (table,), anchor=_pairs_anchor(place))


def _matched_trials(answer: Answer, comparison: Comparison) -> pd.DataFrame:
    """The trials of a comparison by seed, ascending: value, trial, and those of the reference."""
    frame = answer.compared
    for factor, level in comparison.cell:
        frame = frame[frame[factor] == level]
    arm, reference = (
        frame[frame["arm"] == name].set_index("seed")[[answer.study.protocol.metric, "trial"]]
        for name in (comparison.arm, comparison.reference)
    )
    reference = reference.set_axis(["other", "its reference"], axis="columns")
    both = arm.set_axis(["value", "trial"], axis="columns").join(reference, how="inner")
    return both.sort_index()


def _pair_rows(comparison: Comparison, pairs: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    rows = [
        (str(seed), *map(_stored, (value, other, value - other)), trial[:12], its_reference[:12])
        for seed, value, trial, other, its_reference in pairs.itertuples(name=None)
    ]
    header = ("seed", comparison.arm, comparison.reference, "difference", "trial", "its reference")
    return (header, *rows)


def _stored(value: float) -> str:
    return repr(value) if math.isfinite(value) else "none"
