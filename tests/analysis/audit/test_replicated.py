"""Whether a re-run confirms an original."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.replicated import DECISIVE, Estimate, compatibility, replication
from analysis.errors import AnalysisError


def known(estimate, se):
    """An estimate whose standard error is known, as in the packages compared with."""
    return Estimate(estimate, se, math.inf)


def simulated(rng, n, effect, studies):
    """Studies of two arms of n runs that are normal with spread 1."""
    runs = rng.normal(0, 1, (studies, 2, n))
    errors = np.sqrt(runs.var(axis=2, ddof=1).sum(axis=1) / n)
    estimates = effect + runs[:, 0].mean(axis=1) - runs[:, 1].mean(axis=1)
    return [Estimate(*each, n) for each in zip(estimates.tolist(), errors.tolist(), strict=True)]


def test_the_q_test_of_replicationsuccess_is_reproduced():
    # Qtest(thetao = 2, thetar = 0.5, seo = 1, ser = 0.5), on the package's site.
    assert compatibility(known(2, 1), known(0.5, 0.5)).p == pytest.approx(0.1797125, rel=1e-6)


@pytest.mark.parametrize(
    ("original", "error", "low", "high"),
    [
        (-2, 0.5, -4.19130635144145, 0.191306351441454),
        (0, 0.5, -2.19130635144145, 2.19130635144145),
        (2, 2, -2.38261270288291, 6.38261270288291),
    ],
)
def test_the_prediction_intervals_of_replicationsuccess_are_reproduced(original, error, low, high):
    # tests/testthat/test-predictionInterval.R, designPrior = "predictive", tau = 0, seo = 1.
    found = compatibility(known(original, 1), known(0, error)).prediction_interval
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def test_few_runs_are_compared_by_welchs_t():
    rng = np.random.default_rng(2)
    first, second = rng.normal(0, 1, 4), rng.normal(0, 3, 9)
    # SciPy's own test, on two series whose means are the two estimates.
    expected = stats.ttest_ind(second, first, equal_var=False)
    one, other = (
        Estimate(each.mean(), stats.sem(each), len(each), "paired") for each in (first, second)
    )
    found = compatibility(one, other)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.degrees == pytest.approx(expected.df)


@given(
    st.floats(-5, 5), st.floats(0.1, 3), st.integers(2, 50), st.floats(-5, 5), st.floats(0.1, 3),
    st.floats(0.001, 0.3),
)  # fmt: skip
def test_q_rejects_exactly_what_lies_outside_the_prediction_interval(to, so, n, tr, sr, alpha):
    found = compatibility(Estimate(to, so, n), Estimate(tr, sr, 7), level=1 - alpha)
    ends = found.prediction_interval
    if min(abs(tr - ends.low), abs(tr - ends.high)) > 1e-9:
        assert (found.p >= alpha) == (ends.low <= tr <= ends.high)


def test_a_re_run_of_the_same_size_confirms():
    found = replication(known(0.2, 0.05), known(0.15, 0.04))
    assert found.outcome == "pass"
    assert found.values["disagree"] == []
    assert found.values["bayes_factor_none_to_original"] == pytest.approx(1 / 521, rel=1e-3)


def test_the_criteria_of_a_published_pair_stand_side_by_side():
    # Pyc & Rawson 2010 in the social sciences replication project; Bayes factor of table 1 of
    # Pawel & Held 2022, the other values by their formulas.
    found = replication(
        known(0.396018834302785, 0.174077655955698), known(0.150864396208723, 0.0574484989621426)
    )
    values = found.values
    assert values["bayes_factor_none_to_original"] == pytest.approx(0.248184710610032)
    assert values["original_p"] == pytest.approx(0.0229, abs=1e-4)
    assert values["replication_p"] == pytest.approx(0.0086, abs=1e-4)
    assert values["q"] == pytest.approx(
        0.245154438**2 / (0.174077656**2 + 0.0574484990**2), rel=1e-6
    )
    assert found.outcome == "pass"
    # d33 is 1.5286 standard errors of the original: 0.2661, two of the replication's above its
    # estimate. The replication is significant, and yet too small for the original to have seen.
    assert values["small_effect"] == pytest.approx(1.52857 * 0.174077656, rel=1e-5)
    assert values["small_telescopes_p"] == pytest.approx(
        stats.norm.cdf((0.150864396 - 0.266090) / 0.057448499), rel=1e-3
    )
    assert values["disagree"] == [
        "original_in_replication_interval",
        "large_enough_for_original",
        "sceptic_convinced",
    ]


def test_a_re_run_in_the_other_direction_does_not_confirm():
    found = replication(known(1.0, 0.3), known(-1.0, 0.3))
    assert found.outcome == "flag"
    assert {"same_direction", "in_prediction_interval"} <= set(found.values["disagree"])
    assert "same direction" in found.detail
    assert found.values["sceptical_p"] > 0.5


def test_a_re_run_too_vague_to_be_significant_is_flagged_though_compatible():
    found = replication(Estimate(1.0, 0.3, 5), Estimate(0.5, 0.6, 5))
    assert found.outcome == "flag"
    assert not found.values["confirms"]["replication_significant"]
    assert found.values["confirms"]["in_prediction_interval"]


def test_a_significant_re_run_much_smaller_than_the_original_is_flagged():
    found = replication(known(1.0, 0.2), known(0.2, 0.05))
    assert found.values["confirms"]["replication_significant"]
    assert not found.values["confirms"]["in_prediction_interval"]
    assert not found.values["confirms"]["large_enough_for_original"]
    assert found.outcome == "flag"


def test_no_effect_at_all_has_no_direction():
    found = replication(known(0.0, 0.2), known(0.0, 0.2))
    assert not found.values["confirms"]["same_direction"]
    assert found.outcome == "flag"


def test_a_p_equal_to_alpha_counts_as_significant():
    rerun = Estimate(1.0, 0.3, 5)
    found = replication(Estimate(1.0, 0.3, 5), rerun, alpha=rerun.p)
    assert found.values["confirms"]["replication_significant"]


@given(
    st.floats(-1e20, 1e20), st.floats(1e-20, 1e20), st.integers(2, 10**12),
    st.floats(-1e20, 1e20), st.floats(1e-20, 1e20), st.integers(2, 10**12),
)  # fmt: skip
def test_every_pair_of_estimates_gets_a_finding_that_json_holds(to, so, no, tr, sr, nr):
    found = replication(Estimate(to, so, no), Estimate(tr, sr, nr, "paired"))
    assert found.outcome in {"pass", "flag"}
    assert "nan" not in json.dumps(found.values, allow_nan=False)


@given(st.floats(0.1, 5), st.floats(0.1, 2), st.floats(-5, 5), st.floats(0.1, 2))
def test_naming_the_arms_the_other_way_round_changes_nothing(to, so, tr, sr):
    one = replication(Estimate(to, so, 6), Estimate(tr, sr, 6))
    other = replication(Estimate(-to, so, 6), Estimate(-tr, sr, 6))
    assert one.values["confirms"] == other.values["confirms"]


@pytest.mark.parametrize("alpha", [0.0, 1 / 3, 1.0, -1.0, math.nan])
def test_an_impossible_error_rate_is_refused(alpha):
    with pytest.raises(AnalysisError, match="alpha"):
        replication(known(1, 1), known(1, 1), alpha=alpha)


def test_honest_re_runs_of_a_large_effect_are_flagged_once_in_twenty():
    rng = np.random.default_rng(11)
    pairs = zip(simulated(rng, 5, 8.0, 1000), simulated(rng, 5, 8.0, 1000), strict=True)
    flagged = np.mean([replication(*pair).outcome == "flag" for pair in pairs])
    assert flagged == pytest.approx(0.05, abs=0.02)


def test_without_any_effect_a_re_run_confirms_once_in_forty_at_most():
    rng = np.random.default_rng(12)
    pairs = zip(simulated(rng, 5, 0.0, 1000), simulated(rng, 5, 0.0, 1000), strict=True)
    assert np.mean([replication(*pair).outcome == "pass" for pair in pairs]) <= 0.025 + 0.01


def test_the_decisive_criteria_are_among_the_shown_ones():
    assert set(DECISIVE) < set(replication(known(1, 1), known(1, 1)).values["confirms"])
