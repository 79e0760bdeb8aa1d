"""Plans of seeds for all comparisons of a protocol."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, MissingColumnError, UnknownArmError
from analysis.planning import plan_comparisons
from analysis.presentation.plans import plan_figure, plan_text
from analysis.protocol import Protocol

NAN, INF = math.nan, math.inf


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


@pytest.fixture
def pilot(long_form):
    """Differences from a whose standard deviation is 1 (b) and 2 (c)."""
    ones = np.array([1.0, -1.0, 1.0, -1.0, 0.0]) * math.sqrt(4 / 4)
    zero = np.zeros(5)
    return long_form({"a": zero, "b": ones, "c": 2 * ones})


def test_one_comparison_needs_as_many_pairs_as_textbooks_say(pilot):
    # R: power.t.test(delta = 0.5, sd = 1, type = "paired", power = 0.8) has n = 33.37.
    plan = plan_comparisons(pilot[pilot["arm"] != "c"], protocol(), effect=0.5)
    assert (plan.seeds_needed, plan.family_size) == (34, 1)
    assert plan.plans[0].plan.sd == pytest.approx(1.0)


def test_several_comparisons_are_planned_at_the_level_that_the_correction_may_ask_for(pilot):
    from statsmodels.stats.power import TTestPower

    plan = plan_comparisons(pilot, protocol(), effect=0.5)
    needed = [TTestPower().solve_power(0.5 / sd, power=0.8, alpha=0.025) for sd in (1, 2)]
    assert [each.plan.seeds_needed for each in plan.plans] == [math.ceil(each) for each in needed]
    assert plan.seeds_needed == max(math.ceil(each) for each in needed)
    free = plan_comparisons(pilot, protocol(correction="none"), effect=0.5)
    assert free.plans[0].plan.seeds_needed == 34


def test_the_smallest_effect_declared_is_planned_for_unless_another_is_given(pilot):
    declared = protocol(smallest_effect=0.5)
    assert plan_comparisons(pilot, declared).effect == 0.5
    assert plan_comparisons(pilot, declared, effect=1.0).effect == 1.0
    with pytest.raises(AnalysisError, match="smallest difference that matters"):
        plan_comparisons(pilot, protocol())


@pytest.mark.parametrize("effect", [0.0, -1.0, NAN, INF, -INF])
def test_an_impossible_effect_is_refused(effect, pilot):
    with pytest.raises(AnalysisError, match="the effect is"):
        plan_comparisons(pilot, protocol(), effect=effect)


@pytest.mark.parametrize("power", [0.0, 0.05, 0.01, 1.0, NAN, 2.0])
def test_an_impossible_power_is_refused(power, pilot):
    with pytest.raises(AnalysisError, match="power"):
        plan_comparisons(pilot[pilot["arm"] != "c"], protocol(), effect=0.5, power=power)


def test_neither_rows_nor_other_arms_change_a_plan(pilot):
    plan = plan_comparisons(pilot, protocol(correction="none"), effect=0.5).plans[0]
    shuffled = pilot[pilot["arm"] != "c"].sample(frac=1, random_state=0)
    again = plan_comparisons(shuffled, protocol(correction="none"), effect=0.5)
    assert again.plans[0] == plan


def test_a_one_sided_protocol_is_planned_on_its_side_and_takes_fewer(pilot):
    two_sided = plan_comparisons(pilot, protocol(), effect=0.5).seeds_needed
    sides = [
        plan_comparisons(pilot, protocol(alternative=side), effect=0.5).seeds_needed
        for side in ("greater", "less")
    ]
    assert sides[0] == sides[1] < two_sided


DEGENERATE = {
    "one pair": ([1.0], [2.0]),
    "no pair": ([1.0, NAN], [NAN, 2.0]),
    "no value": ([1.0, 2.0], [NAN, INF]),
    "identical": ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
    "shifted": ([0.1, 0.2, 0.3], [0.2, 0.3, 0.4]),
    "constant": ([0.5] * 5, [0.5] * 5),
}


@pytest.mark.parametrize("test", ["t", "wilcoxon", "permutation"])
@pytest.mark.parametrize(("first", "second"), DEGENERATE.values(), ids=DEGENERATE)
def test_a_pilot_that_says_nothing_is_said_to(first, second, test, long_form):
    frame = long_form({"a": first, "b": second})
    plan = plan_comparisons(frame, protocol(), effect=0.1, test=test)
    (found,) = plan.plans
    assert found.plan is None
    assert "spread" in found.reason
    assert plan.seeds_needed is None
    assert json.loads(json.dumps(plan.to_dict(), allow_nan=False))["seeds_needed"] is None
    assert found.reason in plan_text(plan, protocol())
    with pytest.raises(AnalysisError, match="no power to draw"):
        plan_figure(plan, protocol())


def test_a_comparison_that_cannot_be_planned_is_named_and_the_others_are_planned(pilot, long_form):
    frame = pd.concat([pilot, long_form({"d": np.zeros(5)})])
    plan = plan_comparisons(frame, protocol(), effect=0.5)
    assert [each.plan is None for each in plan.plans] == [False, False, True]
    assert plan.seeds_needed == max(each.plan.seeds_needed for each in plan.plans if each.plan)
    assert plan.family_size == 3
    assert "It cannot tell for 1 comparison." in plan_text(plan, protocol())


@pytest.mark.parametrize("effect", [1e-6, 1e-12, 1e-100])
def test_an_effect_out_of_reach_has_no_number(effect, pilot):
    plan = plan_comparisons(pilot, protocol(), effect=effect)
    json.dumps(plan.to_dict(), allow_nan=False)
    assert plan.seeds_needed is None or plan.seeds_needed > 10**6
    plan_text(plan, protocol())


@pytest.mark.parametrize("effect", [1e3, 1e12, 1e100])
def test_an_enormous_effect_needs_as_many_pairs_as_the_deciding_test_does(effect, pilot):
    # Sign flips of 6 pairs give p = 2 / 2^6 at the least, which is above 0.05 / 2; t has no floor.
    assert plan_comparisons(pilot, protocol(), effect=effect).seeds_needed == 7
    plan = plan_comparisons(pilot, protocol(test="t"), effect=effect)
    assert 2 <= plan.seeds_needed <= 4
    json.dumps(plan.to_dict(), allow_nan=False)


def test_two_pairs_are_a_pilot_though_a_bad_one(long_form):
    frame = long_form({"a": [0.0, 0.0], "b": [1.0, 2.0]})
    plan = plan_comparisons(frame, protocol(), effect=1.0)
    assert plan.plans[0].plan.sd_high > 20 * plan.plans[0].plan.sd
    json.dumps(plan.to_dict(), allow_nan=False)


def test_missing_values_are_treated_as_the_protocol_says(pilot):
    pilot.loc[6, "accuracy"] = INF
    assert plan_comparisons(pilot, protocol(), effect=0.5).plans[0].plan.pilot_n == 4
    worst = plan_comparisons(pilot, protocol(missing="worst"), effect=0.5)
    assert worst.plans[0].plan.pilot_n == 5
    with pytest.raises(AnalysisError, match="missing or infinite"):
        plan_comparisons(pilot, protocol(missing="fail"), effect=0.5)


def test_mistakes_are_those_of_a_comparison(pilot):
    with pytest.raises(MissingColumnError):
        plan_comparisons(pilot, protocol(), effect=0.5, block="sed")
    with pytest.raises(UnknownArmError):
        plan_comparisons(pilot, protocol(control="z"), effect=0.5)


def test_cells_are_planned_one_by_one_and_corrected_together(pilot):
    frame = pd.concat([pilot.assign(k=1), pilot.assign(k=2)])
    plan = plan_comparisons(frame, protocol(), effect=0.5, within=["k"])
    assert plan.family_size == len(plan.plans) == 4
    assert plan.plans[2].label == "b against a (k = 2)"


def test_names_mean_nothing(accuracies, nasty_arms):
    frame = accuracies(nasty_arms)
    plan = plan_comparisons(frame, protocol(control=nasty_arms[0]), effect=0.001)
    text = plan_text(plan, protocol(control=nasty_arms[0]))
    assert all(name in text for name in nasty_arms)
    plan_figure(plan, protocol(control=nasty_arms[0]))
