import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.bootstrap import (
    TRUSTED_FROM,
    bca_interval,
    bca_of_difference,
    bca_of_mean,
    resample_weights,
)
from analysis.inference.intervals import Interval
from analysis.inference.student_t import mean_interval

# Efron & Tibshirani 1993, An Introduction to the Bootstrap, table 14.1: spatial test data, A.
SPATIAL_A = [
    *(48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24),
    *(26, 30, 41),
]
# R's boot::city (Davison & Hinkley 1997, table 2.1): populations of ten cities in 1920 and 1930.
CITY = np.array(
    [
        [138, 93, 61, 179, 48, 37, 29, 23, 30, 2],
        [143, 104, 69, 260, 75, 63, 50, 48, 111, 50],
    ]
).T
# R's boot::aircondit (Davison & Hinkley 1997, example 1.1): hours between failures.
AIRCONDIT = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]


def weights(n, resamples=10_000, seed=0):
    return resample_weights(n, resamples, np.random.default_rng(seed))


def variance(rows):
    return rows.var(axis=-1)


def ratio(rows):
    return rows[..., 1].sum(axis=-1) / rows[..., 0].sum(axis=-1)


def test_the_spatial_data_give_the_interval_of_efron_and_tibshirani():
    interval = bca_interval(
        SPATIAL_A,
        variance,
        level=0.9,
        rng=np.random.default_rng(0),
        resamples=50_000,
        vectorized=True,
    )
    # Table 14.2 gives (115.8, 259.6) from 2000 resamples, whose quantiles vary by some 3.
    assert variance(np.array(SPATIAL_A)) == pytest.approx(171.5, abs=0.05)
    assert interval.low == pytest.approx(115.8, abs=4)
    assert interval.high == pytest.approx(259.6, abs=6)


def test_scipys_bca_comes_close_for_the_mean_and_for_a_ratio_of_pairs():
    from scipy.stats import bootstrap

    mean = bootstrap((AIRCONDIT,), np.mean, n_resamples=50_000, rng=np.random.default_rng(1))
    ours = bca_of_mean(AIRCONDIT, weights(12, 50_000), 0.95)
    assert ours.low == pytest.approx(mean.confidence_interval.low, rel=0.02)
    assert ours.high == pytest.approx(mean.confidence_interval.high, rel=0.02)

    def of_columns(u, x, axis):
        return x.sum(axis=axis) / u.sum(axis=axis)

    theirs = bootstrap(
        tuple(CITY.T), of_columns, paired=True, n_resamples=50_000, rng=np.random.default_rng(2)
    )
    ours = bca_interval(
        CITY, ratio, level=0.95, rng=np.random.default_rng(3), resamples=50_000, vectorized=True
    )
    assert ratio(CITY) == pytest.approx(1.520313, abs=1e-6), "the estimate that R prints"
    assert ours.low == pytest.approx(theirs.confidence_interval.low, rel=0.01)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, rel=0.02)


def test_the_general_interval_of_a_mean_is_the_special_one():
    special = bca_of_mean(AIRCONDIT, weights(12, 100_000), 0.9)
    general = bca_interval(
        AIRCONDIT,
        lambda rows: rows.mean(axis=-1),
        level=0.9,
        rng=np.random.default_rng(5),
        resamples=100_000,
        vectorized=True,
    )
    assert (general.low, general.high) == pytest.approx((special.low, special.high), rel=0.015)


def test_one_row_at_a_time_gives_what_all_at_once_do():
    loop, batch = (
        bca_interval(
            AIRCONDIT,
            lambda rows: rows.mean(axis=-1),
            level=0.9,
            rng=np.random.default_rng(5),
            resamples=500,
            vectorized=vectorized,
        )
        for vectorized in (False, True)
    )
    assert (loop.low, loop.high) == pytest.approx((batch.low, batch.high))


def test_skewed_data_give_an_interval_that_is_longer_on_the_side_of_the_tail():
    interval = bca_of_mean(AIRCONDIT, weights(12), 0.95)
    mean = np.mean(AIRCONDIT)
    assert interval.high - mean > 1.5 * (mean - interval.low)
    assert min(AIRCONDIT) < interval.low < interval.high < max(AIRCONDIT)


