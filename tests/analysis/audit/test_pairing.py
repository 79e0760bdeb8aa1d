"""Paired tests of runs that share nothing."""

import json

import numpy as np
import pytest
from scipy import stats

from analysis.audit.pairing import wrong_pairing
from analysis.errors import AnalysisError

STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
IG_AT = [91.7, 91.61, 91.05, 91.84, 91.38, 91.22, 91.3, 91.5, 91.57, 91.48]
KD_IG = [92.58, 91.73, 92.08, 92.45, 91.96, 91.58, 91.82, 91.62, 92.13, 92.23]


def test_the_published_paired_t_is_flagged_and_recomputed():
    found = wrong_pairing(KD_IG, STUDENT, pairing="none", test="paired_t")
    assert (found.outcome, found.values["conclusion"]) == ("flag", "invalid")
    assert found.values["paired_p"] == pytest.approx(stats.ttest_rel(KD_IG, STUDENT).pvalue)
    welch = stats.ttest_ind(KD_IG, STUDENT, equal_var=False).pvalue
    assert found.values["welch_p"] == pytest.approx(welch)
    # No run of one arm lies below one of the other: 2 of C(20, 10) splits.
    assert found.values["permutation_p"] == pytest.approx(2 / 184756)
    assert found.values["permutation_exact"] is True
    assert found.values["decision_changes"] is False


def test_where_the_order_decides_the_finding_says_so():
    found = wrong_pairing(IG_AT, STUDENT, pairing="none", test="paired_t")
    assert found.values["decision_changes"] is True
    assert 0.4 < found.values["significant_share"] < 0.7
    assert found.values["smallest_p"] < 0.001
    assert found.values["largest_p"] > 0.1
    assert "depends on the order" in found.detail


@pytest.mark.parametrize("test", ["paired_t", "ttest_rel", "wilcoxon", "signed_rank", "sign_flip"])
def test_the_authors_own_test_is_redone(test):
    expected = {
        "paired_t": stats.ttest_rel(IG_AT, STUDENT).pvalue,
        "wilcoxon": stats.wilcoxon(np.round(np.subtract(IG_AT, STUDENT), 2)).pvalue,
    }
    found = wrong_pairing(IG_AT, STUDENT, pairing="none", test=test)
    name = found.values["test"]
    assert found.values["reordering_test"] == name
    if name in expected:
        assert found.values["paired_p"] == pytest.approx(expected[name])


@pytest.mark.parametrize("pairing", ["seed", "split"])
def test_pairs_by_design_are_right_even_without_any_correlation(pairing):
    found = wrong_pairing(IG_AT, STUDENT, pairing=pairing, test="paired_t")
    assert found.outcome == "pass"
    assert found.values["correlation"] < 0


def test_a_chance_correlation_makes_no_pairs():
    same_order = sorted(IG_AT), sorted(STUDENT)
    found = wrong_pairing(*same_order, pairing="none", test="paired_t")
    assert found.values["correlation"] > 0.9
    assert found.outcome == "flag"


def test_nobody_saying_what_is_shared_is_a_missing_input_with_its_evidence():
    found = wrong_pairing(IG_AT, STUDENT, pairing="unknown", test="wilcoxon")
    assert found.outcome == "missing_input"
    assert found.values["welch_p"] < 0.05


def test_an_unpaired_test_of_matched_runs_loses_power_and_nothing_else():
    found = wrong_pairing(IG_AT, STUDENT, pairing="seed", test="welch_t")
    assert (found.outcome, found.values["conclusion"]) == ("flag", "power_lost")
    assert "not wrong" in found.detail


def test_an_unpaired_test_suits_runs_that_share_nothing_of_any_number():
    assert wrong_pairing([1.0, 2.0], [1.5], pairing="none", test="welch_t").outcome == "pass"
    found = wrong_pairing([1.0, 2.0], [1.5], pairing="unknown", test="rank_sum")
    assert found.outcome == "not_applicable"


def test_the_same_seed_gives_the_same_bits():
    one, same, other = (
        wrong_pairing(IG_AT, STUDENT, pairing="none", test="sign_flip", seed=seed).values
        for seed in (1, 1, 2)
    )
    assert one == same
    assert (
        one["median_p"] != other["median_p"]
        or one["significant_share"] != other["significant_share"]
    )


@pytest.mark.parametrize("test", ["paired_t", "wilcoxon", "sign_flip"])
@pytest.mark.parametrize("runs", [([1.0, 1.0], [2.0, 2.0]), ([1.0], [2.0]), ([1.0, 2], [1.0, 2])])
def test_runs_without_spread_are_flagged_all_the_same(runs, test):
    found = wrong_pairing(*runs, pairing="none", test=test)
    assert found.outcome == "flag"
    assert json.dumps(found.values, allow_nan=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pairing": "day"},
        {"test": "t"},
        {"alpha": 0.0},
        {"better": IG_AT[:5]},
        {"better": []},
        {"better": [*IG_AT[:9], float("nan")]},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    given = {"better": IG_AT, "worse": STUDENT, "pairing": "none", "test": "paired_t"}
    with pytest.raises(AnalysisError):
        wrong_pairing(**given | wrong)
