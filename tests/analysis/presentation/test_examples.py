from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.presentation.examples import mcnemar_rows, two_way_rows
from analysis.presentation.numbers import format_number
from analysis.presentation.wording import comparison_decimals
from analysis.variance.mcnemar import mcnemar, mcnemar_from_counts
from analysis.variance.two_way_bootstrap import two_way_interval


def test_a_row_has_the_counts_and_both_p_values():
    # Fagerland, Lydersen & Laake 2013, Tables 1 and 4: 1, 1, 7, 12; exact p 0.070, mid-p 0.039.
    found = mcnemar_from_counts(both=1, only_arm=7, only_reference=1, neither=12)
    header, row = mcnemar_rows([(3, found)])
    assert header == ("seed", "both", "only arm", "only reference", "neither", "p", "mid-p")
    assert row == ("3", "1", "7", "1", "12", "0.070", "0.039")


def test_models_that_never_disagree_have_a_p_of_one():
    (_, row) = mcnemar_rows([(0, mcnemar([True, False], [True, False]))])
    assert row == ("0", "1", "0", "0", "1", "1.0", "1.0")


def test_a_tiny_p_is_no_false_zero():
    (_, row) = mcnemar_rows([(0, mcnemar(np.ones(200, bool), np.zeros(200, bool)))])
    assert row[-2:] == ("< 0.0001", "< 0.0001")


def test_every_seed_has_a_row_in_its_place():
    found = mcnemar([True, False], [False, False])
    assert [row[0] for row in mcnemar_rows([(7, found), (3, found)])] == ["seed", "7", "3"]


def comparison(arm="kd", reference="student", difference=None):
    """A comparison with this difference."""
    return replace(COMPARED, arm=arm, reference=reference, difference=difference)


ROWS = [(arm, seed, seed % 3 * 0.01) for arm in ("student", "kd") for seed in range(8)]
(COMPARED,) = compare(
    pd.DataFrame(ROWS, columns=["arm", "seed", "accuracy"]),
    Protocol("accuracy", "maximize", "student"),
    resamples=100,
).comparisons


@pytest.fixture
def interval():
    rng = np.random.default_rng(0)
    arm, reference = rng.random((12, 500)) < 0.9, rng.random((12, 500)) < 0.8
    return two_way_interval(arm, reference, rng=rng, resamples=500)


def test_a_difference_is_shown_with_its_three_intervals(interval):
    header, row = two_way_rows([(comparison("kd", "student"), interval)])
    assert header[:4] == ("comparison", "seeds", "examples", "difference")
    assert row[:3] == ("kd against student", "12", "500")
    assert float(row[3]) == pytest.approx(interval.estimate, abs=0.0005)
    shown = [tuple(map(float, each.split(" to "))) for each in row[4:]]
    expected = [interval.seeds_only, interval.examples_only, (interval.low, interval.high)]
    assert np.ravel(shown) == pytest.approx(np.ravel(expected), abs=0.0005)


def test_its_decimals_are_those_that_the_interval_deserves(interval):
    _, row = two_way_rows([(comparison(), interval)])
    decimals = {len(number.partition(".")[2]) for each in row[3:] for number in each.split(" to ")}
    assert 0.01 < (interval.high - interval.low) / 4 < 0.1
    assert decimals == {3}


def test_one_seed_has_no_interval_over_seeds():
    correct = np.arange(40) % 3 > 0
    found = two_way_interval([correct], [~correct], rng=np.random.default_rng(0), resamples=100)
    _, row = two_way_rows([(comparison(), found)])
    assert row[4] == "n/a"
    assert "to" in row[5]


def test_no_difference_at_all_is_a_plain_zero():
    correct = np.ones((3, 10), bool)
    found = two_way_interval(correct, correct, rng=np.random.default_rng(0), resamples=100)
    _, row = two_way_rows([(comparison(), found)])
    assert row[3:] == ("0", "0 to 0", "0 to 0", "0 to 0")


def test_the_difference_is_written_as_the_comparison_writes_it(interval):
    standard_error = 0.00042
    same = replace(comparison(difference=interval.estimate + 1e-9), standard_error=standard_error)
    _, row = two_way_rows([(same, interval)])
    assert row[3] == format_number(interval.estimate, comparison_decimals(same))
    assert len(row[3].partition(".")[2]) == 5


def test_a_comparison_of_another_metric_has_a_difference_of_its_own(interval):
    other = comparison(difference=interval.estimate + 3)
    assert two_way_rows([(other, interval)]) == two_way_rows([(comparison(), interval)])


def test_nothing_gives_a_header_alone():
    assert len(two_way_rows([])) == len(mcnemar_rows([])) == 1
