import json
import warnings
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from analysis import (
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    NotNumericError,
    Protocol,
    RepeatedBlockError,
    UnknownArmError,
    UnknownComparisonError,
    adjust,
    compare,
    pair,
    sign_flip_test,
)


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


def numbers(results):
    return {each.label: each for each in results.comparisons}, set(results.arms)


def test_a_comparison_carries_the_numbers_of_its_parts(accuracies):
    frame = accuracies(["a", "b", "c"])
    results = compare(frame, protocol())
    wide = frame.pivot_table(index="seed", columns="arm", values="accuracy")
    expected = [sign_flip_test(pair(wide[arm], wide["a"])).p_value for arm in ("b", "c")]
    assert [each.p_value for each in results.comparisons] == expected
    assert tuple(each.p_adjusted for each in results.comparisons) == adjust(expected, "holm")
    assert results.comparison("b").difference == pytest.approx((wide["b"] - wide["a"]).mean())
    assert results.comparison("b").n == 20
    assert results.family_size == 2


def test_the_deciding_test_is_the_protocols(accuracies):
    results = compare(accuracies(["a", "b"]), protocol(test="t"))
    comparison = results.comparison("b")
    assert comparison.decisive_test == "paired_t"
    assert comparison.p_floor is None
    assert {each.name for each in comparison.tests} == {"sign_flip", "paired_t", "wilcoxon"}


@pytest.mark.parametrize("n", [6, 50])
def test_shuffling_the_rows_changes_no_number(n, accuracies):
    frame = accuracies(["a", "b", "c"], n=n)
    shuffled = frame.sample(frac=1, random_state=3)
    assert numbers(compare(frame, protocol())) == numbers(compare(shuffled, protocol()))


def test_another_arm_changes_no_uncorrected_number(accuracies):
    frame = accuracies(["a", "b", "c"], n=50)
    few = compare(frame[frame["arm"] != "c"], protocol()).comparison("b")
    many = compare(frame, protocol()).comparison("b")
    assert few.tests == many.tests


def test_pairing_is_by_key_so_an_offset_in_the_rows_pairs_nothing_wrongly(long_form):
    frame = long_form({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.5, 2.5, 3.5, 4.5]})
    frame = frame.drop(index=0)
    comparison = compare(frame, protocol()).comparison("b")
    assert comparison.difference == 0.5
    assert (comparison.n, comparison.dropped_blocks) == (3, 1)
    assert any("1 block " in each for each in comparison.warnings)


def test_the_direction_says_what_is_better_and_leaves_the_difference_alone(long_form):
    frame = long_form({"a": np.arange(10.0), "b": np.arange(10.0) + np.linspace(1, 2, 10)})
    up = compare(frame, protocol()).comparison("b")
    down = compare(frame, protocol(direction="minimize")).comparison("b")
    assert (up.decision, down.decision) == ("better", "worse")
    assert up.difference == down.difference == pytest.approx(1.5)


def test_best_of_n_follows_the_direction(long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert compare(frame, protocol()).arms[1].best == 4
    assert compare(frame, protocol(direction="minimize")).arms[1].best == 3


def test_swapping_arm_and_reference_mirrors_the_difference(accuracies):
    frame = accuracies(["a", "b"])
    forth = compare(frame, protocol()).comparison("b")
    back = compare(frame, protocol(control="b")).comparison("a")
    assert back.difference == -forth.difference
    assert (back.ci_low, back.ci_high) == (-forth.ci_high, -forth.ci_low)
    assert back.p_value == forth.p_value


def test_levels_of_a_factor_are_compared_apart_and_corrected_together(accuracies):
    frames = [accuracies(["a", "b"], seed=k).assign(k=k, data="digits") for k in (17, 3, 5)]
    results = compare(pd.concat(frames), protocol(), within=["k", "data"])
    assert [dict(each.cell)["k"] for each in results.comparisons] == [3, 5, 17]
    assert results.family_size == 3
    alone = compare(frames[0], protocol()).comparison("b")
    assert results.comparison("b", k=17).difference == alone.difference
    assert results.comparison("b", k=17).p_value == alone.p_value


def test_an_arm_that_did_not_run_in_a_cell_is_said_to_have_no_pairs(accuracies):
    frame = pd.concat([accuracies(["a", "b"]).assign(k=1), accuracies(["a"]).assign(k=2)])
    comparison = compare(frame, protocol(), within="k").comparison("b", k=2)
    assert (comparison.n, comparison.p_value, comparison.difference) == (0, None, None)
    assert comparison.decision == "undecided"


def test_arms_stand_in_the_order_of_their_categories(accuracies):
    frame = accuracies(["a", "b", "c"])
    frame["arm"] = pd.Categorical(frame["arm"], categories=["c", "a", "unused", "b"])
    assert [each.arm for each in compare(frame, protocol()).arms] == ["c", "a", "b"]


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf, None])
def test_a_value_that_is_not_finite_is_left_out_and_counted(gap, long_form):
    frame = long_form({"a": [0.1, 0.2, 0.3], "b": [0.2, 0.3, gap]})
    results = compare(frame, protocol())
    comparison, arm = results.comparison("b"), results.arms[1]
    assert (arm.n, arm.missing, arm.mean) == (2, 1, pytest.approx(0.25))
    assert (comparison.n, comparison.dropped_blocks) == (2, 1)
    assert any("1 run of b" in each for each in comparison.warnings)


