import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.variance.components import (
    crossed_components,
    nested_components,
    one_way_components,
)
from analysis.variance.intervals import chi_square_interval, difference_interval, ratio_interval

# Davies & Goldsmith 1972, as lme4's Dyestuff, and Box & Tiao 1973, as its Dyestuff2: six batches
# of five.
DYESTUFF = [
    [1545, 1440, 1440, 1520, 1580],
    [1540, 1555, 1490, 1560, 1495],
    [1595, 1550, 1605, 1510, 1560],
    [1445, 1440, 1595, 1465, 1545],
    [1595, 1630, 1515, 1635, 1625],
    [1520, 1455, 1450, 1480, 1445],
]
DYESTUFF_2 = [
    [7.298, 3.846, 2.434, 9.566, 7.990],
    [5.220, 6.556, 0.608, 11.788, -0.892],
    [0.110, 10.386, 13.434, 5.510, 8.166],
    [2.212, 4.852, 7.092, 9.288, 4.980],
    [0.282, 9.014, 4.458, 9.446, 7.198],
    [1.722, 4.782, 8.106, 0.758, 3.758],
]

# Davies & Goldsmith 1972, as lme4's Pastes: ten batches, three casks of each, two tests of each.
PASTES = [
    62.8, 62.6, 60.1, 62.3, 62.7, 63.1, 60.0, 61.4, 57.5, 56.9, 61.1, 58.9,
    58.7, 57.5, 63.9, 63.1, 65.4, 63.7, 57.1, 56.4, 56.9, 58.6, 64.7, 64.5,
    55.1, 55.1, 54.7, 54.2, 58.8, 57.5, 63.4, 64.9, 59.3, 58.1, 60.5, 60.0,
    62.5, 62.6, 61.0, 58.7, 56.9, 57.7, 59.2, 59.4, 65.2, 66.0, 64.8, 64.1,
    54.8, 54.8, 64.0, 64.0, 57.7, 56.8, 58.3, 59.3, 59.2, 59.2, 58.9, 56.6,
]  # fmt: skip

# Davies & Goldsmith 1972, as lme4's Penicillin: 24 plates, six samples.
PENICILLIN = """
    27 23 26 23 23 21  27 23 26 23 23 21  25 21 25 24 24 20  26 23 25 23 23 20
    25 22 26 22 23 20  24 22 25 23 22 19  24 20 23 21 22 19  26 22 26 24 24 21
    24 21 24 22 22 20  24 21 24 23 22 19  26 23 26 24 24 21  25 22 26 24 24 20
    26 24 26 24 25 22  26 23 26 23 23 20  26 23 25 24 24 22  25 22 25 23 23 20
    25 21 24 23 23 20  25 22 24 23 23 19  24 21 23 21 21 19  26 23 26 24 24 21
    25 21 24 22 22 18  25 22 25 22 22 20  24 21 24 22 24 19  24 21 24 22 21 18
"""


def test_dyestuff_is_split_as_in_lme4():
    found = one_way_components(DYESTUFF, names=("batch", "residual"))
    assert found["batch"].variance == pytest.approx(1764.05)
    assert found["residual"].variance == pytest.approx(2451.25)
    assert found.mean == 1527.5
    assert found["batch"].share == pytest.approx(1764.05 / (1764.05 + 2451.25))
    assert found.notes == ()


def test_dyestuff_2_has_a_negative_estimate_which_is_reported_as_zero():
    found = one_way_components(DYESTUFF_2)
    assert found["between"].variance == 0.0
    assert "negative" in found.notes[0]
    assert (found.ratio, found.ratio_low) == (0.0, 0.0)
    assert found.ratio_high > 0


