"""Papers that print means and deviations, and no single runs."""

import pytest
from scipy import stats

from analysis.audit import Outcome, Verdict

ARMS = {
    "baseline": {"mean": "87.24", "sd": "0.61", "runs": 5},
    "sparrow": {"mean": "88.52", "sd": "0.74", "runs": 5},
}
# By SciPy, of these very numbers.
T = stats.ttest_ind_from_stats(88.52, 0.74, 5, 87.24, 0.61, 5).statistic
WELCH_P = stats.ttest_ind_from_stats(88.52, 0.74, 5, 87.24, 0.61, 5, equal_var=False).pvalue


@pytest.fixture
def judged(check):
    """The verdict on one claim about the arms of a table."""

    def judge(claim, arms=ARMS, direction="maximize", **changes):
        document = {
            "metrics": {"acc": {"unit": "%", "direction": direction}},
            "data": {"table": {"arms": arms}},
            "claim": [{"id": "C", "text": "as printed", "data": "table", **claim}],
            **changes,
        }
        return check(document).results[0].judged

    return judge


def outcomes(judged, check):
    return [each.outcome for each in judged.findings if each.check == check]


def claimed_test(statistic, p, better="sparrow", worse="baseline"):
    return {
        "kind": "test", "test": "t", "statistic": statistic, "df": "8", "p": p,
        "used": "pooled_t", "better": better, "worse": worse,
    }  # fmt: skip


def difference(**more):
    return {
        "kind": "difference", "better": {"arm": "sparrow"}, "worse": {"arm": "baseline"}, **more,
    }  # fmt: skip


def test_a_difference_of_printed_means_is_tested_by_welch(judged):
    found = judged(difference(difference="1.28"))
    (support,) = found.supports
    assert support.estimate == pytest.approx(1.28)
    assert support.tests[0].p == pytest.approx(WELCH_P)
    assert found.verdict is Verdict.REPRODUCED


def test_a_t_that_the_printed_means_do_not_give_is_impossible(judged):
    found = judged(claimed_test("12.0", "0.0000021"))
    assert found.verdict is Verdict.INTERNALLY_INCONSISTENT
    assert "do not give the printed t = 12.0" in found.reason


def test_the_t_that_they_give_follows_and_the_effect_is_that_of_the_means(judged):
    p = 2 * stats.t.sf(T, 8)
    found = judged(claimed_test(f"{T:.2f}", f"{p:.4f}"))
    assert found.supports[0].estimate == pytest.approx(1.28)
    assert Outcome.FAIL not in {each.outcome for each in found.findings}
    assert outcomes(found, "p_recompute") == [Outcome.PASS, Outcome.PASS]


def test_the_arm_said_to_be_better_has_to_have_the_better_mean(judged):
    p = 2 * stats.t.sf(T, 8)
    found = judged(claimed_test(f"{T:.2f}", f"{p:.4f}", "baseline", "sparrow"))
    assert found.verdict is Verdict.CONTRADICTED
    minimised = judged(
        claimed_test(f"{T:.2f}", f"{p:.4f}", "baseline", "sparrow"), direction="minimize"
    )
    assert minimised.verdict.holds


def test_a_p_that_the_printed_means_do_not_give_is_impossible(judged):
    assert WELCH_P > 0.01
    found = judged(difference(p="< 0.001", test="welch_t"))
    assert found.verdict is Verdict.INTERNALLY_INCONSISTENT
    assert judged(difference(p="< 0.05", test="welch_t")).verdict.holds


def test_the_family_is_corrected_for_arms_of_which_nothing_is_printed_too(judged):
    arms = ARMS | {"crow": {"runs": 5, "mean": "87.5"}, "finch": {"runs": 5, "mean": "87.3"}}
    family = {"all": {"control": "baseline", "arms": ["sparrow", "crow", "finch"], "data": "table"}}
    found = judged(difference(family="all"), arms, family=family)
    (support,) = found.supports
    assert support.tests[0].p_adjusted == pytest.approx(3 * WELCH_P)
    assert found.verdict is Verdict.NOT_SUPPORTED
    assert "after correction for 3 comparisons" in found.reason


def test_a_t_of_which_only_variances_are_printed_is_no_evidence_for_itself(judged):
    arms = {
        name: {"variance": f"{float(each['sd']) ** 2:.4f}", "runs": 5}
        for name, each in ARMS.items()
    }
    p = 2 * stats.t.sf(T, 8)
    found = judged(claimed_test(f"{T:.4f}", f"{p:.5f}"), arms)
    assert found.supports == ()
    assert found.verdict is Verdict.ARITHMETIC_OK
    implied = next(each for each in found.findings if each.check == "multiplicity")
    assert implied.values["difference"] == pytest.approx(1.28, abs=0.001)
    assert implied.values["p"] == pytest.approx(WELCH_P, rel=0.01)


def test_a_spread_is_held_against_the_printed_deviation(judged):
    claim = {"kind": "value", "arm": "sparrow", "value": "88.52", "spread_is": "sd"}
    assert judged(claim | {"spread": "0.74"}).verdict.holds
    assert judged(claim | {"spread": "0.33"}).verdict is Verdict.STATISTIC_MISLABELLED


@pytest.mark.parametrize(
    ("value", "statistic", "verdict"),
    [
        ("89.40", "max", Verdict.ARITHMETIC_OK),
        ("89.40", "unstated", Verdict.STATISTIC_MISLABELLED),
        ("88.52", "max", Verdict.STATISTIC_MISLABELLED),
        ("88.60", "median", Verdict.ARITHMETIC_OK),
        ("88.90", "mean", Verdict.INTERNALLY_INCONSISTENT),
    ],
)
def test_a_value_is_held_against_the_statistic_that_it_is_said_to_be(
    judged, value, statistic, verdict
):
    arms = {"sparrow": ARMS["sparrow"] | {"max": "89.40", "median": "88.60"}}
    claim = {"kind": "value", "arm": "sparrow", "value": value, "statistic": statistic}
    assert judged(claim, arms).verdict is verdict


def test_equivalence_needs_runs_and_says_so(judged):
    claim = {"kind": "equivalence", "arms": ["sparrow", "baseline"], "margin": "0.01"}
    found = judged(claim)
    assert found.verdict is Verdict.NOT_CHECKABLE
    assert outcomes(found, "equivalence") == [Outcome.MISSING_INPUT]


def test_a_table_whose_deviation_its_range_forbids_is_impossible(judged):
    arms = ARMS | {"sparrow": ARMS["sparrow"] | {"sd": "8.0", "min": "88.0", "max": "89.0"}}
    assert judged(difference(), arms).verdict is Verdict.INTERNALLY_INCONSISTENT
