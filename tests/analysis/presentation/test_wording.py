import numpy as np
import pytest

from analysis import Protocol, compare

ALTERNATING = np.tile([0.001, -0.001], 10)


@pytest.fixture
def said(long_form):
    """The sentence on an arm `b` that differs from a control of zeros by what is given."""

    def sentence(differences, **changes):
        protocol = Protocol(**{"metric": "acc", "direction": "maximize", "control": "a", **changes})
        zeros = np.zeros(len(differences))
        results = compare(long_form({"a": zeros, "b": differences}, metric="acc"), protocol)
        return results.sentence(results.comparison("b"))

    return sentence


def test_a_significant_difference_is_told_with_interval_pairs_test_and_p(said):
    assert said(0.0083 + ALTERNATING) == (
        "b scored higher than a in acc by 0.00830 on average (95 % interval 0.00782 to 0.00878; "
        "20 pairs; sign-flip permutation p < 0.0001)."
    )


def test_a_lower_score_keeps_the_sign_of_its_interval(said):
    assert (
        "lower than a in acc by 0.00830 on average (95 % interval of the difference -0.00878"
        in (said(-0.0083 + ALTERNATING))
    )


def test_lower_is_said_to_be_better_where_it_is(said):
    assert "in acc, which is better, by" in said(-0.0083 + ALTERNATING, direction="minimize")


def test_the_correction_and_its_family_are_named(accuracies):
    results = compare(accuracies("abcd"), Protocol("accuracy", "maximize", "a"))
    assert "after Holm's correction for 3 comparisons" in str(results)


def test_an_undecided_comparison_says_what_remains_possible(said):
    assert said(ALTERNATING) == (
        "No difference between b and a in acc was shown (mean difference 0.00000; 20 pairs; "
        "sign-flip permutation p = 1.0); differences from -0.00048 to 0.00048 remain compatible "
        "with the data (95 % interval)."
    )


def test_too_few_pairs_are_said_to_be_too_few(said):
    sentence = said([1.0, 1.1, 1.2, 1.3, 1.4])
    assert "5 pairs cannot reach alpha = 0.05" in sentence
    assert "so does zero" in sentence


def test_one_pair_rules_nothing_out(said):
    assert "a single pair leaves every difference possible" in said([0.5])


@pytest.mark.parametrize(("shift", "where"), [(0.02, "wholly beyond"), (0.0102, "partly beyond")])
def test_the_smallest_effect_is_held_against_the_interval(shift, where, said):
    assert f"lies {where} ±0.01, the smallest effect" in said(
        shift + ALTERNATING, smallest_effect=0.01
    )


def test_equivalence_is_told_with_its_interval_and_with_significance_if_there_is_any(said):
    sentence = said(0.001 + ALTERNATING / 10, smallest_effect=0.01)
    assert "were shown to differ in acc by less than 0.01" in sentence
    assert "90 % interval" in sentence
    assert "too small to matter" in sentence


@pytest.mark.parametrize("shift", [0.0, 0.0005, 0.001, 0.01, -0.01])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
@pytest.mark.parametrize("smallest_effect", [None, 0.002])
@pytest.mark.parametrize("test", ["permutation", "t"])
def test_no_sentence_says_more_than_a_test_can(shift, n, smallest_effect, test, said):
    sentence = said(shift + ALTERNATING[:n], smallest_effect=smallest_effect, test=test)
    for overstated in ("prove", "no difference", "identical", "p = 0.0 ", "p = 0;", "nan", "None"):
        assert overstated not in sentence
    assert sentence.endswith(".")


def test_an_interval_beside_zero_is_explained_by_the_correction_where_that_decides(accuracies):
    frame = accuracies(["a", "b", "c", "d"], n=6)
    steps = {"a": 0.0, "b": 0.02, "c": 0.0, "d": 0.0}
    wiggle = frame["seed"] % 3 * 0.001 * (frame["arm"] == "b")
    frame = frame.assign(accuracy=0.9 + frame["seed"] * 0.01 + frame["arm"].map(steps) + wiggle)
    results = compare(frame, Protocol("accuracy", "maximize", "a"))
    comparison = results.comparison("b")
    assert comparison.p_value < 0.05 < comparison.p_adjusted
    assert "and so does zero once p is corrected" in results.sentence(comparison)
