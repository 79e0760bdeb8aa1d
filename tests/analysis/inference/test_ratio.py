"""Ratios of independent means, and Fieller's interval."""

import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.inference.ratio import ratio_interval
from analysis.inference.samples import samples
from analysis.inference.welch import welch_t


def test_the_ends_are_those_of_the_formula_by_hand():
    # Means 10 and 5, v = 1/3 and 1/3, r = 2: degrees (1/3 + 4/3)^2 / (1/18 + 16/18) = 2.941.
    found = ratio_interval(samples([9, 10, 11], [4, 5, 6]), 0.95)
    t = stats.t.ppf(0.975, 25 / 9 / (17 / 18))
    square = 25 - t**2 / 3
    root = np.sqrt(50**2 - (100 - t**2 / 3) * square)
    assert found.ratio == 2
    assert (found.low, found.high) == pytest.approx(((50 - root) / square, (50 + root) / square))
    assert (found.n1, found.n2) == (3, 3)


def test_it_has_the_ratios_that_welchs_test_does_not_refuse():
    rng = np.random.default_rng(3)
    first, second = rng.normal(20, 2, size=40), rng.normal(4, 0.2, size=60)
    found = ratio_interval(samples(first, second), 0.95)
    # Degrees of freedom are taken at the estimate, and differ little at the ends.
    for end in (found.low, found.high):
        assert welch_t(samples(first, end * second)).p_value == pytest.approx(0.05, abs=2e-3)


def test_the_other_way_round_it_is_the_inverse():
    first, second = [4.0, 4.4, 4.1, 4.3], [1.9, 2.1, 2.0]
    one, other = (
        ratio_interval(each, 0.9) for each in (samples(first, second), samples(second, first))
    )
    assert (1 / other.ratio, 1 / other.high, 1 / other.low) == pytest.approx(
        (one.ratio, one.low, one.high)
    )


def test_order_and_pairing_of_the_values_are_of_no_account():
    first, second = [4.0, 4.4, 4.1, 4.3], [1.9, 2.1, 2.0, 2.2]
    assert ratio_interval(samples(first, second), 0.95) == ratio_interval(
        samples(first[::-1], second), 0.95
    )


def test_nineteen_in_twenty_intervals_of_five_values_hold_the_ratio():
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(2000):
        both = samples(rng.normal(10, 0.5, size=5), rng.normal(5, 0.1, size=5))
        found = ratio_interval(both, 0.95)
        hits += found.low <= 2 <= found.high
    assert hits / 2000 == pytest.approx(0.95, abs=0.015)


def test_what_cannot_be_told_is_left_open():
    single = ratio_interval(samples([4.0], [2.0, 2.2]), 0.95)
    assert (single.low, single.high) == (None, None)
    beside_zero = ratio_interval(samples([4.0, 4.1], [-1.0, 1.1]), 0.95)
    assert (beside_zero.low, beside_zero.high) == (None, None)
    constant = ratio_interval(samples([4.0, 4.0], [2.0, 2.0]), 0.95)
    assert (constant.ratio, constant.low, constant.high) == (2, 2, 2)
    with pytest.raises(AnalysisError, match="not 0"):
        ratio_interval(samples([1.0, 2.0], [0.0, 0.0]), 0.95)
