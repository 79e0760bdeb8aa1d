"""GRIMMER, against scrutiny and rsprite2, and against enumerating samples."""

import statistics
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.audit.finding import Outcome
from analysis.audit.possible_deviations import grimmer
from analysis.audit.printed_numbers import PrintedError
from analysis.errors import AnalysisError


def _possible(found):
    return found.outcome is not Outcome.FAIL


# scrutiny, tests of grimmer_map(): the data set pigs5.
@pytest.mark.parametrize(
    ("mean", "sd", "n", "consistent"),
    [
        ("7.22", "5.30", 38, False),
        ("4.74", "6.55", 31, True),
        ("5.23", "2.55", 35, False),
        ("2.57", "2.57", 30, True),
        ("6.77", "2.18", 33, False),
        ("2.68", "2.59", 34, True),
        ("7.01", "6.68", 35, False),
        ("7.38", "3.65", 32, True),
        ("3.14", "5.32", 33, False),
        ("6.89", "4.18", 37, True),
        ("5.00", "2.18", 31, True),
        ("0.24", "6.43", 34, True),
    ],
)
def test_deviations_are_judged_as_scrutiny_does(mean, sd, n, consistent):
    assert _possible(grimmer(mean, sd, n)) == consistent


# rsprite2, tests of GRIMMER_test(); scrutiny, vignette "GRIMMER" (7.3, 2.51, 12).
@pytest.mark.parametrize(
    ("mean", "sd", "n", "consistent"),
    [("5.21", "1.6", 28, True), ("3.44", "2.47", 18, False), ("7.3", "2.51", 12, False)],
)
def test_deviations_are_judged_as_rsprite2_does(mean, sd, n, consistent):
    assert _possible(grimmer(mean, sd, n)) == consistent


# scrutiny, vignette "GRIMMER", flying_pigs1: those that pass there.
@pytest.mark.parametrize(
    ("mean", "sd"),
    [("7.2", "2.89"), ("3.6", "3.11"), ("9.2", "7.13"), ("10.4", "2.53"), ("7.3", "3.14")],
)
def test_what_a_single_sum_allows_is_possible(mean, sd):
    assert _possible(grimmer(mean, sd, 25))


def test_a_second_sum_can_make_possible_what_the_first_does_not():
    # scrutiny, vignette "GRIMMER", calls mean 8.9, sd 2.81, n = 25 impossible, because it tries the
    # sum 222 alone; its authors know that its third test gives false alarms (their issue 80).
    squares = range(222, 20_000, 2)  # Even, as 222 is.
    assert "2.81" not in {
        f"{((q - 222**2 / 25) / 24) ** 0.5:.2f}" for q in squares if q > 222**2 / 25
    }
    sample = [-1] + [6] + [7] * 3 + [9] * 14 + [11] * 5 + [16] * 1
    assert (len(sample), sum(sample)) == (25, 223)
    assert f"{statistics.fmean(sample):.1f}" == "8.9"
    assert f"{statistics.stdev(sample):.2f}" == "2.81"
    assert _possible(grimmer("8.9", "2.81", 25))
    assert not _possible(grimmer("8.88", "2.81", 25))


def _printable(n, values, decimals):
    """Every (mean, sd) that samples print, rounded as Python does."""
    found = set()
    for sample in combinations_with_replacement(values, n):
        found.add(
            (f"{statistics.fmean(sample):.{decimals}f}", f"{statistics.stdev(sample):.{decimals}f}")
        )
    return found


@pytest.mark.parametrize(("n", "decimals"), [(2, 2), (3, 1), (4, 2), (5, 2), (6, 1)])
def test_what_a_sample_prints_never_fails(n, decimals):
    for mean, sd in _printable(n, range(-2, 4), decimals):
        assert _possible(grimmer(mean, sd, n)), (mean, sd)


def test_from_five_values_on_everything_else_fails():
    # Deviations up to 1 of five values with a mean from 0 to 1: no value beyond -2 to 3 can occur.
    decimals, n = 2, 5
    printable = _printable(n, range(-3, 5), decimals)
    for hundredths in range(0, 101, 4):
        for spread in range(100):
            mean, sd = f"{hundredths / 100:.2f}", f"{spread / 100:.2f}"
            assert _possible(grimmer(mean, sd, n)) == ((mean, sd) in printable), (mean, sd)


def test_the_division_by_n_is_declared():
    # 0, 0, 1, 1: 0.577 with n - 1, 0.500 with n.
    assert _possible(grimmer("0.50", "0.577", 4))
    assert not _possible(grimmer("0.50", "0.577", 4, ddof=0))
    assert _possible(grimmer("0.50", "0.500", 4, ddof=0))
    assert not _possible(grimmer("0.50", "0.500", 4))


def test_a_granule_scales_mean_and_deviation_alike():
    # The whole numbers 1, 2, 4, 4, 9 as thirds.
    values = [k / 3 for k in (1, 2, 4, 4, 9)]
    mean, sd = f"{statistics.mean(values):.3f}", f"{statistics.stdev(values):.3f}"
    assert grimmer(mean, sd, 5, granule="1/3").outcome is Outcome.PASS
    assert not _possible(grimmer(mean, sd, 5))


