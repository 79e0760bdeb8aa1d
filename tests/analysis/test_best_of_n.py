from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.best_of_n import expected_best
from analysis.errors import AnalysisError


def best(values, direction="maximize", **settings):
    return expected_best(values, direction=direction, rng=np.random.default_rng(0), **settings)


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=8))
def test_it_is_the_mean_best_over_all_choices_of_k_runs(values):
    largest, smallest = best(values, resamples=2), best(values, "minimize", resamples=2)
    for k in range(1, len(values) + 1):
        chosen = list(combinations(values, k))
        assert largest.expected[k - 1] == pytest.approx(np.mean([max(each) for each in chosen]))
        assert smallest.expected[k - 1] == pytest.approx(np.mean([min(each) for each in chosen]))


def test_it_is_unbiased_for_uniform_runs_whose_expected_best_is_k_over_k_plus_one():
    rng = np.random.default_rng(1)
    curves = np.array([best(each, resamples=1).expected for each in rng.uniform(size=(3000, 6))])
    k = np.arange(1, 7)
    error = curves.std(axis=0) / 3000**0.5
    assert np.all(np.abs(curves.mean(axis=0) - k / (k + 1)) < 4 * error)


def test_the_first_is_the_mean_the_last_the_best_and_it_rises():
    values = np.random.default_rng(2).normal(size=30)
    curve = best(values)
    assert curve.expected[0] == pytest.approx(values.mean())
    assert curve.expected[-1] == pytest.approx(values.max())
    assert np.all(np.diff(curve.expected) > 0)
    assert np.all(np.diff(best(values, "minimize").expected) < 0)


def test_a_thousand_runs_do_not_overflow():
    values = np.random.default_rng(3).uniform(size=1000)
    curve = best(values, resamples=20)
    assert len(curve.expected) == 1000
    k = np.arange(1, 1001)
    assert np.allclose(curve.expected, k / (k + 1), atol=0.05)
    assert np.isfinite(curve.low).all()


def test_intervals_hold_the_estimate_and_end_at_the_best_run():
    values = np.random.default_rng(4).normal(size=20)
    curve = best(values)
    assert curve.low[0] < curve.expected[0] < curve.high[0]
    assert curve.high[-1] == pytest.approx(values.max()), "nothing is known beyond the best run"
    minimum = best(values, "minimize")
    assert minimum.low[-1] == pytest.approx(values.min())
    assert all(low <= high for low, high in zip(minimum.low, minimum.high, strict=True))


def test_the_interval_of_the_best_of_few_covers_its_truth():
    rng = np.random.default_rng(5)
    covered = 0
    for values in rng.uniform(size=(400, 40)):
        curve = expected_best(values, direction="maximize", rng=rng, up_to=3, resamples=400)
        covered += curve.low[2] <= 3 / 4 <= curve.high[2]
    assert 0.89 <= covered / 400 <= 0.98


def test_neither_the_order_of_runs_nor_the_sign_convention_matters():
    values = np.random.default_rng(6).normal(size=9)
    assert best(values) == best(values[::-1])
    losses = best(-values, "minimize")
    assert losses.expected == pytest.approx(tuple(-each for each in best(values).expected))


def test_points_are_what_a_figure_takes():
    curve = best([0.1, 0.4, 0.3], up_to=2)
    assert curve.points == (
        (1, curve.expected[0], curve.low[0], curve.high[0]),
        (2, curve.expected[1], curve.low[1], curve.high[1]),
    )


def test_one_run_has_no_interval_and_equal_runs_a_point():
    single = best([0.7])
    assert (single.expected, single.low, single.high) == ((0.7,), None, None)
    assert single.points == ((1, 0.7, None, None),)
    equal = best([0.25] * 4)
    assert equal.low == equal.high == equal.expected == pytest.approx((0.25,) * 4)


def test_impossible_input_is_refused():
    with pytest.raises(AnalysisError, match="at least one"):
        best([])
    with pytest.raises(AnalysisError, match="finite"):
        best([0.1, np.nan])
    with pytest.raises(AnalysisError, match="up_to is 4; allowed: 1 to 3"):
        best([0.1, 0.2, 0.3], up_to=4)
    with pytest.raises(AnalysisError, match="direction"):
        best([0.1, 0.2], "max")
    with pytest.raises(AnalysisError, match="level"):
        best([0.1, 0.2], level=95)
    with pytest.raises(AnalysisError, match="resamples"):
        best([0.1, 0.2], resamples=0)
