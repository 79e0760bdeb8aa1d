import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.many_arms.factorial import factorial

NAMES = ("T", "C", "K")

# Box, Hunter & Hunter, Statistics for Experimenters, the 2^3 pilot plant: yields in standard
# order, temperature (T) changing fastest, then concentration (C), then catalyst (K).
PILOT = dict(
    zip(
        [(bool(i & 1), bool(i & 2), bool(i & 4)) for i in range(8)],
        [60, 72, 54, 68, 52, 83, 45, 80],
        strict=True,
    )
)


def _blocks(n, *, seed=0, k=3):
    rng = np.random.default_rng(seed)
    return {
        frozenset(NAMES[i] for i in range(k) if on >> i & 1): rng.normal(on, 1, size=n)
        for on in range(2**k)
    }


def test_the_pilot_plants_effects_are_those_of_box_hunter_and_hunter():
    found = factorial({key: [value] for key, value in PILOT.items()}, NAMES)
    published = {
        ("T",): 23.0, ("C",): -5.0, ("K",): 1.5,
        ("T", "C"): 1.5, ("T", "K"): 10.0, ("C", "K"): 0.0, ("T", "C", "K"): 0.5,
    }  # fmt: skip
    assert {each.treatments: each.estimate for each in found.effects} == published
    assert found.mean == 64.25


def test_one_block_has_effects_and_no_intervals():
    effect = factorial({key: [value] for key, value in PILOT.items()}, NAMES).effect("T")
    assert (effect.n, effect.standard_error, effect.low, effect.high) == (1, None, None, None)
    assert effect.t.p_value is None
    assert "single" in effect.t.warning
    assert effect.sign_flip.p_value == 1.0


def test_effects_are_twice_the_coefficients_of_least_squares_on_signs():
    statsmodels = pytest.importorskip("statsmodels.api")
    values = _blocks(6)
    found = factorial(values, NAMES)
    rows = [
        ([1.0 if name in on else -1.0 for name in NAMES], value)
        for on, series in values.items()
        for value in series
    ]
    signs = np.array([each for each, _ in rows])
    columns = [
        signs[:, [NAMES.index(t) for t in effect.treatments]].prod(axis=1)
        for effect in found.effects
    ]
    fit = statsmodels.OLS([y for _, y in rows], np.column_stack(columns)).fit()
    assert [each.estimate for each in found.effects] == pytest.approx(2 * fit.params)


