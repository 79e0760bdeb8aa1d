from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import AnalysisError, pair, sign_flip_test
from analysis.inference import sign_flip

# Fisher 1935, The Design of Experiments, section 17: Darwin's maize, eighths of an inch.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

per_ten_thousand = st.integers(9000, 9999)
some_pairs = st.lists(st.tuples(per_ten_thousand, per_ten_thousand), min_size=1, max_size=9)


def p_by_enumeration(differences):
    """The share of all sign patterns at least as extreme, in exact integer arithmetic."""
    observed = abs(sum(differences))
    patterns = list(product((-1, 1), repeat=len(differences)))
    sums = [abs(sum(s * d for s, d in zip(p, differences, strict=True))) for p in patterns]
    return sum(each >= observed for each in sums) / len(patterns)


def test_darwins_maize_gives_the_count_that_fisher_published():
    result = sign_flip_test(pair(MAIZE, np.zeros(15)))
    assert result.p_value == 1726 / 32768
    assert result.exact
    assert result.statistic == pytest.approx(314 / 15)


@given(some_pairs)
def test_float_accuracies_give_the_p_value_of_their_integers(counts):
    first, second = (np.array(each) / 10_000 for each in zip(*counts, strict=True))
    expected = p_by_enumeration([a - b for a, b in counts])
    assert sign_flip_test(pair(first, second)).p_value == expected


@given(some_pairs)
def test_single_precision_accuracies_do_too(counts):
    first, second = (np.float32(each) / np.float32(10_000) for each in zip(*counts, strict=True))
    expected = p_by_enumeration([a - b for a, b in counts])
    assert sign_flip_test(pair(first, second)).p_value == expected


def test_equal_differences_tie_though_their_floats_differ():
    first, second = np.array([0.9008, 0.9501, 0.9466]), np.array([0.9007, 0.9500, 0.9467])
    differences = (first - second).tolist()
    assert differences[0] != differences[1]
    assert p_by_enumeration(differences) < 1, "plain floats miss the ties"
    assert p_by_enumeration([1, 1, -1]) == 1
    assert sign_flip_test(pair(first, second)).p_value == 1


@given(some_pairs, st.sampled_from([1e-12, 1 / 3, 100.0, 1e12]))
def test_neither_the_unit_nor_the_sign_nor_the_order_changes_p(counts, unit):
    first, second = (np.array(each) / 10_000 for each in zip(*counts, strict=True))
    p_value = sign_flip_test(pair(first, second)).p_value
    assert sign_flip_test(pair(first * unit, second * unit)).p_value == p_value
    assert sign_flip_test(pair(second, first)).p_value == p_value
    assert sign_flip_test(pair(first[::-1], second[::-1])).p_value == p_value


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_p_lies_between_its_floor_and_one(differences):
    result = sign_flip_test(pair(differences, np.zeros(len(differences))))
    assert result.p_floor <= result.p_value <= 1
    assert result.p_floor == 2 / 2 ** len(differences)


@pytest.mark.parametrize("n", [1, 2, 7, 40, 41])
def test_identical_arms_give_p_one(n):
    values = np.linspace(0.1, 0.9, n)
    result = sign_flip_test(pair(values, values), rng=np.random.default_rng(0))
    assert result.p_value == 1.0


@pytest.mark.parametrize("n", [2, 20, 40])
def test_differences_of_one_sign_reach_the_floor(n):
    result = sign_flip_test(pair(np.arange(1.0, n + 1), np.zeros(n)))
    assert result.p_value == result.p_floor == 2 / 2**n


def test_one_pair_can_show_nothing():
    assert sign_flip_test(pair([1.0], [0.0])).p_value == 1.0


def test_forty_pairs_are_counted_exactly():
    # Of 40 differences of 1, a sum of 20 or more takes 30 or more of one sign: a binomial tail.
    from scipy.stats import binom

    values = np.r_[np.ones(30), np.zeros(10)]
    result = sign_flip_test(pair(values, 1 - values))
    assert result.exact
    assert result.p_value == pytest.approx(2 * binom.sf(29, 40, 0.5), rel=1e-12)


def test_beyond_forty_pairs_random_patterns_come_close_to_the_exact_share():
    from scipy.stats import binom

    values = np.r_[np.ones(32), np.zeros(18)]
    pairs = pair(values, 1 - values)
    result = sign_flip_test(pairs, rng=np.random.default_rng(7))
    expected = 2 * binom.sf(31, 50, 0.5)
    assert not result.exact
    assert result.p_value == pytest.approx(expected, abs=4 * (expected / 100_000) ** 0.5)
    assert result == sign_flip_test(pairs, rng=np.random.default_rng(7))


