"""Families of tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.audit.corrected_family import multiplicity
from analysis.errors import AnalysisError

# Benjamini & Hochberg 1995, section 3.2: thrombolysis with rt-PA or APSAC, 15 comparisons.
THROMBOLYSIS = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    0.5719, 0.6528, 0.7590, 1.0,
)  # fmt: skip

# Paired t against the student of the published ablation (SciPy's ttest_rel).
ABLATION = {
    "kd": 0.0303155878728879, "ig": 0.404013132059781, "kd_ig": 0.000108627891471752,
    "at": 0.894824922031884, "kd_at": 0.0060209320447732, "ig_at": 0.0802826962995709,
    "kd_ig_at": 7.0214636593745e-05,
}  # fmt: skip


def test_of_fifteen_published_comparisons_false_discovery_keeps_four_and_family_wise_three():
    family = {str(place): p for place, p in enumerate(THROMBOLYSIS, 1)}
    changed = multiplicity(family, "1").values["changed"]
    assert list(changed) == ["4", "5", "6", "7", "8", "9"]
    assert changed["4"] == ["holm"]
    assert changed["5"] == ["holm", "benjamini_hochberg"]


@pytest.mark.parametrize(
    ("member", "outcome"), [("kd", "flag"), ("kd_at", "pass"), ("kd_ig", "pass"), ("ig_at", "pass")]
)
def test_of_the_ablation_only_distillation_alone_loses_its_significance(member, outcome):
    found = multiplicity(ABLATION, member)
    assert found.outcome == outcome
    assert list(found.values["changed"]) == ["kd"]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 100).map(lambda k: k / 1000), min_size=1, max_size=8))
def test_corrected_values_are_those_of_statsmodels(p_values):
    family = {f"arm {place}": p for place, p in enumerate(p_values)}
    found = multiplicity(family, "arm 0").values
    for ours, theirs in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh")):
        expected = multipletests(list(family.values()), method=theirs)[1]
        assert list(found[ours].values()) == pytest.approx(list(expected), rel=1e-12, abs=1e-300)


def test_dunnetts_p_counts_as_it_is():
    family = {"a": 0.03, "b": 0.01}
    kept = multiplicity(family, "b", dunnett={"a": 0.04, "b": 0.02})
    lost = multiplicity(family, "b", dunnett={"b": 0.06})
    assert (kept.outcome, lost.outcome) == ("pass", "flag")
    assert lost.values["changed"] == {"b": ["dunnett"]}
    assert "corrected by Dunnett" in lost.detail


def test_a_p_equal_to_alpha_counts_as_significant():
    assert multiplicity({"a": 0.025, "b": 0.9}, "a").outcome == "pass"
    assert multiplicity({"a": 0.05, "b": 0.9}, "a").outcome == "flag"


def test_what_was_never_significant_cannot_lose_it():
    found = multiplicity({"a": 0.2, "b": 0.3}, "a")
    assert (found.outcome, found.values["changed"]) == ("pass", {})
    assert "even without" in found.detail


def test_one_primary_comparison_needs_no_correction():
    family = {"a": 0.04, "b": 0.04, "c": 0.5}
    assert multiplicity(family, "a").outcome == "flag"
    assert multiplicity(family, "a", primary="a").outcome == "pass"
    found = multiplicity(family, "b", primary="a")
    assert (found.outcome, list(found.values["changed"])) == ("flag", ["b"])


def test_a_family_of_one_has_nothing_to_correct_for():
    found = multiplicity({"a": 0.04}, "a")
    assert (found.outcome, found.values["holm"]) == ("pass", {"a": 0.04})


@pytest.mark.parametrize(
    "wrong",
    [
        {"member": "kg"},
        {"primary": "kg"},
        {"dunnett": {"kg": 0.1}},
        {"dunnett": {"kd": 2.0}},
        {"p_values": {"kd": float("nan")}},
        {"p_values": {"kd": -0.1}},
        {"p_values": {}},
        {"alpha": 0.0},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        multiplicity(**{"p_values": {"kd": 0.01}, "member": "kd"} | wrong)
