import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.bayesian import bayesian_correlated_t
from analysis.inference.paired import pair
from analysis.inference.student_t import paired_interval, paired_t_test

# R's `sleep` data (Student 1908).
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_without_rope_and_correlation_it_is_the_one_sided_t_test():
    pairs = pair(SLEEP_2, SLEEP_1)
    posterior = bayesian_correlated_t(pairs, rope=0)
    # R prints p = 0.002833 for the two-sided paired test.
    assert posterior.p_worse == pytest.approx(0.002833 / 2, abs=5e-7)
    assert posterior.p_worse == paired_t_test(pairs, alternative="greater").p_value
    assert posterior.p_equivalent == 0
    interval = paired_interval(pairs, 0.95)
    assert (posterior.low, posterior.high) == pytest.approx((interval.low, interval.high))


def test_the_three_probabilities_sum_to_one_and_mirror():
    differences = np.subtract(SLEEP_2, SLEEP_1)
    posterior = bayesian_correlated_t(differences, rope=1.0, correlation=0.1)
    total = posterior.p_worse + posterior.p_equivalent + posterior.p_better
    assert total == pytest.approx(1, abs=1e-15)
    mirrored = bayesian_correlated_t(-differences, rope=1.0, correlation=0.1)
    assert mirrored.p_worse == pytest.approx(posterior.p_better)
    assert mirrored.p_equivalent == pytest.approx(posterior.p_equivalent)
    assert bayesian_correlated_t(differences[::-1], rope=1.0, correlation=0.1) == posterior


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.5])
def test_it_is_the_posterior_of_the_model_that_corani_and_benavoli_write_down(correlation):
    # Equally correlated normal differences, prior 1 / sigma^2, integrated on a grid of the mean and
    # of log sigma with the covariance matrix itself.
    differences = np.array([0.4, -0.1, 0.9, 0.3, 0.6])
    n = len(differences)
    shape = (1 - correlation) * np.eye(n) + correlation
    inverse = np.linalg.inv(shape)
    means = np.linspace(-30, 30, 24_001)
    sigmas = np.exp(np.linspace(-5, 5, 600))
    residuals = differences - means[:, np.newaxis]
    squares = np.einsum("ij,jk,ik->i", residuals, inverse, residuals)
    # Integrating over log sigma multiplies the prior 1 / sigma^2 d(sigma^2) by a constant.
    density = (sigmas**-n * np.exp(-squares[:, np.newaxis] / (2 * sigmas**2))).sum(axis=1)
    density /= density.sum()
    posterior = bayesian_correlated_t(differences, rope=0.2, correlation=correlation)
    assert posterior.p_worse == pytest.approx(density[means < -0.2].sum(), abs=2e-3)
    assert posterior.p_better == pytest.approx(density[means > 0.2].sum(), abs=2e-3)
    assert posterior.degrees == 4


def test_correlation_widens_by_the_factor_of_nadeau_and_bengio():
    differences = np.array([0.01, 0.02, -0.005, 0.015])
    alone = bayesian_correlated_t(differences, rope=0)
    correlated = bayesian_correlated_t(differences, rope=0, correlation=0.1)
    # 1 / n + test / train = 1 / 4 + 1 / 9.
    assert (correlated.scale / alone.scale) ** 2 == pytest.approx((1 / 4 + 1 / 9) / (1 / 4))


def test_a_wide_rope_holds_nearly_everything():
    posterior = bayesian_correlated_t([0.1, -0.1, 0.2, 0.0], rope=100.0)
    assert posterior.p_equivalent == pytest.approx(1, abs=1e-6)


def test_without_spread_there_is_no_posterior():
    assert bayesian_correlated_t([], rope=0.1) is None
    assert bayesian_correlated_t([0.3], rope=0.1) is None
    assert bayesian_correlated_t([0.3, 0.3], rope=0.1) is None
    noise = pair([0.9501, 0.9008, 0.9312], [0.9500, 0.9007, 0.9311])
    assert bayesian_correlated_t(noise, rope=0.1) is None


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"rope": -0.1}, "rope"),
        ({"rope": float("nan")}, "rope"),
        ({"rope": 0, "correlation": 1.0}, "correlation"),
        ({"rope": 0, "correlation": -0.1}, "correlation"),
        ({"rope": 0, "level": 95}, "level"),
    ],
)
def test_numbers_out_of_range_are_refused(given, match):
    with pytest.raises(AnalysisError, match=match):
        bayesian_correlated_t([0.1, 0.2, 0.4], **given)
