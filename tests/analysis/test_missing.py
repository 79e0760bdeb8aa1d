"""What becomes of runs without a value, policy by policy."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import compare
from analysis.errors import NotFiniteError
from analysis.missing import apply_policy
from analysis.protocol import Protocol
from analysis.runs import read_runs

NAN, INF = math.nan, math.inf


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


@pytest.fixture
def runs(long_form):
    def make(values):
        frame = long_form(values)
        (cell,) = read_runs(frame, metric="accuracy", arm="arm", block="seed", within=())
        return cell

    return make


@pytest.fixture
def gaps(runs):
    return runs({"a": [1.0, 2.0, NAN], "b": [INF, 5.0, 3.0], "c": [-INF, NAN, 4.0]})


def test_excluding_leaves_the_runs_as_they_are_for_others_to_count(gaps):
    assert apply_policy(gaps, protocol()) is gaps


@pytest.mark.parametrize(("direction", "worst"), [("maximize", 1.0), ("minimize", 5.0)])
def test_the_worst_value_is_that_of_any_arm_in_the_cell(direction, worst, gaps):
    filled = apply_policy(gaps, protocol(direction=direction, missing="worst"))
    assert filled.of("a").tolist() == [1.0, 2.0, worst]
    assert filled.of("b").tolist() == [worst, 5.0, 3.0]
    assert filled.of("c").tolist() == [worst, worst, 4.0]
    assert filled.replaced == {"a": 1, "b": 1, "c": 2}


def test_an_infinity_on_the_good_side_is_the_worst_value_too(runs):
    filled = apply_policy(runs({"a": [1.0, 2.0], "b": [3.0, INF]}), protocol(missing="worst"))
    assert filled.of("b").tolist() == [3.0, 1.0]


def test_without_any_value_there_is_no_worst_one(runs):
    nothing = runs({"a": [NAN, INF], "b": [-INF, NAN]})
    assert apply_policy(nothing, protocol(missing="worst")) is nothing
    results = compare(
        pd.DataFrame({"arm": ["a", "b"], "seed": [0, 0], "accuracy": [NAN, INF]}),
        protocol(missing="worst"),
    )
    assert results.comparison("b").difference is None


def test_a_protocol_that_refuses_gaps_names_every_run_that_has_one(gaps):
    with pytest.raises(NotFiniteError) as refused:
        apply_policy(gaps, protocol(missing="fail"))
    assert refused.value.runs == ("a, 2", "b, 0", "c, 0", "c, 1")
    assert "4 run(s) have a missing or infinite 'accuracy'" in str(refused.value)


def test_many_gaps_are_not_all_listed(runs):
    with pytest.raises(NotFiniteError, match=r"30 run\(s\).*a, 4; \.\.\."):
        apply_policy(runs({"a": [NAN] * 30}), protocol(missing="fail"))


def test_complete_runs_pass_every_policy_unchanged(long_form):
    frame = long_form({"a": [1.0, 2.0, 3.0], "b": [2.0, 3.0, 5.0]})
    answers = {
        policy: compare(frame, protocol(missing=policy)).comparisons
        for policy in ("exclude", "worst", "fail")
    }
    assert answers["exclude"] == answers["worst"] == answers["fail"]


def test_a_gap_is_refused_in_whichever_cell_it_is(long_form):
    frame = pd.concat(
        [
            long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).assign(k=1),
            long_form({"a": [1.0, 2.0], "b": [2.0, NAN]}).assign(k=2),
        ]
    )
    with pytest.raises(NotFiniteError, match=r"b, 1 \(k = 2\)"):
        compare(frame, protocol(missing="fail"), within=["k"])


def test_a_divergent_arm_gains_nothing_by_its_divergence(long_form):
    # Without its three failed runs, b looks better in every block that is left.
    control = [0.80, 0.81, 0.79, 0.82, 0.80, 0.81, 0.83, 0.79]
    arm = [each + 0.05 for each in control]
    arm[:3] = [NAN, INF, -INF]
    frame = long_form({"a": control, "b": arm})
    excluded = compare(frame, protocol(test="t")).comparison("b")
    counted = compare(frame, protocol(test="t", missing="worst")).comparison("b")
    assert (excluded.n, excluded.dropped_blocks) == (5, 3)
    assert (counted.n, counted.dropped_blocks) == (8, 0)
    assert counted.difference < excluded.difference
    assert any("3 runs of b" in each and "worst value" in each for each in counted.warnings)


def test_what_was_replaced_is_counted_beside_the_arm(long_form):
    frame = long_form({"a": [1.0, 2.0, 3.0], "b": [2.0, NAN, 3.0]})
    _, arm = compare(frame, protocol(missing="worst")).arms
    assert (arm.n, arm.missing, arm.replaced, arm.min) == (3, 0, 1, 1.0)
    _, arm = compare(frame, protocol()).arms
    assert (arm.n, arm.missing, arm.replaced, arm.min) == (2, 1, 0, 2.0)


def test_a_run_that_is_absent_is_missing_where_blocks_say_that_it_should_be_there(long_form):
    frame = long_form({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 3.0]}).drop(index=4)
    with pytest.raises(NotFiniteError, match="b, 1"):
        compare(frame, protocol(missing="fail"))
    counted = compare(frame, protocol(missing="worst")).comparison("b")
    assert (counted.n, counted.difference) == (3, pytest.approx(0.0))
    # Without blocks nobody can know of it.
    assert compare(frame, protocol(missing="fail"), block=None).comparison("b").n == 2


def test_a_run_that_has_yet_to_come_is_not_missing(long_form):
    frame = long_form({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 3.0]}).drop(index=4)
    results = compare(frame, protocol(missing="worst"), arms=("a", "b"))
    assert results.comparison("b").n == 2


@pytest.mark.parametrize("gap", [NAN, INF, -INF, None, pd.NA])
@pytest.mark.parametrize("block", ["seed", None])
def test_the_kind_of_gap_makes_no_difference(gap, block, long_form):
    frame = long_form({"a": np.arange(8.0), "b": np.arange(8.0) ** 2}).astype({"accuracy": object})
    frame.loc[10, "accuracy"] = gap
    found = compare(frame, protocol(), block=block).comparison("b")
    frame.loc[10, "accuracy"] = NAN
    assert found == compare(frame, protocol(), block=block).comparison("b")


def test_a_run_that_left_no_row_is_missing_as_well(long_form):
    frame = long_form({"a": [0.5, 0.6, 0.7], "b": [0.6, 0.7, 0.8]}).drop(index=5)
    worst = compare(frame, Protocol("accuracy", "maximize", "a", missing="worst")).comparison("b")
    assert (worst.n, worst.replaced) == (3, 1)
    with pytest.raises(NotFiniteError, match="b, 2"):
        compare(frame, Protocol("accuracy", "maximize", "a", missing="fail"))
    coming_in = compare(
        frame, Protocol("accuracy", "maximize", "a", missing="fail"), arms=("a", "b")
    )
    assert coming_in.comparison("b").n == 2
