import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.inference.interquartile import interquartile_mean

RUN, TASK = np.arange(10)[:, np.newaxis], np.arange(4)[np.newaxis, :]
SCORES = ((7 * RUN * RUN + 13 * RUN * TASK + 5 * TASK**3 + 3) % 97) / 97
"""Ten runs of four tasks."""


def rng(seed=0):
    return np.random.default_rng(seed)


def by_sorting(tasks, generator, resamples):
    """The definition: draw runs of each task, pool them, sort, and take the middle half's mean."""
    series = [np.sort(each) for each in tasks]
    kinds = [np.uint8 if len(each) <= 255 else np.uint16 for each in series]
    drawn = [
        each[generator.integers(len(each), size=(resamples, len(each)), dtype=kind)]
        for each, kind in zip(series, kinds, strict=True)
    ]
    return stats.trim_mean(np.concatenate(drawn, axis=1), 0.25, axis=1)


@pytest.mark.parametrize("shape", [(1, 3), (2, 1), (3, 2), (10, 4), (300, 2)])
def test_the_mean_is_scipy_s_trimmed_mean_of_all_runs(shape):
    values = rng(1).normal(50, 2, shape)
    found = interquartile_mean(list(values.T), rng=rng(), resamples=10)
    assert found.mean == pytest.approx(stats.trim_mean(values.ravel(), 0.25), rel=1e-13)
    assert (found.n, found.tasks) == (values.size, shape[1])


@pytest.mark.parametrize("sizes", [(5,), (4, 4), (3, 9, 1), (260, 20)])
def test_the_interval_is_that_of_resamples_put_in_order_one_by_one(sizes):
    tasks = [np.round(rng(size).normal(0, 1, size), 1) for size in sizes]
    found = interquartile_mean(tasks, rng=rng(3), resamples=200, level=0.9)
    ends = np.quantile(by_sorting(tasks, rng(3), 200), (0.05, 0.95))
    assert [found.interval.low, found.interval.high] == pytest.approx(ends, abs=1e-12)


def test_scores_get_the_interval_that_rliable_gives_them():
    # rliable 1.2.0, get_interval_estimates with aggregate_iqm and 200,000 resamples. The ends
    # are quantiles of resamples there as here, and vary by less than 0.002.
    found = interquartile_mean(list(SCORES.T), rng=rng(), resamples=50_000)
    assert found.mean == pytest.approx(0.51701031, abs=5e-9)
    assert [found.interval.low, found.interval.high] == pytest.approx(
        [0.40309278, 0.63092784], abs=0.003
    )


def test_runs_stay_with_their_task():
    # Were the tasks pooled, resamples would hold other numbers of each.
    found = interquartile_mean([[0.0] * 6, [1.0] * 6], rng=rng(), resamples=500)
    assert found.interval.low == found.interval.high == found.mean == 0.5


def test_no_digit_depends_on_the_order_of_runs():
    first = interquartile_mean(list(SCORES.T), rng=rng(), resamples=300)
    assert interquartile_mean(list(SCORES[::-1].T), rng=rng(), resamples=300) == first


def test_a_single_run_of_every_task_has_no_interval():
    found = interquartile_mean([[1.0], [2.0], [3.0], [9.0]], rng=rng())
    assert (found.mean, found.interval) == (2.5, None)


@pytest.mark.parametrize(
    ("tasks", "options", "message"),
    [
        ([], {}, "at least one task"),
        ([[1.0], []], {}, "at least one finite value"),
        ([[1.0, float("nan")]], {}, "at least one finite value"),
        ([[1.0, 1e301]], {}, "beyond 1e"),
        ([[1.0, 2.0]], {"resamples": 0}, "allowed: at least 1"),
        ([[1.0, 2.0]], {"level": 1.0}, "level"),
    ],
)
def test_what_has_no_answer_is_refused(tasks, options, message):
    with pytest.raises(AnalysisError, match=message):
        interquartile_mean(tasks, rng=rng(), **options)