def test_an_arm_without_a_finite_value_has_no_mean(long_form):
    results = compare(long_form({"a": [0.1, 0.2], "b": [np.nan, np.inf]}), protocol())
    arm = results.arms[1]
    assert (arm.n, arm.missing, arm.mean, arm.best) == (0, 2, None, None)
    assert "cannot be compared" in str(results)
    json.loads(results.to_json())


def test_one_run_has_no_spread_no_interval_and_no_significance(long_form):
    results = compare(long_form({"a": [0.1], "b": [0.9]}), protocol(alpha=0.6))
    arm, comparison = results.arms[0], results.comparison("b")
    assert (arm.sd, arm.ci_low, arm.ci_high) == (None, None, None)
    assert (comparison.ci_low, comparison.effect_size.estimate) == (None, None)
    assert (comparison.p_value, comparison.decision) == (1.0, "undecided")


def test_two_runs_have_an_interval_and_a_floor_of_one_half(long_form):
    comparison = compare(long_form({"a": [0.1, 0.2], "b": [0.5, 0.7]}), protocol()).comparison("b")
    assert comparison.p_value == comparison.p_floor == 0.5
    assert comparison.ci_low < comparison.difference < comparison.ci_high


def test_identical_arms_are_undecided_and_nobody_calls_them_equal(accuracies, long_form):
    values = accuracies(["a"])["accuracy"]
    results = compare(long_form({"a": values, "b": values}), protocol())
    comparison = results.comparison("b")
    assert (comparison.p_value, comparison.decision, comparison.effect_size.estimate) == (
        1.0,
        "undecided",
        None,
    )
    assert "same value in all of the 20 pairs" in " ".join(comparison.warnings)


def test_constant_arms_are_told_apart_by_sign_flips_and_not_by_t(long_form):
    frame = long_form({"a": [0.1] * 8, "b": [0.3] * 8})
    assert compare(frame, protocol()).comparison("b").p_value == 2 / 2**8
    by_t = compare(frame, protocol(test="t")).comparison("b")
    assert (by_t.p_value, by_t.p_adjusted, by_t.decision) == (None, None, "undecided")
    assert "undefined" in " ".join(by_t.warnings)
    assert (by_t.ci_low, by_t.ci_high) == (by_t.difference, by_t.difference)


def test_five_pairs_are_said_to_be_too_few(long_form):
    frame = long_form({"a": np.zeros(5), "b": [1.0, 1.1, 1.2, 1.3, 1.4]})
    comparison = compare(frame, protocol()).comparison("b")
    assert comparison.p_floor == comparison.p_value == 0.0625
    assert "5 pairs cannot reach alpha = 0.05" in comparison.warnings[0]


def test_six_pairs_are_too_few_for_seven_comparisons(accuracies):
    frame = accuracies("abcdefgh", n=6, step=0.1)
    results = compare(frame, protocol())
    for comparison in results.comparisons:
        assert comparison.p_value == 2 / 2**6
        assert comparison.decision == "undecided"
        assert "after Holm's correction" in comparison.warnings[0]
    assert not compare(frame, protocol(correction="none")).comparison("b").warnings


def test_many_ties_are_said_to_put_alpha_out_of_reach(long_form):
    values = np.zeros(20)
    comparison = compare(
        long_form({"a": values, "b": np.r_[values[:17], 1, 2, 3]}), protocol()
    ).comparison("b")
    assert "Only 3 of 20 pairs differ" in comparison.warnings[0]


