import tracemalloc

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.variance.two_way_bootstrap import two_way_interval


def _predictions(rng, seeds, examples, *, mean=0.7, seed_sd=0.0, example_sd=0.0):
    """Predictions that are right with probability mean + seed's part + example's part."""
    a = seed_sd * rng.choice([-1, 1], size=(seeds, 1))
    b = example_sd * rng.choice([-1, 1], size=(1, examples))
    return rng.random((seeds, examples)) < mean + a + b


def _found(correct, reference=None, **options):
    options = {"resamples": 2000, "rng": np.random.default_rng(0), **options}
    return two_way_interval(correct, reference, **options)


def test_the_estimate_is_the_mean_accuracy_or_the_mean_difference():
    rng = np.random.default_rng(1)
    arm, reference = _predictions(rng, 12, 80), _predictions(rng, 12, 80, mean=0.6)
    assert _found(arm).estimate == pytest.approx(arm.mean())
    paired = _found(arm, reference)
    assert paired.estimate == pytest.approx(arm.mean() - reference.mean())
    assert paired.low < paired.estimate < paired.high


def test_variances_are_those_the_predictions_were_made_with():
    rng = np.random.default_rng(2)
    found = [
        _found(_predictions(rng, 20, 300, seed_sd=0.08, example_sd=0.15), resamples=1)
        for _ in range(200)
    ]
    assert np.mean([each.variance_seeds for each in found]) == pytest.approx(0.08**2, rel=0.05)
    assert np.mean([each.variance_examples for each in found]) == pytest.approx(0.15**2, rel=0.05)
    # A coin with probability p has variance p (1 - p); p varies about 0.7 with both sources.
    noise = 0.7 * 0.3 - 0.08**2 - 0.15**2
    assert np.mean([each.variance_interaction for each in found]) == pytest.approx(noise, rel=0.02)


def test_the_standard_error_is_how_far_estimates_lie_apart():
    rng = np.random.default_rng(3)
    found = [
        _found(_predictions(rng, 15, 100, seed_sd=0.08, example_sd=0.2), resamples=1)
        for _ in range(600)
    ]
    spread = np.std([each.estimate for each in found], ddof=1)
    mean_square = np.mean([each.standard_error**2 for each in found])
    assert np.sqrt(mean_square) == pytest.approx(spread, rel=0.1)


def test_seeds_only_is_the_plain_bootstrap_of_the_seeds_accuracies():
    correct = _predictions(np.random.default_rng(4), 30, 200, seed_sd=0.1)
    low, high = _found(correct, resamples=20_000).seeds_only
    accuracies = correct.mean(axis=1)
    draws = np.random.default_rng(5).choice(accuracies, size=(20_000, 30)).mean(axis=1)
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=2e-3)


def test_examples_only_is_the_plain_bootstrap_of_the_examples_accuracies():
    correct = _predictions(np.random.default_rng(6), 10, 150, example_sd=0.25)
    low, high = _found(correct, resamples=20_000).examples_only
    draws = np.random.default_rng(7).choice(correct.mean(axis=0), size=(20_000, 150)).mean(axis=1)
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=3e-3)


def test_of_coin_flips_it_counts_the_variance_three_times():
    # Owen 2007, theorem 3: without variance between seeds or examples, the pigeonhole bootstrap's
    # variance is three times that of the mean.
    rng = np.random.default_rng(8)
    widths = [
        (each.high - each.low) / 2
        for each in (_found(_predictions(rng, 40, 400, mean=0.5)) for _ in range(20))
    ]
    assert np.mean(widths) == pytest.approx(1.96 * np.sqrt(3 * 0.25 / (40 * 400)), rel=0.05)


def test_it_is_wider_than_either_alone():
    correct = _predictions(np.random.default_rng(9), 20, 200, seed_sd=0.1, example_sd=0.2)
    found = _found(correct)
    for low, high in (found.seeds_only, found.examples_only):
        assert found.high - found.low > high - low


def test_the_order_of_seeds_changes_nothing():
    rng = np.random.default_rng(10)
    arm, reference = _predictions(rng, 9, 50), _predictions(rng, 9, 50)
    order = rng.permutation(9)
    assert _found(arm, reference) == _found(arm[order], reference[order])
    assert _found(arm) == _found(arm[order].astype(int))


def test_one_seed_has_examples_only_and_says_so():
    found = _found(_predictions(np.random.default_rng(11), 1, 60))
    assert found.seeds_only is None
    assert (found.low, found.high) == found.examples_only
    assert (found.variance_seeds, found.standard_error) == (None, None)
    assert "that trained model" in found.warning


def test_few_seeds_are_warned_of():
    rng = np.random.default_rng(12)
    assert "only 5 seeds" in _found(_predictions(rng, 5, 60)).warning
    assert _found(_predictions(rng, 10, 60)).warning is None


def test_perfect_or_identical_predictions_have_a_point_for_an_interval():
    right = np.ones((12, 30), dtype=bool)
    assert (_found(right).low, _found(right).estimate, _found(right).high) == (1.0, 1.0, 1.0)
    same = _predictions(np.random.default_rng(13), 12, 30)
    found = _found(same, same)
    assert (found.low, found.high, found.standard_error) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("arm", "reference", "options", "message"),
    [
        (np.ones((3, 5), bool), np.ones((3, 6), bool), {}, "same test examples"),
        (np.ones((3, 5), bool), np.ones((2, 5), bool), {}, "same seeds"),
        (np.ones(5, bool), None, {}, "shape"),
        (np.ones((0, 5), bool), None, {}, "one seed"),
        (np.ones((3, 1), bool), None, {}, "2 to"),
        (np.full((3, 5), 0.5), None, {}, "True or False"),
        (np.ones((3, 5), bool), None, {"resamples": 0}, "resamples"),
        (np.ones((3, 5), bool), None, {"level": 95}, "level"),
    ],
)
def test_what_has_no_two_way_interval_is_refused(arm, reference, options, message):
    with pytest.raises(AnalysisError, match=message):
        _found(arm, reference, **options)


def test_many_seeds_of_few_examples_are_drawn_in_parts():
    correct = _predictions(np.random.default_rng(14), 3000, 2)
    assert _found(correct, resamples=3000).estimate == pytest.approx(0.7, abs=0.02)


def test_sixty_seeds_of_ten_thousand_examples_take_little_memory():
    rng = np.random.default_rng(15)
    arm, reference = _predictions(rng, 60, 10_000), _predictions(rng, 60, 10_000)
    tracemalloc.start()
    _found(arm, reference, resamples=10_000)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 500e6


@pytest.mark.slow
@pytest.mark.parametrize(("seed_sd", "example_sd"), [(0.08, 0.2), (0.15, 0.0), (0.0, 0.25)])
def test_it_covers_at_least_as_often_as_it_says(seed_sd, example_sd):
    rng = np.random.default_rng(16)
    covered = {"both": 0, "seeds": 0}
    for _ in range(1000):
        correct = _predictions(rng, 20, 150, seed_sd=seed_sd, example_sd=example_sd)
        found = _found(correct, resamples=500)
        covered["both"] += found.low <= 0.7 <= found.high
        covered["seeds"] += found.seeds_only[0] <= 0.7 <= found.seeds_only[1]
    assert covered["both"] / 1000 >= 0.93
    if example_sd > seed_sd:
        assert covered["seeds"] / 1000 <= 0.85