def test_symmetric_data_give_about_the_percentile_interval():
    values = np.linspace(-1, 1, 41)
    drawn = weights(41)
    interval = bca_of_mean(values, drawn, 0.9)
    expected = np.quantile(drawn @ values, [0.05, 0.95])
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=0.01)


def test_rows_of_weights_are_resamples():
    drawn = weights(7, 20_000)
    assert drawn.shape == (20_000, 7)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(20_000))
    counts = 7 * drawn
    assert np.array_equal(counts, np.rint(counts))
    # A count is binomial (7, 1 / 7): its mean is 1 and its variance 6 / 7.
    assert counts.mean(axis=0) == pytest.approx(np.ones(7), abs=0.03)
    assert counts.var(axis=0) == pytest.approx(np.full(7, 6 / 7), rel=0.05)


def test_neither_the_order_nor_the_unit_nor_an_offset_changes_the_interval():
    values, drawn = np.random.default_rng(0).exponential(size=15), weights(15)
    interval = bca_of_mean(values, drawn, 0.95)
    assert bca_of_mean(values[::-1], drawn, 0.95) == interval
    scaled = bca_of_mean(1e-200 * values, drawn, 0.95)
    assert (scaled.low, scaled.high) == pytest.approx(
        (1e-200 * interval.low, 1e-200 * interval.high), rel=1e-9, abs=0
    )
    moved = bca_of_mean(values + 1000, drawn, 0.95)
    assert (moved.low - 1000, moved.high - 1000) == pytest.approx((interval.low, interval.high))
    mirrored = bca_of_mean(-values, drawn, 0.95)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((interval.low, interval.high), rel=0.03)


def test_the_order_of_rows_changes_no_general_interval():
    first, second = (
        bca_interval(
            rows, ratio, level=0.9, rng=np.random.default_rng(0), resamples=999, vectorized=True
        )
        for rows in (CITY, CITY[::-1])
    )
    assert first == second


def test_ties_count_half_so_that_few_distinct_values_bring_no_bias():
    # Half of the values are 0 and half 1: symmetric, with an atom of the means at the estimate.
    interval = bca_of_mean([0.0, 1.0] * 10, weights(20, 50_000), 0.9)
    assert interval.low + interval.high == pytest.approx(1.0, abs=0.051)
    assert interval.low < 0.5 < interval.high


def test_resampled_means_that_tie_but_for_rounding_are_tied():
    counts = np.array([9501, 9467, 9500, 9466, 9480, 9481] * 2)
    drawn = weights(12)
    scaled = bca_of_mean(counts / 10_000, drawn, 0.95)
    whole = bca_of_mean(counts, drawn, 0.95)
    assert (scaled.low, scaled.high) == pytest.approx(
        (whole.low / 1e4, whole.high / 1e4), rel=1e-12
    )


def test_without_spread_the_interval_is_a_point_and_with_one_value_there_is_none():
    assert bca_of_mean([0.3] * 5, weights(5), 0.95) == Interval(0.3, 0.3)
    almost = np.array([0.9501, 0.9008, 0.9312]) - np.array([0.9500, 0.9007, 0.9311])
    assert np.ptp(almost + 1) > 0
    assert np.ptp([*vars_of(bca_of_mean(almost + 1, weights(3), 0.95))]) == 0
    assert bca_of_mean([0.3], weights(1), 0.95) is None
    assert bca_of_difference([0.3], [0.2, 0.1], weights(1), weights(2), 0.95) is None
    point = bca_of_difference([0.5, 0.5], [0.25, 0.25], weights(2), weights(2), 0.95)
    assert point == Interval(0.25, 0.25)
    constant = bca_interval([1.0, 1.0], np.mean, level=0.9, rng=np.random.default_rng(0))
    assert constant == Interval(1.0, 1.0)
    assert bca_interval([1.0], np.mean, level=0.9, rng=np.random.default_rng(0)) is None


def vars_of(interval):
    return interval.low, interval.high


def test_two_values_give_an_interval_within_them():
    interval = bca_of_mean([1.0, 2.0], weights(2), 0.95)
    assert (interval.low, interval.high) == (1.0, 2.0)


