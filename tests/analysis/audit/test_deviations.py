"""Deviations against ranges, and which spread a ± is."""

import json
import math
import statistics
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.deviations import sd_label, sd_range
from analysis.audit.finding import Outcome
from analysis.errors import AnalysisError


def _possible(found):
    return found.outcome is not Outcome.FAIL


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_limits_are_those_of_all_samples(n, ddof):
    # By enumeration of samples on a fine grid from 0 to 1 with both ends attained.
    grid = [k / 10 for k in range(11)]
    samples = [(0, 1, *rest) for rest in combinations_with_replacement(grid, n - 2)]
    deviations = [float(np.std(sample, ddof=ddof)) for sample in samples]
    # Printed with so many zeros, the ends are as good as exact.
    found = sd_range("0.5", n, "0.000000000", "1.000000000", ddof=ddof)
    assert found.values["sd_least"] == pytest.approx(min(deviations), abs=1e-6)
    assert found.values["sd_most"] == pytest.approx(max(deviations), abs=1e-6)


@pytest.mark.parametrize("n", [2, 10, 60])
def test_even_n_has_the_textbook_limits(n):
    values = sd_range("0.3", n, "90.00000000", "91.00000000").values
    assert values["sd_least"] == pytest.approx(1 / math.sqrt(2 * (n - 1)), abs=1e-6)
    assert values["sd_most"] == pytest.approx(math.sqrt(n / (n - 1)) / 2, abs=1e-6)


# rsprite2 and scrutiny, tests of the deviation's limits: five answers from 1 to 7 with the mean 4.2
# have deviations up to 3.03.
def test_a_mean_narrows_the_limits_as_in_sprite():
    found = sd_range("3.03", 5, "1", "7", mean="4.2", attained=False)
    assert _possible(found)
    assert found.values["sd_most"] < 3.32
    far = sd_range("3.03", 5, "1", "7", mean="6.60", attained=False)
    assert not _possible(far)


def test_without_attained_ends_a_deviation_may_be_small():
    assert not _possible(sd_range("0.10", 10, "0", "100"))
    assert _possible(sd_range("0.10", 10, "0", "100", attained=False))


def test_limits_that_are_not_attained_are_exact():
    assert _possible(sd_range("0.5", 2, "0", "1", attained=False, mean="1", ddof=0))
    assert not _possible(sd_range("0.5", 10, "0", "1", mean="1.0", attained=False))


@pytest.mark.parametrize(("mean", "possible"), [("91.04", False), ("91.05", True), ("91.95", True)])
def test_the_mean_keeps_its_distance_from_the_ends(mean, possible):
    # Ten values from 91 to 92: at least 91.1 and at most 91.9, and the ends are rounded to tenths.
    assert _possible(sd_range("0.3", 10, "91.0", "92.0", mean=mean)) == possible


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=20),
    st.integers(0, 3),
    st.integers(0, 4),
    st.integers(0, 1),
)
def test_samples_never_fail(values, decimals, sd_decimals, ddof):
    found = sd_range(
        f"{np.std(values, ddof=ddof):.{sd_decimals}f}",
        len(values),
        f"{min(values):.{decimals}f}",
        f"{max(values):.{decimals}f}",
        mean=f"{statistics.fmean(values):.{decimals}f}",
        ddof=ddof,
    )
    assert _possible(found), found.detail


@pytest.mark.parametrize("sd", ["0.22", "0.54", "-0.30"])
def test_a_deviation_outside_its_limits_fails(sd):
    # Ten values from 91 to 92: between 1/√18 = 0.236 and √(10/9)/2 = 0.527.
    found = sd_range(sd, 10, "91.00", "92.00")
    assert found.outcome is Outcome.FAIL
    assert f"cannot be {sd}" in found.detail


def test_ranges_that_are_missing_or_make_no_sense_are_refused():
    assert sd_range(None, 5, None, "1").values == {"missing": ["sd", "low"]}
    with pytest.raises(AnalysisError, match="above high"):
        sd_range("1", 5, "2", "1")
    with pytest.raises(AnalysisError, match="n is 1"):
        sd_range("1", 1, "1", "2")
    with pytest.raises(AnalysisError, match="ddof"):
        sd_range("1", 5, "1", "2", ddof=3)


RUNS = [91.19, 90.5, 91.32, 91.4, 90.9, 91.05, 91.77, 91.24, 90.83, 91.61]
"""Ten accuracies in per cent of 10,000 images."""


def _spreads(values):
    """Each kind of spread, from SciPy."""
    n = len(values)
    sd, se = np.std(values, ddof=1), stats.sem(values)
    low, high = stats.t.interval(0.95, n - 1, loc=0, scale=se)
    return {
        "sd_ddof1": sd,
        "sd_ddof0": np.std(values),
        "se": se,
        "ci_t": (high - low) / 2,
        "ci_normal": 1.959963984540054 * se,
    }


