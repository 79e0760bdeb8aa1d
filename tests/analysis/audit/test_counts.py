"""Degrees of freedom, runs and counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.counts import n_mismatch
from analysis.audit.finding import Outcome
from analysis.errors import AnalysisError
from analysis.inference.samples import samples
from analysis.inference.welch import welch_interval


@pytest.mark.parametrize(
    ("test", "df", "n", "n2", "outcome"),
    [
        ("paired", "9", 10, None, Outcome.PASS),
        ("paired", "10", 10, None, Outcome.FAIL),
        ("paired", "18", 10, 10, Outcome.FAIL),
        ("paired", "8.7", 10, None, Outcome.FAIL),
        ("paired", "9.0", 10, None, Outcome.PASS),
        ("one_sample", "29", 30, None, Outcome.PASS),
        ("correlation", "28", 30, None, Outcome.PASS),
        ("correlation", "29", 30, None, Outcome.FAIL),
        # Hernandez et al. 2025, Monte Carlo: 60 runs an arm, df = 118.
        ("pooled", "118", 60, 60, Outcome.PASS),
        ("pooled", 118, 60, 58, Outcome.FAIL),
        ("pooled", "117.4", 60, 60, Outcome.FAIL),
        ("welch", "117.4", 60, 60, Outcome.PASS),
        ("welch", "118", 60, 60, Outcome.PASS),
        ("welch", "59", 60, 60, Outcome.PASS),
        ("welch", "58.9", 60, 60, Outcome.FAIL),
        ("welch", "119", 60, 60, Outcome.FAIL),
        ("welch", "4.6", 5, 60, Outcome.PASS),
        # Rounded to whole, 118 may have been 117.5; and 118.0 may not be 118.1.
        ("welch", "118.04", 60, 60, Outcome.FAIL),
    ],
)
def test_degrees_of_freedom_follow_from_the_runs(test, df, n, n2, outcome):
    assert n_mismatch(test=test, df=df, n=n, n2=n2).outcome is outcome


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 2**32), st.integers(0, 3))
def test_welch_degrees_of_freedom_of_any_data_pass(n, n2, seed, places):
    generator = np.random.default_rng(seed)
    spread = 10.0 ** generator.uniform(-3, 3)
    first, second = generator.normal(size=n), generator.normal(scale=spread, size=n2)
    degrees = welch_interval(samples(first, second), 0.95).degrees
    found = n_mismatch(test="welch", df=f"{degrees:.{places}f}", n=n, n2=n2)
    assert found.outcome is Outcome.PASS


def test_the_test_that_would_fit_is_named():
    found = n_mismatch(test="paired", df="18", n=10, n2=10)
    assert found.values["fits_instead"] == ["pooled", "welch"]
    assert "pooled, welch" in found.detail
    assert n_mismatch(test="paired", df="8", n=10).values["fits_instead"] == ["correlation"]


@pytest.mark.parametrize(
    ("test", "df", "n", "n2"),
    [("paired", "7", 10, None), ("pooled", "16", 10, 10), ("welch", "7", 10, 10)],
)
def test_declared_exclusions_count(test, df, n, n2):
    assert n_mismatch(test=test, df=df, n=n, n2=n2).outcome is Outcome.FAIL
    assert n_mismatch(test=test, df=df, n=n, n2=n2, excluded=2).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("counts", "n", "n2", "excluded", "outcome"),
    [
        ([1, 4, 20, 25, 9, 1], 60, None, 0, Outcome.PASS),
        ([1, 4, 20, 25, 9, 0], 60, None, 0, Outcome.FAIL),
        ([1, 4, 20, 25, 9, 0], 60, None, 1, Outcome.PASS),
        ([60], 60, None, 1, Outcome.FAIL),
        ([60], 60, 60, 1, Outcome.PASS),
        ([61], 60, 60, 1, Outcome.FAIL),
    ],
)
def test_the_counts_of_a_histogram_sum_to_the_runs(counts, n, n2, excluded, outcome):
    found = n_mismatch(n=n, n2=n2, counts=counts, excluded=excluded)
    assert found.outcome is outcome
    assert found.values["counted"] == sum(counts)


def test_one_wrong_number_of_two_fails():
    assert n_mismatch(test="paired", df="9", n=10, counts=[4, 5]).outcome is Outcome.FAIL
    assert n_mismatch(test="paired", df="8", n=10, counts=[5, 5]).outcome is Outcome.FAIL
    assert n_mismatch(test="paired", df="9", n=10, counts=[5, 5]).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ({}, ["n", "test", "df"]),
        ({"n": 10}, ["test", "df"]),
        ({"test": "paired", "df": "9"}, ["n"]),
        ({"test": "paired", "n": 10}, ["df"]),
        ({"df": "9", "n": 10}, ["test"]),
        ({"df": "9", "n": 10, "counts": [10]}, ["test"]),
        ({"test": "welch", "df": "9", "n": 10}, ["n2"]),
        ({"counts": [10]}, ["n"]),
    ],
)
def test_what_is_missing_is_named(numbers, missing):
    found = n_mismatch(**numbers)
    assert found.outcome is Outcome.MISSING_INPUT
    assert found.values["missing"] == missing


@pytest.mark.parametrize(
    "wrong",
    [
        {"test": "t"},
        {"n": 0},
        {"n": -3},
        {"n": 9.5},
        {"n": True},
        {"n2": 0},
        {"excluded": -1},
        {"excluded": 10},
        {"counts": []},
        {"counts": "19"},
        {"counts": [5, -5]},
        {"counts": [float("nan")]},
        {"df": "nan"},
        {"df": "< 9"},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        n_mismatch(**({"test": "paired", "df": "9", "n": 10} | wrong))
