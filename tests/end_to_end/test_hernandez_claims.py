"""The shipped audit of Hernandez et al. 2025, against numbers recomputed from their own values."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.audit import Outcome, Verdict
from harness.audit.checking import check_claims
from harness.audit.claims.loading import load_claims

CLAIMS = Path(__file__).resolve().parents[2] / "studies" / "claims"
PUBLISHED = CLAIMS / "published"
ARMS = ("kd", "ig", "kd_ig", "at", "kd_at", "ig_at", "kd_ig_at")
RUNS = 10


def rows(name):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def audit():
    return check_claims(load_claims(CLAIMS / "hernandez2025.toml"), None)


@pytest.fixture(scope="module")
def claims(audit):
    """What became of every claim by the paper's own values."""
    return {each.claim.id: each.judged for each in audit.results}


@pytest.fixture(scope="module")
def ablation():
    """Every run of the ablation, by arm."""
    found = {}
    for row in rows("ablation_runs.csv"):
        found.setdefault(row["arm"], []).append(float(row["test_accuracy"]))
    return {arm: np.array(runs) for arm, runs in found.items()}


@pytest.fixture(scope="module")
def monte_carlo():
    return {row["arm"]: row for row in rows("monte_carlo.csv")}


@pytest.fixture(scope="module")
def transfer():
    return {row["arm"]: row for row in rows("transfer.csv")}


def welch_p(first, second):
    return stats.ttest_ind(first, second, equal_var=False).pvalue


def holm(p_values):
    """Holm's correction, from its definition."""
    adjusted, largest = {}, 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = largest
    return adjusted


def found(judged, check, outcome=None):
    """The findings of a check, as they came out."""
    chosen = [each for each in judged.findings if each.check == check]
    return [each for each in chosen if outcome is None or each.outcome is outcome]


def corrected(judged, test):
    (support,) = judged.supports
    return {each.name: each.p_adjusted for each in support.tests}[test]


VERDICTS = {
    "C1": Verdict.STATISTIC_MISLABELLED,
    "C2": Verdict.ARITHMETIC_OK,
    "C3": Verdict.NOT_SUPPORTED,
    # Of the means nothing is printed: the difference is what t implies.
    "C4.kd": Verdict.ARITHMETIC_OK,
    "C4.kd_ig": Verdict.ARITHMETIC_OK,
    "C4.kd_ig_at": Verdict.ARITHMETIC_OK,
    "C5": Verdict.NOT_SUPPORTED,
    "C6": Verdict.NOT_SUPPORTED,
    "C7.accuracy": Verdict.CONTRADICTED,
    "C7.balanced_accuracy": Verdict.ARITHMETIC_OK,
    "C8": Verdict.NOT_SUPPORTED,
}


@pytest.mark.parametrize(("claim", "verdict"), VERDICTS.items())
def test_every_headline_claim_has_its_verdict(claims, claim, verdict):
    assert claims[claim].verdict is verdict


# ── C1: maxima for means, a paired test of unmatched runs, and a gain that stands all the same ────


def test_the_accuracies_of_the_abstract_are_maxima(claims, ablation):
    assert round(ablation["kd_ig"].max(), 1) == 92.6
    assert round(ablation["student"].max(), 1) == 91.5
    assert ablation["kd_ig"].mean() == pytest.approx(92.018)
    assert ablation["student"].mean() == pytest.approx(91.184)
    flagged = found(claims["C1"], "max_as_mean", Outcome.FLAG)
    assert [each.values["arm"] for each in flagged] == ["kd_ig", "student"]
    assert all(each.values["ranks_from_best"][0] == 1 for each in flagged)
    assert found(claims["C1"], "best_of_n", Outcome.FLAG)


def test_the_mean_gain_is_smaller_and_still_significant_by_valid_tests(claims, ablation):
    gain = ablation["kd_ig"].mean() - ablation["student"].mean()
    assert gain == pytest.approx(0.834)
    (support,) = claims["C1"].supports
    assert support.estimate == pytest.approx(gain)
    family = holm({arm: welch_p(ablation[arm], ablation["student"]) for arm in ARMS})
    assert corrected(claims["C1"], "welch_t") == pytest.approx(family["kd_ig"])
    assert family["kd_ig"] < 0.001
    assert all(each.p_adjusted < 0.001 for each in support.tests)
    assert not support.decided_by_one_run
    assert "is significant" in claims["C1"].reason


def test_dunnetts_test_agrees_with_scipys(claims, ablation):
    treated = [ablation[arm] for arm in ARMS]
    expected = stats.dunnett(*treated, control=ablation["student"], rng=np.random.default_rng(0))
    p_values = dict(zip(ARMS, expected.pvalue, strict=True))
    for claim, arm in {"C8": "ig", "ablation.kd": "kd", "ablation.ig_at": "ig_at"}.items():
        assert corrected(claims[claim], "dunnett") == pytest.approx(p_values[arm], abs=2e-3)