@pytest.mark.parametrize("kind", ["sd_ddof1", "sd_ddof0", "se", "ci_t", "ci_normal"])
def test_every_spread_is_recognised(kind):
    found = sd_label(f"{_spreads(RUNS)[kind]:.4f}", RUNS, label=kind)
    assert found.outcome is Outcome.PASS
    assert all(each.startswith(kind) for each in found.values["fitting"])


@pytest.mark.parametrize(
    ("label", "kind"), [("sd", "sd_ddof0"), ("sd", "sd_ddof1"), ("ci", "ci_t"), ("ci", "ci_normal")]
)
def test_a_plain_label_leaves_the_details_open(label, kind):
    assert sd_label(f"{_spreads(RUNS)[kind]:.4f}", RUNS, label=label).outcome is Outcome.PASS


def test_a_standard_error_called_a_deviation_is_flagged_for_what_it_is():
    found = sd_label(f"{_spreads(RUNS)['se']:.4f}", RUNS, label="sd")
    assert found.outcome is Outcome.FLAG
    assert "not the declared sd" in found.detail
    assert found.values["fitting"] == ["se_ddof1"]


@pytest.mark.parametrize("label", ["sd", "se"])
def test_a_number_that_is_no_spread_fails_as_a_deviation_or_a_standard_error(label):
    found = sd_label("0.9", RUNS, label=label)
    assert found.outcome is Outcome.FAIL
    assert found.values["fitting"] == []


@pytest.mark.parametrize("label", [None, "ci"])
def test_a_number_that_may_be_an_interval_of_another_kind_is_flagged(label):
    assert sd_label("0.9", RUNS, label=label).outcome is Outcome.FLAG


def test_several_kinds_may_fit():
    # 0.378 and 0.358 print alike with one decimal.
    found = sd_label("0.4", RUNS)
    assert found.outcome is Outcome.PASS
    assert found.values["fitting"] == ["sd_ddof1", "sd_ddof0"]


def test_what_every_kind_fits_cannot_be_tested():
    assert sd_label("0.0", [91.2, 91.2, 91.2], label="sd").outcome is Outcome.NOT_TESTABLE


def test_values_given_as_printed_may_have_been_rounded():
    exact_values = [0.14, 0.26, 0.44]
    spread = f"{np.std(exact_values, ddof=1):.3f}"
    coarse = [f"{each:.1f}" for each in exact_values]
    assert not _possible(sd_label(spread, [float(each) for each in coarse], label="sd"))
    assert _possible(sd_label(spread, coarse, label="sd"))


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=15),
    st.integers(0, 3),
    st.integers(0, 6),
    st.sampled_from(["sd_ddof1", "sd_ddof0"]),
)
def test_deviations_of_values_printed_anyhow_never_fail(values, decimals, sd_decimals, kind):
    spread = np.std(values, ddof=1 if kind == "sd_ddof1" else 0)
    printed_values = [f"{each:.{decimals}f}" for each in values]
    assert _possible(sd_label(f"{spread:.{sd_decimals}f}", printed_values, label=kind))


def test_a_deviation_and_n_stand_in_for_values():
    spreads = _spreads(RUNS)
    summary = {"sd": f"{spreads['sd_ddof1']:.4f}", "n": 10}
    assert sd_label(f"{spreads['se']:.3f}", **summary, label="se").outcome is Outcome.PASS
    assert sd_label(f"{spreads['ci_t']:.3f}", **summary, label="se").outcome is Outcome.FLAG
    population = {"sd": f"{spreads['sd_ddof0']:.4f}", "n": 10, "ddof": 0}
    assert sd_label(f"{spreads['se']:.3f}", **population, label="se").outcome is Outcome.PASS


def test_the_level_is_that_of_the_interval():
    spread = f"{2.5758293035489004 * stats.sem(RUNS):.4f}"
    assert sd_label(spread, RUNS, label="ci_normal", level=0.99).outcome is Outcome.PASS
    assert sd_label(spread, RUNS, label="ci_normal").outcome is Outcome.FLAG


def test_spreads_without_what_they_need_are_missing_input():
    assert sd_label(None, RUNS).values == {"missing": ["spread"]}
    assert sd_label("0.3", sd="0.3").values == {"missing": ["values", "n"]}


@pytest.mark.parametrize("values", [[], [91.2], [91.2, math.nan], [91.2, math.inf], [91.2, None]])
def test_values_that_are_too_few_or_not_finite_are_refused(values):
    with pytest.raises(AnalysisError):
        sd_label("0.3", values)


@pytest.mark.parametrize(
    "wrong", [{"label": "variance"}, {"level": 0}, {"level": 95}, {"level": math.nan}]
)
def test_labels_and_levels_are_checked(wrong):
    with pytest.raises(AnalysisError, match="allowed"):
        sd_label("0.3", RUNS, **wrong)


def test_numbers_of_any_size_are_answered():
    json.dumps(sd_label("1e399", ["1e399", "2e399"]).values, allow_nan=False)
    json.dumps(sd_range("1e399", 5, "-1e399", "1e399", mean="0").values, allow_nan=False)
