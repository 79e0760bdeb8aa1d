"""The verdict on one comparison, and what stands in the way of one.

*better* and *worse* say that the corrected p lies below alpha; the sign of the mean difference
and the metric's direction say which. *equivalent* says that the difference was shown to be
smaller than the smallest effect declared to matter, by two one-sided t-tests at alpha (Schuirmann
1987): the interval at level 1 - 2 alpha lies inside ± that effect. It needs such a declaration,
and is judged comparison by comparison, without correction. Everything else is *undecided*:
a large p alone never says that two arms are alike.

A difference can be shown both not to be zero and to be smaller than what matters. Then the
verdict is *equivalent*, because the protocol said in advance which differences have no
consequence, and with enough seeds any of them becomes significant. The sentence beside the
verdict says both.
"""

from analysis.protocol import Protocol
from analysis.results import Comparison, Decision


def decide(comparison: Comparison, protocol: Protocol) -> Decision:
    """Return the verdict on a comparison whose corrected p is known."""
    if is_equivalent(comparison, protocol):
        return "equivalent"
    if comparison.difference is None or not is_significant(comparison, protocol):
        return "undecided"
    if not means_and_ranks_agree(comparison):
        return "undecided"
    return "better" if (comparison.difference > 0) == protocol.maximizes else "worse"


def is_significant(comparison: Comparison, protocol: Protocol) -> bool:
    """Whether the corrected p lies below alpha."""
    return comparison.p_adjusted is not None and comparison.p_adjusted < protocol.alpha


def is_equivalent(comparison: Comparison, protocol: Protocol) -> bool:
    """Whether the difference was shown to be smaller than the smallest effect that matters.

    Without any spread the t-tests are undefined, and the interval is a point however few the
    pairs. Then one-sided sign-flip tests stand in: n differences that all lie on one side of
    the effect have the probability 2^-n, which has to lie below alpha.
    """
    if comparison.difference == comparison.standard_error == 0.0:
        # The same value in every pair is the mark of an arm whose parameter has no effect at all,
        # such as a mistyped one; to call that a finding would certify a mistake.
        return False
    margin = protocol.smallest_effect
    low, high = comparison.equivalence_low, comparison.equivalence_high
    if margin is None or low is None or high is None or not -margin < low <= high < margin:
        return False
    return comparison.standard_error != 0.0 or 0.5**comparison.n < protocol.alpha


def means_and_ranks_agree(comparison: Comparison) -> bool:
    """Whether a test of ranks found a difference on the side on which the means differ.

    Ranks and means can differ in opposite directions when a few runs are far from the others. The
    test then says that the arms differ, and nothing says which of them is better. Always true when
    the deciding test is not one of ranks.
    """
    if comparison.decisive_test not in {"wilcoxon", "mann_whitney"}:
        return comparison.difference != 0
    superiority = next((e for e in comparison.effect_sizes if e.name == "superiority"), None)
    if superiority is None or superiority.estimate is None or comparison.difference is None:
        return True
    return (superiority.estimate - 0.5) * comparison.difference > 0
