import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, RepeatedBlockError, UnknownArmError
from analysis.many_arms.matching import complete_blocks, matched_arms


def test_only_complete_blocks_are_kept_and_the_others_counted(long_form):
    frame = long_form({"a": [1.0, 2.0, float("nan"), 4.0], "b": [1.5, 2.5, 3.5]})
    found = complete_blocks(frame, metric="accuracy", arm="arm", block="seed")
    assert found.arms == ("a", "b")
    assert np.array_equal(found.values, [[1.0, 1.5], [2.0, 2.5]])
    assert (found.blocks, found.dropped_blocks) == (2, 2)


def test_blocks_are_matched_by_key_and_not_by_row(accuracies):
    frame = accuracies(["x", "y", "z"])
    one = complete_blocks(frame, metric="accuracy", arm="arm", block="seed", arms=["z", "x"])
    shuffled = frame.sample(frac=1, random_state=1)
    other = complete_blocks(shuffled, metric="accuracy", arm="arm", block="seed", arms=["z", "x"])
    assert one.arms == ("z", "x")
    assert np.array_equal(one.values, other.values)


def test_dropped_blocks_concern_the_chosen_arms_only(long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [1.0]})
    found = complete_blocks(frame, metric="accuracy", arm="arm", block="seed", arms=["a", "b"])
    assert (found.blocks, found.dropped_blocks) == (2, 0)


def test_what_cannot_be_matched_is_refused(long_form):
    frame = long_form({"a": [1.0], "b": [float("nan")]})
    columns = {"metric": "accuracy", "arm": "arm", "block": "seed"}
    with pytest.raises(AnalysisError, match="none of 1 blocks"):
        complete_blocks(frame, **columns)
    with pytest.raises(UnknownArmError, match="'c'"):
        complete_blocks(frame, **columns, arms=["a", "c"])
    with pytest.raises(AnalysisError, match="two different"):
        complete_blocks(frame, **columns, arms=["a", "a"])
    with pytest.raises(RepeatedBlockError):
        complete_blocks(pd.concat([frame, frame]), **columns)


@pytest.mark.parametrize(
    ("values", "arms", "message"),
    [
        ({}, None, "two arms"),
        ({"a": [1.0]}, None, "two arms"),
        ({"a": [1.0], "b": [1.0, 2.0]}, None, r"'b': \(2,\)"),
        ([1.0, 2.0], None, r"\(blocks, arms\)"),
        (np.empty((0, 2)), None, "one block"),
        ([[1.0, float("nan")]], None, "finite"),
        ([[1.0, 1e300]], None, "larger unit"),
        ([[1.0, 2.0]], ["a"], "2 different names"),
        ([[1.0, 2.0]], ["a", "a"], "2 different names"),
    ],
)
def test_a_matrix_that_is_no_set_of_matched_arms_is_refused(values, arms, message):
    with pytest.raises(AnalysisError, match=message):
        matched_arms(values, arms)


def test_columns_without_names_are_numbered():
    assert matched_arms([[1.0, 2.0, 3.0]]).arms == ("1", "2", "3")


def test_nasty_names_are_kept(nasty):
    assert matched_arms({nasty: [1.0], "other": [2.0]}).arms == (nasty, "other")
