from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inference import permutation as module
from analysis.inference.permutation import permutation_test
from analysis.inference.samples import samples

per_ten_thousand = st.lists(st.integers(9490, 9510), min_size=1, max_size=6)
sides = st.sampled_from(["two-sided", "greater", "less"])


def by_enumeration(first, second, alternative):
    """The share of all splits at least as extreme, in exact integer arithmetic."""
    n1, n2 = len(first), len(second)
    pooled = [*first, *second]
    observed = n2 * sum(first) - n1 * sum(second)
    splits = [
        (n1 + n2) * sum(pooled[i] for i in chosen) - n1 * sum(pooled)
        for chosen in combinations(range(n1 + n2), n1)
    ]
    beyond = {
        "two-sided": [abs(each) >= abs(observed) for each in splits],
        "greater": [each >= observed for each in splits],
        "less": [each <= observed for each in splits],
    }[alternative]
    return sum(beyond) / len(beyond)


def test_the_tomato_plants_give_the_count_that_was_published():
    # Box, Hunter & Hunter 1978, Statistics for Experimenters, section 4.1: of 462 arrangements
    # 154 reach the observed difference of 1.69 pounds.
    standard, modified = [29.9, 11.4, 25.3, 16.5, 21.1], [26.6, 23.7, 28.5, 14.2, 17.9, 24.3]
    result = permutation_test(samples(modified, standard), alternative="greater")
    assert result.statistic == pytest.approx(1.69, abs=0.005)
    assert result.p_value == 154 / 462
    assert result.exact


def test_the_mice_come_close_to_the_published_draws():
    # Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 15.2: 0.132 from 1000
    # draws, whose standard error is 0.011.
    treated, control = [94, 197, 16, 38, 99, 141, 23], [52, 104, 146, 10, 51, 30, 40, 27, 46]
    result = permutation_test(samples(treated, control), alternative="greater")
    assert result.statistic == pytest.approx(30.63, abs=0.005)
    assert result.p_value == pytest.approx(0.132, abs=2 * 0.011)


@given(per_ten_thousand, per_ten_thousand, sides)
def test_float_accuracies_give_the_p_value_of_their_integers(first, second, alternative):
    expected = by_enumeration(first, second, alternative)
    floats = samples(np.array(first) / 10_000, np.array(second) / 10_000)
    result = permutation_test(floats, alternative=alternative)
    assert result.p_value == expected
    assert result.p_floor <= expected
    singles = samples(
        np.float32(first) / np.float32(10_000), np.float32(second) / np.float32(10_000)
    )
    assert permutation_test(singles, alternative=alternative).p_value == expected


@given(per_ten_thousand, per_ten_thousand, sides, st.sampled_from([1e-12, 1 / 3, 100.0, 1e12]))
def test_neither_the_unit_nor_the_order_nor_an_exchange_changes_p(first, second, side, unit):
    mirrored = {"two-sided": "two-sided", "greater": "less", "less": "greater"}[side]
    one, other = np.array(first) / 10_000, np.array(second) / 10_000
    p_value = permutation_test(samples(one, other), alternative=side).p_value
    for both, alternative in (
        (samples(one * unit, other * unit), side),
        (samples(other, one), mirrored),
        (samples(-one, -other), mirrored),
        (samples(one[::-1], other[::-1]), side),
    ):
        assert permutation_test(both, alternative=alternative).p_value == p_value


def test_equal_sums_tie_though_their_floats_differ():
    first, second = [0.1, 0.2], [0.3, 0.0]
    assert sum(first) != sum(second)
    assert permutation_test(samples(first, second)).p_value == 1
    # Of the six splits of 0, 1, 2, 3 tenths two more have the sum of 0.1 + 0.2.
    assert permutation_test(samples(first, second), alternative="greater").p_value == 4 / 6


