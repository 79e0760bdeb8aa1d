"""The decision tests of a family."""

import itertools
import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.audit.family import decision_tests
from analysis.errors import AnalysisError, UnknownArmError

# Test accuracies (%) of the ten runs of every arm of the published ablation.
ABLATION = {
    "student": [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5],
    "kd": [91.73, 91.45, 91.19, 91.37, 92.29, 91.88, 92.01, 91.41, 92.01, 90.88],
    "ig": [91.27, 92.01, 91.22, 91.42, 91.11, 91.58, 91.09, 91.57, 91.38, 90.85],
    "kd_ig": [92.58, 91.73, 92.08, 92.45, 91.96, 91.58, 91.82, 91.62, 92.13, 92.23],
    "at": [90.62, 91.26, 91.1, 90.8, 91.2, 91.58, 91.43, 91.42, 91.4, 90.82],
    "kd_at": [91.48, 92.05, 91.49, 91.69, 91.58, 91.92, 92.2, 91.62, 92.06, 91.39],
    "ig_at": [91.7, 91.61, 91.05, 91.84, 91.38, 91.22, 91.3, 91.5, 91.57, 91.48],
    "kd_ig_at": [91.83, 91.51, 91.56, 91.76, 91.73, 92.42, 91.84, 91.73, 91.97, 92.2],
}
OTHERS = [arm for arm in ABLATION if arm != "student"]


@pytest.fixture(scope="module")
def unmatched():
    return decision_tests(ABLATION, "student", matched=False, direction="maximize")


@pytest.fixture(scope="module")
def matched():
    return decision_tests(ABLATION, "student", matched=True, direction="maximize")


def column(found, name, field):
    return [
        getattr(test, field) for arm in found.values() for test in arm.tests if test.name == name
    ]


def holm(p_values):
    return pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_runs_that_share_nothing_have_three_tests_corrected_within_the_family(unmatched):
    student = ABLATION["student"]
    assert list(unmatched) == OTHERS
    welch = [stats.ttest_ind(ABLATION[arm], student, equal_var=False).pvalue for arm in OTHERS]
    assert column(unmatched, "welch_t", "p") == pytest.approx(welch)
    assert column(unmatched, "welch_t", "p_adjusted") == holm(welch)
    split = column(unmatched, "permutation", "p")
    assert column(unmatched, "permutation", "p_adjusted") == holm(split)
    expected = stats.dunnett(
        *(ABLATION[arm] for arm in OTHERS), control=student, rng=np.random.default_rng(0)
    )
    # SciPy integrates at random, to about 1e-3.
    assert column(unmatched, "dunnett", "p") == pytest.approx(expected.pvalue, abs=2e-3)
    assert column(unmatched, "dunnett", "p_adjusted") == column(unmatched, "dunnett", "p")


def test_the_permutation_test_counts_every_split(unmatched):
    pooled = np.rint(100 * np.array(ABLATION["ig_at"] + ABLATION["student"])).astype(int)
    chosen = np.array(list(itertools.combinations(range(20), 10)))
    gaps = np.abs(2 * pooled[chosen].sum(axis=1) - pooled.sum())
    share = np.mean(gaps >= abs(2 * pooled[:10].sum() - pooled.sum()))
    assert column(unmatched, "permutation", "p")[OTHERS.index("ig_at")] == pytest.approx(share)


def test_matched_runs_have_two_tests_corrected_within_the_family(matched):
    paired = [stats.ttest_rel(ABLATION[arm], ABLATION["student"]).pvalue for arm in OTHERS]
    assert column(matched, "paired_t", "p") == pytest.approx(paired)
    assert column(matched, "paired_t", "p_adjusted") == holm(paired)
    flips = column(matched, "sign_flip", "p")
    assert column(matched, "sign_flip", "p_adjusted") == holm(flips)
    # Nobody wins fewer than ten of ten pairs in these two: 2 of 2^10 sign patterns.
    assert [flips[OTHERS.index(arm)] for arm in ("kd_ig", "kd_ig_at")] == [2 / 1024] * 2


def test_estimates_have_welchs_or_the_paired_interval(unmatched, matched):
    for arm in OTHERS:
        runs, student = np.array(ABLATION[arm]), np.array(ABLATION["student"])
        expected = stats.ttest_ind(runs, student, equal_var=False).confidence_interval(0.95)
        found = unmatched[arm]
        assert found.estimate == pytest.approx(runs.mean() - student.mean())
        assert (found.ci_low, found.ci_high) == pytest.approx((expected.low, expected.high))
        assert (found.n, found.n_control) == (10, 10)
        expected = stats.ttest_rel(runs, student).confidence_interval(0.95)
        found = matched[arm]
        assert (found.ci_low, found.ci_high) == pytest.approx((expected.low, expected.high))


def test_of_the_ablation_three_arms_stand_and_distillation_alone_hangs_on_a_run(unmatched):
    assert [arm for arm in OTHERS if unmatched[arm].all_significant(0.05)] == [
        "kd_ig",
        "kd_at",
        "kd_ig_at",
    ]
    # Dunnett's test alone finds it.
    assert unmatched["kd"].any_significant(0.05)
    assert [arm for arm in OTHERS if unmatched[arm].decided_by_one_run] == ["kd"]


