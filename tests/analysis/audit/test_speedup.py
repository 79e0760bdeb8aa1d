"""Whether arithmetic and memory traffic can give a claimed speed-up."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.printed_numbers import PrintedError, printed
from analysis.audit.speedup import speedup_bound, speedup_interval
from analysis.errors import AnalysisError


def test_printed_times_leave_an_interval_of_speed_ups():
    # 12.5 ms lies in [12.45, 12.55] and 5.0 ms in [4.95, 5.05].
    found = speedup_interval("12.5", "5.0")
    assert (found.low, found.high) == pytest.approx((12.45 / 5.05, 12.55 / 4.95))


def test_a_time_rounded_to_its_last_digit_leaves_the_upper_end_open():
    assert speedup_interval("3", "0.0005").high == pytest.approx(3.5 / 0.00045)
    assert speedup_interval("10", "1e1").low == pytest.approx(9.5 / 15)
    assert math.isfinite(speedup_interval("10", "1").high)


@pytest.mark.parametrize(("before", "after"), [("0", "1"), ("1", "-2"), ("1", "0.00")])
def test_a_time_that_is_not_above_0_is_refused(before, after):
    with pytest.raises(AnalysisError, match="above 0"):
        speedup_interval(before, after)


def test_a_time_with_a_relation_is_refused():
    with pytest.raises(PrintedError):
        speedup_interval("< 5", "1")


def test_a_claim_beyond_both_ratios_is_flagged():
    found = speedup_bound("8.0", 4.0, bytes_ratio=2.0)
    assert found.outcome == "flag"
    assert found.values["bound"] == 5.0
    assert found.values["claimed_low"] == pytest.approx(7.95)
    assert "exceeds" in found.detail


def test_a_claim_that_either_ratio_explains_passes():
    assert speedup_bound("8.0", 2.0, bytes_ratio=7.0).outcome == "pass"
    assert speedup_bound("8.0", 7.0, bytes_ratio=2.0).outcome == "pass"


def test_bytes_alone_can_be_what_is_known():
    assert speedup_bound("8.0", None, bytes_ratio=2.0).outcome == "flag"
    assert speedup_bound("8.0", None, bytes_ratio=2.0).values["work_ratio"] is None


def test_the_rounding_interval_speaks_for_the_claim():
    # 5.05 would be rounded to 5.1, and 4 · 1.25 = 5.00 is what the ratio explains.
    assert speedup_bound("5.05", 4.0).outcome == "flag"
    assert speedup_bound("5.0", 4.0).outcome == "pass"
    assert speedup_bound("5", 4.0).outcome == "pass"
    assert speedup_bound("5.5", 4.0).outcome == "flag"


def test_times_and_numbers_are_claims_too():
    assert speedup_bound(speedup_interval("80.0", "10.0"), 4.0).outcome == "flag"
    assert speedup_bound(speedup_interval("80", "1e1"), 4.5).outcome == "pass"
    assert speedup_bound(5.01, 4.0).outcome == "flag"
    assert speedup_bound(printed("2"), 4.0).outcome == "pass"


def test_the_slack_is_declared():
    assert speedup_bound(5.5, 4.0, slack=1.5).outcome == "pass"
    assert speedup_bound(4.01, 4.0, slack=1.0).outcome == "flag"


def test_what_was_not_reported_is_said():
    found = speedup_bound("2", 4.0, repeats=100)
    assert found.values["not_reported"] == ["warm_up", "batch"]
    assert "Not reported: warm-up, batch." in found.detail
    complete = speedup_bound("2", 4.0, warm_up=10, repeats=100, batch=1)
    assert complete.values["not_reported"] == []
    assert "were reported" in complete.detail


@pytest.mark.parametrize("none", [0, False])
def test_timing_without_a_warm_up_is_said(none):
    found = speedup_bound("2", 4.0, warm_up=none)
    assert "warm_up" not in found.values["not_reported"]
    assert "Nothing was run before timing." in found.detail


def test_without_a_claim_or_any_ratio_an_input_is_missing():
    assert speedup_bound(None, 4.0).outcome == "missing_input"
    found = speedup_bound("2", None)
    assert found.outcome == "missing_input"
    assert "work_ratio" in found.detail


@given(
    st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0.1, 100),
    st.floats(0, 50),
)  # fmt: skip
def test_no_machine_of_the_roofline_is_ever_flagged(work, less_work, moved, less_moved, overhead):
    # The false alarm rate where the model holds: time is the longer of arithmetic and memory, plus
    # what both models spend on launches.
    before, after = max(work, moved) + overhead, max(less_work, less_moved) + overhead
    if before >= after:
        found = speedup_bound(
            before / after, work / less_work, bytes_ratio=moved / less_moved, slack=1.0 + 1e-12
        )
        assert found.outcome == "pass"


@pytest.mark.parametrize(
    "wrong",
    [
        {"work_ratio": 0.0},
        {"work_ratio": math.nan},
        {"bytes_ratio": -1.0},
        {"bytes_ratio": math.inf},
        {"slack": 0.9},
        {"slack": math.nan},
        {"repeats": 0},
        {"batch": -1},
        {"warm_up": -1},
        {"claimed": 0.0},
        {"claimed": "-2"},
        {"claimed": math.nan},
        {"claimed": math.inf},
    ],
)
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(AnalysisError, match="allowed"):
        speedup_bound(**({"claimed": "2", "work_ratio": 4.0} | wrong))
