"""What an outlier, or whole numbers, must not do to what the other values say."""

import numpy as np
import pytest

from analysis.inference import grid
from analysis.inference.effect_sizes import paired_effect_sizes
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.paired import pair
from analysis.inference.permutation import permutation_test
from analysis.inference.samples import samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.wilcoxon import wilcoxon_signed_rank

LOWER = 0.9 - np.linspace(0.0103, 0.1009, 20)
OUTLIERS = [1e6, 1e14, 1e15, 1e30, 1e200]


def with_outlier(outlier):
    control = np.linspace(0.91, 0.95, 20)
    control[7] = outlier
    return pair(LOWER, control)


@pytest.mark.parametrize("outlier", OUTLIERS)
def test_one_diverged_run_leaves_every_pair_its_difference(outlier):
    pairs = with_outlier(outlier)
    assert pairs.nonzero == 20
    assert wilcoxon_signed_rank(pairs).p_value == 2 / 2**20
    assert sign_flip_test(pairs).p_value == 2 / 2**20
    assert sign_flip_test(pairs, alternative="less").p_value == 1 / 2**20
    assert sign_flip_test(pairs, alternative="greater").p_value == 1


@pytest.mark.parametrize("outlier", OUTLIERS)
def test_superiority_counts_every_pair_beside_a_diverged_run(outlier):
    control = np.linspace(0.91, 0.95, 20)
    control[7] = outlier
    sizes = {each.name: each.estimate for each in paired_effect_sizes(pair(LOWER, control), 0.95)}
    assert sizes["superiority"] == 0


@pytest.mark.parametrize("outlier", OUTLIERS)
def test_separated_samples_stay_separated_beside_a_diverged_run(outlier):
    both = samples(LOWER[:8], [*np.linspace(0.91, 0.95, 7), outlier])
    assert mann_whitney(both).p_value == 2 / 12870
    assert permutation_test(both).p_value == 2 / 12870
    assert permutation_test(both, alternative="less").p_value == 1 / 12870
    unequal = samples(LOWER[:5], [*np.linspace(0.91, 0.95, 7), outlier])
    assert permutation_test(unequal, alternative="less").p_value == 1 / 1287


@pytest.mark.parametrize("outlier", [1e6, 1e15, 1e40])
def test_ties_of_sums_are_seen_beside_a_diverged_run(outlier):
    # The outlier's sign decides. Given it, sums of the other six that are tied on paper are tied.
    first = [0.9008, 0.9501, 0.9466, 0.9310, 0.9222, 0.9105]
    second = [0.9007, 0.9500, 0.9467, 0.9309, 0.9221, 0.9107]
    others = [1, 1, -1, 1, 1, -2]
    patterns = (np.indices((2,) * 6).reshape(6, -1).T * 2 - 1) @ others
    expected = np.mean(patterns >= sum(others))
    result = sign_flip_test(pair([*first, outlier], [*second, 0.0]))
    assert result.p_value == expected


def test_random_patterns_are_not_misled_by_an_outlier_either():
    rng = np.random.default_rng(0)
    values = np.r_[0.01 * np.ones(44) * np.r_[np.ones(30), -np.ones(14)], 1e15]
    result = sign_flip_test(pair(values, np.zeros(45)), rng=rng, resamples=20_000)
    from scipy.stats import binom

    expected = binom.sf(29, 44, 0.5)
    assert result.p_value == pytest.approx(expected, abs=5 * (expected / 20_000) ** 0.5)


def test_two_diverged_runs_that_oppose_each_other_leave_the_counts_alone():
    pairs = pair([1e15, -1e15, *LOWER], [0.9, 0.9, *(LOWER + 0.01)])
    assert pairs.nonzero == 22
    assert pairs.signs.tolist() == [-1] * 21 + [1]


def test_whole_numbers_have_no_noise():
    large = np.arange(12_000_001.0, 12_000_009.0)
    pairs = pair(large, large - 1)
    assert pairs.nonzero == 8
    assert pairs.noise.tolist() == [0] * 8
    assert sign_flip_test(pairs).p_value == wilcoxon_signed_rank(pairs).p_value == 2 / 2**8
    alternating = pair(large, large - np.tile([1, 2], 4))
    assert not alternating.spread_is_noise
    assert mann_whitney(samples(large, large + 8)).p_value == 2 / 12870


def test_whole_numbers_are_exact_up_to_their_last_digit():
    large = 10.0**15 + np.arange(8)
    assert pair(large, large - 1).nonzero == 8


@pytest.mark.parametrize(
    ("values", "single"),
    [
        ([1.0, 2.0, 12_000_001.0], False),
        ([0.25, 12.5, 100.75], False),
        ([0.1, 0.2], False),
        (np.float32([0.1, 0.2]), True),
        (np.float32([1.0, 0.5, 0.9501]), True),
        (np.float32([3e-41, 0.9501]), True),
        ([0.0], False),
    ],
)
def test_single_precision_is_what_needs_its_bits(values, single):
    assert grid.all_single_precision(np.asarray(values, dtype=np.float64)) is single


def test_units_are_exact_where_64_bits_are_too_few():
    units, noise = grid.whole_units(np.array([1e15, 0.25, -0.75]), np.zeros(3))
    assert units.dtype == object
    assert units[0] * 1 == units[1] * 4 * 10**15
    assert units[2] == -3 * units[1]
    assert noise.tolist() == [0, 0, 0]


def test_nothing_but_zeros_has_units_too():
    units, noise = grid.whole_units(np.zeros(3), np.zeros(3))
    assert units.tolist() == noise.tolist() == [0, 0, 0]
