"""What the order of runs does to a paired test."""

import itertools

import numpy as np
import pytest
from scipy import stats

from analysis.audit.run_order import reorderings, run_index_effect

STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
IG = [91.27, 92.01, 91.22, 91.42, 91.11, 91.58, 91.09, 91.57, 91.38, 90.85]


def test_the_correlation_over_the_run_index_is_pearsons():
    found, expected = run_index_effect(IG, STUDENT), stats.pearsonr(IG, STUDENT)
    assert found.correlation == pytest.approx(expected.statistic)
    assert found.correlation_p == pytest.approx(expected.pvalue)


def test_the_intraclass_correlation_of_two_arms_is_twice_the_covariance_over_both_variances():
    # ICC(3, 1) = (MSB - MSE) / (MSB + MSE), with MSB and MSE = (s1² + s2² ± 2 s12) / 2.
    covariance = np.cov(IG, STUDENT)
    expected = 2 * covariance[0, 1] / np.trace(covariance)
    found = run_index_effect(IG, STUDENT)
    assert found.intraclass == pytest.approx(expected)
    ratio = (1 + expected) / (1 - expected)
    assert found.block_p == pytest.approx(stats.f(9, 9).sf(ratio))


def test_runs_that_share_nothing_show_a_block_effect_in_one_of_twenty_studies():
    rng = np.random.default_rng(0)
    found = [run_index_effect(rng.normal(size=8), rng.normal(size=8)) for _ in range(1_500)]
    for name in ("block_p", "correlation_p"):
        share = np.mean([getattr(each, name) <= 0.05 for each in found])
        # Four standard errors are 0.0225.
        assert share == pytest.approx(0.05, abs=0.0225)


def test_runs_that_share_a_block_show_it():
    rng = np.random.default_rng(0)
    block = rng.normal(0, 2, 20)
    found = run_index_effect(block + rng.normal(size=20), block + rng.normal(size=20))
    # The intraclass correlation is 4 / (4 + 1).
    assert found.intraclass == pytest.approx(0.8, abs=0.2)
    assert found.block_p < 0.001


@pytest.mark.parametrize("runs", [([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]), ([1.0], [2.0])])
def test_an_arm_without_spread_has_no_correlation(runs):
    assert run_index_effect(*runs).correlation is None


def test_a_perfect_correlation_has_the_smallest_p():
    found = run_index_effect([1.0, 2.0, 3.0, 5.0], [2.0, 4.0, 6.0, 10.0])
    assert found.correlation == pytest.approx(1.0)
    assert found.correlation_p < 1e-6


@pytest.mark.parametrize("test", ["paired_t", "wilcoxon", "sign_flip"])
def test_random_orders_are_those_that_there_are(test):
    # No two of the differences tie, which SciPy's exact test could not handle.
    first, second = [3.14, 4.59, 2.26, 5.93, 3.31], [2.03, 3.08, 3.17, 2.4, 3.52]
    tests = {
        "paired_t": lambda a, b: stats.ttest_rel(a, b).pvalue,
        "wilcoxon": lambda a, b: stats.wilcoxon(np.round(a - b, 2), method="exact").pvalue,
        "sign_flip": _sign_flip,
    }
    every = [
        tests[test](np.array(first), np.array(order)) for order in itertools.permutations(second)
    ]
    found = reorderings(first, second, test=test, alpha=0.2, seed=0)
    share = np.mean([p <= 0.2 for p in every])
    assert found.smallest_p == pytest.approx(min(every))
    assert found.largest_p == pytest.approx(max(every))
    assert found.significant_share == pytest.approx(share, abs=4 * 0.5 / found.orders**0.5)


def _sign_flip(first, second):
    differences = np.round(first - second, 2)
    sums = [
        abs(np.dot(signs, differences)) for signs in itertools.product((-1, 1), repeat=len(first))
    ]
    return np.mean([each >= abs(differences.sum()) - 1e-9 for each in sums])


def test_the_order_given_does_not_matter():
    found = reorderings(IG, STUDENT, test="paired_t", alpha=0.05, seed=0)
    assert found == reorderings(IG[::-1], sorted(STUDENT), test="paired_t", alpha=0.05, seed=0)


def test_many_runs_are_given_to_the_t_test():
    rng = np.random.default_rng(0)
    found = reorderings(
        rng.normal(size=60), rng.normal(size=60), test="sign_flip", alpha=0.05, seed=0
    )
    assert found.reordering_test == "paired_t"


def test_runs_without_spread_have_no_spread_of_p():
    assert reorderings([1.0, 1.0], [2.0, 2.0], test="paired_t", alpha=0.05, seed=0) is None
    assert reorderings([1.0], [2.0], test="paired_t", alpha=0.05, seed=0) is None
