"""Simulated rates of type I error, on accuracies that are counted in ten-thousandths.

Every bound is a quantile of the binomial distribution of the number of rejections at a rate that
theory gives, so that right tests would fail one of all these checks less than once in fifty times
of drawing new random numbers; the numbers themselves are fixed.
"""

from functools import cache
from math import comb

import numpy as np
import pytest
from scipy import stats

from analysis.inference.corrections import adjust
from analysis.inference.dunnett import dunnett
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.paired import pair
from analysis.inference.permutation import permutation_test
from analysis.inference.samples import samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import paired_t_test
from analysis.inference.welch import welch_t
from analysis.inference.wilcoxon import wilcoxon_signed_rank

pytestmark = pytest.mark.slow

ALPHA = 0.05
DRAWS = 4000
UNLIKELY = 1e-4
SIDES = ["two-sided", "greater", "less"]


def accuracies(rng, n, spread):
    """Accuracies around 95 %, with a spread in ten-thousandths, on a grid of one of them."""
    return np.round(rng.normal(0.95, spread / 10_000, size=n), 4)


def permutation(first, second, alternative):
    rng = np.random.default_rng(1)
    both = samples(first, second)
    return permutation_test(both, alternative=alternative, rng=rng, resamples=399)


TESTS = {
    "sign_flip": lambda a, b, side: sign_flip_test(pair(a, b), alternative=side),
    "paired_t": lambda a, b, side: paired_t_test(pair(a, b), alternative=side),
    "wilcoxon": lambda a, b, side: wilcoxon_signed_rank(pair(a, b), alternative=side),
    "mann_whitney": lambda a, b, side: mann_whitney(samples(a, b), alternative=side),
    "permutation": permutation,
    "welch_t": lambda a, b, side: welch_t(samples(a, b), alternative=side),
}


@cache
def rejections(test, n1, n2, alternative, spreads):
    rng = np.random.default_rng([n1, n2, SIDES.index(alternative), *spreads])
    results = [
        TESTS[test](accuracies(rng, n1, spreads[0]), accuracies(rng, n2, spreads[1]), alternative)
        for _ in range(DRAWS)
    ]
    return sum(each.p_value is not None and each.p_value <= ALPHA for each in results)


def attainable(arrangements, alternative):
    """The largest share of equally likely arrangements, one by one or in pairs, up to alpha."""
    step = (2 if alternative == "two-sided" else 1) / arrangements
    return np.floor(ALPHA / step + 1e-9) * step


def no_more_than(rate):
    return stats.binom.ppf(1 - UNLIKELY, DRAWS, rate)


def no_fewer_than(rate):
    return stats.binom.ppf(UNLIKELY, DRAWS, rate)


@pytest.mark.parametrize("n", [5, 10, 30])
@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize("spread", [1, 40])
@pytest.mark.parametrize("test", ["sign_flip", "wilcoxon", "mann_whitney", "permutation"])
def test_a_permutation_test_rejects_true_nulls_no_more_often_than_alpha(
    test, n, alternative, spread
):
    # Holds in finite samples, with any ties: with a spread of one grid unit most values are tied.
    arrangements = 2**n if test in ("sign_flip", "wilcoxon") else comb(2 * n, n)
    rejected = rejections(test, n, n, alternative, (spread, spread))
    assert rejected <= no_more_than(attainable(arrangements, alternative))


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize("test", ["sign_flip", "wilcoxon", "mann_whitney", "permutation"])
def test_nor_much_less_often_where_ties_are_few(test, n, alternative):
    # Rank sums are as coarse at n = 10 as to reach no more than 0.0420 (Wilcoxon, one-sided) and
    # 0.0433 (Mann-Whitney, two-sided); ties and random splits take little more.
    rejected = rejections(test, n, n, alternative, (40, 40))
    assert rejected >= no_fewer_than(0.04)


@pytest.mark.parametrize("n", [5, 10, 30])
@pytest.mark.parametrize("alternative", SIDES)
def test_the_paired_t_test_rejects_true_nulls_as_often_as_alpha_says(n, alternative):
    # Exact for normal differences; a grid of 1/57 of their standard deviation changes nothing.
    rejected = rejections("paired_t", n, n, alternative, (40, 40))
    assert no_fewer_than(ALPHA) <= rejected <= no_more_than(ALPHA)


@pytest.mark.parametrize(
    ("n1", "n2", "spreads"),
    [(5, 5, (40, 40)), (10, 10, (40, 40)), (30, 30, (40, 40)), (10, 10, (20, 80)),
     (30, 10, (80, 20)), (10, 30, (80, 20))],
)  # fmt: skip
@pytest.mark.parametrize("alternative", SIDES)
def test_welchs_test_keeps_close_to_alpha_even_when_spreads_differ(n1, n2, spreads, alternative):
    # The degrees of freedom are an approximation: within 0.01 of alpha from n = 5 on (Welch 1947;
    # Best & Rayner 1987, Technometrics 29, 205-210).
    rejected = rejections("welch_t", n1, n2, alternative, spreads)
    assert no_fewer_than(ALPHA - 0.01) <= rejected <= no_more_than(ALPHA + 0.01)


@pytest.mark.parametrize("n", [5, 10, 30])
@pytest.mark.parametrize("alternative", SIDES)
def test_dunnetts_test_rejects_any_true_null_as_often_as_alpha_says(n, alternative):
    rng = np.random.default_rng([n, SIDES.index(alternative)])
    rejected = 0
    for _ in range(DRAWS):
        control, *arms = (accuracies(rng, n, 40) for _ in range(5))
        results = dunnett(control, arms, alternative=alternative)
        rejected += min(each.p_value for each in results) <= ALPHA
    assert no_fewer_than(ALPHA) <= rejected <= no_more_than(ALPHA)


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "benjamini_hochberg"])
def test_a_correction_keeps_the_rate_of_any_false_rejection_when_all_nulls_are_true(method):
    # With all nulls true, the false discovery rate is the family-wise one.
    rng = np.random.default_rng(8)
    rejected = 0
    for _ in range(DRAWS):
        control, *arms = (accuracies(rng, 10, 40) for _ in range(6))
        p_values = [welch_t(samples(arm, control)).p_value for arm in arms]
        rejected += min(adjust(p_values, method)) <= ALPHA
    assert no_fewer_than(0.03) <= rejected <= no_more_than(ALPHA)
