"""One sentence a comparison, in plain words that never say more than the test allows.

A significant result says what was measured, and how sure that is. A result that is not
significant says that nothing was shown and which differences are still possible; it never says
that there is no difference.
"""

from analysis.cautions import CORRECTION_NAMES
from analysis.decision import is_significant, on_expected_side
from analysis.inference.corrections import reaches
from analysis.inference.result import TestName
from analysis.presentation.numbers import (
    decimals_for,
    format_interval,
    format_number,
    format_p,
    format_percent,
    p_statement,
)
from analysis.protocol import Protocol
from analysis.results import Comparison, cell_label

TEST_NAMES: dict[TestName, str] = {
    "sign_flip": "sign-flip permutation",
    "paired_t": "paired t-test",
    "wilcoxon": "Wilcoxon signed-rank test",
    "permutation": "two-sample permutation",
    "welch_t": "Welch's t-test",
    "mann_whitney": "Mann-Whitney test",
    "dunnett": "Dunnett's test",
}


def sentence(comparison: Comparison, protocol: Protocol, family: int) -> str:
    """Return what a comparison shows, in one sentence or two.

    Args:
        comparison: a comparison with its decision.
        protocol: its protocol.
        family: number of comparisons that share the correction.
    """
    if comparison.difference is None:
        return _not_compared(comparison, protocol)
    if comparison.decision == "equivalent":
        return _equivalent(comparison, protocol, family)
    if comparison.decision == "undecided":
        return _undecided(comparison, protocol, family)
    return _significant(comparison, protocol, family)


def _not_compared(comparison: Comparison, protocol: Protocol) -> str:
    scope = _scope(comparison, protocol)
    if comparison.is_paired:
        return (
            f"{comparison.arm} and {comparison.reference} have no block in common in which both "
            f"have a finite {scope}, so they cannot be compared."
        )
    empty = comparison.arm if comparison.n == 0 else comparison.reference
    return (
        f"{comparison.arm} and {comparison.reference} cannot be compared: {empty} has no run with "
        f"a finite {scope}."
    )


def comparison_decimals(comparison: Comparison) -> int:
    """Return the decimals at which a comparison's difference and interval are written."""
    return decimals_for(comparison.standard_error, comparison.difference)


def _scope(comparison: Comparison, protocol: Protocol) -> str:
    return f"{protocol.metric}{cell_label(comparison.cell)}"


def _difference(comparison: Comparison) -> str:
    return format_number(comparison.difference, comparison_decimals(comparison))


def _interval(comparison: Comparison) -> str:
    decimals = comparison_decimals(comparison)
    return format_interval(comparison.ci_low, comparison.ci_high, decimals)


def _evidence(comparison: Comparison, protocol: Protocol, family: int) -> str:
    """Return n, the test and p: "20 pairs; sign-flip permutation p = 0.0021, 0.015 after ..."."""
    name = TEST_NAMES[comparison.decisive_test]
    if comparison.decisive_test in {"sign_flip", "permutation"} and not comparison.exact:
        name += " (Monte Carlo)"
    if protocol.alternative != "two-sided":
        name = f"one-sided {name}"
    text = f"{comparison.runs}; "
    text += f"{name} {p_statement(comparison.p_value, protocol.alpha)}"
    if comparison.decisive_test == "dunnett":
        text += ", corrected for all arms by the test itself"
        if comparison.p_adjusted is not None and comparison.p_adjusted != comparison.p_value:
            adjusted = format_p(comparison.p_adjusted, protocol.alpha)
            text += f", and {adjusted} for all levels by Bonferroni's"
        return text
    if protocol.correction != "none" and family > 1 and comparison.p_adjusted is not None:
        adjusted = format_p(comparison.p_adjusted, protocol.alpha)
        correction = CORRECTION_NAMES[protocol.correction]
        text += f", {adjusted} after {correction} for {family} comparisons"
    return text


