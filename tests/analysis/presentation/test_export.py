import json

import pandas as pd
import pytest

from analysis import Protocol, compare

PROTOCOL = Protocol("accuracy", "maximize", "a")


def test_json_has_the_keys_that_programs_rely_on(accuracies):
    written = json.loads(compare(accuracies(["a", "b"]), PROTOCOL).to_json())
    assert {"metric", "direction", "control", "design", "alpha", "correction"} <= set(written)
    assert written["design"] == "paired"
    arm_keys = {"arm", "n", "mean", "sd", "median", "min", "max", "ci_low", "ci_high"}
    assert arm_keys <= set(written["arms"][0])
    comparison = written["comparisons"][0]
    assert set(comparison["tests"]) == {"sign_flip", "paired_t", "wilcoxon"}
    assert set(comparison["tests"]["sign_flip"]) == {"statistic", "p_value", "exact", "p_floor"}
    assert comparison["decisive_test"] == "sign_flip"
    assert set(comparison["effect_sizes"]) == {"d_z", "hedges_g", "cliffs_delta", "superiority"}
    assert comparison["warnings"] == []


def test_values_are_not_rounded(accuracies):
    results = compare(accuracies(["a", "b"]), PROTOCOL)
    written = json.loads(results.to_json())["comparisons"][0]
    assert written["difference"] == results.comparison("b").difference
    assert results.to_frame().loc[0, "p_adjusted"] == results.comparison("b").p_adjusted


def test_what_does_not_exist_is_null_and_never_nan(long_form):
    text = compare(long_form({"a": [0.1], "b": [float("nan")]}), PROTOCOL).to_json()
    assert "NaN" not in text
    assert json.loads(text)["comparisons"][0]["difference"] is None


def test_factors_become_columns(accuracies):
    frame = pd.concat([accuracies(["a", "b"]).assign(k=k) for k in (1, 2)])
    results = compare(frame, PROTOCOL, within=["k"])
    assert results.to_frame()["k"].tolist() == [1, 2]
    assert results.arms_to_frame()[["arm", "k"]].to_numpy().tolist() == [
        ["a", 1],
        ["b", 1],
        ["a", 2],
        ["b", 2],
    ]


def test_a_factor_named_like_a_column_hides_no_number(accuracies):
    frame = pd.concat([accuracies(["a", "b"]).assign(n=level) for level in (100, 200)])
    results = compare(frame, PROTOCOL, within=["n"])
    assert results.to_frame()["n"].tolist() == [20, 20]
    assert results.to_frame()["factor n"].tolist() == [100, 200]
    assert results.arms_to_frame()["factor n"].tolist() == [100, 100, 200, 200]


def test_runs_that_share_nothing_have_tests_and_effect_sizes_of_their_own(accuracies):
    written = json.loads(compare(accuracies(["a", "b"]), PROTOCOL, block=None).to_json())
    comparison = written["comparisons"][0]
    assert written["design"] == "unpaired"
    assert set(comparison["tests"]) == {"welch_t", "mann_whitney", "permutation", "dunnett"}
    assert set(comparison["effect_sizes"]) == {"hedges_g", "cliffs_delta", "superiority"}
    assert comparison["decisive_test"] == "permutation"


@pytest.mark.parametrize("gap", [float("inf"), float("-inf"), float("nan")])
def test_no_infinity_is_written(gap, long_form):
    frame = long_form({"a": [0.1, gap, 0.3], "b": [gap, 0.2, 0.4], "c": [0.2, 0.3, 0.5]})
    for block in ("seed", None):
        text = compare(frame, PROTOCOL, block=block).to_json()
        assert "Infinity" not in text
        assert "NaN" not in text
        assert json.loads(text)["comparisons"][0]["n"] >= 1


def test_a_frame_without_rows_has_its_columns(long_form):
    frame = compare(long_form({"a": [0.1, 0.2]}), PROTOCOL).to_frame()
    assert frame.empty
    assert {"arm", "reference", "n", "p_value", "decision"} <= set(frame.columns)
