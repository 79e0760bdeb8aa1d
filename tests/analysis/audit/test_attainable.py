"""The floor of exact tests."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.audit.attainable import attainable_p
from analysis.errors import AnalysisError
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.paired import pair
from analysis.inference.permutation import permutation_test
from analysis.inference.samples import samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.wilcoxon import wilcoxon_signed_rank


@pytest.mark.parametrize(
    ("p", "n", "test", "outcome"),
    [
        # 2 / 2^10 = 0.001953125
        ("0.002", 10, "sign_flip", "pass"),
        ("0.00195", 10, "sign_flip", "pass"),
        ("0.0019", 10, "sign_flip", "fail"),
        ("0.001", 10, "signed_rank", "fail"),
        ("< 0.002", 10, "wilcoxon", "pass"),
        ("< 0.001", 10, "wilcoxon", "fail"),
        ("< 0.001", 11, "wilcoxon", "pass"),
        # 2 / C(10, 5) = 1 / 126 = 0.00794
        ("0.008", 5, "permutation", "pass"),
        ("0.0079", 5, "rank_sum", "pass"),
        ("0.007", 5, "mann_whitney", "fail"),
        ("< 0.001", 10, "permutation", "pass"),
        ("> 0.0001", 3, "sign_flip", "pass"),
    ],
)
def test_no_exact_p_lies_below_the_most_extreme_arrangements(p, n, test, outcome):
    assert attainable_p(p, n, test=test).outcome == outcome


def test_less_than_the_floor_is_not_attained_by_the_floor():
    # 2 / 2^4 = 0.125
    assert attainable_p("< 0.125", 4, test="sign_flip").outcome == "fail"
    assert attainable_p("<= 0.125", 4, test="sign_flip").outcome == "pass"


def test_a_floor_on_the_edge_of_the_rounding_interval_is_attained_either_way_of_rounding():
    assert attainable_p("0.12", 4, test="sign_flip").outcome == "pass"
    assert attainable_p("0.13", 4, test="sign_flip").outcome == "pass"


def test_p_zero_to_three_decimals_may_be_rounding():
    # R and SPSS print .000 for whatever lies below .0005.
    assert attainable_p("0.000", 12, test="sign_flip").outcome == "pass"
    assert attainable_p("0.000", 10, test="sign_flip").outcome == "fail"


def test_a_one_sided_test_has_half_the_floor():
    assert attainable_p("0.001", 10, test="sign_flip", sides=1).outcome == "pass"
    assert attainable_p("0.001", 10, test="sign_flip", sides=2).outcome == "fail"


def test_unequal_sizes_may_have_one_extreme_split_only():
    found = attainable_p("0.1", 2, n2=3, test="permutation")
    assert (found.outcome, found.values["floor"]) == ("pass", pytest.approx(0.1))
    # By enumeration: no other of the ten splits is as far from 0 as 10, 10 against 0, 0, 0.
    values = [10, 10, 0, 0, 0]
    gaps = [
        abs(3 * sum(chosen) - 2 * (sum(values) - sum(chosen)))
        for chosen in itertools.combinations(values, 2)
    ]
    assert sum(gap >= gaps[0] for gap in gaps) / len(gaps) == 0.1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=7),
    st.lists(st.integers(0, 30), min_size=2, max_size=7),
    st.integers(2, 6),
)
def test_no_exact_test_is_ever_accused_of_its_own_p(first, second, decimals):
    both = samples(first, second)
    for result in (permutation_test(both), mann_whitney(both)):
        p = f"{result.p_value:.{decimals}f}"
        found = attainable_p(p, len(first), n2=len(second), test=result.name)
        assert found.outcome == "pass", (result, found)
    n = min(len(first), len(second))
    pairs = pair(first[:n], second[:n])
    for result in (sign_flip_test(pairs), wilcoxon_signed_rank(pairs)):
        assert attainable_p(f"{result.p_value:.{decimals}f}", n, test=result.name).outcome == "pass"


@pytest.mark.parametrize("n", [3, 6, 8])
def test_the_floor_is_reached_by_arms_that_do_not_overlap(n):
    low, high = np.arange(n), np.arange(n) + 100
    found = attainable_p("1", n, test="permutation")
    assert permutation_test(samples(low, high)).p_value == found.values["floor"]
    found = attainable_p("1", n, test="sign_flip")
    assert sign_flip_test(pair(low, high)).p_value == found.values["floor"]


def test_numbers_of_runs_beyond_any_printed_p_are_answered():
    assert attainable_p("1e-400", 10**9, test="sign_flip").outcome == "pass"
    assert attainable_p("1e-400", 10**6, n2=10**6, test="permutation").outcome == "pass"
    assert attainable_p("1e-30", 10**6, n2=3, test="permutation").outcome == "fail"


def test_tests_that_count_nothing_have_no_floor():
    assert attainable_p("1e-9", 3, test="paired_t").outcome == "not_applicable"
    assert attainable_p("1e-9", 3, test="wilcoxon", exact=False).outcome == "not_applicable"
    assert attainable_p(None, 3, test="wilcoxon").outcome == "missing_input"


@pytest.mark.parametrize(
    "wrong",
    [
        {"p": "1.2"},
        {"p": "-0.1"},
        {"p": "nan"},
        {"p": 0.001},
        {"n": 0},
        {"n": -3},
        {"n": 2.0},
        {"n": True},
        {"n2": 0},
        {"sides": 3},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        attainable_p(**{"p": "0.01", "n": 5, "test": "permutation"} | wrong)
