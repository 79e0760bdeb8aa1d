"""Whether the analysis was changed after data were seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.drift import protocol_drift
from analysis.errors import AnalysisError

PROTOCOL = {
    "metric": "test_accuracy",
    "alpha": 0.05,
    "comparisons": [["kd", "student"], ["kd_ig", "kd"]],
    "missing": {"policy": "exclude", "limit": 2},
}

SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PROTOCOLS = st.dictionaries(st.text(), SETTINGS, min_size=1, max_size=4)


def test_the_same_protocol_passes():
    found = protocol_drift(PROTOCOL, dict(reversed(PROTOCOL.items())))
    assert found.outcome == "pass"
    assert found.values == {"changed": {}, "added": [], "removed": []}


def test_a_changed_field_is_named_with_what_it_was():
    found = protocol_drift(PROTOCOL, PROTOCOL | {"alpha": 0.1})
    assert found.outcome == "flag"
    assert found.values["changed"] == {"alpha": {"first": 0.05, "now": 0.1}}
    assert "alpha was 0.05 and is 0.1" in found.detail


def test_a_field_within_a_table_is_named_with_the_table():
    found = protocol_drift(PROTOCOL, PROTOCOL | {"missing": {"policy": "worst", "limit": 2}})
    assert list(found.values["changed"]) == ["missing.policy"]


def test_new_and_lost_fields_are_named():
    now = {name: value for name, value in PROTOCOL.items() if name != "alpha"} | {"tails": 1}
    found = protocol_drift(PROTOCOL, now)
    assert (found.values["added"], found.values["removed"]) == (["tails"], ["alpha"])
    assert "tails (1) is new" in found.detail


@pytest.mark.parametrize(
    ("first", "now"),
    [(1, 1.0), ([1, 2], (1, 2)), (float("nan"), float("nan")), ([{"a": 1}], [{"a": 1.0}])],
)
def test_one_value_in_two_forms_is_no_change(first, now):
    assert protocol_drift({"a": first}, {"a": now}).outcome == "pass"


@pytest.mark.parametrize(
    ("first", "now"),
    [
        (True, 1),
        (0, False),
        ("1", 1),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        (None, False),
        ({}, None),
        ([{"a": 1}], [{"a": 2}]),
        (float("nan"), 1.0),
    ],
)
def test_another_value_is_a_change(first, now):
    assert protocol_drift({"a": first}, {"a": now}).outcome == "flag"


def test_a_dot_in_a_name_is_no_table():
    assert protocol_drift({"a.b": 1}, {"a": {"b": 1}}).outcome == "flag"


def test_equal_digests_pass_whatever_their_case():
    assert protocol_drift("sha256:AB12", " sha256:ab12\n").outcome == "pass"


def test_other_digests_are_flagged_with_both_shown():
    found = protocol_drift("ab12", "ab13")
    assert found.outcome == "flag"
    assert found.values == {"first_digest": "ab12", "now_digest": "ab13"}


@pytest.mark.parametrize(("first", "now", "lacking"), [(None, "ab", "first"), ("ab", None, "now")])
def test_a_protocol_that_was_not_kept_is_a_missing_input(first, now, lacking):
    found = protocol_drift(first, now)
    assert found.outcome == "missing_input"
    assert lacking in found.detail


@pytest.mark.parametrize(
    ("first", "now"), [({}, PROTOCOL), ("", "ab"), (PROTOCOL, "ab12"), ("ab", "  "), (3, "ab")]
)
def test_what_cannot_be_compared_is_refused(first, now):
    with pytest.raises(AnalysisError, match="digest"):
        protocol_drift(first, now)


@given(PROTOCOLS)
def test_no_protocol_drifts_from_itself(protocol):
    assert protocol_drift(protocol, protocol).outcome == "pass"


@given(PROTOCOLS, PROTOCOLS)
def test_every_finding_is_what_json_holds_and_does_not_depend_on_the_order(first, now):
    one, other = protocol_drift(first, now), protocol_drift(now, first)
    json.dumps(one.values, allow_nan=False)
    assert one.outcome == other.outcome
