import numpy as np
import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.errors import AnalysisError
from analysis.publication.best_arms import find_best

PROTOCOL = Protocol("accuracy", "maximize", "a")
CELL = ()


def shifted(gains, *, n=12, seed=0):
    """Values on a grid that differ by exactly these gains, but for a little noise."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.9, 0.01, n)
    return {
        arm: np.round(shared + gain + rng.normal(0, 0.001, n), 4) for arm, gain in gains.items()
    }


def named(places):
    return {arm for _, arm in places}


def test_an_arm_that_was_shown_to_be_worse_than_the_best_is_not_marked(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.05}))
    best = find_best(compare(frame, PROTOCOL))
    assert named(best.best) == {"b"}
    assert best.marks(CELL, "a") is False


def test_an_arm_that_was_not_shown_to_be_worse_is_marked_with_the_best(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.0}))
    best = find_best(compare(frame, PROTOCOL))
    assert best.marks(CELL, "a") is True
    assert best.marks(CELL, "b") is True


def test_without_runs_an_arm_that_was_never_held_against_the_best_stays_unmarked(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05}))
    best = find_best(compare(frame, PROTOCOL))
    assert named(best.best) == {"c"}
    assert named(best.untold) == {"b"}
    assert best.marks(CELL, "b") is None
    assert best.further is None


def test_with_runs_every_arm_is_held_against_the_best(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05, "d": 0.05}))
    best = find_best(compare(frame, PROTOCOL), frame)
    assert [best.marks(CELL, arm) for arm in "abcd"] == [False, False, True, True]
    assert best.further.family_size == 6
    assert best.further.protocol.comparisons == "all_pairs"


def test_further_comparisons_keep_the_test_and_the_correction_that_were_declared(long_form):
    protocol = Protocol("accuracy", "maximize", "a", test="t", correction="none", alpha=0.01)
    frame = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05}))
    further = find_best(compare(frame, protocol), frame).further.protocol
    assert (further.test, further.correction, further.alpha) == ("t", "none", 0.01)


def test_nothing_further_is_compared_where_the_declared_comparisons_suffice(long_form):
    frame = long_form(shifted({"a": 0.05, "b": 0.0, "c": 0.02}))
    assert find_best(compare(frame, PROTOCOL), frame).further is None


def test_lower_is_better_where_the_metric_is_minimised(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.05}))
    best = find_best(compare(frame, Protocol("accuracy", "minimize", "a")))
    assert named(best.best) == {"a"}
    assert best.marks(CELL, "b") is False


def test_arms_with_the_same_mean_are_both_the_best(long_form):
    values = [0.1, 0.2, 0.3, 0.7]
    frame = long_form({"a": values, "b": values[::-1], "c": [0.0, 0.1, 0.2, 0.3]})
    best = find_best(compare(frame, PROTOCOL))
    assert named(best.best) == {"a", "b"}


def test_an_arm_is_alike_if_it_was_not_shown_to_be_worse_than_one_of_several_best(long_form):
    # c is 1 below a in every pair, and so shown to be worse; it scatters around b.
    a = [float(each) for each in range(10)]
    frame = long_form({"a": a, "b": a[::-1], "c": [each - 1 for each in a]})
    protocol = Protocol("accuracy", "maximize", "a", comparisons="all_pairs", correction="none")
    results = compare(frame, protocol)
    assert results.comparison("c", "a").decision == "worse"
    assert results.comparison("c", "b").decision == "undecided"
    assert find_best(results).marks(CELL, "c") is True


def test_a_one_sided_test_tells_only_what_it_asked(long_form):
    frame = long_form(shifted({"a": 0.05, "b": 0.0}))
    upward = Protocol("accuracy", "maximize", "a", alternative="greater")
    downward = Protocol("accuracy", "maximize", "a", alternative="less")
    # Whether b is above a says nothing about whether it is below.
    assert find_best(compare(frame, upward)).marks(CELL, "b") is None
    assert find_best(compare(frame, downward)).marks(CELL, "b") is False


def test_an_arm_without_a_value_is_neither_best_nor_asked_about(long_form):
    nan = float("nan")
    frame = long_form({"a": [0.1, 0.2], "b": [nan, nan]})
    best = find_best(compare(frame, PROTOCOL))
    assert named(best.best) == {"a"}
    assert best.marks(CELL, "b") is False
    assert not best.untold


def test_arms_that_no_test_can_tell_apart_are_named_as_untold(long_form):
    protocol = Protocol("accuracy", "maximize", "a", test="t")
    frame = long_form({"a": [0.1], "b": [0.2]})
    assert named(find_best(compare(frame, protocol), frame).untold) == {"a"}


def test_every_cell_has_its_own_best_arm(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.05})).assign(k=1)
    other = long_form(shifted({"a": 0.05, "b": 0.0})).assign(k=2)
    both = compare(pd.concat([frame, other]), PROTOCOL, within=["k"])
    best = find_best(both)
    assert best.best == {((("k", 1),), "b"), ((("k", 2),), "a")}
    assert best.marks((("k", 1),), "a") is False


def test_a_frame_of_other_runs_is_refused(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05}))
    other = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05}, seed=1))
    with pytest.raises(AnalysisError, match="does not hold the runs"):
        find_best(compare(frame, PROTOCOL), other)


def test_the_order_of_rows_changes_nothing(long_form):
    frame = long_form(shifted({"a": 0.0, "b": 0.02, "c": 0.05, "d": 0.05}))
    backwards = frame.iloc[::-1]
    one, other = (find_best(compare(each, PROTOCOL), each) for each in (frame, backwards))
    assert (one.best, one.alike, one.untold) == (other.best, other.alike, other.untold)


def test_so_many_pairs_that_they_take_minutes_are_left_untold(accuracies):
    frame = accuracies([f"arm {place}" for place in range(40)], n=3)
    results = compare(frame, Protocol("accuracy", "maximize", "arm 0"), resamples=100)
    found = find_best(results, frame)
    assert found.further is None
    assert found.untold