def _significant(comparison: Comparison, protocol: Protocol, family: int) -> str:
    higher = comparison.difference is not None and comparison.difference > 0
    verdict = "" if protocol.maximizes else f", which is {comparison.decision},"
    text = (
        f"{comparison.arm} scored {'higher' if higher else 'lower'} than {comparison.reference} "
        f"in {_scope(comparison, protocol)}{verdict} by {_difference(comparison).lstrip('-')} on "
        f"average ({format_percent(1 - protocol.alpha)} interval"
        f"{'' if higher else ' of the difference'} {_interval(comparison)}; "
        f"{_evidence(comparison, protocol, family)})."
    )
    return " ".join(filter(None, (text, _beside_smallest_effect(comparison, protocol))))


def _beside_smallest_effect(comparison: Comparison, protocol: Protocol) -> str | None:
    margin, low, high = protocol.smallest_effect, comparison.ci_low, comparison.ci_high
    if margin is None or low is None or high is None:
        return None
    effect = f"±{margin:g}, the smallest effect declared to matter"
    if low > margin or high < -margin:
        return f"The interval lies wholly beyond {effect}."
    if -margin < low and high < margin:
        return f"The interval lies wholly inside {effect}."
    return f"The interval lies partly beyond {effect}, and partly inside."


def _undecided(comparison: Comparison, protocol: Protocol, family: int) -> str:
    if is_significant(comparison, protocol):
        return (
            f"{comparison.arm} and {comparison.reference} differ in {_scope(comparison, protocol)} "
            f"by their ranks ({_evidence(comparison, protocol, family)}), but their means do not "
            f"differ to the same side (mean difference {_difference(comparison)}, interval "
            f"{_interval(comparison)}), so that neither can be called better."
        )
    text = (
        f"No difference between {comparison.arm} and {comparison.reference} in "
        f"{_scope(comparison, protocol)} was shown (mean difference {_difference(comparison)}; "
        f"{_evidence(comparison, protocol, family)}); {_still_possible(comparison, protocol)}."
    )
    floor = comparison.p_floor
    if floor is None or reaches(floor, protocol.alpha):
        return text
    return (
        f"{text} With this test {comparison.runs} cannot reach alpha = {protocol.alpha:g}, "
        "whatever the data."
    )


def _still_possible(comparison: Comparison, protocol: Protocol) -> str:
    low, high = comparison.ci_low, comparison.ci_high
    if low is None or high is None:
        few = "a single pair" if comparison.is_paired else "so few runs"
        return f"{few} {'leaves' if comparison.is_paired else 'leave'} every difference possible"
    if comparison.standard_error == 0.0 and not comparison.is_paired:
        return "the runs of each arm are all alike, so these cannot say how far a run may vary"
    if comparison.standard_error == 0.0:
        return "every pair gave the same difference, so these runs cannot say how far it may vary"
    level = format_percent(1 - protocol.alpha)
    text = (
        f"differences from {_interval(comparison)} remain compatible with the data "
        f"({level} interval)"
    )
    if (low > 0 or high < 0) and not on_expected_side(comparison, protocol):
        return f"{text}; the test that was declared did not look at that side"
    if low > 0 or high < 0:
        uncorrected = reaches(comparison.p_value, protocol.alpha)
        reason = "once p is corrected" if uncorrected else "by the test that decides"
        text += f", and so does zero {reason}"
    return text


def _equivalence_tests(comparison: Comparison, protocol: Protocol, interval: str) -> str:
    if comparison.standard_error == 0.0:
        return "the same in all of them, which so many runs do not show by chance"
    level = format_percent(1 - 2 * protocol.alpha)
    return f"{level} interval {interval}, two one-sided t-tests at {protocol.alpha:g} each"


def _equivalent(comparison: Comparison, protocol: Protocol, family: int) -> str:
    decimals = comparison_decimals(comparison)
    low, high = comparison.equivalence_low, comparison.equivalence_high
    text = (
        f"{comparison.arm} and {comparison.reference} were shown to differ in "
        f"{_scope(comparison, protocol)} by less than {protocol.smallest_effect:g}, the smallest "
        f"effect declared to matter (mean difference {_difference(comparison)}, "
        f"{_equivalence_tests(comparison, protocol, format_interval(low, high, decimals))}"
        f"{', not corrected' if family > 1 else ''}; "
        f"{_evidence(comparison, protocol, family)})."
    )
    if is_significant(comparison, protocol):
        text += " That the difference is not zero was shown as well; it is too small to matter."
    return text
