import math

import numpy as np
import pytest
from scipy import special

from analysis import AnalysisError
from analysis.inference.normality import lilliefors

NORMAL = special.ndtri((np.arange(60) + 0.5) / 60)

# Hernandez, Chang & Nordling 2025, Monte Carlo experiment, n = 60 an arm: statistic and p.
PUBLISHED = [(0.08621, 0.3746), (0.07681, 0.5511), (0.09783, 0.2024), (0.05927, 0.8937)]


def bent(strength):
    """Normal quantiles, bent the more the larger the strength."""
    return np.exp(strength * NORMAL)


def with_statistic(wanted):
    """Sixty values whose statistic is the wanted one, found by halving."""
    low, high = 0.01, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        if (lilliefors(bent(middle)).statistic or 0) < wanted:
            low = middle
        else:
            high = middle
    return bent(low)


@pytest.mark.parametrize(("statistic", "p_value"), PUBLISHED)
def test_p_is_the_published_one_at_a_published_statistic(statistic, p_value):
    found = lilliefors(with_statistic(statistic))
    assert found.n == 60
    assert found.statistic == pytest.approx(statistic, abs=1e-9)
    assert found.p_value == pytest.approx(p_value, abs=1e-4)


def test_the_statistic_is_the_largest_distance_of_the_distributions():
    values = [1.0, 2.0, 3.0, 10.0]
    mean, sd = 4.0, math.sqrt((9 + 4 + 1 + 36) / 3)
    heights = [0.5 * (1 + math.erf((each - mean) / sd / math.sqrt(2))) for each in values]
    distances = [
        max(abs(height - place / 4), abs(height - (place + 1) / 4))
        for place, height in enumerate(heights)
    ]
    assert lilliefors(values).statistic == pytest.approx(max(distances))


def test_the_order_and_the_unit_of_the_values_do_not_matter():
    values = bent(0.5)
    shuffled = np.random.default_rng(1).permutation(values)
    found, other = lilliefors(values), lilliefors(100 * shuffled - 7)
    assert found.statistic == pytest.approx(other.statistic)
    assert found.p_value == pytest.approx(other.p_value)


def test_far_from_normal_is_told_from_normal():
    far, near = lilliefors(bent(2.0)), lilliefors(NORMAL)
    assert (far.p_value, near.p_value) == (0.001, 0.99)
    assert far.is_at_the_tables_end
    assert near.is_at_the_tables_end
    assert not lilliefors(bent(0.4)).is_at_the_tables_end


def test_five_in_a_hundred_normal_samples_are_rejected_at_five_per_cent():
    rng = np.random.default_rng(20250614)
    rejected = [lilliefors(rng.normal(size=20)).p_value <= 0.05 for _ in range(2000)]
    # Three standard deviations of a share of 2000.
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("values", [[], [0.9], [0.9, 0.91, 0.92], [0.9] * 8])
def test_where_there_is_nothing_to_test_it_says_why(values):
    found = lilliefors(values)
    assert (found.n, found.statistic, found.p_value) == (len(values), None, None)
    assert found.warning


@pytest.mark.parametrize("values", [[0.1, float("nan")], [[0.1, 0.2]], 0.5])
def test_other_values_are_refused(values):
    with pytest.raises(AnalysisError, match="one series of finite values"):
        lilliefors(values)
