"""Full-precision statistics, against the paper's own and against runs on a grid."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.finding import Outcome
from analysis.audit.granular import granular_exact
from analysis.errors import AnalysisError

# Hernandez, Chang, Nordling 2025 (arXiv 2506.14440), their public results: 60 runs an arm, accuracy
# in per cent of 10,000 images.
STUDENT, KD, KD_IG, KD_IG_AT = (
    "0.1175772598870052",
    "0.11340957627118683",
    "0.30543785310734467",
    "0.08814946327683629",
)


@pytest.mark.parametrize(
    ("variance", "scatter"),
    [(STUDENT, 4_162_235), (KD, 4_014_699), (KD_IG, 10_812_500), (KD_IG_AT, 3_120_491)],
)
def test_the_papers_variances_are_possible(variance, scatter):
    found = granular_exact(60, "0.01", variance=variance)
    assert found.outcome is Outcome.PASS
    assert found.values["variance"]["in_granules"] == pytest.approx(scatter, abs=1e-6)
    assert found.values["chance_of_detection"] > 0.99


@pytest.mark.parametrize(
    ("t", "variance", "difference"),
    [
        ("9.739991085638106", KD, 3626),
        ("14.797695309710354", KD_IG, 7455),
        ("14.322527108449451", KD_IG_AT, 5032),
    ],
)
def test_the_papers_t_statistics_are_possible(t, variance, difference):
    found = granular_exact(60, "0.01", t=t, variance=variance, variance2=STUDENT)
    assert found.outcome is Outcome.PASS
    assert found.values["t"]["in_granules"] == pytest.approx(difference, abs=1e-6)


def test_the_papers_variances_do_not_fit_other_numbers_of_runs():
    wrong = [
        granular_exact(n, "0.01", variance=variance).outcome
        for n in (58, 59, 61, 62)
        for variance in (STUDENT, KD, KD_IG, KD_IG_AT)
    ]
    assert set(wrong) == {Outcome.FAIL}


def test_a_whole_number_of_impossible_residue_fails():
    # 4,162,240 is whole, but no r(60 - r) + 120j.
    assert 4_162_240 % 120 not in {r * (60 - r) % 120 for r in range(60)}
    found = granular_exact(60, "0.01", variance=repr(4_162_240 / (60 * 59 * 10**4)))
    assert found.outcome is Outcome.FAIL


def test_a_t_that_was_altered_fails():
    found = granular_exact(60, "0.01", t="9.739911085638106", variance=KD, variance2=STUDENT)
    assert found.outcome is Outcome.FAIL
    assert "t = 9.739911085638106" in found.detail


@pytest.mark.parametrize("variance", ["0.118", "0.1", "0.1176"])
def test_a_coarse_variance_cannot_be_tested(variance):
    found = granular_exact(60, "0.01", variance=variance)
    assert found.outcome is Outcome.NOT_TESTABLE
    assert found.values["chance_of_detection"] == 0


def test_coarse_numbers_of_few_runs_can_be_tested():
    # Five whole numbers have a scatter of 0, 4, 6, 10, ...: a variance of 0, 0.2, 0.3, 0.5, ...
    assert granular_exact(5, "1", variance="0.20").outcome is Outcome.PASS
    assert granular_exact(5, "1", variance="0.25").outcome is Outcome.FAIL


@example([9096] * 5, "one_pass", True)  # A variance of -2e-16.
@given(
    st.lists(st.integers(8500, 9500), min_size=2, max_size=70),
    st.sampled_from(["one_pass", "numpy", "plain"]),
    st.booleans(),
)
def test_variances_of_runs_on_the_grid_never_fail(hundredths, way, as_share):
    scale = 10_000 if as_share else 100
    values = np.array(hundredths) / scale
    variance = {"numpy": _numpy, "one_pass": _one_pass, "plain": _plain}[way](values)
    found = granular_exact(
        len(values),
        f"1/{scale}",
        variance=repr(variance),
        sd=repr(float(np.sqrt(max(0.0, variance)))),
    )
    assert found.outcome is not Outcome.FAIL, found.detail


def _numpy(values):
    return float(values.var(ddof=1))


def _one_pass(values):
    n = len(values)
    return float((sum(values**2) - sum(values) ** 2 / n) / (n - 1))


def _plain(values):
    mean = sum(values.tolist()) / len(values)
    return float(sum((each - mean) ** 2 for each in values.tolist()) / (len(values) - 1))


@given(
    st.lists(st.integers(8500, 9500), min_size=2, max_size=30),
    st.lists(st.integers(8500, 9500), min_size=2, max_size=30),
)
def test_differences_of_runs_on_the_grid_never_fail(one, other):
    difference = np.mean(np.array(one) / 100) - np.mean(np.array(other) / 100)
    text = np.format_float_positional(difference, trim="0")
    found = granular_exact(len(one), "0.01", difference=text, n2=len(other))
    assert found.outcome is not Outcome.FAIL, found.detail


def test_t_statistics_of_runs_on_the_grid_never_fail():
    rng = np.random.default_rng(8)
    for n in (3, 5, 10, 60, 200):
        for _ in range(40):
            arms = np.round(rng.normal([[91.2], [91.9]], 0.3, (2, n)), 2)
            first, second = (repr(float(arm.var(ddof=1))) for arm in arms)
            t = repr(float(stats.ttest_ind(arms[0], arms[1]).statistic))
            found = granular_exact(n, "0.01", t=t, variance=first, variance2=second)
            assert found.outcome is not Outcome.FAIL, found.detail


def test_variances_off_the_grid_fail_as_often_as_the_chance_says():
    rng = np.random.default_rng(9)
    findings = [
        granular_exact(10, "0.01", variance=f"{each:.7f}") for each in rng.uniform(0.1, 0.2, 1500)
    ]
    share = np.mean([each.outcome is Outcome.FAIL for each in findings])
    assert share == pytest.approx(findings[0].values["chance_of_detection"], abs=0.04)
    assert 0.5 < share < 1


def test_unequal_runs_have_a_finer_difference():
    # Means of 2 and of 3 whole numbers differ by sixths.
    assert granular_exact(2, "1", difference="0.1667", n2=3).outcome is Outcome.PASS
    assert granular_exact(2, "1", difference="0.1667").outcome is Outcome.FAIL
    assert granular_exact(2, "1", difference="0.2000", n2=3).outcome is Outcome.FAIL


def test_large_values_leave_more_room_for_floating_point():
    numbers = {"variance": "0.11757725988"}
    precise = granular_exact(60, "0.01", **numbers).values["variance"]["uncertainty"]
    loose = granular_exact(60, "0.01", **numbers, largest=10_000).values["variance"]["uncertainty"]
    assert loose > 100 * precise


def test_the_worst_number_decides():
    found = granular_exact(10, "0.01", variance="0.1", difference="0.8411")
    assert found.outcome is Outcome.FAIL
    assert "difference" in found.detail
    assert "variance" not in found.detail


def test_a_negative_variance_or_deviation_is_impossible():
    assert granular_exact(10, "0.01", variance="-0.1175").outcome is Outcome.FAIL
    assert granular_exact(10, "0.01", sd="-0.3").outcome is Outcome.FAIL


def test_what_is_missing_is_named():
    assert granular_exact(None, "0.01").values == {"missing": ["n"]}
    assert "variance" in granular_exact(60, "0.01").detail
    assert granular_exact(60, "0.01", t="2.0", variance="0.1").values == {"missing": ["variance2"]}


def test_what_makes_no_sense_is_refused():
    with pytest.raises(AnalysisError, match="equal numbers"):
        granular_exact(60, "0.01", t="2", variance="0.1", variance2="0.1", n2=59)
    with pytest.raises(AnalysisError, match="n is 1"):
        granular_exact(1, "0.01", variance="0.1")
    with pytest.raises(AnalysisError, match="granule"):
        granular_exact(10, "0", variance="0.1")


def test_numbers_of_any_size_are_answered():
    for text in ("1e399", "1e-399"):
        found = granular_exact(10, "0.01", variance=text, sd=text, difference=text)
        json.dumps(found.values, allow_nan=False)
    assert granular_exact(10**9, "0.01", variance="0.1").outcome is Outcome.NOT_TESTABLE
