import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.paired import pair
from analysis.inference.ranks import doubled_midranks, normal_p
from analysis.inference.samples import samples


def test_samples_are_sorted_and_pooled_in_order():
    both = samples([0.3, 0.1, 0.2], [0.2, 0.1])
    assert both.first.tolist() == [0.1, 0.2, 0.3]
    assert (both.n1, both.n2) == (3, 2)
    assert both.values.tolist() == [0.1, 0.2, 0.3, 0.1, 0.2]


@pytest.mark.parametrize("values", [[], [np.nan], [-np.inf], [[1.0]], 1.0, [1e301]])
def test_what_is_no_sample_is_refused(values):
    with pytest.raises(AnalysisError):
        samples(values, [0.0])
    with pytest.raises(AnalysisError):
        samples([0.0], values)


def test_equal_values_that_differ_in_their_last_bit_share_a_rank():
    both = samples([0.3, 1.0], [0.1 + 0.2])
    assert both.first[0] != both.second[0]
    assert doubled_midranks(both.values, both.noise).tolist() == [3, 6, 3]


def test_neighbours_on_the_grid_of_an_accuracy_do_not():
    accuracies = np.arange(9001, 9101) / 10_000
    for values in (accuracies, np.float32(accuracies)):
        both = samples(values, values[:1])
        ranks = doubled_midranks(both.values, both.noise)
        assert ranks[1:-1].tolist() == list(range(6, 204, 2))
        assert ranks[0] == ranks[-1] == 3


def test_single_precision_values_a_last_bit_apart_are_tied():
    value = np.float32(0.9501)
    both = samples([value], [np.nextafter(value, np.float32(1))])
    assert doubled_midranks(both.values, both.noise).tolist() == [3, 3]


def test_one_huge_value_ties_no_others():
    both = samples(np.float32([0.25, 0.5, 1e6]), np.float32([0.75, 1.0]))
    assert doubled_midranks(both.values, both.noise).tolist() == [2, 4, 10, 6, 8]


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e300])
def test_no_size_of_the_values_is_too_small_or_too_large(scale):
    both = samples(np.array([0.0, 1.0]) * scale, np.array([1.0]) * scale)
    assert doubled_midranks(both.values, both.noise).tolist() == [2, 5, 5]


def test_pairs_know_the_noise_of_each_difference():
    pairs = pair([1.0, 0.5, 0.7], [1.0, 0.4, 0.9])
    assert pairs.noise.tolist() == [0.9 * 2**-40, 0, 0.5 * 2**-40]
    assert pairs.signs.tolist() == [-1, 0, 1]


def test_a_normal_tail_is_never_zero_and_never_above_one():
    assert 0 < normal_p(1e9, 1.0, "two-sided") < 1e-300
    assert normal_p(0.0, 1.0, "two-sided") == 1
    assert normal_p(5.0, 0.0, "greater") == 1
    assert normal_p(1 + 1.959964, 1.0, "two-sided") == pytest.approx(0.05, abs=1e-7)


def test_every_row_of_a_matrix_is_ranked_by_itself():
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(0, 1, (50, 7)), 1)
    noise = rng.choice([0.0, 0.05, 0.2], values.shape)
    rows = [doubled_midranks(*each).tolist() for each in zip(values, noise, strict=True)]
    assert doubled_midranks(values, noise).tolist() == rows
