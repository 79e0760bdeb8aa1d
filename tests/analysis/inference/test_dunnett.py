import numpy as np
import pytest
from scipy import special, stats

from analysis.errors import AnalysisError
from analysis.inference.dunnett import (
    NO_DEGREES,
    NO_SPREAD_WITHIN,
    NO_VALUES,
    dunnett,
    dunnett_intervals,
)
from analysis.inference.many_to_one import ManyToOne
from analysis.inference.student_t import t_tail

# Dunnett 1955, Table I: blood counts (millions of cells per cubic millimetre) under two drugs.
CONTROL = [7.40, 8.50, 7.20, 8.24, 9.84, 8.32]
DRUG_A = [9.76, 8.80, 7.68, 9.36]
DRUG_B = [12.80, 9.68, 12.16, 9.20, 10.55]

# Critical values for arms and control of one size, by degrees of freedom, for 1 to 9 arms at
# 5 %. Two-sided: Dunnett 1964, Biometrics 20, 482-491. One-sided: Dunnett 1955, Table 1a.
TWO_SIDED = {
    5: [2.57, 3.03, 3.29, 3.48, 3.62, 3.73, 3.82, 3.90, 3.97],
    10: [2.23, 2.57, 2.76, 2.89, 2.99, 3.07, 3.14, 3.19, 3.24],
    20: [2.09, 2.38, 2.54, 2.65, 2.73, 2.80, 2.86, 2.90, 2.95],
    60: [2.00, 2.27, 2.41, 2.51, 2.58, 2.64, 2.69, 2.73, 2.77],
}
ONE_SIDED = {
    5: [2.02, 2.44, 2.68, 2.85, 2.98, 3.08, 3.16, 3.24, 3.30],
    10: [1.81, 2.15, 2.34, 2.47, 2.56, 2.64, 2.70, 2.76, 2.81],
    20: [1.72, 2.03, 2.19, 2.30, 2.39, 2.46, 2.51, 2.56, 2.60],
}


def p_values(results):
    return [each.p_value for each in results]


def test_the_blood_counts_give_what_multcomp_prints():
    # R, multcomp: summary(glht(aov(response ~ group), mcp(group = "Dunnett"))), also one-sided.
    published = {
        "two-sided": ([0.6201020, 0.0058254], 5e-8),
        "greater": ([0.3249776, 0.0029139], 5e-8),
        "less": ([0.91676, 0.99984], 5e-6),
    }
    for alternative, (expected, half_a_digit) in published.items():
        results = dunnett(CONTROL, [DRUG_A, DRUG_B], alternative=alternative)
        assert p_values(results) == pytest.approx(expected, abs=1.1 * half_a_digit)
        assert [each.statistic for each in results] == pytest.approx([0.85703, 3.69375], abs=6e-6)
        assert not any(each.exact for each in results)


def test_their_intervals_do_too():
    # confint() of the same; its critical value is simulated, and good to four digits.
    first, second = dunnett_intervals(CONTROL, [DRUG_A, DRUG_B], 0.95)
    assert (first.low, first.high) == pytest.approx((-1.25641, 2.55641), abs=5e-4)
    assert (second.low, second.high) == pytest.approx((0.83963, 4.41637), abs=5e-4)
    assert (first.n1, first.n2, first.degrees) == (4, 6, 12)
    assert first.difference == pytest.approx(0.65)
    assert second.difference == pytest.approx(2.628)


@pytest.mark.parametrize(
    ("table", "two_sided"), [(TWO_SIDED, True), (ONE_SIDED, False)], ids=["both", "one"]
)
def test_dunnetts_tables_are_met_to_their_last_digit(table, two_sided):
    for degrees, row in table.items():
        for arms, critical in enumerate(row, start=1):
            largest = ManyToOne((0.5**0.5,) * arms, degrees)
            above, below = largest.exceedance(
                [critical - 0.005, critical + 0.005], two_sided=two_sided
            )
            assert below <= 0.05 <= above, (degrees, arms)


@pytest.mark.parametrize("degrees", [1, 2, 12, 300])
@pytest.mark.parametrize("loading", [0.0, 0.5, 0.99])
def test_one_arm_is_students_t(degrees, loading):
    bounds = [0.0, 0.3, 2.0, 6.0, 15.0]
    alone = ManyToOne((loading,), degrees)
    for two_sided, alternative in ((True, "two-sided"), (False, "greater")):
        expected = [t_tail(each, degrees, alternative) for each in bounds]
        found = alone.exceedance(bounds, two_sided=two_sided)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-16)


