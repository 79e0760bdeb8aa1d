"""Whether a saved model is one of the reported runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.checkpoints import checkpoint
from analysis.errors import AnalysisError


def test_a_model_that_scores_a_reported_value_passes():
    found = checkpoint("92.61", ["91.00", "92.61", "93.90"], 10_000, percent=True)
    assert found.outcome == "pass"
    assert found.values["matches"] == ["92.61"]


@pytest.mark.parametrize(
    ("measured", "outcome"),
    [
        # 0.926 stands for 9255 to 9265 of 10,000 images; three more either way are forgiven.
        (0.9252, "pass"),
        (0.9268, "pass"),
        (0.9251, "fail"),
        (0.9269, "fail"),
    ],
)
def test_rounding_and_three_images_are_forgiven_and_a_fourth_is_not(measured, outcome):
    assert checkpoint(measured, ["0.926"], 10_000).outcome == outcome


def test_a_failure_says_what_was_nearest_and_by_how_much_it_was_missed():
    found = checkpoint(0.9271, ["0.9100", "0.9260", "0.9300"], 10_000)
    assert found.outcome == "fail"
    assert found.values["nearest_reported"] == "0.9260"
    # 9271 - (9260.5 + 3), less what single precision leaves open.
    assert found.values["images_beyond_slack"] == pytest.approx(7.5, abs=0.01)
    assert "0.9260" in found.detail


def test_trailing_zeros_narrow_the_window():
    assert checkpoint(0.928, ["0.93"], 10_000).outcome == "pass"
    assert checkpoint(0.928, ["0.930"], 10_000).outcome == "fail"


@pytest.mark.parametrize("count", [9252, 9268, 8333, 1, 10_000])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("unit", [1, 100])
def test_a_models_own_rounding_is_never_held_against_it(count, kind, unit):
    # The extreme counts of a window, in single and in double precision.
    measured = float(kind(count) / kind(10_000) * kind(unit))
    low = count + 3 if count + 3 <= 10_000 else count
    reported = f"{low * unit / 10_000:.{4 if unit == 1 else 2}f}"
    assert checkpoint(measured, [reported], 10_000, percent=unit == 100).outcome == "pass"


@given(st.integers(1, 50_000), st.data())
def test_a_reported_run_is_always_found(size, data):
    # No false alarm in the absence of an error: any count, printed with any decimals.
    count = data.draw(st.integers(0, size))
    moved = min(size, max(0, count + data.draw(st.integers(-3, 3))))
    reported = f"{100 * count / size:.{data.draw(st.integers(0, 4))}f}"
    found = checkpoint(100 * moved / size, [reported], size, percent=True)
    assert found.outcome == "pass"


def test_the_slack_is_declared():
    assert checkpoint(0.9264, ["0.9260"], 10_000, slack_images=0).outcome == "fail"
    assert checkpoint(0.9264, ["0.9260"], 10_000, slack_images=4).outcome == "pass"


MANY = [f"{x:.4f}" for x in stats.norm(0.92, 0.002).ppf((np.arange(80) + 0.5) / 80)]
"""Eighty runs whose windows of seven images leave hardly a gap."""


def test_a_match_that_nearly_any_model_would_give_is_not_testable():
    found = checkpoint(0.9220, MANY, 10_000)
    assert found.outcome == "not_testable"
    assert found.values["chance_of_detection"] < 0.05
    assert "chance of detection" in found.detail


def test_a_miss_is_a_failure_however_small_the_chance_was():
    assert checkpoint(0.95, MANY, 10_000).outcome == "fail"


def test_the_chance_of_detection_is_that_of_another_run_of_the_same_method():
    rng = np.random.default_rng(3)
    reported = ["0.9200", "0.9230", "0.9231", "0.9300", "0.9270"]
    found = checkpoint(0.92, reported, 10_000)
    # Independent: draw other runs' counts and see which are missed.
    middle, spread = np.mean([*map(float, reported)]), np.std([*map(float, reported)], ddof=1)
    others = np.rint(rng.normal(middle, spread * np.sqrt(1.2), 2000) * 10_000) / 10_000
    missed = np.mean([checkpoint(x, reported, 10_000).outcome == "fail" for x in others.tolist()])
    assert found.values["chance_of_detection"] == pytest.approx(missed, abs=0.03)


def test_equal_reports_say_nothing_of_the_spread():
    assert checkpoint(0.92, ["0.9200", "0.9200"], 10_000).values["chance_of_detection"] is None


@pytest.mark.parametrize(
    ("measured", "reported", "options"),
    [
        ("92.61", ["0.9261"], {}),
        (0.92, ["92.61"], {}),
        (0.92, [], {}),
        (0.92, "0.92", {}),
        (float("nan"), ["0.92"], {}),
        (float("inf"), ["0.92"], {}),
        (True, ["0.92"], {}),
        (-0.1, ["0.92"], {}),
        (0.92, ["-0.92"], {}),
        (101.0, ["92"], {"percent": True}),
        (0.92, ["0.92"], {"slack_images": -1}),
        (0.92, ["0.92"], {"slack_images": 1.5}),
        (0.92, ["0.92"], {"test_size": 0}),
        (0.92, ["0.92"], {"test_size": True}),
        (0.92, ["< 0.92"], {}),
        (0.92, [0.92], {}),
    ],
)
def test_what_is_no_accuracy_is_refused(measured, reported, options):
    with pytest.raises(AnalysisError):
        checkpoint(measured, reported, **({"test_size": 10_000} | options))


def test_a_percentage_taken_for_a_share_is_recognised():
    with pytest.raises(AnalysisError, match="percent=True"):
        checkpoint("92.61", ["92.61"], 10_000)
