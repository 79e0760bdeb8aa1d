"""The authors' tests made again, against SciPy's of the same runs."""

import numpy as np
import pytest
from scipy import stats

from analysis.audit.finding import Outcome
from analysis.audit.printed_numbers import printed
from harness.audit.judging.tests_of_runs import repeated_test

A = [91.19, 90.50, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05]
B = [92.58, 91.73, 92.08, 91.45, 91.96, 91.58, 91.82, 91.62]

# Exact tests by SciPy: none of the code that is audited with.
P = {
    "wilcoxon": stats.wilcoxon(B, A, method="exact").pvalue,
    "mann_whitney": stats.mannwhitneyu(B, A, method="exact").pvalue,
    "sign_flip": 2 / 2**8,  # all eight differences are above 0
    "permutation": stats.permutation_test(
        (B, A), lambda x, y: sum(x) / 8 - sum(y) / 8, n_resamples=100_000
    ).pvalue,
    "paired_t": stats.ttest_rel(B, A).pvalue,
}


def _one(used, p, **given):
    (found,) = repeated_test(used, B, A, p=printed(p), **given)
    return found


@pytest.mark.parametrize("used", P)
def test_the_p_that_the_test_gives_passes(used):
    assert _one(used, f"{P[used]:.4f}").outcome is Outcome.PASS
    assert _one(used, f"{P[used] / 2:.4f}").outcome is Outcome.PASS


@pytest.mark.parametrize("used", P)
def test_another_p_is_flagged(used):
    found = _one(used, "0.05")
    assert found.outcome is Outcome.FLAG
    assert "of the printed runs does not give the printed p = 0.05" in found.detail
    assert found.values["p_of_runs"] == pytest.approx(P[used], rel=1e-6)


@pytest.mark.parametrize("used", ["wilcoxon", "mann_whitney"])
def test_half_a_p_is_flagged_where_the_test_is_said_to_have_two_sides(used):
    assert _one(used, f"{P[used]:.5f}", sides=2).outcome is Outcome.PASS
    assert _one(used, f"{P[used] / 2:.6f}", sides=2).outcome is Outcome.FLAG
    assert _one(used, f"{P[used] / 2:.6f}", sides=1).outcome is Outcome.PASS


@pytest.mark.parametrize("correction", [True, False])
def test_an_approximate_test_of_ranks_passes(correction):
    p = stats.wilcoxon(B, A, method="approx", correction=correction).pvalue
    assert _one("wilcoxon", f"{p:.5f}").outcome is Outcome.PASS
    p = stats.mannwhitneyu(B, A, method="asymptotic", use_continuity=correction).pvalue
    assert _one("mann_whitney", f"{p:.6f}").outcome is Outcome.PASS


def test_a_p_of_a_thousand_draws_passes():
    assert _one("permutation", "0.001").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("p", "outcome"),
    [
        ("0.0038", Outcome.PASS),  # the test's own, 0.00376
        ("0.0075", Outcome.PASS),  # some step of Holm's
        ("0.0113", Outcome.PASS),  # Bonferroni's, three times it
        ("0.0150", Outcome.FLAG),
        ("< 0.004", Outcome.PASS),
        ("< 0.001", Outcome.FLAG),
        ("> 0.05", Outcome.FLAG),
    ],
)
def test_a_corrected_p_lies_between_the_tests_own_and_so_many_times_it(p, outcome):
    assert _one("paired_t", p, sides=2, corrected_for=3).outcome is outcome


def test_a_statistic_of_ranks_is_not_taken_for_a_t():
    assert _one("wilcoxon", "0.0078", statistic=printed("36")).outcome is Outcome.PASS
    assert not list(repeated_test("wilcoxon", B, A, p=None, statistic=printed("36")))


@pytest.mark.parametrize("used", ["wilcoxon", "sign_flip", "paired_t"])
def test_a_test_of_pairs_is_not_made_of_unequal_numbers(used):
    assert not list(repeated_test(used, B, A[:-1], p=printed("0.01")))


@pytest.mark.parametrize("used", P)
def test_no_test_is_made_of_equal_runs(used):
    assert not list(repeated_test(used, [1.0, 1.0], [1.0, 1.0], p=printed("0.01")))


@pytest.mark.parametrize("used", [None, "other", "one_sample_t"])
def test_a_test_that_is_not_known_is_not_made(used):
    assert not list(repeated_test(used, B, A, p=printed("0.01")))


@pytest.mark.parametrize("used", ["wilcoxon", "mann_whitney", "paired_t", "permutation"])
def test_the_p_that_a_program_prints_of_honest_runs_is_not_flagged(used):
    rng = np.random.default_rng(3)
    for _ in range(20):
        n = int(rng.integers(5, 13))
        a, b = (np.round(rng.normal(91, 0.3, n), 1) for _ in range(2))
        p = _by_scipy(used, b, a, rng)
        shown = printed(f"{p:.3f}" if p >= 0.001 else "< 0.001")
        for found in repeated_test(used, list(b), list(a), p=shown):
            assert found.outcome is Outcome.PASS, found.detail


def _by_scipy(used, b, a, rng):
    """The p that a user of SciPy gets, with ties that its arithmetic may break."""
    match used:
        case "wilcoxon":
            return stats.wilcoxon(b, a, method="approx").pvalue
        case "mann_whitney":
            return stats.mannwhitneyu(b, a).pvalue
        case "paired_t":
            return stats.ttest_rel(b, a).pvalue
        case _:
            drawn = {"n_resamples": 999, "rng": rng, "vectorized": True}
            return stats.permutation_test(
                (b, a), lambda x, y, axis: x.mean(axis) - y.mean(axis), **drawn
            ).pvalue