def test_an_arm_is_better_in_the_direction_declared():
    turned = {arm: [-each for each in runs] for arm, runs in ABLATION.items()}
    for is_matched in (True, False):
        up = decision_tests(ABLATION, "student", matched=is_matched, direction="maximize")
        down = decision_tests(turned, "student", matched=is_matched, direction="minimize")
        assert up == down


def test_any_arm_may_be_the_control_of_a_family_of_one():
    pair = {arm: ABLATION[arm] for arm in ("kd_ig", "kd")}
    found = decision_tests(pair, "kd", matched=False, direction="maximize")["kd_ig"]
    reverse = decision_tests(pair, "kd_ig", matched=False, direction="maximize")["kd"]
    assert found.estimate == -reverse.estimate
    p = stats.ttest_ind(pair["kd_ig"], pair["kd"], equal_var=False).pvalue
    pooled = stats.ttest_ind(pair["kd_ig"], pair["kd"]).pvalue
    by_name = {test.name: test for test in found.tests}
    assert by_name["welch_t"].p_adjusted == by_name["welch_t"].p == pytest.approx(p)
    # Dunnett's test of a single arm is Student's.
    assert by_name["dunnett"].p == pytest.approx(pooled)


def test_matched_runs_are_matched_by_block_and_not_by_order():
    blocks = range(10)
    shuffled = np.random.default_rng(0).permutation(10)
    by_block = {
        "student": dict(zip(blocks, ABLATION["student"], strict=True)),
        "kd": {int(i): ABLATION["kd"][i] for i in shuffled} | {"another": 12.0},
    }
    ordered = {arm: ABLATION[arm] for arm in by_block}
    found = decision_tests(by_block, "student", matched=True, direction="maximize")
    assert found == decision_tests(ordered, "student", matched=True, direction="maximize")


def test_an_arms_p_does_not_depend_on_the_other_arms_or_their_order():
    rng = np.random.default_rng(0)
    arms = {name: rng.normal(size=30).tolist() for name in "abc"}
    settings = {"matched": False, "direction": "maximize", "resamples": 500}
    whole = decision_tests(arms, "a", **settings)
    fewer = decision_tests({"c": arms["c"], "a": arms["a"]}, "a", **settings)
    of = {test.name: test.p for test in fewer["c"].tests}
    for test in whole["c"].tests[:2]:
        assert test.p == of[test.name]


def test_the_same_seed_gives_the_same_bits():
    rng = np.random.default_rng(0)
    arms = {name: rng.normal(size=50).tolist() for name in "ab"}
    for is_matched in (True, False):
        one, same, other = (
            decision_tests(
                arms, "a", matched=is_matched, direction="maximize", seed=seed, resamples=2_000
            )
            for seed in (1, 1, 2)
        )
        assert one == same
        assert one != other


@pytest.mark.parametrize("is_matched", [True, False])
@pytest.mark.parametrize(
    "arms",
    [
        {"a": [1.0], "b": [2.0]},
        {"a": [1.0, 1.0], "b": [1.0, 1.0]},
        {"a": [1.0, 1.0, 1.0], "b": [2.0, 2.0, 2.0], "c": [1.0, 2.0, 4.0]},
    ],
)
def test_arms_too_poor_for_a_test_are_not_significant(arms, is_matched):
    found = decision_tests(arms, "a", matched=is_matched, direction="maximize")
    assert not found["b"].all_significant(0.05)
    assert json.dumps(asdict(found["b"]), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("is_matched", [True, False])
def test_equal_arms_have_a_joint_decision_in_one_of_twenty_families_or_fewer(is_matched):
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(600):
        arms = {name: rng.normal(size=6) for name in "abcd"}
        found = decision_tests(arms, "a", matched=is_matched, direction="maximize")
        wrong += any(arm.all_significant(0.05) for arm in found.values())
    # Four standard errors of 5 % are 3.6 %.
    assert wrong / 600 <= 0.086


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"control": "c"}, UnknownArmError),
        ({"arms": {"a": [1.0, 2.0]}}, AnalysisError),
        ({"arms": {"a": [1.0, 2.0], "b": []}}, AnalysisError),
        ({"arms": {"a": [1.0, 2.0], "b": [1.0, float("nan")]}}, AnalysisError),
        ({"direction": "up"}, AnalysisError),
        ({"alpha": 1.0}, AnalysisError),
        ({"resamples": 0}, AnalysisError),
        ({"matched": True, "arms": {"a": [1.0, 2.0], "b": [1.0]}}, AnalysisError),
        ({"matched": True, "arms": {"a": [1.0], "b": {1: 1.0}}}, AnalysisError),
        ({"matched": True, "arms": {"a": {1: 1.0}, "b": {2: 1.0}}}, AnalysisError),
        ({"matched": True, "arms": {"a": {1: 1.0}, "b": {1: float("inf")}}}, AnalysisError),
    ],
)
def test_what_cannot_be_is_refused(wrong, error):
    given = {
        "arms": {"a": [1.0, 2.0], "b": [2.0, 3.0]},
        "control": "a",
        "matched": False,
        "direction": "maximize",
    }
    with pytest.raises(error):
        decision_tests(**given | wrong)
