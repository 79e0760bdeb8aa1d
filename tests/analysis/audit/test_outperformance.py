"""How often one arm's run beats another's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.outperformance import p_outperform
from analysis.errors import AnalysisError

STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
KD = [91.73, 91.45, 91.19, 91.37, 92.29, 91.88, 92.01, 91.41, 92.01, 90.88]
KD_IG = [92.58, 91.73, 92.08, 92.45, 91.96, 91.58, 91.82, 91.62, 92.13, 92.23]
IG = [91.27, 92.01, 91.22, 91.42, 91.11, 91.58, 91.09, 91.57, 91.38, 90.85]

RUNS = st.lists(st.integers(0, 6), min_size=2, max_size=8)


@settings(max_examples=30, deadline=None)
@given(RUNS, RUNS)
def test_the_chance_is_the_share_of_pairs_that_are_won(first, second):
    won = [(a > b) + (a == b) / 2 for a in first for b in second]
    assert p_outperform(first, second).values["p_outperform"] == pytest.approx(np.mean(won))


def test_the_chance_is_u_over_all_pairs():
    u = stats.mannwhitneyu(KD, STUDENT).statistic
    assert p_outperform(KD, STUDENT).values["p_outperform"] == pytest.approx(u / 100)


def test_pairs_are_won_within_themselves():
    won = [(a > b) + (a == b) / 2 for a, b in zip(KD, STUDENT, strict=True)]
    found = p_outperform(KD, STUDENT, paired=True)
    assert found.values["p_outperform"] == pytest.approx(np.mean(won))


def test_without_ties_the_paired_interval_is_wilsons():
    # Brown, Cai & DasGupta 2001: Wilson's interval, here as SciPy has it.
    wins = sum(a > b for a, b in zip(KD, STUDENT, strict=True))
    expected = stats.binomtest(wins, 10).proportion_ci(method="wilson")
    found = p_outperform(KD, STUDENT, paired=True).values
    assert found["interval_low"] == pytest.approx(expected.low, abs=1e-9)
    assert found["interval_high"] == pytest.approx(expected.high, abs=1e-9)


@pytest.mark.parametrize(
    ("arm", "gamma", "outcome", "conclusion"),
    [
        (KD_IG, 0.75, "pass", "outperforms"),
        (KD, 0.75, "pass", "outperforms"),
        (KD, 0.9, "flag", "too_small"),
        (IG, 0.75, "flag", "not_shown"),
    ],
)
def test_the_published_ablation_is_held_against_half_and_gamma(arm, gamma, outcome, conclusion):
    found = p_outperform(arm, STUDENT, gamma=gamma)
    assert (found.outcome, found.values["conclusion"]) == (outcome, conclusion)


def test_a_claim_the_wrong_way_round_is_reversed():
    assert p_outperform(STUDENT, KD_IG).values["conclusion"] == "reversed"


def test_many_runs_show_a_gain_that_is_real_and_too_small():
    rng = np.random.default_rng(0)
    better, worse = rng.normal(0.4, 1, 300), rng.normal(0, 1, 300)
    found = p_outperform(better, worse)
    assert (found.outcome, found.values["conclusion"]) == ("flag", "too_small")
    # P(A > B) of two normal arms is Phi(d / sqrt 2) = 0.611 at d = 0.4.
    assert found.values["interval_low"] < 0.611 < found.values["interval_high"]


def test_smaller_is_better_when_minimised():
    losses = p_outperform([-each for each in KD], [-each for each in STUDENT], direction="minimize")
    assert losses == p_outperform(KD, STUDENT)


def test_an_arm_that_always_wins_still_has_an_interval_where_the_bootstrap_has_none():
    found = p_outperform([4.0, 5.0, 6.0], [1.0, 2.0, 3.0])
    assert found.values["bootstrap_low"] == pytest.approx(1.0)
    assert found.values["interval_low"] < 0.5
    assert found.values["conclusion"] == "not_shown"


def test_the_same_seed_gives_the_same_bits():
    one, same, other = (p_outperform(KD, STUDENT, seed=seed).values for seed in (1, 1, 2))
    assert one == same
    assert one["interval_low"] == other["interval_low"]


def test_the_bootstrap_is_the_percentile_of_resampled_arms():
    rng = np.random.default_rng(5)
    wins = np.greater.outer(KD, STUDENT) + np.equal.outer(KD, STUDENT) / 2
    drawn = [
        wins[rng.integers(0, 10, 10)][:, rng.integers(0, 10, 10)].mean() for _ in range(20_000)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    found = p_outperform(KD, STUDENT).values
    assert found["bootstrap_low"] == pytest.approx(low, abs=0.02)
    assert found["bootstrap_high"] == pytest.approx(high, abs=0.02)


def test_single_runs_that_are_not_paired_have_no_interval():
    assert p_outperform([1.0], [0.0, 0.5]).outcome == "not_applicable"


@pytest.mark.parametrize("paired", [True, False])
def test_equal_arms_are_said_to_outperform_in_no_more_than_one_of_thirty_studies(paired):
    rng = np.random.default_rng(0)
    found = [
        p_outperform(rng.normal(size=10), rng.normal(size=10), paired=paired) for _ in range(150)
    ]
    wrong = np.mean([each.values["interval_low"] > 0.5 for each in found])
    # 2.5 % is due; four standard errors of the share are 5.1 %.
    assert wrong <= 0.076


@pytest.mark.parametrize(
    "wrong",
    [
        {"gamma": 0.4},
        {"gamma": 1.0},
        {"gamma": float("nan")},
        {"level": 1.0},
        {"direction": "up"},
        {"better": []},
        {"better": [1.0, float("nan")]},
        {"better": [1.0], "paired": True},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        p_outperform(**{"better": KD, "worse": STUDENT} | wrong)
