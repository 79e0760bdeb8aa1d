import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.inference.t_power import detectable_effect_t, power_of_t, sample_size_t


def test_power_of_one_sample_is_what_rs_pwr_documents():
    # pwr.t.test(d = 0.2, n = 60, sig.level = 0.10, type = "one.sample"): power = 0.4555818
    assert power_of_t(0.2, 1, 60, alpha=0.1) == pytest.approx(0.4555818, abs=1e-7)


def test_power_of_two_samples_is_what_rs_power_t_test_documents():
    # power.t.test(n = 20, delta = 1, sd = 1): power = 0.8689528, counting one tail only; the other
    # one adds 2e-7.
    assert power_of_t(1, 1, 20, design="unpaired") == pytest.approx(0.8689528, abs=5e-7)


def test_sample_sizes_are_what_rs_power_t_test_documents():
    # power.t.test(power = .90, delta = 1): n = 22.02110;  one-sided: n = 17.84713
    assert power_of_t(1, 1, 22.02110, design="unpaired") == pytest.approx(0.9, abs=5e-7)
    assert sample_size_t(1, 1, power=0.9, design="unpaired") == 23
    settings = {"alternative": "greater", "design": "unpaired"}
    assert power_of_t(1, 1, 17.84713, **settings) == pytest.approx(0.9, abs=5e-7)
    assert sample_size_t(1, 1, power=0.9, **settings) == 18


@pytest.mark.parametrize(
    ("d", "n"),
    # Cohen 1992, A power primer, Psychological Bulletin 112, 155-159, table 2: runs in each arm
    # for a power of 0.80 at alpha 0.05.
    [(0.2, 393), (0.5, 64), (0.8, 26)],
)
def test_sample_sizes_are_those_of_cohens_power_primer(d, n):
    found = sample_size_t(d, 1, design="unpaired")
    # Cohen's tables come from an approximation that may be off by one.
    assert found == pytest.approx(n, abs=1)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("effect", [-0.9, 0.0, 0.6])
def test_simulated_tests_find_the_effect_as_often(alternative, effect):
    rng = np.random.default_rng(0)
    data = rng.normal(effect, 1.0, size=(8000, 9))
    p_values = stats.ttest_1samp(data, 0, axis=1, alternative=alternative).pvalue
    share = np.mean(p_values < 0.05)
    expected = power_of_t(effect, 1, 9, alternative=alternative)
    assert share == pytest.approx(expected, abs=4 * (0.25 / 8000) ** 0.5)


@pytest.mark.parametrize("design", ["paired", "unpaired"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(
    ("n", "power", "alpha"), [(2, 0.06, 0.05), (2, 0.8, 0.05), (7, 0.9, 0.01), (300, 0.5, 0.2)]
)
def test_power_at_the_detectable_effect_is_the_one_wanted(design, alternative, n, power, alpha):
    settings = {"alpha": alpha, "alternative": alternative, "design": design}
    effect = detectable_effect_t(2.5, n, power=power, **settings)
    assert effect > 0
    signed = -effect if alternative == "less" else effect
    assert power_of_t(signed, 2.5, n, **settings) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("design", ["paired", "unpaired"])
@pytest.mark.parametrize("effect", [0.05, 0.5, 4.0])
def test_a_sample_size_is_the_smallest_that_suffices(design, effect):
    n = sample_size_t(effect, 1, design=design)
    assert power_of_t(effect, 1, n, design=design) >= 0.8
    assert power_of_t(effect, 1, n - 1, design=design) < 0.8


def test_at_no_effect_power_is_alpha():
    assert power_of_t(0, 1, 12, alpha=0.03) == pytest.approx(0.03)
    assert power_of_t(0, 1, 12, alpha=0.03, alternative="less") == pytest.approx(0.03)


def test_a_test_that_is_undefined_finds_nothing():
    assert power_of_t(1, 1, 1) == 0
    assert power_of_t(1, 1, 0) == 0
    assert power_of_t(1, 0, 5) is None
    assert detectable_effect_t(1, 1) is None
    assert detectable_effect_t(0, 5) is None


def test_what_no_sample_size_reaches_is_none():
    assert sample_size_t(0, 1) is None
    assert sample_size_t(-0.5, 1, alternative="greater") is None
    assert sample_size_t(-0.5, 1, alternative="less") == sample_size_t(
        0.5, 1, alternative="greater"
    )
    assert sample_size_t(1e-6, 1) is None
    assert sample_size_t(1, 0) is None


def test_extreme_effects_and_error_rates_stay_in_range():
    assert power_of_t(1e9, 1, 5) == 1
    assert power_of_t(1e-9, 1e9, 5) == pytest.approx(0.05)
    assert 0 <= power_of_t(1e6, 1, 2, alpha=1e-9) <= 1
    assert sample_size_t(1e9, 1) == 2


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"sd": -1}, "standard deviation"),
        ({"sd": float("nan")}, "standard deviation"),
        ({"alpha": 0}, "alpha"),
        ({"power": 1.0}, "power"),
        ({"power": 0.01}, "above alpha"),
        ({"alternative": "both"}, "alternative"),
        ({"design": "crossed"}, "design"),
    ],
)
def test_numbers_out_of_range_are_refused(given, match):
    with pytest.raises(AnalysisError, match=match):
        detectable_effect_t(**{"sd": 1.0, "n": 10} | given)
