"""The verdict on one comparison, and what stands in the way of one.

*better* and *worse* say that the corrected p is at most alpha, from two runs or more of each arm;
the sign of the mean difference and the metric's direction say which. *equivalent* says that the
difference was shown to be smaller than the smallest effect declared to matter, by two one-sided
t-tests at alpha (Schuirmann 1987): the interval at level 1 - 2 alpha lies inside ± that effect. It
needs such a declaration, and is judged comparison by comparison, without correction. Everything
else is *undecided*: a large p alone never says that two arms are alike.

A difference can be shown both not to be zero and to be smaller than what matters. Then the
verdict is *equivalent*, because the protocol said in advance which differences have no
consequence, and with enough seeds any of them becomes significant. The sentence beside the
verdict says both.
"""

import math

from analysis.inference.corrections import reaches
from analysis.protocol import Protocol
from analysis.results import Comparison, Decision

_FEW_RUNS = 1000


def decide(comparison: Comparison, protocol: Protocol) -> Decision:
    """Return the verdict on a comparison whose corrected p is known."""
    if is_equivalent(comparison, protocol):
        return "equivalent"
    if comparison.difference is None or not is_significant(comparison, protocol):
        return "undecided"
    if not means_and_ranks_agree(comparison):
        return "undecided"
    return "better" if (shown_side(comparison) > 0) == protocol.maximizes else "worse"


def is_significant(comparison: Comparison, protocol: Protocol) -> bool:
    """Whether the corrected p is at most alpha, and nothing forbids to make something of it.

    A single run says nothing about how far the next would lie from it, so that no p makes it a
    finding. And a one-sided test can show nothing on the other side, though its p may be at most a
    large alpha there.
    """
    if comparison.p_adjusted is None or min(comparison.n, comparison.n_reference) < 2:
        return False
    return reaches(comparison.p_adjusted, protocol.alpha) and on_expected_side(comparison, protocol)


def on_expected_side(comparison: Comparison, protocol: Protocol) -> bool:
    """Whether the difference lies on the side that a one-sided protocol looks at, or nowhere."""
    if protocol.alternative == "two-sided":
        return True
    side = shown_side(comparison)
    return side >= 0 if protocol.alternative == "greater" else side <= 0


def shown_side(comparison: Comparison) -> int:
    """Return on which side of the null the deciding test's statistic lies: 1, 0 or -1.

    For a test of ranks that is the sum of ranks beside the one expected, n (n + 1) / 4 of the
    signed ranks and n1 n2 / 2 of Mann and Whitney's U, and not the number of wins; for others the
    mean difference.
    """
    expected = {
        "wilcoxon": comparison.n * (comparison.n + 1) / 4,
        "mann_whitney": comparison.n * comparison.n_reference / 2,
    }
    if comparison.decisive_test in expected:
        excess = (comparison.statistic or 0.0) - expected[comparison.decisive_test]
    else:
        excess = comparison.difference or 0.0
    return (excess > 0) - (excess < 0)


def is_equivalent(comparison: Comparison, protocol: Protocol) -> bool:
    """Whether the difference was shown to be smaller than the smallest effect that matters.

    Without any spread the t-tests are undefined, and the interval is a point however few the
    pairs. Then one-sided permutation tests stand in: n differences that all lie on one side of
    the effect have the probability 2^-n, and of two samples that share nothing one split of all
    has the first wholly on one side. That probability has to be at most alpha.
    """
    if comparison.difference == comparison.standard_error == 0.0:
        # The same value in every pair is the mark of an arm whose parameter has no effect at all,
        # such as a mistyped one; to call that a finding would certify a mistake.
        return False
    if comparison.replaced:
        # What stands for runs that diverged was never measured.
        return False
    margin = protocol.smallest_effect
    low, high = comparison.equivalence_low, comparison.equivalence_high
    if margin is None or low is None or high is None or not -margin < low <= high < margin:
        return False
    return comparison.standard_error != 0.0 or reaches(_smallest_share(comparison), protocol.alpha)


def _smallest_share(comparison: Comparison) -> float:
    if comparison.is_paired:
        return 0.5**comparison.n
    sizes = comparison.n, comparison.n_reference
    # With two runs or more of each, C(1000, 2) splits and more are beyond any alpha in use.
    return 1 / math.comb(sum(sizes), sizes[0]) if sum(sizes) < _FEW_RUNS else 0.0


def means_and_ranks_agree(comparison: Comparison) -> bool:
    """Whether the deciding test found a difference on the side on which the means differ.

    Ranks and means can differ in opposite directions when a few runs are far from the others. The
    test then says that the arms differ, and nothing says which of them is better.
    """
    return shown_side(comparison) * (comparison.difference or 0.0) > 0