def test_an_estimate_beyond_all_its_resamples_has_no_interval():
    interval = bca_interval(
        np.arange(30.0),
        lambda rows: float(len(np.unique(rows))),
        level=0.9,
        rng=np.random.default_rng(0),
        resamples=200,
    )
    assert interval is None, "no resample of thirty has thirty distinct values"


def test_a_statistic_that_some_resample_leaves_undefined_has_no_interval():
    interval = bca_interval(
        np.arange(3.0),
        lambda rows: 1.0 if np.ptp(rows) else float("nan"),
        level=0.9,
        rng=np.random.default_rng(0),
        resamples=500,
    )
    assert interval is None


def test_a_difference_takes_skewness_from_both_samples():
    rng = np.random.default_rng(4)
    skewed, other = rng.exponential(size=20), rng.normal(size=25)
    one, two = weights(20, 50_000, 1), weights(25, 50_000, 2)
    difference = bca_of_difference(skewed, other, one, two, 0.95)
    mirrored = bca_of_difference(other, skewed, two, one, 0.95)
    assert (-mirrored.high, -mirrored.low) == pytest.approx(
        (difference.low, difference.high), abs=0.02
    )
    centre = skewed.mean() - other.mean()
    assert difference.high - centre > centre - difference.low
    alone = bca_of_difference(skewed, [0.0] * 25, one, two, 0.95)
    of_mean = bca_of_mean(skewed, one, 0.95)
    assert (alone.low, alone.high) == pytest.approx((of_mean.low, of_mean.high))


def test_one_matrix_of_weights_may_serve_both_samples():
    rng = np.random.default_rng(6)
    first, second = rng.normal(size=(2, 30))
    shared, own = weights(30, 50_000, 1), weights(30, 50_000, 2)
    with_one = bca_of_difference(first, second, shared, shared, 0.95)
    with_two = bca_of_difference(first, second, shared, own, 0.95)
    assert (with_one.low, with_one.high) == pytest.approx(vars_of(with_two), abs=0.02)


def test_impossible_input_is_refused():
    with pytest.raises(AnalysisError, match="finite"):
        bca_of_mean([1.0, np.nan], weights(2), 0.95)
    with pytest.raises(AnalysisError, match="does not fit"):
        bca_of_mean([1.0, 2.0, 3.0], weights(2), 0.95)
    with pytest.raises(AnalysisError, match="level"):
        bca_of_mean([1.0, 2.0], weights(2), 95)
    with pytest.raises(AnalysisError, match="resamples"):
        bca_of_difference([1.0, 2.0], [1.0, 2.0], weights(2, 10), weights(2, 20), 0.95)
    with pytest.raises(AnalysisError, match="cannot draw"):
        resample_weights(0, 10, np.random.default_rng(0))
    with pytest.raises(AnalysisError, match="shape given"):
        bca_interval(np.ones((2, 2, 2)), np.mean, level=0.9, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("n", "draw", "of_bca", "of_t"),
    [
        # What the module's docstring says was measured, 0.95 being nominal.
        (5, "normal", 0.839, 0.951),
        (5, "exponential", 0.805, 0.880),
        (10, "normal", 0.902, 0.949),
        (10, "exponential", 0.877, 0.901),
        (TRUSTED_FROM, "normal", 0.927, 0.952),
        (30, "normal", 0.936, 0.949),
        (30, "exponential", 0.927, 0.930),
    ],
)
def test_coverage_is_what_the_documentation_says(n, draw, of_bca, of_t):
    rng = np.random.default_rng(n)
    drawn = resample_weights(n, 4000, rng)
    truth = 0.0 if draw == "normal" else 1.0
    data = rng.normal(size=(5000, n)) if draw == "normal" else rng.exponential(size=(5000, n))
    covered = np.array(
        [
            [
                each.low <= truth <= each.high
                for each in (bca_of_mean(values, drawn, 0.95), mean_interval(values, 0.95))
            ]
            for values in data
        ]
    ).mean(axis=0)
    # Four standard errors of either simulation together are 0.02 at the most.
    assert covered[0] == pytest.approx(of_bca, abs=0.02)
    assert covered[1] == pytest.approx(of_t, abs=0.02)