def test_many_degrees_of_freedom_and_no_loading_are_independent_normals():
    largest = ManyToOne((0.0,) * 5, 1e9)
    expected = 1 - (1 - 2 * special.ndtr(-2.5)) ** 5
    assert largest.exceedance([2.5], two_sided=True)[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("loadings", [(0.3, 0.6, 0.9), (0.995, 0.7), (0.7,) * 12])
@pytest.mark.parametrize("degrees", [3, 40])
def test_adaptive_integration_gives_the_same_chance(loadings, degrees):
    from scipy import integrate

    slopes = np.array(loadings)
    own = np.sqrt(1 - slopes**2)
    bound = 2.3

    def none_beyond(spread):
        def given_both(shared):
            upper = (bound * spread + slopes * shared) / own
            lower = (-bound * spread + slopes * shared) / own
            inside = np.prod(special.ndtr(upper) - special.ndtr(lower))
            return np.exp(-(shared**2) / 2) / np.sqrt(2 * np.pi) * inside

        return integrate.quad(given_both, -9, 9, epsabs=1e-11, limit=200)[0]

    def weighted(spread):
        return stats.chi.pdf(spread * degrees**0.5, degrees) * degrees**0.5 * none_beyond(spread)

    expected = 1 - integrate.quad(weighted, 0, 4, epsabs=1e-9, limit=200)[0]
    found = ManyToOne(loadings, degrees).exceedance([bound], two_sided=True)[0]
    assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_scipys_random_integration_comes_close(alternative):
    rng = np.random.default_rng(2)
    control, *arms = (rng.normal(size=n) for n in (7, 4, 9, 30))
    theirs = stats.dunnett(
        *arms, control=control, alternative=alternative, rng=np.random.default_rng(0)
    )
    ours = dunnett(control, arms, alternative=alternative)
    assert [each.statistic for each in ours] == pytest.approx(theirs.statistic)
    assert p_values(ours) == pytest.approx(theirs.pvalue, abs=2e-3)


def test_intervals_exclude_zero_exactly_where_the_test_rejects():
    rng = np.random.default_rng(6)
    arms = [rng.normal(shift, 1, 10) for shift in (0, 0.8, 1.2, 1.6)]
    control = rng.normal(size=10)
    for place, result in enumerate(dunnett(control, arms)):
        for level in (1 - result.p_value * 0.999, 1 - result.p_value * 1.001):
            interval = dunnett_intervals(control, arms, level)[place]
            excludes = interval.low > 0 or interval.high < 0
            assert excludes == (result.p_value < 1 - level)


def test_neither_the_order_nor_the_sign_nor_the_unit_changes_p():
    expected = p_values(dunnett(CONTROL, [DRUG_A, DRUG_B]))
    assert p_values(dunnett(CONTROL[::-1], [DRUG_B[::-1], DRUG_A])) == expected[::-1]
    flipped = [[-each for each in values] for values in (CONTROL, DRUG_A, DRUG_B)]
    assert p_values(dunnett(flipped[0], flipped[1:])) == pytest.approx(expected, rel=1e-12)
    upwards = dunnett(CONTROL, [DRUG_A, DRUG_B], alternative="greater")
    downwards = dunnett(flipped[0], flipped[1:], alternative="less")
    assert p_values(upwards) == pytest.approx(p_values(downwards), rel=1e-12)
    for unit in (1e-280, 1e280):
        scaled = [np.array(values) * unit for values in (CONTROL, DRUG_A, DRUG_B)]
        assert p_values(dunnett(scaled[0], scaled[1:])) == pytest.approx(expected, rel=1e-9)


def test_more_arms_need_more_evidence_and_never_more_than_bonferroni_asks_for():
    chances = [
        ManyToOne((0.7,) * arms, 12).exceedance([2.5], two_sided=True)[0] for arms in range(1, 9)
    ]
    assert (np.diff(chances) > 0).all()
    assert all(each <= (arms + 1) * chances[0] for arms, each in enumerate(chances))


def test_an_arm_without_values_is_undefined_and_stays_in_the_family():
    both = dunnett(CONTROL, [DRUG_B, []])
    assert (both[1].statistic, both[1].p_value, both[1].warning) == (None, None, NO_VALUES)
    assert both[0].p_value > dunnett(CONTROL, [DRUG_B])[0].p_value
    present, absent = dunnett_intervals(CONTROL, [DRUG_B, []], 0.95)
    assert (absent.n1, absent.difference, absent.low) == (0, None, None)
    assert present.low > 0


def test_without_a_control_nothing_can_be_said():
    assert dunnett([], [DRUG_A])[0].warning == NO_VALUES
    assert dunnett_intervals([], [DRUG_A], 0.95)[0].difference is None


def test_single_values_have_no_spread():
    assert dunnett([1.0], [[2.0], [3.0]])[0].warning == NO_DEGREES
    interval = dunnett_intervals([1.0], [[2.0]], 0.95)[0]
    assert (interval.difference, interval.standard_error, interval.low) == (1.0, None, None)


def test_a_single_value_borrows_the_spread_of_the_other_groups():
    result = dunnett(CONTROL, [DRUG_A, [20.0]])[1]
    assert result.p_value < 0.001


def test_values_that_are_equal_up_to_rounding_have_no_spread():
    control, arm = [0.3, 0.1 + 0.2], [0.1, 0.1]
    assert control[0] != control[1]
    assert dunnett(control, [arm])[0].warning == NO_SPREAD_WITHIN
    interval = dunnett_intervals(control, [arm], 0.95)[0]
    assert interval.low == interval.high == interval.difference == pytest.approx(-0.2)
    assert (interval.standard_error, interval.degrees) == (0, None)


def test_no_arms_have_no_results():
    assert dunnett(CONTROL, []) == dunnett_intervals(CONTROL, [], 0.95) == ()


@pytest.mark.parametrize("values", [[np.nan], [np.inf], [[1.0]], [1e301]])
def test_what_is_no_series_is_refused(values):
    with pytest.raises(AnalysisError, match="finite"):
        dunnett(CONTROL, [values])
    with pytest.raises(AnalysisError, match="finite"):
        dunnett_intervals(values, [CONTROL], 0.95)


def test_an_impossible_level_is_refused():
    with pytest.raises(AnalysisError, match="level"):
        dunnett_intervals(CONTROL, [DRUG_A], 95)


def test_a_huge_difference_has_a_p_value_above_zero():
    control, arm = np.linspace(0, 0.001, 500), np.linspace(1e6, 1e6 + 0.001, 500)
    assert 0 < dunnett(control, [arm])[0].p_value < 1e-300
