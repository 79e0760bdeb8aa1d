"""What the size of a family and the number of runs allow a comparison to show."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import Protocol, compare, plan_comparisons
from analysis.publication.best_arms import find_best


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


def shifted(long_form, sizes):
    """Arms whose every run lies above the control's of the same block, by ever more."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=max(sizes.values()))
    values = {
        arm: shared[:n] + place * np.linspace(1, 2, n)
        for place, (arm, n) in enumerate(sizes.items())
    }
    return long_form(values)


@pytest.mark.parametrize("correction", ["bonferroni", "holm"])
def test_a_comparison_of_few_pairs_is_told_that_it_cannot_reach_alpha(correction, long_form):
    # 2 / 2^6 = 0.03125, twice that for two comparisons: beyond 0.05 whatever the data.
    frame = shifted(long_form, {"a": 20, "b": 6, "c": 6, "d": 20})
    results = compare(frame, protocol(correction=correction))
    told = {each.arm: " ".join(each.warnings) for each in results.comparisons}
    assert "cannot reach alpha" in told["b"]
    assert "cannot reach alpha" in told["c"]
    assert "cannot reach alpha" not in told["d"]
    assert results.comparison("b").minimal_detectable_effect is None


def test_dunnetts_p_over_several_levels_is_the_one_that_is_shown_to_decide():
    rng = np.random.default_rng(4)
    rows = [
        (arm, level, place + rng.normal())
        for level in (1, 2)
        for place, arm in enumerate(("a", "b", "c"))
        for _ in range(8)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "level", "accuracy"])
    results = compare(frame, protocol(test="dunnett"), block=None, within="level")
    for each in results.comparisons:
        assert each.p_adjusted == min(1.0, 2 * each.p_value)
    assert "p corrected" in str(results)
    assert "Bonferroni" in str(results)


@pytest.mark.parametrize("sizes", [(3, 4), (3, 60), (20, 5)])
def test_the_detectable_effect_of_unequal_arms_has_the_power_it_promises(sizes, long_form):
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=sizes[0]), rng.normal(size=sizes[1])
    frame = long_form({"a": second, "b": first})
    results = compare(frame, protocol(test="t"), block=None)
    effect = results.comparison("b").minimal_detectable_effect
    degrees = sum(sizes) - 2
    pooled = (
        (first.var(ddof=1) * (sizes[0] - 1) + second.var(ddof=1) * (sizes[1] - 1)) / degrees
    ) ** 0.5
    shift = effect / (pooled * (1 / sizes[0] + 1 / sizes[1]) ** 0.5)
    critical = stats.t.ppf(0.975, degrees)
    power = stats.nct.sf(critical, degrees, shift) + stats.nct.cdf(-critical, degrees, shift)
    assert power == pytest.approx(0.8, abs=1e-6)


def test_an_arm_that_no_test_could_tell_from_the_best_is_not_marked_as_alike(long_form):
    # Six pairs and six comparisons of all arms: 6 * 2 / 2^6 lies above 0.05.
    frame = shifted(long_form, dict.fromkeys("abcd", 6))
    best = find_best(compare(frame, protocol()), frame)
    assert best.best == {((), "d")}
    assert not best.alike
    assert {arm for _, arm in best.untold} == {"a", "b", "c"}


def test_a_plan_never_asks_for_fewer_seeds_than_the_deciding_test_needs(long_form):
    frame = shifted(long_form, {"a": 8, "b": 8})
    for test, least in (("permutation", 6), ("wilcoxon", 6), ("t", 2)):
        plan = plan_comparisons(frame, protocol(test=test, smallest_effect=50.0))
        assert plan.seeds_needed >= least
    assert plan.seeds_needed < 6
