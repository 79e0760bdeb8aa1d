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


def test_an_unknown_method_is_refused():
    with pytest.raises(AnalysisError, match="allowed"):
        adjust([0.1], "sidak")
