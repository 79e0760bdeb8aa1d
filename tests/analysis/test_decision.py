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


def test_a_p_that_is_just_alpha_is_not_below_it(decided):
    comparison = decided(np.arange(1.0, 6.0), alpha=0.0625)
    assert comparison.p_adjusted == 0.0625
    assert comparison.decision == "undecided"


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