@pytest.mark.parametrize(
    ("n1", "n2", "two_sided"),
    [(5, 5, 2), (10, 10, 2), (20, 20, 2), (3, 7, 1), (7, 3, 1), (2, 500, 1)],
)
def test_separated_samples_reach_the_floor(n1, n2, two_sided):
    both = samples(np.ones(n1), np.zeros(n2))
    for alternative, splits in (("two-sided", two_sided), ("greater", 1)):
        result = permutation_test(both, alternative=alternative)
        assert result.exact
        assert result.p_value == result.p_floor == splits / comb(n1 + n2, n1)
    assert permutation_test(both, alternative="less").p_value == 1


@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (1, 2), (2, 2), (20, 20), (30, 31)])
def test_equal_values_give_p_one(n1, n2):
    both = samples(np.full(n1, 0.9501), np.full(n2, 0.9501))
    for alternative in ("two-sided", "greater", "less"):
        result = permutation_test(both, alternative=alternative, rng=np.random.default_rng(0))
        assert result.p_value == 1


def test_twenty_and_twenty_are_counted_exactly():
    # Of 40 values 20 are 1. A group with 14 of them or more is a hypergeometric tail.
    from scipy.stats import hypergeom

    both = samples(np.r_[np.ones(14), np.zeros(6)], np.r_[np.ones(6), np.zeros(14)])
    result = permutation_test(both)
    assert result.exact
    assert result.p_value == pytest.approx(2 * hypergeom.sf(13, 40, 20, 20), rel=1e-12)


@pytest.mark.parametrize(
    ("n1", "n2", "alternative"),
    [(30, 30, "two-sided"), (30, 40, "two-sided"), (40, 30, "greater"), (30, 40, "less")],
)
def test_random_splits_come_close_to_the_exact_share(n1, n2, alternative):
    from scipy.stats import hypergeom

    ones, others = round(0.6 * n1), round(0.4 * n2)
    if alternative == "less":
        ones, others = round(0.4 * n1), round(0.6 * n2)
    first = np.r_[np.ones(ones), np.zeros(n1 - ones)]
    second = np.r_[np.ones(others), np.zeros(n2 - others)]
    drawn = np.arange(n1 + 1)
    chances = hypergeom.pmf(drawn, n1 + n2, ones + others, n1)
    gaps = (n1 + n2) * drawn - n1 * (ones + others)
    gap = (n1 + n2) * ones - n1 * (ones + others)
    beyond = {
        "two-sided": np.abs(gaps) >= abs(gap), "greater": gaps >= gap, "less": gaps <= gap,
    }[alternative]  # fmt: skip
    expected = chances[beyond].sum()
    both = samples(first, second)
    result = permutation_test(both, alternative=alternative, rng=np.random.default_rng(7))
    assert not result.exact
    assert result.p_value == pytest.approx(expected, abs=4 * (expected / 100_000) ** 0.5)
    again = permutation_test(both, alternative=alternative, rng=np.random.default_rng(7))
    assert result == again


def test_random_splits_and_counted_ones_agree(monkeypatch):
    rng = np.random.default_rng(11)
    both = samples(rng.normal(0.4, 1, 12), rng.normal(size=9))
    counted = permutation_test(both)
    monkeypatch.setattr(module, "EXACT_UP_TO_SUMS", 0)
    drawn = permutation_test(both, rng=rng)
    assert (counted.exact, drawn.exact) == (True, False)
    error = (counted.p_value * (1 - counted.p_value) / 100_000) ** 0.5
    assert drawn.p_value == pytest.approx(counted.p_value, abs=4 * error)


def test_random_splits_never_give_zero():
    both = samples(np.ones(100), np.zeros(100))
    result = permutation_test(both, rng=np.random.default_rng(0), resamples=99)
    assert result.p_value == result.p_floor == 0.01


def test_random_splits_need_a_generator_and_a_number():
    both = samples(np.ones(30), np.zeros(31))
    with pytest.raises(AnalysisError, match="61 values"):
        permutation_test(both)
    with pytest.raises(AnalysisError, match="one resample"):
        permutation_test(both, rng=np.random.default_rng(0), resamples=0)
