"""What tables for papers read from comparisons: the one place that knows how it is kept there."""

from dataclasses import replace

import pandas as pd

from analysis.cautions import CORRECTION_NAMES
from analysis.comparison import compare
from analysis.presentation.wording import TEST_NAMES
from analysis.protocol import Protocol
from analysis.results import Comparison, Comparisons

_FEWEST_RESAMPLES = 100


def is_paired(results: Comparisons) -> bool:
    """Whether runs were matched by block."""
    return results.design == "paired"


def effect_size(comparison: Comparison) -> float | None:
    """Return d_z of pairs, or Hedges' g of runs that share nothing; None when undefined."""
    return comparison.effect_size.estimate


def corrects(protocol: Protocol) -> bool:
    """Whether the p that decides is corrected for the number of comparisons."""
    return protocol.correction != "none" or corrects_itself(protocol)


def corrects_itself(protocol: Protocol) -> bool:
    """Whether the test's own p is corrected for the arms of a cell."""
    return protocol.test == "dunnett"


def correction_words(results: Comparisons) -> str:
    """Return how errors are held: "Holm's correction for 7 comparisons"."""
    protocol, size = results.protocol, results.family_size
    family = "1 comparison" if size == 1 else f"{size} comparisons"
    if not corrects_itself(protocol):
        return f"{CORRECTION_NAMES[protocol.correction]} for {family}"
    if len(results.cells) == 1:
        return f"which itself corrects for {family}"
    return f"which itself corrects within a cell, Bonferroni's correction for {family} in all"


def decided_by(results: Comparisons) -> str:
    """Return the tests that decide, with their side: "two-sided sign-flip permutation"."""
    names = sorted({TEST_NAMES[each.decisive_test] for each in results.comparisons})
    drawn = any(not each.exact and "permutation" in _name(each) for each in results.comparisons)
    sides = {
        "two-sided": "two-sided",
        "greater": "one-sided (above the reference)",
        "less": "one-sided (below the reference)",
    }
    words = f"{sides[results.protocol.alternative]} {' and '.join(names) or 'test'}"
    return f"{words} (Monte Carlo)" if drawn else words


def cautions_of(results: Comparisons) -> tuple[str, ...]:
    """Return what readers have to know, each sentence once, after the arms that it is about.

    What is said about the best of n is left out, since no table for a paper shows it.
    """
    about: dict[str, list[str]] = {}
    for comparison in results.comparisons:
        for warning in comparison.warnings:
            about.setdefault(warning, []).append(comparison.label)
    return (
        *(each for each in results.warnings if "best of n" not in each),
        *(f"{'; '.join(labels)}: {warning}" for warning, labels in about.items()),
    )


def compare_all_pairs(
    results: Comparisons, frame: pd.DataFrame, *, arm: str, block: str | None, seed: int
) -> Comparisons:
    """Hold all arms against each other, two-sided, with the protocol's test and correction.

    The family is all pairs of arms in all cells, because which of them is the best is known only
    after looking. Dunnett's test is made for one control; Welch's with Holm's correction stands
    in for it.
    """
    declared = results.protocol
    if corrects_itself(declared):
        declared = replace(declared, test="t", correction="holm")
    arms = tuple(dict.fromkeys(each.arm for each in results.arms))
    # The control may have no runs yet; among all pairs it is an arm like any other.
    asked = replace(
        declared,
        comparisons="all_pairs",
        alternative="two-sided",
        control=declared.control if declared.control in arms else arms[0],
        treatments={},
    )
    return compare(
        frame,
        asked,
        arm=arm,
        block=block if is_paired(results) else None,
        within=[factor for factor, _ in results.cells[0]],
        arms=arms,
        seed=seed,
        # Nothing is read of the bootstrap's intervals.
        resamples=_FEWEST_RESAMPLES,
        pairs_only=True,
    )


def _name(comparison: Comparison) -> str:
    return TEST_NAMES[comparison.decisive_test]