@given(
    st.lists(st.integers(8000, 10_000), min_size=2, max_size=12),
    st.sampled_from([100, 1000, 10_000]),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(0, 1),
)
def test_accuracies_of_runs_never_fail(correct, items, mean_decimals, sd_decimals, ddof):
    accuracies = np.array(correct) * 100 / 10_000
    accuracies = np.round(accuracies * items / 100) / items * 100
    mean = f"{accuracies.mean():.{mean_decimals}f}"
    sd = f"{accuracies.std(ddof=ddof):.{sd_decimals}f}"
    found = grimmer(mean, sd, len(correct), granule=f"100/{items}", ddof=ddof)
    assert _possible(found), (accuracies, mean, sd)


@example([91] * 10)  # Equal values: a deviation of 0, or of 1.4e-14.
@given(st.lists(st.integers(8000, 10_000), min_size=2, max_size=40))
def test_numbers_printed_with_all_their_digits_never_fail(correct):
    accuracies = np.array(correct) / 100
    mean, sd = (repr(float(each)) for each in (accuracies.mean(), accuracies.std(ddof=1)))
    assert _possible(grimmer(mean, sd, len(correct), granule="0.01")), (mean, sd)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 7), min_size=2, max_size=30))
def test_a_bounded_scales_samples_never_fail(answers):
    mean, sd = f"{statistics.fmean(answers):.2f}", f"{statistics.stdev(answers):.2f}"
    assert _possible(grimmer(mean, sd, len(answers), low="1", high="7"))


def test_bounds_find_deviations_that_are_too_large_for_them():
    # From 1 to 7 with a mean of 6.5, the deviation is largest with one 1 and one 3 among 7s.
    assert _possible(grimmer("6.50", "2.0", 20))
    assert not _possible(grimmer("6.50", "2.0", 20, low="1", high="7"))
    widest = [1, 3, *[7] * 18]
    assert _possible(grimmer("6.50", f"{statistics.stdev(widest):.2f}", 20, low="1", high="7"))


# rsprite2, tests of the deviation's limits: five answers from 1 to 7 with the mean 4.2 have
# deviations from 0.45 to 3.03.
@pytest.mark.parametrize(
    ("sd", "possible"), [("0.45", True), ("0.38", False), ("3.03", True), ("3.11", False)]
)
def test_bounds_are_those_of_sprite(sd, possible):
    assert _possible(grimmer("4.20", sd, 5, low="1", high="7")) == possible
    assert _possible(grimmer("4.20", sd, 5)) == (sd != "0.38")


def test_wrong_deviations_fail_as_often_as_the_chance_says():
    n, mean = 20, "4.35"
    deviations = [f"{k / 1000:.3f}" for k in range(1000, 1100)]
    found = [grimmer(mean, sd, n) for sd in deviations]
    chances = [grimmer(mean, sd, n).values["chance_of_detection"] for sd in deviations]
    share = np.mean([each.outcome is Outcome.FAIL for each in found])
    assert share == pytest.approx(np.mean(chances), abs=0.03)
    assert 0.5 < share < 1


def test_an_impossible_mean_is_said_to_be_so():
    found = grimmer("5.27", "1.00", 43)
    assert found.outcome is Outcome.FAIL
    assert "GRIM" in found.detail


def test_a_passing_pair_shows_a_sum_and_a_sum_of_squares():
    found = grimmer("2.0", "1.000", 3)
    assert found.outcome is Outcome.PASS
    total, squares = found.values["sum_in_granules"], found.values["sum_of_squares_in_granules"]
    assert (squares - total**2 / 3) / 2 == pytest.approx(1, abs=0.0005)


@pytest.mark.parametrize("n", [60, 280_000, 10**9])
def test_many_sums_are_answered(n):
    # Millions of sums, of which n at most differ; beyond that nothing could be found.
    found = grimmer("92", "0.3", n, granule="0.0001")
    assert found.outcome is Outcome.NOT_TESTABLE
    assert found.values["chance_of_detection"] == 0


def test_a_negative_deviation_is_impossible():
    assert grimmer("2.0", "-1.0", 9).outcome is Outcome.FAIL


def test_a_deviation_of_zero_needs_equal_values():
    assert _possible(grimmer("2.00", "0.00", 9))
    assert not _possible(grimmer("2.11", "0.00", 9))


def test_what_is_missing_is_named():
    assert grimmer("2", None, None).values == {"missing": ["sd", "n"]}


def test_what_makes_no_sense_is_refused():
    with pytest.raises(AnalysisError, match="n is 1"):
        grimmer("2", "1", 1)
    with pytest.raises(AnalysisError, match="ddof"):
        grimmer("2", "1", 5, ddof=2)
    with pytest.raises(AnalysisError, match="granule"):
        grimmer("2", "1", 5, granule="0")
    with pytest.raises(AnalysisError, match="both bounds"):
        grimmer("2", "1", 5, low="1")
    with pytest.raises(PrintedError):
        grimmer("2", "nan", 5)
