from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.inference import mann_whitney as module
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.samples import samples

# R's data set airquality: ozone in New York, May and August 1973, missing days left out.
MAY = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45]
MAY += [115, 37]
AUGUST = [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73]
AUGUST += [76, 118, 84, 85]

per_ten_thousand = st.lists(st.integers(9497, 9503), min_size=1, max_size=5)
sides = st.sampled_from(["two-sided", "greater", "less"])


def u_of(first, second):
    return sum((a > b) + (a == b) / 2 for a in first for b in second)


def by_enumeration(first, second, alternative):
    """U and its p from every split of the pooled values."""
    pooled, observed = [*first, *second], u_of(first, second)
    middle = len(first) * len(second) / 2
    beyond = []
    for chosen in combinations(range(len(pooled)), len(first)):
        rest = [pooled[i] for i in range(len(pooled)) if i not in chosen]
        u = u_of([pooled[i] for i in chosen], rest)
        beyond.append(
            {
                "two-sided": abs(u - middle) >= abs(observed - middle),
                "greater": u >= observed,
                "less": u <= observed,
            }[alternative]
        )
    return observed, sum(beyond) / len(beyond)


def test_the_permeability_data_give_what_r_prints():
    # Hollander & Wolfe 1973, p. 69; R's help page of wilcox.test prints W = 35, p = 0.1272.
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    earlier = [1.15, 0.88, 0.90, 0.74, 1.21]
    result = mann_whitney(samples(term, earlier), alternative="greater")
    assert result.statistic == 35
    assert result.p_value == pytest.approx(0.1272, abs=5e-5)
    assert result.exact


def test_the_ozone_data_give_the_normal_p_value_that_r_prints(monkeypatch):
    # R's help page of wilcox.test: W = 127.5, p = 0.0001208, with ties and continuity corrected.
    monkeypatch.setattr(module, "_EXACT_UP_TO_ADDITIONS", 0)
    result = mann_whitney(samples(MAY, AUGUST))
    assert result.statistic == 127.5
    assert result.p_value == pytest.approx(0.0001208, abs=5e-8)
    assert (result.exact, result.p_floor) == (False, None)


def test_counting_them_with_their_ties_takes_no_approximation():
    result = mann_whitney(samples(MAY, AUGUST))
    assert result.exact
    assert result.p_value == pytest.approx(0.0001208, rel=0.6)


@pytest.mark.parametrize(
    ("n1", "n2", "splits"), [(3, 3, 20), (4, 4, 70), (5, 5, 252), (3, 5, 56), (1, 1, 2)]
)
def test_separated_samples_are_one_split_of_all(n1, n2, splits):
    both = samples(np.arange(n1) + 100.0, np.arange(n2))
    result = mann_whitney(both, alternative="greater")
    assert result.statistic == n1 * n2
    assert result.p_value == result.p_floor == 1 / splits
    assert mann_whitney(both).p_value == 2 / splits
    assert mann_whitney(both, alternative="less").p_value == 1


@given(per_ten_thousand, per_ten_thousand, sides)
def test_float_accuracies_give_the_p_value_of_their_integers(first, second, alternative):
    both = samples(np.array(first) / 10_000, np.array(second) / 10_000)
    result = mann_whitney(both, alternative=alternative)
    statistic, p_value = by_enumeration(first, second, alternative)
    assert result.statistic == statistic
    assert result.p_value == pytest.approx(p_value, rel=1e-12)
    assert result.p_floor <= result.p_value * (1 + 1e-12)


@given(per_ten_thousand, per_ten_thousand, sides)
def test_exchanging_the_samples_mirrors_the_test_and_order_does_nothing(first, second, side):
    mirrored = {"two-sided": "two-sided", "greater": "less", "less": "greater"}[side]
    one = mann_whitney(samples(first, second), alternative=side)
    other = mann_whitney(samples(second, first), alternative=mirrored)
    assert one.p_value == other.p_value
    assert one.statistic + other.statistic == len(first) * len(second)
    assert mann_whitney(samples(first[::-1], second[::-1]), alternative=side) == one


@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (1, 7), (30, 30), (200, 300), (6000, 6000)])
def test_equal_values_give_p_one(n1, n2):
    result = mann_whitney(samples(np.full(n1, 0.95), np.full(n2, 0.95)))
    assert result.p_value == 1
    assert result.statistic == n1 * n2 / 2


def test_unequal_sizes_with_ties_can_reach_one_split_on_one_side_alone():
    result = mann_whitney(samples([5.0], [1.0, 1.0]))
    assert result.p_value == result.p_floor == 1 / 3


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("n1", "n2"), [(30, 30), (40, 12), (9, 50)])
def test_scipy_counts_the_same_without_ties(n1, n2, alternative):
    rng = np.random.default_rng(n1)
    first, second = rng.normal(0.2, 1, n1), rng.normal(size=n2)
    theirs = stats.mannwhitneyu(first, second, alternative=alternative, method="exact")
    ours = mann_whitney(samples(first, second), alternative=alternative)
    assert ours.exact
    assert ours.statistic == theirs.statistic
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_scipy_agrees_on_the_normal_p_value_of_large_samples(alternative):
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 30, 300), rng.integers(1, 31, 200)
    theirs = stats.mannwhitneyu(first, second, alternative=alternative, method="asymptotic")
    ours = mann_whitney(samples(first, second), alternative=alternative)
    assert not ours.exact
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_no_p_value_is_zero_however_large_the_samples():
    result = mann_whitney(samples(np.arange(5000.0) + 1e4, np.arange(5000.0)))
    assert 0 < result.p_value < 1e-300