def test_a_paired_test_of_unmatched_runs_is_noticed(claims, ablation):
    (flagged,) = found(claims["C1"], "wrong_pairing", Outcome.FLAG)
    paired = stats.ttest_rel(ablation["kd_ig"], ablation["student"]).pvalue
    assert flagged.values["paired_p"] == pytest.approx(paired)
    assert flagged.values["welch_p"] == pytest.approx(
        welch_p(ablation["kd_ig"], ablation["student"])
    )
    assert flagged.values["conclusion"] == "invalid"


def test_runs_without_seeds_and_selection_on_the_test_set_are_noticed(claims):
    assert found(claims["C1"], "seeds", Outcome.FLAG)
    assert found(claims["C1"], "leakage", Outcome.FLAG)


# ── C2 and C3: ratios ─────────────────────────────────────────────────────────────────────────────


def test_the_student_is_as_much_smaller_as_is_said():
    models = {row["blocks_removed"]: row for row in rows("models.csv")}
    ratio = int(models["0"]["parameters"]) / int(models["5"]["parameters"])
    assert f"{ratio:.1f}" == "4.1"


@pytest.mark.parametrize("claim", ["C3", "slip.speedup_k5"])
def test_the_tenfold_speed_up_exceeds_what_the_arithmetic_allows(claims, claim):
    models = {row["blocks_removed"]: row for row in rows("models.csv")}
    work = [float(models[each]["multiply_adds_millions"]) for each in ("0", "5")]
    (flagged,) = found(claims[claim], "speedup_bound", Outcome.FLAG)
    assert flagged.values["work_ratio"] == pytest.approx(work[0] / work[1], abs=5e-4)
    assert flagged.values["claimed_low"] > 1.25 * work[0] / work[1]
    assert flagged.values["not_reported"] == ["warm_up", "repeats"]
    assert claims[claim].verdict is Verdict.NOT_SUPPORTED


def test_no_speed_up_of_the_table_is_what_multiply_adds_explain():
    models = rows("models.csv")
    for row in models[1:]:
        work = float(models[0]["multiply_adds_millions"]) / float(row["multiply_adds_millions"])
        assert float(row["claimed_speedup"]) > 1.25 * work


# ── C4: the Monte Carlo tests ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("arm", ["kd", "kd_ig", "kd_ig_at"])
def test_the_monte_carlo_t_and_p_follow_from_each_other(claims, monte_carlo, arm):
    row = monte_carlo[arm]
    p = 2 * stats.t.sf(float(row["t"]), 118)
    assert p == pytest.approx(float(row["p"]), rel=1e-6)
    judged = claims[f"C4.{arm}"]
    for check in ("p_recompute", "decision_error", "one_sided", "n_mismatch"):
        assert [each.outcome for each in found(judged, check)] == [Outcome.PASS]


@pytest.mark.parametrize("arm", ["kd", "kd_ig", "kd_ig_at"])
def test_the_monte_carlo_differences_follow_from_t_and_variances(claims, monte_carlo, arm):
    variances = [float(monte_carlo[each]["variance"]) for each in (arm, "student")]
    error = math.sqrt(sum(variances) / 60)
    (implied,) = found(claims[f"C4.{arm}"], "multiplicity")
    difference = implied.values["difference"]
    assert difference == pytest.approx(float(monte_carlo[arm]["t"]) * error)
    # A difference of means of 60 runs on 10,000 images is a multiple of 0.01 / 60.
    assert difference * 6000 == pytest.approx(round(difference * 6000), abs=1e-6)
    assert claims[f"C4.{arm}"].supports == ()


@pytest.mark.parametrize("arm", ["kd", "kd_ig", "kd_ig_at"])
def test_the_monte_carlo_variances_are_possible_for_sixty_runs_on_ten_thousand_images(
    claims, monte_carlo, arm
):
    # 60 · 59 · s² / 0.01² is a whole number.
    for each in (arm, "student"):
        scatter = 60 * 59 * float(monte_carlo[each]["variance"]) / 1e-4
        assert scatter == pytest.approx(round(scatter), abs=1e-4)
    possible = found(claims[f"C4.{arm}"], "granular_exact")
    assert [each.outcome for each in possible] == [Outcome.PASS, Outcome.PASS]


def test_one_arms_variance_differs_from_the_others(claims, monte_carlo):
    variances = {arm: float(row["variance"]) for arm, row in monte_carlo.items()}
    for arm in ("kd", "kd_ig", "kd_ig_at"):
        ratio = variances[arm] / variances["student"]
        tail = stats.f.cdf(ratio, 59, 59)
        p = 2 * min(tail, 1 - tail)
        flagged = found(claims[f"C4.{arm}"], "heteroscedastic", Outcome.FLAG)
        assert bool(flagged) == (p <= 0.05) == (arm == "kd_ig")
        for each in flagged:
            assert each.values["p_value"] == pytest.approx(p)


