"""Minimal detectable effects."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from analysis.audit.detectable import mde, mde_from_summaries
from analysis.errors import AnalysisError

STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
KD = [91.73, 91.45, 91.19, 91.37, 92.29, 91.88, 92.01, 91.41, 92.01, 90.88]
KD_IG = [92.58, 91.73, 92.08, 92.45, 91.96, 91.58, 91.82, 91.62, 92.13, 92.23]
IG = [91.27, 92.01, 91.22, 91.42, 91.11, 91.58, 91.09, 91.57, 91.38, 90.85]


def test_64_runs_an_arm_detect_half_a_standard_deviation():
    # Cohen 1988, table 2.4.1: d = 0.5, power 0.80 at two-sided 0.05 needs n = 64 an arm.
    enough = mde_from_summaries(0.5, sd=1.0, n=64).values["detectable_effect"]
    too_few = mde_from_summaries(0.5, sd=1.0, n=63).values["detectable_effect"]
    assert enough < 0.5 < too_few


@pytest.mark.parametrize("n", [3, 5, 10, 60])
def test_the_detectable_effect_is_that_of_statsmodels(n):
    unpaired = mde_from_summaries(1.0, sd=2.0, n=n).values["detectable_effect"]
    paired = mde_from_summaries(1.0, sd=2.0, n=n, paired=True).values["detectable_effect"]
    expected = TTestIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8)
    assert unpaired == pytest.approx(2 * expected, rel=1e-4)
    assert paired == pytest.approx(
        2 * TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8), rel=1e-4
    )


def test_unequal_arms_have_welchs_error_and_degrees():
    rng = np.random.default_rng(3)
    first, second = rng.normal(1, 3, 7), rng.normal(0, 1, 12)
    summarised = mde_from_summaries(
        first.mean() - second.mean(),
        sd=first.std(ddof=1),
        n=7,
        sd_worse=second.std(ddof=1),
        n_worse=12,
    )
    expected = stats.ttest_ind(first, second, equal_var=False)
    for found in (mde(first, second), summarised):
        assert found.values["p"] == pytest.approx(expected.pvalue)
        assert found.values["degrees_of_freedom"] == pytest.approx(expected.df)
        assert found.values["effect"] / found.values["standard_error"] == pytest.approx(
            expected.statistic
        )


def test_runs_and_their_summaries_give_the_same():
    differences = np.subtract(KD, STUDENT)
    summarised = mde_from_summaries(
        differences.mean(), sd=differences.std(ddof=1), n=10, paired=True
    )
    found = mde(KD, STUDENT, paired=True)
    assert found.outcome == summarised.outcome
    for name in ("detectable_effect", "p", "standard_error"):
        assert found.values[name] == pytest.approx(summarised.values[name])


@pytest.mark.parametrize(
    ("arm", "outcome", "conclusion"),
    [
        (KD_IG, "pass", "detectable"),
        (KD, "flag", "exaggeration"),
        (IG, "flag", "inconclusive"),
    ],
)
def test_the_published_ablation_has_all_three(arm, outcome, conclusion):
    found = mde(arm, STUDENT)
    assert (found.outcome, found.values["conclusion"]) == (outcome, conclusion)


@pytest.mark.parametrize(
    ("p", "conclusion"),
    [
        ("< 0.001", "exaggeration"),
        ("0.050", "exaggeration"),
        (0.05, "exaggeration"),
        ("0.051", "inconclusive"),
        ("> 0.05", "inconclusive"),
        (0.3, "inconclusive"),
    ],
)
def test_the_claims_own_p_decides(p, conclusion):
    assert mde(KD, STUDENT, p=p).values["conclusion"] == conclusion


@pytest.mark.parametrize("p", ["< 0.1", "> 0.01", ">= 0.05"])
def test_a_p_that_leaves_open_whether_it_reaches_alpha_decides_nothing(p):
    assert mde(KD, STUDENT, p=p).outcome == "missing_input"


def test_a_worse_arm_is_judged_by_the_size_of_its_effect():
    assert mde(STUDENT, KD_IG).outcome == "pass"


def test_a_plausible_effect_adds_what_significance_overstates():
    found = mde(KD, STUDENT, plausible_effect=0.2).values
    assert found["power_at_plausible_effect"] < 0.5
    assert found["exaggeration_at_plausible_effect"] > 1.5
    assert "power_at_plausible_effect" not in mde(KD, STUDENT).values


@pytest.mark.parametrize(
    ("better", "worse"), [([1.0], [2.0, 3.0]), ([1.0, 1.0], [2.0, 2.0]), ([1.0], [2.0])]
)
def test_without_spread_nothing_can_be_said(better, worse):
    assert mde(better, worse).outcome == "not_applicable"
    if len(better) == len(worse):
        assert mde(better, worse, paired=True).outcome == "not_applicable"
    assert mde_from_summaries(1.0, sd=0.0, n=5).outcome == "not_applicable"
    assert mde_from_summaries(1.0, sd=1.0, n=1).outcome == "not_applicable"


def test_a_true_effect_of_the_detectable_size_is_found_in_four_of_five_and_flagged_in_one_of_two():
    rng = np.random.default_rng(0)
    effect = mde_from_summaries(1.0, sd=1.0, n=10).values["detectable_effect"]
    found = [mde(rng.normal(effect, 1, 10), rng.normal(0, 1, 10)) for _ in range(1_000)]
    significant = np.mean([each.values["p"] <= 0.05 for each in found])
    flagged = np.mean([each.outcome == "flag" for each in found])
    assert significant == pytest.approx(0.8, abs=0.04)
    assert flagged == pytest.approx(0.5, abs=0.05)


def test_no_effect_at_all_passes_once_in_a_hundred_times_or_less():
    rng = np.random.default_rng(1)
    passed = [
        mde(rng.normal(0, 1, 10), rng.normal(0, 1, 10)).outcome == "pass" for _ in range(1_000)
    ]
    assert np.mean(passed) <= 0.02


@pytest.mark.parametrize(
    "wrong",
    [
        {"p": 1.5},
        {"p": "-0.5"},
        {"p": float("nan")},
        {"alpha": 1.0},
        {"power": 0.01},
        {"plausible_effect": -1.0},
        {"better": []},
        {"better": [1.0, float("nan")]},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        mde(**{"better": KD, "worse": STUDENT} | wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"effect": float("inf")},
        {"sd": -1.0},
        {"sd_worse": float("nan")},
        {"n": 0},
        {"n": 2.5},
        {"n_worse": True},
        {"paired": True, "sd_worse": 1.0},
    ],
)
def test_summaries_that_cannot_be_are_refused(wrong):
    with pytest.raises(AnalysisError):
        mde_from_summaries(**{"effect": 1.0, "sd": 1.0, "n": 5} | wrong)