def test_random_patterns_never_give_zero():
    result = sign_flip_test(
        pair(np.ones(100), np.zeros(100)), rng=np.random.default_rng(0), resamples=99
    )
    assert result.p_value == result.p_floor == 0.01


def test_random_patterns_need_a_generator():
    with pytest.raises(AnalysisError, match="41 pairs"):
        sign_flip_test(pair(np.ones(41), np.zeros(41)))


@pytest.mark.parametrize("values", [[], [np.nan], [np.inf], [[1.0]], [1.0, 2.0]])
def test_what_cannot_be_paired_is_refused(values):
    with pytest.raises(AnalysisError):
        pair(values, [0.0])


def test_a_true_null_is_rejected_no_more_often_than_alpha():
    rng = np.random.default_rng(2024)
    first, second = np.round(rng.normal(0.95, 0.004, size=(2, 1500, 10)), 4)
    rejected = sum(
        sign_flip_test(pair(a, b)).p_value <= 0.05 for a, b in zip(first, second, strict=True)
    )
    # 1,500 draws have a standard error of 0.0056 at 0.05; ties only make the test stricter.
    assert 0.05 - 4 * 0.0056 < rejected / 1500 < 0.05 + 3 * 0.0056


@pytest.mark.parametrize("outlier", [1e4, 1e5, 1e6])
def test_one_pair_of_huge_equal_values_hides_no_difference_of_the_others(outlier):
    lower = np.float32(1.0) - np.linspace(0.01, 0.1, 20, dtype=np.float32)
    values, reference = lower.astype(np.float64), np.ones(20)
    values[7] = reference[7] = np.float32(outlier)
    result = sign_flip_test(pair(values, reference))
    assert result.p_value == pytest.approx(2 / 2**19, rel=0.1)


def test_a_one_sided_test_counts_one_tail_of_darwins_maize():
    # Fisher 1935, The Design of Experiments, section 21: of 32,768 sums 863 reach the observed one.
    differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    pairs = pair(differences, np.zeros(15))
    assert sign_flip_test(pairs, alternative="greater").p_value == 863 / 32768
    assert sign_flip_test(pairs).p_value == 1726 / 32768
    mirrored = pair(np.zeros(15), differences)
    assert sign_flip_test(mirrored, alternative="less").p_value == 863 / 32768


@pytest.mark.parametrize("n", [12, 50])
def test_the_two_one_sided_tests_cover_everything_once_and_the_observed_twice(n):
    rng = np.random.default_rng(1)
    pairs = pair(rng.normal(size=n), rng.normal(size=n))
    sides = [
        sign_flip_test(pairs, alternative=side, rng=np.random.default_rng(5)).p_value
        for side in ("greater", "less")
    ]
    assert 1 < sum(sides) < 1.001


@pytest.mark.parametrize("groups", [1, 3, 1000])
def test_sums_of_flipped_pairs_are_the_same_however_many_are_looked_up_at_once(groups, monkeypatch):
    pairs = pair(np.random.default_rng(0).normal(0.001, 0.01, 100), np.zeros(100))
    expected = sign_flip_test(pairs, rng=np.random.default_rng(1), resamples=2000)
    monkeypatch.setattr(sign_flip, "_GROUPS_AT_ONCE", groups)
    assert sign_flip_test(pairs, rng=np.random.default_rng(1), resamples=2000) == expected


@pytest.mark.parametrize(("n", "patterns"), [(60, 3000), (60, 3), (5_001, 20), (1_030, 1_500)])
def test_a_byte_of_a_pattern_flips_eight_pairs(n, patterns):
    draws = np.random.default_rng(n)
    weights = draws.integers(-1000, 1000, size=n)
    flips = draws.integers(0, 256, size=(patterns, -(-n // 8)), dtype=np.uint8)
    one_by_one = np.unpackbits(flips, axis=1)[:, :n].astype(np.int64) @ weights
    for kind in (np.int64, object):
        sums = sign_flip._flipped(sign_flip._sums_of_eight(weights.astype(kind)), flips)
        assert np.array_equal(sums, one_by_one)


def test_how_many_patterns_are_held_together_changes_no_p(monkeypatch):
    pairs = pair(np.random.default_rng(3).normal(0.1, 1.0, 600), np.zeros(600))
    found = set()
    for together in (1, 1 << 16, 1 << 22):
        monkeypatch.setattr(sign_flip, "_LOOKED_UP_AT_ONCE", together)
        rng = np.random.default_rng(1)
        found.add(sign_flip_test(pairs, rng=rng, resamples=9_999).p_value)
    assert len(found) == 1