def test_a_block_that_occurs_twice_is_refused_with_its_arm_and_key(accuracies, long_form):
    frame = pd.concat([accuracies(["a", "b"]), long_form({"b": [0.5]})])
    with pytest.raises(RepeatedBlockError, match=r"'b'.*block 0") as caught:
        compare(frame, protocol())
    assert (caught.value.arm, caught.value.block) == ("b", "0")


@pytest.mark.parametrize(
    ("column", "role"),
    [("accuracy", "metric"), ("arm", "arm"), ("seed", "block"), ("k", "factor")],
)
def test_a_missing_column_is_named_with_its_nearest_match(column, role, accuracies):
    frame = accuracies(["a", "b"]).assign(k=1).rename(columns={column: column + "s"})
    with pytest.raises(MissingColumnError, match="Did you mean") as caught:
        compare(frame, protocol(), within=["k"])
    assert (caught.value.column, caught.value.role) == (column, role)
    assert column + "s" in caught.value.available


def test_rows_that_belong_nowhere_are_refused(accuracies):
    frame = accuracies(["a", "b"]).astype({"seed": "Int64"})
    frame.loc[[1, 2], "seed"] = pd.NA
    with pytest.raises(MissingKeyError, match="2 row"):
        compare(frame, protocol())


def test_an_empty_frame_is_refused(accuracies):
    with pytest.raises(NoRunsError):
        compare(accuracies(["a", "b"]).head(0), protocol())


def test_text_in_the_metrics_column_is_refused(accuracies):
    frame = accuracies(["a", "b"]).astype({"accuracy": object})
    frame.loc[3, "accuracy"] = "diverged"
    with pytest.raises(NotNumericError, match=r"accuracy.*diverged"):
        compare(frame, protocol())


def test_a_control_without_runs_is_refused(accuracies):
    with pytest.raises(UnknownArmError, match="'z'"):
        compare(accuracies(["a", "b"]), protocol(control="z"))


def test_a_look_up_that_fits_nothing_or_too_much_lists_what_is_there(accuracies):
    results = compare(accuracies(["a", "b", "c"]), protocol(comparisons="all_pairs"))
    assert results.comparison("c", "b").reference == "b"
    for arguments in (("z",), ("c",)):
        with pytest.raises(UnknownComparisonError, match="b against a; c against a"):
            results.comparison(*arguments)


def test_results_are_frozen(accuracies):
    results = compare(accuracies(["a", "b"]), protocol())
    with pytest.raises(FrozenInstanceError):
        results.comparison("b").decision = "better"


def test_the_frame_given_is_left_as_it_was(accuracies):
    frame = accuracies(["a", "b"])
    before = frame.copy(deep=True)
    compare(frame, protocol())
    pd.testing.assert_frame_equal(frame, before)


def test_the_global_random_state_is_left_alone(accuracies):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    compare(accuracies(["a", "b"], n=60), protocol())
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_any_name_for_an_arm_will_do(accuracies, nasty_arms):
    frame = accuracies(nasty_arms)
    results = compare(frame, protocol(control=nasty_arms[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in nasty_arms[1:]:
            assert name in str(results)
            assert results.comparison(name).n == 20
    assert "<b&" not in results._repr_html_()
    assert [each["arm"] for each in json.loads(results.to_json())["arms"]] == nasty_arms


def test_an_arm_that_has_not_run_yet_is_compared_on_no_pairs_when_it_is_announced(accuracies):
    frame = accuracies(["a", "b"])
    with pytest.raises(UnknownArmError):
        compare(frame, protocol(control="c"))
    results = compare(frame, protocol(control="c"), arms=("a", "b", "c"))
    assert [each.n for each in results.comparisons] == [0, 0]
    assert all(each.p_value is None for each in results.comparisons)
    assert all(each.decision == "undecided" for each in results.comparisons)


@pytest.mark.parametrize("block", ["seed", None])
def test_pairs_alone_have_the_numbers_that_they_have_in_a_whole_comparison(accuracies, block):
    frame = accuracies(["a", "b", "c"])
    whole = compare(frame, protocol(), block=block)
    assert whole.omnibus
    pairs = compare(frame, protocol(), block=block, pairs_only=True)
    assert pairs == replace(whole, omnibus=(), across=None, factorial=())
