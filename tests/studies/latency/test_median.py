import pytest

from studies.distillation.latency.median import median_interval

# Nair 1940, "Table of confidence intervals for the median in samples from any continuous
# population", Sankhyā 4: number of values, depth of the interval, its coverage in per cent.
NAIR = [
    (6, 1, 96.9),
    (8, 1, 99.2),
    (9, 2, 96.1),
    (10, 2, 97.9),
    (12, 3, 96.1),
    (15, 4, 96.5),
    (17, 5, 95.1),
    (20, 6, 95.9),
    (25, 8, 95.7),
    (30, 10, 95.7),
    (40, 14, 96.2),
    (44, 16, 95.1),
    (51, 19, 95.1),
    (65, 25, 95.4),
]


@pytest.mark.parametrize(("count", "depth", "per_cent"), NAIR)
def test_depth_and_coverage_are_the_published_ones(count, depth, per_cent):
    interval = median_interval(range(1, count + 1))
    assert (interval.low, interval.high) == (depth, count + 1 - depth)
    assert 100 * interval.coverage == pytest.approx(per_cent, abs=0.05)


def test_the_interval_does_not_depend_on_the_order_of_the_values():
    assert median_interval([3, 1, 6, 5, 2, 4]) == median_interval([1, 2, 3, 4, 5, 6])


def test_the_median_of_an_even_number_lies_half_way():
    assert median_interval([1, 2, 3, 5, 8, 9]).median == 4


def test_a_large_number_of_values_has_the_interval_of_the_normal_approximation():
    # n/2 ∓ 1.96·√n/2 of 10,000 values: 5,000 ∓ 98.
    interval = median_interval(range(1, 10_001))
    assert interval.low == pytest.approx(4902, abs=1)
    assert interval.high == pytest.approx(5099, abs=1)


def test_too_few_values_have_no_interval():
    with pytest.raises(ValueError, match="at least 6 values; given: 5"):
        median_interval([1, 2, 3, 4, 5])
