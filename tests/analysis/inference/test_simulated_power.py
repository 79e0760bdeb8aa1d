import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.paired import pair
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.simulated_pairs import (
    half_of_all_patterns,
    p_values_of,
    signed_ranks,
)
from analysis.inference.simulated_power import (
    PowerSimulation,
    sample_size_simulated,
    simulated_power,
)
from analysis.inference.t_power import power_of_t, sample_size_t
from analysis.inference.wilcoxon import wilcoxon_signed_rank

FOUR_ERRORS = 4 * (0.25 / 2000) ** 0.5
both_tests = pytest.mark.parametrize("test", ["wilcoxon", "permutation"])
alternatives = pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("ties", [False, True])
@alternatives
def test_p_values_are_those_of_the_tests_themselves(alternative, ties):
    data = rng().normal(0.5, 1, size=(30, 8))
    data = np.round(data) if ties else data
    oriented = -data if alternative == "less" else data
    signs, sides = half_of_all_patterns(8), 2 if alternative == "two-sided" else 1
    flips = p_values_of(oriented, signs, sides, exact=True)
    ranks = p_values_of(signed_ranks(oriented), signs, sides, exact=True)
    for row, flip, rank in zip(data, flips, ranks, strict=True):
        pairs = pair(row, np.zeros(8))
        assert flip == pytest.approx(sign_flip_test(pairs, alternative=alternative).p_value)
        assert rank == pytest.approx(wilcoxon_signed_rank(pairs, alternative=alternative).p_value)


@both_tests
@alternatives
@pytest.mark.parametrize("n", [12, 13])
def test_at_no_effect_the_tests_err_at_most_as_often_as_alpha(test, alternative, n):
    share = simulated_power(test, 0.0, 1.0, n, rng=rng(), alternative=alternative)
    assert 0.03 <= share <= 0.05 + 4 * (0.05 * 0.95 / 2000) ** 0.5


@pytest.mark.parametrize("n", [10, 25])
def test_with_normal_differences_sign_flips_have_about_the_power_of_t(n):
    effect = 2.2 / n**0.5
    power = simulated_power("permutation", effect, 1.0, n, rng=rng())
    assert power == pytest.approx(power_of_t(effect, 1.0, n), abs=FOUR_ERRORS + 0.02)


def test_with_normal_differences_ranks_have_the_efficiency_that_theory_gives():
    # Hodges & Lehmann 1956: as many pairs times 3 / pi, for many pairs.
    ranks = simulated_power("wilcoxon", 0.3, 1.0, 90, rng=rng(), simulations=4000)
    assert ranks == pytest.approx(power_of_t(0.3, 1.0, 90 * 3 / np.pi), abs=FOUR_ERRORS)


@both_tests
def test_too_few_pairs_have_exactly_no_power(test):
    # With five pairs the smallest two-sided p is 2 / 32.
    assert simulated_power(test, 1e6, 1.0, 5, rng=rng()) == 0
    assert simulated_power(test, 1e6, 1.0, 6, rng=rng()) == 1
    assert simulated_power(test, 1e6, 1.0, 5, rng=rng(), alternative="greater") == 1
    assert simulated_power(test, 1e6, 1.0, 13, rng=rng(), alpha=1e-4) == 0
    assert simulated_power(test, 1e6, 1.0, 0, rng=rng()) == 0


@both_tests
def test_an_alpha_below_that_of_a_thousand_patterns_can_be_reached(test):
    assert simulated_power(test, 1e6, 1.0, 20, rng=rng(), alpha=5e-4, simulations=50) == 1


@both_tests
def test_a_sample_size_is_where_power_crosses_the_one_wanted(test):
    simulation = PowerSimulation(test, rng=rng())
    n = simulation.sample_size(0.6, 1.0)
    assert simulation.power(0.6, 1.0, n) >= 0.8 > simulation.power(0.6, 1.0, n - 1)
    assert n == pytest.approx(sample_size_t(0.6, 1.0), abs=3)
    assert sample_size_simulated(test, 0.6, 1.0, rng=rng()) == n
    assert sample_size_simulated(test, -0.6, 1.0, rng=rng(), alternative="greater") is None
    assert simulation.sample_size(0.01, 1.0, up_to=40) is None


@both_tests
@alternatives
def test_power_at_the_detectable_effect_is_the_one_wanted(test, alternative):
    simulation = PowerSimulation(test, rng=rng(), alternative=alternative)
    effect = simulation.detectable_effect(2.0, 10)
    sign = -1 if alternative == "less" else 1
    assert simulation.power(sign * effect, 2.0, 10) == pytest.approx(0.8, abs=0.005)
    assert simulation.detectable_effect(2.0, 4) is None
    assert simulation.detectable_effect(0.0, 10) is None


def test_answers_depend_neither_on_what_was_asked_before_nor_on_the_order():
    one, other = (PowerSimulation("permutation", rng=rng()) for _ in range(2))
    forth = [one.power(0.5, 1.0, n) for n in (6, 20, 40)]
    back = [other.power(0.5, 1.0, n) for n in (40, 20, 6)]
    assert forth == back[::-1]
    assert forth == sorted(forth)


@both_tests
def test_a_pilot_with_heavy_tails_gives_ranks_the_lead(test):
    pilot = np.random.default_rng(1).standard_t(2, size=200)
    power = simulated_power(test, 0.5, 1.0, 25, rng=rng(), pilot=pilot)
    normal = simulated_power(test, 0.5, 1.0, 25, rng=rng())
    if test == "wilcoxon":
        assert power > normal + 0.05
    else:
        assert power > normal - FOUR_ERRORS


def test_a_pilots_unit_and_order_do_not_matter():
    pilot = np.random.default_rng(1).exponential(size=12)
    powers = {
        simulated_power("wilcoxon", 0.5, 1.0, 10, rng=rng(), pilot=each)
        for each in (pilot, pilot[::-1], 2.0**-300 * pilot)
    }
    assert len(powers) == 1


def test_impossible_settings_are_refused():
    for settings, match in (
        ({"simulations": 0}, "simulations"),
        ({"alpha": 1.0}, "alpha"),
        ({"alternative": "up"}, "alternative"),
        ({"pilot": [1.0]}, "at least two"),
        ({"pilot": [1.0, np.nan]}, "finite"),
        ({"pilot": [0.1, 0.1]}, "no spread"),
    ):
        with pytest.raises(AnalysisError, match=match):
            PowerSimulation("wilcoxon", rng=rng(), **settings)
    with pytest.raises(AnalysisError, match="test"):
        PowerSimulation("t", rng=rng())
    with pytest.raises(AnalysisError, match="effect"):
        simulated_power("wilcoxon", float("nan"), 1.0, 10, rng=rng())
