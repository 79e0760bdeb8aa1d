import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError, UnknownArmError
from analysis.many_arms.friedman import friedman
from analysis.many_arms.nemenyi import bonferroni_dunn, cliques, critical_difference, nemenyi
from analysis.many_arms.studentised_range import range_quantile, range_tail

# Demšar 2006, JMLR 7, Table 5: critical values of the Nemenyi test, for 2 to 10 classifiers.
NEMENYI_05 = (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)
NEMENYI_10 = (1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920)


def _spread(n=14, k=4, step=0.8, seed=0):
    values = np.random.default_rng(seed).normal(step * np.arange(k), 1, size=(n, k))
    return friedman(values, [f"arm {i}" for i in range(k)])


def test_quantiles_are_those_of_demsars_table_5():
    for alpha, table in ((0.05, NEMENYI_05), (0.10, NEMENYI_10)):
        found = [range_quantile(alpha, k) / np.sqrt(2) for k in range(2, 11)]
        assert found == pytest.approx(table, abs=1.1e-3)


def test_quantiles_are_those_of_harters_table():
    # Upper 5 % points of the studentised range with infinite degrees of freedom, as printed in
    # textbooks after Harter 1960: 2.77, 3.31, 3.63, 3.86, 4.03 for 2 to 6 means.
    found = [range_quantile(0.05, k) for k in range(2, 7)]
    assert found == pytest.approx([2.77, 3.31, 3.63, 3.86, 4.03], abs=6e-3)


def test_critical_differences_of_demsars_example():
    # Demšar 2006, section 3.2.4: 4 classifiers on 14 data sets.
    assert critical_difference(4, 14, 0.05) == pytest.approx(1.25, abs=5e-3)
    assert critical_difference(4, 14, 0.10) == pytest.approx(1.12, abs=5e-3)


def test_bonferroni_dunn_of_demsars_example():
    result = _spread()
    # Table 5(b): 2.394 and 2.128 for four classifiers.
    unit = np.sqrt(4 * 5 / (6 * 14))
    for alpha, value in ((0.05, 2.394), (0.10, 2.128)):
        found = bonferroni_dunn(result, "arm 0", alpha)
        assert found.critical_difference == pytest.approx(value * unit, abs=1e-3)


@pytest.mark.parametrize("arms", [2, 3, 7, 20])
def test_the_tail_of_the_range_agrees_with_scipy(arms):
    for q in (0.3, 1.0, 2.5, 4.0, 6.0):
        expected = stats.studentized_range.sf(q, arms, np.inf)
        assert range_tail(q, arms) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_small_tails_keep_their_digits():
    # For two arms the range is sqrt(2) times a half-normal variable.
    for q in (5.0, 12.0, 30.0):
        assert range_tail(q, 2) == pytest.approx(2 * stats.norm.sf(q / np.sqrt(2)), rel=1e-9)
    assert range_tail(0.0, 5) == 1.0


def test_p_is_at_most_alpha_exactly_when_ranks_lie_a_critical_difference_apart():
    for seed in range(20):
        found = nemenyi(_spread(seed=seed, step=0.5))
        for each in found.differences:
            assert (each.p_value <= found.alpha) == each.significant
            assert each.significant == (abs(each.difference) >= found.critical_difference)


def test_all_pairs_are_compared_from_best_to_worst():
    found = nemenyi(_spread(k=5))
    assert len(found.differences) == 10
    assert list(found.average_ranks) == sorted(found.average_ranks)
    assert all(each.difference <= 0 for each in found.differences)


def test_dunn_compares_every_other_arm_with_the_control():
    found = bonferroni_dunn(_spread(), "arm 1")
    assert {each.arm for each in found.differences} == {"arm 0", "arm 2", "arm 3"}
    assert all(each.reference == "arm 1" for each in found.differences)
    assert all((each.p_value <= 0.05) == each.significant for each in found.differences)


def test_cliques_are_maximal_and_overlap():
    arms = ["d", "a", "c", "b", "e"]
    ranks = [3.0, 1.0, 2.4, 1.8, 5.0]
    assert cliques(arms, ranks, 1.3) == (("a", "b"), ("b", "c", "d"))
    assert cliques(arms, ranks, 10.0) == (("a", "b", "c", "d", "e"),)
    assert cliques(arms, ranks, 0.1) == ()


def test_ranks_exactly_a_critical_difference_apart_are_no_clique():
    assert cliques(["a", "b"], [1.0, 1.0 + 0.1 + 0.2], 0.3) == ()


def test_equal_ranks_form_one_clique_with_p_of_one():
    found = nemenyi(friedman(np.ones((6, 3)), ["x", "y", "z"]))
    assert found.cliques == (("x", "y", "z"),)
    assert all(each.p_value == 1.0 for each in found.differences)


def test_an_unknown_control_or_alpha_is_refused():
    with pytest.raises(UnknownArmError, match="arm 9"):
        bonferroni_dunn(_spread(), "arm 9")
    for wrong in (0.0, 1.0, float("nan")):
        with pytest.raises(AnalysisError, match="alpha"):
            nemenyi(_spread(), alpha=wrong)
        with pytest.raises(AnalysisError, match="alpha"):
            bonferroni_dunn(_spread(), "arm 0", alpha=wrong)
    with pytest.raises(AnalysisError, match="blocks"):
        critical_difference(4, 0)


def test_the_family_wise_error_rate_is_held(monkeypatch):
    # Counting arrangements is not what is tested, and takes most of the time.
    monkeypatch.setattr("analysis.many_arms.rank_permutation.STEPS_AT_ONCE", 0)
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(400):
        found = nemenyi(friedman(rng.normal(size=(20, 4))))
        wrong += any(each.significant for each in found.differences)
    assert wrong / 400 <= 0.075
