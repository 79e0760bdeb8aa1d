"""Paired tests of runs that share nothing, and unpaired tests of runs that share a seed."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.run_order import (
    RESAMPLES,
    PairedTest,
    Reorderings,
    paired_p,
    reorderings,
    run_index_effect,
)
from analysis.errors import AnalysisError
from analysis.inference.corrections import reaches
from analysis.inference.permutation import permutation_test
from analysis.inference.samples import samples
from analysis.inference.t_power import require_alpha
from analysis.inference.welch import welch_t

Pairing = Literal["none", "seed", "split", "unknown"]
"""What runs of two arms at the same position share."""

_PAIRED: dict[str, PairedTest] = {
    "paired_t": "paired_t",
    "ttest_rel": "paired_t",
    "wilcoxon": "wilcoxon",
    "signed_rank": "wilcoxon",
    "sign_flip": "sign_flip",
}
_UNPAIRED = (
    "welch_t", "student_t", "pooled_t", "ttest_ind", "mann_whitney", "rank_sum", "permutation",
    "dunnett",
)  # fmt: skip


def wrong_pairing(
    better: Sequence[float],
    worse: Sequence[float],
    *,
    pairing: Pairing,
    test: str,
    alpha: float = 0.05,
    seed: int = 0,
) -> Finding:
    """Check that a paired test was made of runs that are matched, and an unpaired one of others.

    Rule: a paired test needs pairs that share a seed or a split by design; the position in a list
    is none. Without it the p depends on the order in which runs happen to stand. Evidence: the
    correlation of the arms over the run index and the index as a block (ICC(3, 1), Shrout &
    Fleiss 1979, Psychological Bulletin 86, 420-428), Welch's t and the two-sample permutation
    test, and the paired p over random orders.

    The design decides, not the correlation: pairs by seed are right even when it is near 0, and
    a chance correlation does not make pairs. An unpaired test of matched runs is valid where they
    are alike, but has less power.

    False alarms: runs at one position may share something undeclared, such as a machine or a day.
    In an order that nobody chose, a paired t-test of runs that share nothing still keeps its
    error rate; what makes it invalid is that the order decides the result and can be chosen.

    Args:
        better: the metric of every run of one arm, in the order in which it was listed.
        worse: the same of the other.
        pairing: what runs at one position share; "unknown" when nobody says.
        test: the authors': "paired_t" ("ttest_rel"), "wilcoxon" ("signed_rank"), "sign_flip", or
            "welch_t", "student_t" ("pooled_t", "ttest_ind"), "mann_whitney" ("rank_sum"),
            "permutation", "dunnett".
        alpha: error rate, above 0 and below 1.
        seed: of the random orders, and of random splits when there are too many to count.

    Returns:
        `flag` for a paired test without pairing ("invalid" in `conclusion`) and for an unpaired
        one of matched runs ("power_lost"); `missing_input` for a paired test whose pairing is
        unknown; `not_applicable` for an unpaired test whose pairing is unknown; else `pass`.

    Raises:
        AnalysisError: runs cannot be paired where pairs are needed, are missing or not finite, or
            a name is unknown.
    """
    require_alpha(alpha)
    if pairing not in get_args(Pairing):
        listed = ", ".join(repr(each) for each in get_args(Pairing))
        raise AnalysisError(f"the pairing is {pairing!r}; allowed: {listed}")
    if test not in _PAIRED and test not in _UNPAIRED:
        listed = ", ".join(repr(each) for each in (*_PAIRED, *_UNPAIRED))
        raise AnalysisError(f"the test is {test!r}; allowed: {listed}")
    if test in _PAIRED:
        return _of_paired_test(better, worse, pairing, _PAIRED[test], alpha, seed)
    return _of_unpaired_test(better, worse, pairing, test)


def _of_paired_test(
    better: ArrayLike,
    worse: ArrayLike,
    pairing: Pairing,
    test: PairedTest,
    alpha: float,
    seed: int,
) -> Finding:
    p = paired_p(better, worse, test, seed)
    effect = run_index_effect(better, worse)
    orders = reorderings(better, worse, test=test, alpha=alpha, seed=seed)
    both = samples(better, worse)
    welch = welch_t(both).p_value
    split = permutation_test(both, rng=np.random.default_rng(seed), resamples=RESAMPLES)
    changes = len({reaches(each, alpha) for each in (p, welch, split.p_value)}) > 1
    values = {
        "test": test,
        "pairing": pairing,
        "paired_p": p,
        "welch_p": welch,
        "permutation_p": split.p_value,
        "permutation_exact": split.exact,
        "decision_changes": changes,
        **asdict(effect),
        **(asdict(orders) if orders else {}),
    }
    evidence = (
        f"Unpaired, Welch's t gives p = {_shown(welch)} and the permutation test p = "
        f"{_shown(split.p_value)}; over the run index the arms correlate with "
        f"{_shown(effect.correlation)} (p = {_shown(effect.correlation_p)})."
    )
    if pairing == "unknown":
        detail = f"Nobody says what the pairs of this {test} test share. {evidence}"
        return finding("wrong_pairing", Outcome.MISSING_INPUT, detail, **values)
    if pairing == "none":
        detail = f"{_order_matters(test, p, orders, alpha)} {evidence}"
        return finding("wrong_pairing", Outcome.FLAG, detail, conclusion="invalid", **values)
    detail = (
        f"The {test} test pairs runs that share a {pairing}, which is right whatever their "
        f"correlation (here {_shown(effect.correlation)})."
    )
    return finding("wrong_pairing", Outcome.PASS, detail, conclusion="matched", **values)


def _order_matters(test: str, p: float | None, orders: Reorderings | None, alpha: float) -> str:
    start = (
        f"The {test} test pairs runs by their position, though they share no seed and no split: "
        f"its p = {_shown(p)} depends on the order of the list"
    )
    if orders is None:
        return f"{start}."
    return (
        f"{start}. Over {orders.orders} random orders p is between {orders.smallest_p:.2g} and "
        f"{orders.largest_p:.2g} (median {orders.median_p:.2g}), and at most {alpha:g} in "
        f"{orders.significant_share:.1%} of them."
    )


def _of_unpaired_test(better: ArrayLike, worse: ArrayLike, pairing: Pairing, test: str) -> Finding:
    samples(better, worse)
    if pairing == "unknown":
        detail = f"The {test} test pairs nothing; what runs share is not known."
        return finding("wrong_pairing", Outcome.NOT_APPLICABLE, detail, test=test, pairing=pairing)
    if pairing == "none":
        detail = f"The {test} test pairs nothing, and the runs share nothing."
        return finding("wrong_pairing", Outcome.PASS, detail, test=test, pairing=pairing)
    effect, p = run_index_effect(better, worse), paired_p(better, worse, "paired_t")
    return finding(
        "wrong_pairing",
        Outcome.FLAG,
        f"The runs share a {pairing}, and the {test} test ignores it: it is not wrong for that, "
        f"but gives away what matching gains (correlation {_shown(effect.correlation)}; the paired "
        f"t-test gives p = {_shown(p)}).",
        conclusion="power_lost",
        test=test,
        pairing=pairing,
        paired_p=p,
        **asdict(effect),
    )


def _shown(number: float | None) -> str:
    return "undefined" if number is None else f"{number:.3g}"