# ── C5 to C8 ─────────────────────────────────────────────────────────────────────────────────────


def test_kd_with_ig_is_not_ahead_at_every_compression(claims):
    models = [row for row in rows("models.csv") if row["kd"]]
    gains = np.array([float(row["kd_ig"]) - float(row["kd"]) for row in models])
    (counted,) = found(claims["C5"], "arithmetic", Outcome.FLAG)
    assert (counted.values["ahead"], counted.values["levels"]) == (int((gains > 0).sum()), 8)
    (support,) = claims["C5"].supports
    assert support.estimate == pytest.approx(gains.mean())
    assert corrected(claims["C5"], "paired_t") == pytest.approx(stats.ttest_1samp(gains, 0).pvalue)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1)
    flips = np.abs(signs.T @ gains.round(2)) >= abs(gains.round(2).sum()) - 1e-9
    assert corrected(claims["C5"], "sign_flip") == pytest.approx(flips.mean())


def test_adding_attention_transfer_is_no_improvement(claims, ablation):
    difference = ablation["kd_ig_at"].mean() - ablation["kd_ig"].mean()
    assert difference < 0
    (support,) = claims["C6"].supports
    assert support.estimate == pytest.approx(difference)
    expected = welch_p(ablation["kd_ig_at"], ablation["kd_ig"])
    assert corrected(claims["C6"], "welch_t") == pytest.approx(expected)
    assert expected > 0.05


def test_the_gain_does_not_carry_over_in_accuracy(claims, transfer):
    assert float(transfer["kd_ig"]["accuracy"]) < float(transfer["student"]["accuracy"])
    assert "reverse" in claims["C7.accuracy"].reason


def test_it_carries_over_in_balanced_accuracy_of_one_model_an_arm(claims, transfer):
    better, worse = (float(transfer[arm]["balanced_accuracy"]) for arm in ("kd_ig", "student"))
    assert better > worse
    assert not found(claims["C7.balanced_accuracy"], "arithmetic", Outcome.FAIL)
    assert claims["C7.balanced_accuracy"].supports == ()


def test_the_accuracies_of_the_bar_chart_are_exchanged(claims, transfer):
    assert transfer["ig"]["accuracy"] == "82.33"
    assert transfer["kd_ig_at"]["accuracy"] == "78.29"
    for claim, twin in {"slip.chart_ig": "kd_ig_at", "slip.chart_kd_ig_at": "ig"}.items():
        assert claims[claim].verdict is Verdict.INTERNALLY_INCONSISTENT
        (failed,) = found(claims[claim], "arithmetic", Outcome.FAIL)
        assert failed.values["value_of"] == [twin]


def test_some_arms_gains_vanish_under_correction(claims, ablation):
    plain = {arm: welch_p(ablation[arm], ablation["student"]) for arm in ARMS}
    family = holm(plain)
    vanishing = {arm for arm in ARMS if plain[arm] <= 0.05 < family[arm]}
    assert vanishing == {"kd", "ig_at"}
    flagged = {
        arm
        for arm in ARMS
        for claim in ({"ig": "C8", "kd_ig": "C1"}.get(arm, f"ablation.{arm}"),)
        if found(claims[claim], "multiplicity", Outcome.FLAG)
    }
    assert flagged == vanishing
    assert claims["ablation.kd"].verdict is Verdict.FRAGILE
    assert claims["ablation.ig_at"].verdict is Verdict.NOT_SUPPORTED


def test_ig_alone_is_no_improvement(claims, ablation):
    assert welch_p(ablation["ig"], ablation["student"]) > 0.05
    (support,) = claims["C8"].supports
    assert support.estimate == pytest.approx(ablation["ig"].mean() - ablation["student"].mean())


# ── The whole ────────────────────────────────────────────────────────────────────────────────────


def test_seven_of_twenty_one_claims_stand(audit):
    stand = [each.claim.id for each in audit.results if each.judged.verdict.holds]
    assert (len(stand), len(audit.results)) == (7, 21)
    assert not audit.all_hold


def test_without_a_database_a_second_verdict_names_the_command_that_would_give_one(audit):
    second = [each.replicated for each in audit.results if each.replicated is not None]
    assert second
    for each in second:
        assert each.verdict is Verdict.NOT_CHECKABLE
        assert "harness study run" in each.reason


def test_every_arm_of_the_ablation_has_ten_runs(ablation):
    assert {arm: len(runs) for arm, runs in ablation.items()} == dict.fromkeys(
        ("student", *ARMS), RUNS
    )
