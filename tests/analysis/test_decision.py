import numpy as np
import pytest

from analysis import Protocol, compare


@pytest.fixture
def decided(long_form):
    """The comparison of an arm `b` that differs from a control of zeros by what is given."""

    def comparison(differences, **changes):
        zeros = np.zeros(len(differences))
        protocol = Protocol("accuracy", "maximize", "a", **changes)
        return compare(long_form({"a": zeros, "b": differences}), protocol).comparison("b")

    return comparison


SMALL = np.tile([0.001, -0.001], 10)


def test_a_large_p_alone_is_never_equivalence(decided):
    assert decided(SMALL).decision == "undecided"


def test_a_narrow_interval_inside_the_smallest_effect_is_equivalence(decided):
    comparison = decided(SMALL, smallest_effect=0.005)
    assert comparison.decision == "equivalent"
    assert comparison.equivalence_low > comparison.ci_low
    assert decided(SMALL, smallest_effect=0.0003).decision == "undecided"


def test_two_one_sided_t_tests_agree_with_statsmodels(decided):
    from statsmodels.stats.weightstats import ttost_paired

    values = np.random.default_rng(4).normal(0.002, 0.004, size=20)
    for margin in np.linspace(0.001, 0.008, 30):
        p_value = ttost_paired(values, np.zeros(20), -margin, margin)[0]
        comparison = decided(values, smallest_effect=margin)
        assert (comparison.decision == "equivalent") == (p_value < 0.05)


def test_a_difference_too_small_to_matter_is_equivalent_however_significant(decided):
    comparison = decided(0.001 + SMALL / 10, smallest_effect=0.005)
    assert comparison.p_adjusted < 0.05
    assert comparison.decision == "equivalent"


@pytest.mark.parametrize(("n", "decision"), [(4, "undecided"), (5, "equivalent")])
def test_without_spread_equivalence_takes_enough_pairs(n, decision, decided):
    assert decided(np.full(n, 0.001), smallest_effect=0.01).decision == decision


def test_the_same_value_in_every_pair_is_never_called_equivalent(decided):
    same = decided(np.zeros(20), smallest_effect=0.01)
    assert same.decision == "undecided"
    assert any("is the parameter in which they differ used?" in each for each in same.warnings)


def test_a_p_that_is_just_alpha_is_significant(decided):
    # Rejecting at p <= alpha errs in alpha of all cases: 2 of 32 patterns are as extreme as this.
    comparison = decided(np.arange(1.0, 6.0), alpha=0.0625)
    assert comparison.p_adjusted == 0.0625
    assert comparison.decision == "better"
    assert not any("cannot reach" in each for each in comparison.warnings)


def test_ranks_and_means_that_point_to_different_sides_make_nothing_better(decided):
    mostly_higher = np.concatenate([np.linspace(0.001, 0.002, 19), [-1.0]])
    comparison = decided(mostly_higher, test="wilcoxon")
    assert comparison.p_adjusted < 0.01
    assert comparison.difference < 0
    assert comparison.decision == "undecided"
    assert decided(np.linspace(0.001, 0.002, 20), test="wilcoxon").decision == "better"


def test_the_sentence_says_that_ranks_and_means_disagree(long_form):
    values = np.concatenate([np.linspace(0.001, 0.002, 19), [-1.0]])
    protocol = Protocol("accuracy", "maximize", "a", test="wilcoxon")
    results = compare(long_form({"a": np.zeros(20), "b": values}), protocol)
    assert "neither can be called better" in results.sentence(results.comparison("b"))


def test_signed_ranks_and_not_wins_say_on_which_side_the_wilcoxon_test_found_something(decided):
    # 50 tiny wins, an enormous one, 49 losses of about 1: the ranks say lower, the mean higher.
    wins, losses = np.linspace(0.001, 0.002, 50), -1 - np.linspace(0, 0.01, 49)
    differences = np.concatenate([wins, [1000.0], losses])
    comparison = decided(differences, test="wilcoxon")
    assert comparison.p_adjusted < 0.001
    assert comparison.difference > 0
    assert comparison.decision == "undecided"
    assert decided(differences, test="wilcoxon", alternative="greater").decision == "undecided"


def test_runs_that_diverged_are_never_called_equivalent(long_form):
    control = 0.9 + 0.001 * np.linspace(-1, 1, 10)
    frame = long_form({"a": control, "b": np.full(10, np.nan)})
    protocol = Protocol("accuracy", "maximize", "a", missing="worst", smallest_effect=0.01)
    comparison = compare(frame, protocol).comparison("b")
    assert comparison.replaced == 10
    assert comparison.decision != "equivalent"
    assert comparison.minimal_detectable_effect is None
