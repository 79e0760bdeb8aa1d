import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis import AnalysisError, adjust


def test_holm_multiplies_by_what_is_left_and_never_descends():
    # By hand: 4 * 0.01; 3 * 0.02; 2 * 0.03 is no more than that; 1 * 0.04 is raised to it.
    adjusted = adjust([0.04, 0.01, 0.03, 0.02], "holm")
    assert adjusted == pytest.approx((0.06, 0.04, 0.06, 0.06))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(p_values):
    assert adjust(p_values, "holm") == pytest.approx(multipletests(p_values, method="holm")[1])


def test_what_could_not_be_tested_makes_nothing_else_look_better():
    assert adjust([None, 0.01, None, 0.04], "holm") == (None, 0.04, None, 0.12)
    assert adjust([1.0, 0.01, 1.0, 0.04], "holm")[1::2] == (0.04, 0.12)


def test_no_p_value_exceeds_one():
    assert adjust([0.6, 0.7], "holm") == (1.0, 1.0)


def test_no_correction_changes_nothing():
    assert adjust([0.3, None], "none") == (0.3, None)


def test_an_empty_family_is_empty():
    assert adjust([], "holm") == ()


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(bad):
    with pytest.raises(AnalysisError, match="p-value"):
        adjust([bad], "holm")


# Benjamini & Hochberg 1995, section 3.2: fifteen p-values of a study of thrombolysis.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000),
]
METHODS = ["holm", "hochberg", "benjamini_hochberg", "bonferroni"]
families = st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("method", "rejected"),
    [("bonferroni", 3), ("holm", 3), ("hochberg", 3), ("benjamini_hochberg", 4)],
)
def test_the_published_family_has_the_published_number_of_rejections(method, rejected):
    # "the first four hypotheses" by the false discovery rate; three by Bonferroni and Hochberg.
    assert sum(p <= 0.05 for p in adjust(THROMBOLYSIS, method)) == rejected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # By hand, of five: 5 p; (5 - i + 1) p upwards; the same downwards; 5 p / i downwards.
        ("bonferroni", (0.05, 0.1, 0.15, 0.2, 0.25)),
        ("holm", (0.05, 0.08, 0.09, 0.09, 0.09)),
        ("hochberg", (0.05, 0.05, 0.05, 0.05, 0.05)),
        ("benjamini_hochberg", (0.05, 0.05, 0.05, 0.05, 0.05)),
    ],
)
def test_evenly_spaced_p_values_are_adjusted_as_by_hand(method, expected):
    assert adjust([0.01, 0.02, 0.03, 0.04, 0.05], method) == pytest.approx(expected)


def test_p_values_far_apart_are_adjusted_as_by_hand():
    p_values = [0.001, 0.2, 0.03]
    assert adjust(p_values, "hochberg") == pytest.approx((0.003, 0.2, 0.06))
    assert adjust(p_values, "benjamini_hochberg") == pytest.approx((0.003, 0.2, 0.045))


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("bonferroni", "bonferroni"),
        ("hochberg", "simes-hochberg"),
        ("benjamini_hochberg", "fdr_bh"),
    ],
)
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_statsmodels_agrees(method, theirs, p_values):
    assert adjust(p_values, method) == pytest.approx(multipletests(p_values, method=theirs)[1])


@given(families)
def test_each_method_is_at_least_as_lenient_as_the_one_before(p_values):
    stricter = adjust(p_values, "bonferroni")
    for method in ("holm", "hochberg", "benjamini_hochberg", "none"):
        adjusted = adjust(p_values, method)
        for mine, other in zip(adjusted, stricter, strict=True):
            assert (mine is None) == (other is None)
            assert mine is None or mine <= other * (1 + 1e-12)
        stricter = adjusted


@pytest.mark.parametrize("method", METHODS)
@given(p_values=families)
def test_an_untested_member_counts_as_one_with_p_one(method, p_values):
    filled = adjust([1.0 if p is None else p for p in p_values], method)
    expected = tuple(None if p is None else q for p, q in zip(p_values, filled, strict=True))
    assert adjust(p_values, method) == expected


@pytest.mark.parametrize("method", METHODS)
@given(p_values=families)
def test_the_order_of_a_family_does_not_matter(method, p_values):
    assert adjust(p_values[::-1], method) == adjust(p_values, method)[::-1]


@pytest.mark.parametrize("method", [*METHODS, "none"])
def test_empty_and_untested_families_stay_as_they_are(method):
    assert adjust([], method) == ()
    assert adjust([None, None], method) == (None, None)
    assert adjust([0.02], method) == (0.02,)


def test_an_unknown_method_is_refused():
    with pytest.raises(AnalysisError, match="allowed"):
        adjust([0.1], "sidak")
