import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.many_arms.anova import one_way, welch_anova
from analysis.many_arms.block_anova import block_anova

# R's data sets PlantGrowth and InsectSprays.
PLANT_GROWTH = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
INSECT_SPRAYS = {
    "A": [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    "B": [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    "C": [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    "D": [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    "E": [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    "F": [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
}

# Box, Hunter & Hunter, Statistics for Experimenters: penicillin yield, five blends as blocks.
PENICILLIN = {
    "A": [89, 84, 81, 87, 79],
    "B": [88, 77, 87, 92, 81],
    "C": [97, 92, 87, 89, 80],
    "D": [94, 79, 85, 84, 88],
}


def test_plant_growth_gives_the_f_that_r_prints():
    found = one_way(PLANT_GROWTH)
    # summary(aov(weight ~ group, PlantGrowth)): 3.766 on 2, 10.492 on 27, F 4.846, p 0.0159.
    assert found.treatment_ss == pytest.approx(3.766, abs=5e-4)
    assert found.error_ss == pytest.approx(10.492, abs=5e-4)
    assert found.degrees == (2, 27)
    assert found.statistic == pytest.approx(4.846, abs=5e-4)
    assert found.p_value == pytest.approx(0.01591, abs=5e-6)
    assert found.means == pytest.approx((5.032, 4.661, 5.526))
    assert found.partial_eta_squared == pytest.approx(3.766 / (3.766 + 10.492), abs=1e-4)


def test_insect_sprays_give_the_welch_test_that_r_prints():
    # oneway.test(count ~ spray, InsectSprays): F = 36.065, num df = 5.000, denom df = 30.043,
    # p-value = 7.999e-12.
    found = welch_anova(INSECT_SPRAYS)
    assert found.statistic == pytest.approx(36.065, abs=5e-4)
    assert found.degrees == pytest.approx((5, 30.043), abs=5e-4)
    assert found.p_value == pytest.approx(7.999e-12, rel=1e-3)


def test_with_two_arms_welchs_f_is_his_t_squared():
    # R's sleep data: t.test(extra ~ group) gives t = -1.8608, df = 17.776, p-value = 0.07939.
    found = welch_anova(
        {
            "1": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
            "2": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
        }
    )
    assert found.statistic == pytest.approx(1.8608**2, abs=1e-3)
    assert found.degrees == pytest.approx((1, 17.776), abs=5e-4)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)


def test_penicillin_gives_the_table_of_box_hunter_and_hunter():
    found = block_anova(PENICILLIN)
    assert found.treatment_ss == pytest.approx(70)
    assert found.block_ss == pytest.approx(264)
    assert found.error_ss == pytest.approx(226)
    assert found.degrees == (3, 12)
    assert found.statistic == pytest.approx(1.24, abs=5e-3)


def test_five_subjects_under_three_conditions_give_the_f_that_r_prints():
    # Gribble 2009, Repeated measures ANOVA using R: 14.9333 on 2, 4.4000 on 8, F = 13.576,
    # p = 0.002683; between subjects 12.4 on 4.
    values = np.array([1, 3, 4, 2, 2, 3, 2, 5, 6, 3, 4, 4, 3, 5, 6], float).reshape(5, 3)
    found = block_anova(values)
    assert found.treatment_ss == pytest.approx(14.9333, abs=5e-5)
    assert found.error_ss == pytest.approx(4.4)
    assert found.block_ss == pytest.approx(12.4)
    assert found.statistic == pytest.approx(13.576, abs=5e-4)
    assert found.p_value == pytest.approx(0.002683, abs=5e-7)


def test_epsilon_is_the_one_of_the_eigenvalues_of_contrasts():
    # Box 1954: (sum of eigenvalues)^2 / ((k - 1) sum of squared eigenvalues) of the covariance
    # matrix of any k - 1 orthonormal contrasts.
    values = np.random.default_rng(1).normal(size=(9, 5)) * [1, 2, 1, 4, 1]
    contrasts = np.linalg.qr(np.column_stack([np.ones(5), np.eye(5)[:, :4]]))[0][:, 1:]
    roots = np.linalg.eigvalsh(np.cov(values @ contrasts, rowvar=False))
    found = block_anova(values)
    assert found.epsilon == pytest.approx(roots.sum() ** 2 / (4 * (roots**2).sum()))
    assert found.p_corrected == pytest.approx(
        stats.f.sf(found.statistic, 4 * found.epsilon, 32 * found.epsilon)
    )


def test_epsilon_lies_between_its_bounds():
    two_arms = block_anova({"a": [1.0, 2.0, 4.0], "b": [2.0, 2.5, 3.0]})
    assert two_arms.epsilon == 1.0
    assert two_arms.p_corrected == two_arms.p_value
    two_blocks = block_anova([[1.0, 2.0, 5.0, 2.0], [2.0, 2.0, 3.0, 7.0]])
    assert two_blocks.epsilon == pytest.approx(1 / 3)


def test_two_matched_arms_give_the_paired_t_squared():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 12))
    published = stats.ttest_rel(a, b)
    found = block_anova({"a": a, "b": b})
    assert found.statistic == pytest.approx(published.statistic**2)
    assert found.p_value == pytest.approx(published.pvalue)


def test_one_way_agrees_with_scipy_on_unequal_sizes():
    rng = np.random.default_rng(3)
    groups = {"a": rng.normal(size=4), "b": rng.normal(1, 1, 7), "c": rng.normal(size=1)}
    published = stats.f_oneway(*groups.values())
    found = one_way(groups)
    assert found.statistic == pytest.approx(published.statistic)
    assert found.p_value == pytest.approx(published.pvalue)
    assert found.n == (4, 7, 1)


@pytest.mark.parametrize("scale", [1e-160, 1e-3, 1.0, 1e140])
def test_neither_scale_nor_order_changes_f(scale):
    moved = {
        arm: np.random.default_rng(4).permutation(each) * scale
        for arm, each in PLANT_GROWTH.items()
    }
    assert one_way(moved).statistic == pytest.approx(one_way(PLANT_GROWTH).statistic)
    assert welch_anova(moved).statistic == pytest.approx(welch_anova(PLANT_GROWTH).statistic)
    assert block_anova(moved).p_value > 0
    shuffled = {arm: each[::-1] for arm, each in PLANT_GROWTH.items()}
    assert one_way(shuffled) == one_way(PLANT_GROWTH)
    assert block_anova(shuffled) == block_anova(PLANT_GROWTH)


def test_runs_without_spread_have_no_f():
    noise = {"a": [0.1 + 0.2, 0.3], "b": [0.4, 0.4]}
    for found in (one_way(noise), welch_anova(noise), block_anova(noise)):
        assert found.statistic is None
        assert found.p_value is None
        assert found.warning
    additive = block_anova([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]])
    assert additive.warning.startswith("The runs do not spread")
    assert additive.error_ss == 0.0


def test_too_few_runs_have_no_f():
    assert "more than one run" in one_way({"a": [1.0], "b": [2.0]}).warning
    assert "two runs" in welch_anova({"a": [1.0, 2.0], "b": [2.0]}).warning
    assert "single block" in block_anova([[1.0, 2.0]]).warning
    assert one_way({"a": [1.0], "b": [2.0]}).partial_eta_squared is None


@pytest.mark.parametrize("test", [one_way, welch_anova])
@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "two arms"),
        ({"a": [1.0, 2.0]}, "two arms"),
        ({"a": [1.0], "b": []}, "arm 'b' needs one series"),
        ({"a": [1.0], "b": [[1.0]]}, "arm 'b' needs one series"),
        ({"a": [1.0], "b": [float("inf")]}, "arm 'b' holds"),
        ({"a": [1.0], "b": [1e200]}, "larger unit"),
    ],
)
def test_what_is_no_set_of_arms_is_refused(test, groups, message):
    with pytest.raises(AnalysisError, match=message):
        test(groups)


def test_welch_holds_its_level_where_the_plain_test_does_not():
    rng = np.random.default_rng(5)
    wrong = {"plain": 0, "welch": 0}
    for _ in range(600):
        groups = {"a": rng.normal(0, 4, 6), "b": rng.normal(0, 1, 18), "c": rng.normal(0, 1, 18)}
        wrong["plain"] += one_way(groups).p_value <= 0.05
        wrong["welch"] += welch_anova(groups).p_value <= 0.05
    assert wrong["welch"] / 600 <= 0.08
    assert wrong["plain"] / 600 >= 0.12
