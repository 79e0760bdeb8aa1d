import json

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.paired import pair
from analysis.power import detectable_effect_t, plan_power, power_of_t, sample_size_t

PILOT = [0.004, -0.003, 0.009, 0.012, 0.001, 0.006, -0.002, 0.008]
SD = float(np.std(PILOT, ddof=1))

every_test = pytest.mark.parametrize("test", ["t", "wilcoxon", "permutation"])


def test_a_plan_for_t_asks_the_exact_power_of_the_pilots_spread():
    plan = plan_power(PILOT, effect=0.005)
    assert (plan.pilot_n, plan.sd) == (8, pytest.approx(SD))
    assert plan.seeds_needed == sample_size_t(0.005, SD)
    assert plan.seeds_needed_at_sd_high == sample_size_t(0.005, plan.sd_high)
    assert plan.minimal_detectable_effect == pytest.approx(detectable_effect_t(SD, 8))
    assert all(power == power_of_t(0.005, plan.sd, n) for n, power in plan.curve)


@every_test
def test_the_curve_rises_through_the_power_at_the_seeds_needed(test):
    plan = plan_power(PILOT, effect=0.005, test=test, simulations=500)
    curve = dict(plan.curve)
    assert list(curve) == sorted(curve)
    assert curve[plan.seeds_needed] >= 0.8
    assert all(power < 0.8 for n, power in plan.curve if n < plan.seeds_needed)
    assert plan.pilot_n in curve
    assert plan.sd_low < plan.sd < plan.sd_high
    assert plan.seeds_needed < plan.seeds_needed_at_sd_high


def test_the_effect_that_the_pilot_showed_changes_nothing():
    moved = np.array(PILOT) + 0.25
    plan, other = plan_power(PILOT, effect=0.005), plan_power(moved, effect=0.005)
    assert other.seeds_needed == plan.seeds_needed
    assert other.sd == pytest.approx(plan.sd)


@every_test
def test_neither_the_order_of_pairs_nor_a_second_call_changes_a_plan(test):
    settings = {"effect": 0.005, "test": test, "simulations": 200}
    plan = plan_power(PILOT, **settings)
    assert plan_power(PILOT[::-1], **settings) == plan
    assert plan_power(pair(PILOT, np.zeros(8)), **settings) == plan


@every_test
def test_a_plan_goes_into_json_and_back_unrounded(test):
    plan = plan_power(PILOT, effect=0.005, test=test, simulations=200)
    back = json.loads(json.dumps(plan.to_dict()))
    assert back["sd"] == plan.sd
    assert back["seeds_needed"] == plan.seeds_needed
    assert tuple(tuple(point) for point in back["curve"]) == plan.curve


def test_a_plan_says_in_words_what_it_takes():
    said = str(plan_power(PILOT, effect=0.005))
    plan = plan_power(PILOT, effect=0.005)
    assert f"takes {plan.seeds_needed} seeds an arm" in said
    assert "8 pilot pairs" in said
    assert f"it takes {plan.seeds_needed_at_sd_high} seeds" in said
    assert f"{plan.minimal_detectable_effect:.3g}" in said


def test_a_plan_beyond_reach_and_a_pilot_too_short_are_said_to_be():
    plan = plan_power(PILOT[:4], effect=1e-5, test="permutation", simulations=50)
    assert plan.seeds_needed is plan.seeds_needed_at_sd_high is None
    assert plan.minimal_detectable_effect is None
    assert "more seeds than can be planned for" in str(plan)
    assert "4 pairs are too few" in str(plan)
    assert plan.curve[-1][0] == 1000


def test_one_sided_plans_need_an_effect_on_their_side():
    less = plan_power(PILOT, effect=-0.005, alternative="less")
    assert less.seeds_needed == plan_power(PILOT, effect=0.005, alternative="greater").seeds_needed
    assert less.seeds_needed < plan_power(PILOT, effect=0.005).seeds_needed
    with pytest.raises(AnalysisError, match="allowed with the alternative 'greater'"):
        plan_power(PILOT, effect=-0.005, alternative="greater")


def test_a_plan_may_take_the_shape_of_the_pilot():
    heavy = np.random.default_rng(0).standard_t(2, size=60)
    normal = plan_power(heavy, effect=1.0, test="wilcoxon", simulations=500)
    shaped = plan_power(heavy, effect=1.0, test="wilcoxon", simulations=500, resample_pilot=True)
    assert shaped.seeds_needed < normal.seeds_needed


@pytest.mark.parametrize(
    ("differences", "given", "match"),
    [
        ([], {}, "0 pair"),
        ([0.1], {}, "1 pair"),
        ([0.1, 0.1, 0.1], {}, "equal"),
        ([0.1 + 1e-16, 0.1, 0.1], {}, "equal"),
        ([0.1, np.nan], {}, "finite"),
        (PILOT, {"effect": 0.0}, "other than 0"),
        (PILOT, {"effect": np.inf}, "finite number"),
        (PILOT, {"power": 0.05}, "power"),
        (PILOT, {"alpha": 0.0}, "alpha"),
        (PILOT, {"test": "welch"}, "test"),
        (PILOT, {"alternative": "up"}, "alternative"),
        (PILOT, {"sd_level": 1.0}, "level"),
    ],
)
def test_a_plan_without_a_pilot_or_a_question_is_refused(differences, given, match):
    with pytest.raises(AnalysisError, match=match):
        plan_power(differences, **{"effect": 0.01} | given)


def test_pairs_whose_differences_are_rounding_noise_are_refused():
    noise = pair([0.9501, 0.9008, 0.9312], [0.9500, 0.9007, 0.9311])
    with pytest.raises(AnalysisError, match="equal"):
        plan_power(noise, effect=0.01)
