import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.many_arms.friedman import friedman
from analysis.many_arms.matching import matched_arms

NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")

# Demšar 2006, JMLR 7, Table 6: AUC of four versions of C4.5 on 14 data sets. In print the last
# two of "voting" are both 0.975, with ranks 2 and 3; the third is given one more digit here.
TABLE_6 = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def test_demsars_table_6_gives_his_ranks_chi_square_and_f():
    found = friedman(TABLE_6, NAMES, correct_ties=False)
    assert found.average_ranks == pytest.approx((3.143, 2.000, 2.893, 1.964), abs=5e-4)
    assert found.chi_square == pytest.approx(9.28, abs=5e-3)
    assert found.f_statistic == pytest.approx(3.69, abs=5e-3)
    assert found.f_degrees == (3, 39)
    # His critical value of F(3, 39) at 0.05 is 2.85.
    assert found.f_p < 0.05


def test_with_ties_corrected_it_agrees_with_scipy():
    found = friedman(TABLE_6, NAMES)
    published = stats.friedmanchisquare(*TABLE_6.T)
    assert found.chi_square == pytest.approx(published.statistic)
    assert found.p_value == pytest.approx(published.pvalue)


def test_hollander_and_wolfes_rounding_of_first_base():
    # R's ?friedman.test: Hollander & Wolfe 1973, p. 140, 22 players, three ways of rounding first
    # base; Friedman chi-squared = 11.143, df = 2, p-value = 0.003805.
    times = np.array(
        [
            5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85,
            5.70, 5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85,
            5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95,
            5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45,
            5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
        ]
    ).reshape(22, 3)  # fmt: skip
    found = friedman(times, direction="minimize")
    assert found.chi_square == pytest.approx(11.143, abs=5e-4)
    assert found.p_value == pytest.approx(0.003805, abs=5e-7)
    assert found.average_ranks[2] == min(found.average_ranks)
    assert found.exact
    assert found.permutation_p < 0.01


def test_the_exact_p_of_three_blocks_of_three_arms_is_the_tabulated_one():
    # Friedman 1937, table of the exact distribution: for k = 3, n = 3, P(chi^2 >= 6) = 0.028,
    # P(chi^2 >= 4.667) = 0.194, P(chi^2 >= 2) = 0.528.
    for matrix, chi_square, p_value in [
        ([[1, 2, 3]] * 3, 6.0, 0.028),
        ([[1, 2, 3], [1, 2, 3], [2, 1, 3]], 14 / 3, 0.194),
        ([[1, 2, 3], [1, 2, 3], [3, 2, 1]], 2 / 3, 0.944),
        ([[1, 2, 3], [1, 2, 3], [3, 1, 2]], 2.0, 0.528),
    ]:
        found = friedman(np.array(matrix, dtype=float))
        assert found.chi_square == pytest.approx(chi_square)
        assert found.permutation_p == pytest.approx(p_value, abs=5e-4)


def test_two_arms_give_the_sign_test():
    values = np.array([[0.1, 0.2]] * 9 + [[0.2, 0.1]] * 2)
    found = friedman(values)
    assert found.permutation_p == pytest.approx(stats.binomtest(2, 11).pvalue)
    assert found.exact


def test_exact_counts_agree_with_enumeration_when_there_are_ties():
    from itertools import permutations, product

    values = np.array([[1, 2, 2], [1, 1, 3], [2, 3, 1], [1, 2, 2]], dtype=float)
    found = friedman(values)
    ranks = np.apply_along_axis(stats.rankdata, 1, -values)
    spreads = [
        np.var(np.sum(choice, axis=0)) for choice in product(*(permutations(row) for row in ranks))
    ]
    observed = np.var(ranks.sum(axis=0))
    assert found.permutation_p == pytest.approx(np.mean(np.array(spreads) >= observed - 1e-9))


def test_drawn_arrangements_come_close_to_counted_ones(monkeypatch):
    values = np.random.default_rng(5).normal([0, 0.4, 0.8], 1, size=(12, 3))
    counted = friedman(values).permutation_p
    monkeypatch.setattr("analysis.many_arms.rank_permutation.STEPS_AT_ONCE", 0)
    drawn = friedman(values, rng=np.random.default_rng(0), resamples=200_000)
    assert not drawn.exact
    assert drawn.permutation_p == pytest.approx(counted, abs=0.004)
    assert friedman(values).permutation_p is None


def test_neither_the_order_of_blocks_nor_the_scale_changes_anything():
    values = np.random.default_rng(6).normal(size=(30, 6))
    order = np.random.default_rng(7).permutation(30)
    one = friedman(values, rng=np.random.default_rng(0), resamples=500)
    other = friedman(3 * values[order], rng=np.random.default_rng(0), resamples=500)
    assert one == other


def test_the_direction_turns_the_ranks_around():
    up = friedman(TABLE_6, NAMES)
    down = friedman(TABLE_6, NAMES, direction="minimize")
    assert [a + b for a, b in zip(up.average_ranks, down.average_ranks, strict=True)] == (
        pytest.approx([5.0] * 4)
    )
    assert down.chi_square == pytest.approx(up.chi_square)


def test_values_that_are_equal_on_paper_share_a_rank():
    found = friedman({"a": [0.1 + 0.2, 0.5], "b": [0.3, 0.4]})
    assert found.average_ranks == (1.25, 1.75)


def test_all_ties_have_no_statistic_and_say_so():
    found = friedman(np.ones((4, 3)))
    assert (found.chi_square, found.p_value, found.f_statistic, found.f_p) == (None,) * 4
    assert found.permutation_p == 1.0
    assert "tied" in found.warning
    assert found.average_ranks == (2.0, 2.0, 2.0)


def test_the_same_order_everywhere_has_no_finite_f():
    found = friedman(np.tile([1.0, 2.0, 3.0], (5, 1)))
    assert found.chi_square == pytest.approx(10)
    assert found.f_statistic is None
    assert "infinite" in found.warning
    assert found.permutation_p == pytest.approx(6**-4)


def test_one_block_is_no_evidence():
    found = friedman([[1.0, 2.0, 3.0]])
    assert found.permutation_p == 1.0
    assert found.f_p is None
    assert "single block" in found.warning


def test_mixed_wishes_are_refused():
    with pytest.raises(AnalysisError, match="'maximize', 'minimize'"):
        friedman(TABLE_6, direction="up")
    with pytest.raises(AnalysisError, match="resamples"):
        friedman(TABLE_6, resamples=0)


def test_matched_arms_go_in_as_they_are():
    assert friedman(matched_arms(TABLE_6, NAMES)) == friedman(TABLE_6, NAMES)


def test_the_permutation_test_holds_its_level():
    rng = np.random.default_rng(11)
    p_values = [friedman(rng.integers(0, 4, size=(6, 3))).permutation_p for _ in range(600)]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.07
