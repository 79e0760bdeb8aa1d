"""Claims of no difference."""

import numpy as np
import pytest
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from analysis.audit.equivalence_claims import equivalence
from analysis.errors import AnalysisError

STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
AT = [90.62, 91.26, 91.1, 90.8, 91.2, 91.58, 91.43, 91.42, 91.4, 90.82]


@pytest.mark.parametrize("margin", ["0.1", "0.24", "0.3", "0.5"])
def test_both_one_sided_tests_are_those_of_statsmodels(margin):
    found = equivalence(AT, STUDENT, margin)
    p, lower, upper = ttost_ind(
        np.array(AT), np.array(STUDENT), -float(margin), float(margin), usevar="unequal"
    )
    assert found.values["p"] == pytest.approx(p)
    assert found.values["p_lower"] == pytest.approx(lower[1])
    assert found.values["p_upper"] == pytest.approx(upper[1])
    paired = equivalence(AT, STUDENT, margin, paired=True)
    expected = ttost_paired(np.array(AT), np.array(STUDENT), -float(margin), float(margin))
    assert paired.values["p"] == pytest.approx(expected[0])


def test_attention_transfer_is_equivalent_to_the_student_within_half_a_point_only():
    assert equivalence(AT, STUDENT, "0.5").outcome == "pass"
    found = equivalence(AT, STUDENT, "0.1")
    assert found.outcome == "flag"
    assert "does not lie within ±0.1" in found.detail


@pytest.mark.parametrize("margin", ["0.1", "0.2", "0.3", "0.4"])
@pytest.mark.parametrize("paired", [True, False])
def test_arms_are_equivalent_exactly_if_the_interval_lies_within_the_margins(margin, paired):
    found = equivalence(AT, STUDENT, margin, paired=paired)
    low, high = found.values["interval_low"], found.values["interval_high"]
    within = -float(margin) <= low and high <= float(margin)
    assert (found.outcome == "pass") == within


def test_a_claim_without_a_margin_is_not_checkable():
    found = equivalence(AT, STUDENT, None)
    assert found.outcome == "missing_input"
    assert "not checkable" in found.detail


def test_arms_without_spread_cannot_be_tested():
    assert equivalence([1.0, 1.0], [1.0, 1.0], "0.1").outcome == "not_applicable"
    assert equivalence([1.0], [1.0], "0.1").outcome == "not_applicable"
    assert equivalence([2.0, 3.0], [1.0, 2.0], "0.1", paired=True).outcome == "not_applicable"


@pytest.mark.parametrize("paired", [True, False])
def test_arms_that_differ_by_the_margin_pass_in_one_of_twenty_studies(paired):
    rng = np.random.default_rng(0)
    passed = [
        equivalence(rng.normal(2, 1, 12), rng.normal(0, 1, 12), "2.0", paired=paired).outcome
        == "pass"
        for _ in range(1_500)
    ]
    # Four standard errors of the share are 0.0225.
    assert np.mean(passed) == pytest.approx(0.05, abs=0.0225)


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": "0"},
        {"margin": "-1"},
        {"margin": "< 1"},
        {"margin": 0.5},
        {"alpha": 0.5},
        {"alpha": float("nan")},
        {"better": []},
        {"better": [1.0, float("inf")]},
        {"better": [1.0], "paired": True},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        equivalence(**{"better": AT, "worse": STUDENT, "margin": "0.5"} | wrong)