def test_pastes_are_split_as_in_lme4():
    # lmer(strength ~ 1 + (1 | batch/cask), Pastes): 1.657, 8.434, 0.678; intercept 60.0533.
    found = nested_components(np.reshape(PASTES, (10, 3, 2)), names=("batch", "cask", "test"))
    variances = [each.variance for each in found.components]
    assert variances == pytest.approx([1.657, 8.434, 0.678], abs=1e-3)
    assert found.mean == pytest.approx(60.0533, abs=5e-5)


def test_penicillin_is_split_as_in_lme4():
    # lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin): 0.7169, 3.7309, 0.3024.
    values = np.array(PENICILLIN.split(), dtype=float).reshape(24, 6)
    found = crossed_components(values, names=("plate", "sample", "residual"))
    variances = [each.variance for each in found.components]
    assert variances == pytest.approx([0.7169, 3.7309, 0.3024], abs=1e-4)
    assert found.mean == pytest.approx(22.9722, abs=5e-5)


def test_the_interval_of_the_residual_is_the_one_of_the_chi_square_table():
    # Quantiles of chi-square on 24 degrees of freedom in every table: 12.401 and 39.364.
    residual = one_way_components(DYESTUFF)["residual"]
    assert residual.low == pytest.approx(24 * 2451.25 / 39.364, rel=1e-4)
    assert residual.high == pytest.approx(24 * 2451.25 / 12.401, rel=1e-4)


def test_the_interval_of_the_ratio_uses_the_exact_f():
    # F tables: the upper 2.5 % point of F(5, 24) is 3.15, of F(24, 5) 6.28.
    low, high = ratio_interval(4.6, 5, 24, 0.95)
    assert low == pytest.approx(4.6 / 3.15, rel=2e-3)
    assert high == pytest.approx(4.6 * 6.28, rel=2e-3)
    found = one_way_components(DYESTUFF)
    f = 11271.5 / 2451.25
    assert found.ratio == pytest.approx((f - 1) / 5)
    assert found.ratio_low == pytest.approx((f / 3.15 - 1) / 5, rel=2e-2)


def test_the_interval_of_a_difference_becomes_that_of_the_mean_square_that_remains():
    assert difference_interval((8.0, 9), (0.0, 30), 0.95) == pytest.approx(
        chi_square_interval(8.0, 9, 0.95)
    )
    assert difference_interval((8.0, 9), (2.0, 1e9), 0.9) == pytest.approx(
        np.subtract(chi_square_interval(8.0, 9, 0.9), 2.0), rel=1e-3
    )


@pytest.mark.parametrize("between", [0.0, 0.2, 2.0])
def test_intervals_of_a_one_way_design_cover_as_often_as_they_say(between):
    rng = np.random.default_rng(1)
    covered = np.zeros(3)
    for _ in range(4000):
        values = rng.normal(0, np.sqrt(between), (8, 1)) + rng.normal(0, 1, (8, 4))
        found = one_way_components(values, level=0.9)
        group, residual = found.components
        covered += [
            group.low <= between <= group.high,
            residual.low <= 1 <= residual.high,
            found.ratio_low <= between <= found.ratio_high,
        ]
    assert (covered / 4000 >= 0.88).all()
    assert (covered / 4000 <= (0.97 if between == 0 else 0.92)).all()


def test_intervals_of_two_way_designs_cover_as_often_as_they_say():
    rng = np.random.default_rng(2)
    covered = np.zeros(7)
    for _ in range(4000):
        outer, inner = rng.normal(0, 1, (8, 1, 1)), rng.normal(0, 0.7, (8, 3, 1))
        nested = nested_components(outer + inner + rng.normal(0, 0.5, (8, 3, 3)), level=0.9)
        rows, columns = rng.normal(0, 1, (10, 1, 1)), rng.normal(0, 0.7, (1, 6, 1))
        both = rng.normal(0, 0.6, (10, 6, 1))
        crossed = crossed_components(
            rows + columns + both + rng.normal(0, 0.5, (10, 6, 2)), level=0.9
        )
        truth = [1, 0.49, 0.25, 1, 0.49, 0.36, 0.25]
        parts = (*nested.components, *crossed.components)
        covered += [each.low <= v <= each.high for each, v in zip(parts, truth, strict=True)]
    assert covered / 4000 == pytest.approx(np.full(7, 0.9), abs=0.02)