def test_with_one_treatment_it_is_the_paired_t_test_and_the_sign_flip_test():
    from scipy import stats

    values = _blocks(8, k=1)
    on, off = values[frozenset({"T"})], values[frozenset()]
    effect = factorial(values, ["T"]).effect("T")
    published = stats.ttest_rel(on, off)
    assert effect.t.statistic == pytest.approx(published.statistic)
    assert effect.t.p_value == pytest.approx(published.pvalue)
    assert (effect.low, effect.high) == pytest.approx(tuple(published.confidence_interval(0.95)))
    flips = stats.permutation_test(
        (on - off,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert effect.sign_flip.p_value == pytest.approx(flips.pvalue)
    assert effect.sign_flip.exact


def test_an_interaction_is_half_the_change_of_one_treatments_effect():
    values = {
        frozenset(): [1.0, 1.5],
        frozenset({"a"}): [2.0, 2.5],
        frozenset({"b"}): [3.0, 3.5],
        frozenset({"a", "b"}): [7.0, 7.5],
    }
    found = factorial(values, ["a", "b"])
    assert found.effect("a").estimate == 2.5
    assert found.effect("b", "a").estimate == pytest.approx((4 - 1) / 2)


def test_what_blocks_share_does_not_enter_any_effect():
    values = _blocks(7)
    shift = np.random.default_rng(9).normal(0, 100, size=7)
    moved = {on: series + shift for on, series in values.items()}
    for one, other in zip(
        factorial(values, NAMES).effects, factorial(moved, NAMES).effects, strict=True
    ):
        assert one.estimate == pytest.approx(other.estimate)
        assert one.standard_error == pytest.approx(other.standard_error)


def test_the_correction_is_over_all_effects():
    found = factorial(_blocks(10), NAMES, correction="bonferroni")
    for each in found.effects:
        assert each.p_adjusted == pytest.approx(min(1.0, 7 * each.sign_flip.p_value))
    by_t = factorial(_blocks(10), NAMES, correction="bonferroni", test="t")
    assert by_t.effect("K").p_adjusted == pytest.approx(7 * by_t.effect("K").t.p_value)


def test_the_order_of_blocks_and_the_form_of_the_keys_change_nothing():
    values = _blocks(9)
    order = np.random.default_rng(2).permutation(9)
    other = {
        tuple(name in on for name in NAMES): series[order]
        for on, series in reversed(values.items())
    }
    assert factorial(other, NAMES) == factorial(values, NAMES)


def test_sums_that_tie_on_paper_tie_in_the_sign_flip_test():
    values = {frozenset(): [0.9500, 0.9007], frozenset({"a"}): [0.9501, 0.9006]}
    effect = factorial(values, ["a"]).effect("a")
    assert effect.sign_flip.p_value == 1.0


def test_equal_contrasts_have_no_t_test():
    values = {frozenset(): [0.1, 0.2, 0.3], frozenset({"a"}): [0.2, 0.3, 0.4]}
    effect = factorial(values, ["a"]).effect("a")
    assert effect.t.p_value is None
    assert effect.standard_error == 0.0
    assert effect.sign_flip.p_value == 0.25


def test_many_blocks_need_a_generator_only_when_sign_flips_decide():
    values = _blocks(41, k=1)
    with pytest.raises(AnalysisError, match="Generator"):
        factorial(values, ["T"])
    by_t = factorial(values, ["T"], test="t").effect("T")
    assert by_t.sign_flip is None
    assert by_t.p_adjusted == by_t.t.p_value
    drawn = factorial(values, ["T"], rng=np.random.default_rng(0), resamples=999).effect("T")
    assert not drawn.sign_flip.exact


def test_a_missing_combination_is_named():
    values = _blocks(3)
    del values[frozenset({"T", "K"})]
    with pytest.raises(AnalysisError, match=r"missing: T \+ K$"):
        factorial(values, NAMES)


@pytest.mark.parametrize(
    ("values", "treatments", "message"),
    [
        ({frozenset(): [1.0], frozenset({"b"}): [2.0]}, ["a"], "no set of treatments"),
        ({(False,): [1.0], frozenset(): [2.0], (True,): [1.0]}, ["a"], "given twice"),
        ({(False, True): [1.0]}, ["a"], "needs 1 bools"),
        ({(0,): [1.0]}, ["a"], "needs 1 bools"),
        ({(False,): [1.0], (True,): [1.0, 2.0]}, ["a"], "same blocks"),
        ({(False,): [], (True,): []}, ["a"], "same blocks"),
        ({(False,): [1.0], (True,): [float("nan")]}, ["a"], "the combination a holds"),
        ({}, [], "1 to 10"),
        ({}, ["a", "a"], "1 to 10"),
    ],
)
def test_what_is_no_factorial_is_refused(values, treatments, message):
    with pytest.raises(AnalysisError, match=message):
        factorial(values, treatments)


def test_an_unknown_test_or_effect_is_refused():
    values = _blocks(3, k=1)
    with pytest.raises(AnalysisError, match="'sign_flip', 't'"):
        factorial(values, ["T"], test="wilcoxon")
    with pytest.raises(AnalysisError, match="no effect of"):
        factorial(values, ["T"]).effect("X")


def test_names_that_mean_something_elsewhere_survive_in_the_frame(nasty):
    values = {(a, b): [float(a), a + 2.0 * b] for a in (False, True) for b in (False, True)}
    frame = factorial(values, [nasty, "other"]).to_frame()
    assert list(frame["effect"]) == [nasty, "other", f"{nasty} × other"]
    assert frame["order"].tolist() == [1, 1, 2]


def test_nineteen_times_in_twenty_the_interval_covers_the_effect():
    covered = 0
    for seed in range(400):
        effect = factorial(_blocks(5, seed=seed), NAMES, test="t").effect("C")
        covered += effect.low <= 2.0 <= effect.high
    assert 0.92 <= covered / 400 <= 0.98