def test_estimates_are_unbiased():
    rng = np.random.default_rng(3)
    sums = np.zeros(4)
    for _ in range(1500):
        values = (
            rng.normal(0, 2.0, (6, 1, 1))
            + rng.normal(0, 1.5, (1, 5, 1))
            + rng.normal(0, 1, (6, 5, 1))
            + rng.normal(0, 0.5, (6, 5, 2))
        )
        sums += [each.variance for each in crossed_components(values).components]
    assert sums / 1500 == pytest.approx([4.0, 2.25, 1.0, 0.25], rel=0.08)


def test_components_of_a_crossed_design_without_replicates_agree_with_replicates_of_one_value():
    values = np.random.default_rng(4).normal(size=(5, 4))
    single = crossed_components(values)
    doubled = crossed_components(np.repeat(values[..., np.newaxis], 2, axis=2))
    assert [each.name for each in single.components] == ["rows", "columns", "residual"]
    assert doubled["interaction"].variance == pytest.approx(single["residual"].variance)
    assert doubled["rows"].variance == pytest.approx(single["rows"].variance)
    assert doubled["residual"].variance == 0.0
    assert doubled["residual"].low is None


def test_groups_of_unequal_size_are_estimated_by_reml():
    pytest.importorskip("statsmodels")
    found = one_way_components({str(i): each[: 3 + i % 3] for i, each in enumerate(DYESTUFF)})
    assert found.method == "reml"
    assert found["between"].low is None
    assert "differ in size" in found.notes[0]
    assert found["between"].share + found["residual"].share == pytest.approx(1)


def test_the_order_of_groups_and_of_values_changes_nothing():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(7, 6)) + rng.normal(size=(7, 1))
    shuffled = rng.permuted(rng.permutation(values), axis=1)
    assert one_way_components(shuffled) == one_way_components(values)


def test_values_without_spread_have_no_components_and_say_so():
    found = one_way_components(np.full((3, 4), 0.1))
    assert [each.variance for each in found.components] == [0.0, 0.0]
    assert found["between"].share is None
    assert found["between"].low is None
    assert found.ratio is None
    assert "resolution" in found.notes[-1]
    noise = one_way_components([[0.1 + 0.2, 0.3], [0.4, 0.4]])
    assert noise["residual"].variance == 0.0
    assert noise["between"].variance == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: one_way_components([[1.0, 2.0]]), "at least 2"),
        (lambda: one_way_components([[1.0], [2.0]]), "at least 2"),
        (lambda: one_way_components({}), "at least 2"),
        (lambda: one_way_components({"a": [], "b": [1.0]}), "at least 1"),
        (lambda: one_way_components([[1.0, np.nan], [1.0, 2.0]]), "finite"),
        (lambda: one_way_components(DYESTUFF, level=1), "level"),
        (lambda: one_way_components(DYESTUFF, names=("a", "a")), "different names"),
        (lambda: one_way_components(DYESTUFF)["batch"], "'between', 'residual'"),
        (lambda: nested_components(DYESTUFF), "3 dimension"),
        (lambda: crossed_components([1.0, 2.0]), "2 dimension"),
        (lambda: crossed_components(np.ones((3, 1))), "at least 2"),
    ],
)
def test_what_is_no_design_is_refused(call, message):
    with pytest.raises(AnalysisError, match=message):
        call()


def test_components_come_as_a_frame():
    frame = one_way_components(DYESTUFF).to_frame()
    assert frame["name"].tolist() == ["between", "residual"]
    assert frame["sd"].tolist() == pytest.approx([42.00, 49.51], abs=5e-3)
