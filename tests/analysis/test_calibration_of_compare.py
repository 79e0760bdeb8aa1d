"""Simulated error rates, coverage and power of what `compare` reports and decides.

Accuracies are counted in ten-thousandths and share a part by seed. What single tests keep to is
in `inference/test_calibration_of_tests.py`; here it is what is left after matching, the choice of
a test, the correction and the decision. Rates are bounded by quantiles of a binomial
distribution, and means over data sets by standard errors, each of which right code would leave
once in ten thousand times of drawing new random numbers; the numbers themselves are fixed.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.comparison import compare
from analysis.drawing import Resampler
from analysis.inference.bootstrap import bca_of_difference, bca_of_mean
from analysis.inference.corrections import adjust
from analysis.inference.paired import pair
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.simulated_power import simulated_power
from analysis.inference.student_t import paired_t_test
from analysis.inference.wilcoxon import wilcoxon_signed_rank
from analysis.protocol import Protocol

pytestmark = pytest.mark.slow

ALPHA = 0.05
UNLIKELY = 1e-4
STANDARD_ERRORS = 3.72  # a normal deviate goes beyond this once in ten thousand times
SD = 0.005  # of a run about its arm and seed; a seed's own part is as large

ARMS = [f"arm {place}" for place in range(8)]
FAMILY = len(ARMS) - 1
FAMILIES = 1200  # data sets of eight arms
DRAWS = 4000  # data sets of two arms
SIZES = [5, 10, 30]
DESIGNS = ["paired", "unpaired"]
TESTS = {
    "paired": ["paired_t", "wilcoxon", "sign_flip"],
    "unpaired": ["welch_t", "mann_whitney", "permutation"],
}


@pytest.fixture(scope="module", autouse=True)
def _quick():
    """Leave out what is no subject here, and draw fewer arrangements, which costs power alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.plan._MOST_FLIPS", 999)
        patch.setattr("analysis.comparison.omnibus_of", lambda *_: None)
        yield


def accuracies(rng, means, n, *, sd=SD, shared=SD):
    """Accuracies of shape (arms, n) around 95 % plus the arms' means, on a grid of 0.0001."""
    seeds = rng.normal(0.95, shared, n)
    means = np.asarray(means)[:, np.newaxis]
    return np.round(means + seeds + rng.normal(0.0, sd, (len(means), n)), 4)


def compared(values, design, **changes):
    arms, n = ARMS[: len(values)], values.shape[1]
    frame = pd.DataFrame(
        {
            "arm": np.repeat(arms, n),
            "seed": np.tile(np.arange(n), len(arms)),
            "accuracy": values.ravel(),
        }
    )
    protocol = Protocol("accuracy", "maximize", control=ARMS[0], **changes)
    block = "seed" if design == "paired" else None
    return compare(frame, protocol, block=block, resamples=100).comparisons


def fewest(rate, draws):
    return stats.binom.ppf(UNLIKELY, draws, rate)


def most(rate, draws):
    return stats.binom.ppf(1 - UNLIKELY, draws, rate)


def mean_and_error(each):
    """The mean over data sets, whose parts may depend on each other, and how far it may be off."""
    each = np.asarray(each, dtype=float)
    return each.mean(), STANDARD_ERRORS * each.std(ddof=1) / len(each) ** 0.5


# Families of seven comparisons with one control.


@cache
def families(design, n, effects=(0.0,) * FAMILY):
    """All comparisons of many data sets, decided by the test of means by rearrangement."""
    rng = np.random.default_rng([DESIGNS.index(design), n, np.count_nonzero(effects)])
    shared = SD if design == "paired" else 0.0
    return [
        compared(accuracies(rng, (0.0, *effects), n, shared=shared), design)
        for _ in range(FAMILIES)
    ]


def p_values(drafts, test):
    return [next(part.p_value for part in each.tests if part.name == test) for each in drafts]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("design", DESIGNS)
def test_any_verdict_is_given_under_the_null_no_more_often_than_alpha(design, n):
    wrong = sum(
        any(each.decision in ("better", "worse") for each in family)
        for family in families(design, n)
    )
    assert wrong <= most(ALPHA, FAMILIES)
    if n == 5:
        assert wrong == 0  # 2 of 2^5, and 7 times 2 of 252, are above alpha
    else:
        assert wrong >= fewest(0.02, FAMILIES)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("design", DESIGNS)
def test_holms_correction_of_each_test_keeps_the_family_wise_error_under_the_null(design, n):
    for test in TESTS[design]:
        found = [adjust(p_values(family, test), "holm") for family in families(design, n)]
        wrong = sum(min(each) < ALPHA for each in found)
        assert wrong <= most(ALPHA, FAMILIES), test


@pytest.mark.parametrize("n", SIZES)
def test_dunnetts_test_decides_wrongly_as_often_as_alpha_says(n):
    found = [p_values(family, "dunnett") for family in families("unpaired", n)]
    wrong = sum(min(each) < ALPHA for each in found)
    assert fewest(ALPHA, FAMILIES) <= wrong <= most(ALPHA, FAMILIES)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("design", DESIGNS)
def test_the_t_interval_covers_the_true_difference_as_often_as_it_says(design, n):
    covered = [
        np.mean([each.ci_low <= 0.0 <= each.ci_high for each in family])
        for family in families(design, n)
    ]
    rate, error = mean_and_error(covered)
    # Exact for pairs. Welch's interval is a little too long for few runs of equal spread.
    above = 0.01 if design == "unpaired" else 0.0
    assert 1 - ALPHA - error <= rate <= 1 - ALPHA + above + error


TRUE_EFFECTS = (0.008, 0.006, -0.006)
SOME_EFFECTS = TRUE_EFFECTS + (0.0,) * (FAMILY - len(TRUE_EFFECTS))


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("design", DESIGNS)
def test_of_all_findings_no_more_are_false_on_average_than_alpha(design, n):
    # Benjamini & Hochberg promise alpha times the share of true nulls, 4 of 7.
    true = len(TRUE_EFFECTS)
    for test in TESTS[design]:
        false_share, found_share = [], []
        for family in families(design, n, SOME_EFFECTS):
            found = np.array(adjust(p_values(family, test), "benjamini_hochberg")) < ALPHA
            false_share.append(found[true:].sum() / max(1, found.sum()))
            found_share.append(found[:true].mean())
        rate, error = mean_and_error(false_share)
        assert rate <= ALPHA * (FAMILY - true) / FAMILY + error, test
        assert rate >= 0.01, test
        assert np.mean(found_share) >= 0.25, test


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("design", DESIGNS)
def test_beside_true_effects_any_false_verdict_is_no_more_frequent_than_alpha(design, n):
    null = slice(len(TRUE_EFFECTS), None)
    found = families(design, n, SOME_EFFECTS)
    wrong = sum(any(each.decision != "undecided" for each in family[null]) for family in found)
    assert wrong <= most(ALPHA, FAMILIES)


# Two arms.


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_difference_as_large_as_the_margin_is_called_equivalent_as_often_as_alpha(design, n):
    # The margin is many standard errors wide, so that one of both one-sided tests decides alone.
    margin, sd = 0.01, 0.002
    rng = np.random.default_rng([n, DESIGNS.index(design)])
    shared = SD if design == "paired" else 0.0
    draws = DRAWS // 2
    wrong = 0
    for draw in range(draws):
        side = 1 if draw % 2 else -1
        values = accuracies(rng, (0.0, side * margin), n, sd=sd, shared=shared)
        (comparison,) = compared(values, design, smallest_effect=margin)
        wrong += comparison.decision == "equivalent"
    assert wrong <= most(ALPHA, draws)
    # Welch's interval is too long by a little with so few runs of equal spread.
    assert wrong >= fewest(ALPHA if design == "paired" else ALPHA - 0.01, draws)


@pytest.mark.parametrize("n", SIZES)
def test_a_margin_that_the_spread_hides_is_hardly_ever_called_equivalent(n):
    margin = 0.002
    rng = np.random.default_rng(n)
    wrong = sum(
        compared(accuracies(rng, (0.0, margin), n), "paired", smallest_effect=margin)[0].decision
        == "equivalent"
        for _ in range(DRAWS // 4)
    )
    assert wrong <= most(ALPHA, DRAWS // 4)


@cache
def weights(n, role, seed):
    return Resampler(seed, 10_000).weights(n, role)


# Coverage of a nominal 95 % interval, measured once on 40,000 data sets (standard error 0.0018)
# with 2000 matrices of weights. BCa is too short for few runs, and no correction makes up for it.
BCA_OF_PAIRS = {
    ("normal", 5): 0.839,
    ("normal", 10): 0.902,
    ("normal", 30): 0.936,
    ("exponential", 5): 0.805,
    ("exponential", 10): 0.879,
    ("exponential", 30): 0.923,
}
BCA_OF_ARMS = {5: 0.877, 10: 0.919, 30: 0.942}
MATRICES = 20
SPARE = 0.004  # for the few matrices used here, each of which has a coverage of its own


@pytest.mark.parametrize(("shape", "n"), BCA_OF_PAIRS)
def test_the_bca_interval_of_pairs_covers_less_than_it_says_and_by_no_more_than_measured(shape, n):
    rng = np.random.default_rng([n, len(shape)])
    covered = 0
    for draw in range(DRAWS):
        control, arm = accuracies(rng, (0.0, 0.0), n)
        if shape == "exponential":
            arm = np.round(control + rng.exponential(SD, n) - SD, 4)
        drawn = weights(n, "pairs", draw % MATRICES)
        interval = bca_of_mean(pair(arm, control).differences, drawn, 1 - ALPHA)
        covered += interval is not None and interval.low <= 0.0 <= interval.high
    rate = BCA_OF_PAIRS[shape, n]
    assert fewest(rate - SPARE, DRAWS) <= covered <= most(rate + SPARE, DRAWS)


@pytest.mark.parametrize("n", SIZES)
def test_so_does_the_bca_interval_of_two_arms_that_share_nothing(n):
    rng = np.random.default_rng(n)
    covered = 0
    for draw in range(DRAWS):
        control, arm = accuracies(rng, (0.0, 0.0), n, shared=0.0)
        seed = draw % MATRICES
        both = weights(n, "arm", seed), weights(n, "reference", seed)
        interval = bca_of_difference(arm, control, *both, 1 - ALPHA)
        covered += interval is not None and interval.low <= 0.0 <= interval.high
    rate = BCA_OF_ARMS[n]
    assert fewest(rate - SPARE, DRAWS) <= covered <= most(rate + SPARE, DRAWS)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("design", DESIGNS)
def test_the_minimal_detectable_effect_is_found_in_four_of_five_repetitions(design, n):
    rng = np.random.default_rng([n, len(design)])
    uncorrected = {"test": "t", "correction": "none"}
    shared = SD if design == "paired" else 0.0
    (pilot,) = compared(accuracies(rng, (0.0, 0.0), n, shared=shared), design, **uncorrected)
    # Repetitions have the pilot's spread: its differences' standard deviation is sqrt(2) a run's.
    sd = pilot.standard_error * n**0.5 / 2**0.5
    effect = pilot.minimal_detectable_effect
    draws = DRAWS // 2
    found = 0
    for _ in range(draws):
        values = accuracies(rng, (0.0, effect), n, sd=sd, shared=shared)
        found += compared(values, design, **uncorrected)[0].decision == "better"
    # The effect is for Student's pooled test; Welch's has fewer degrees of freedom.
    below = 0.03 if design == "unpaired" and n == 5 else 0.0
    assert fewest(0.8 - below, draws) <= found <= most(0.8, draws)


PAIRED_TESTS = {
    "permutation": lambda pairs: sign_flip_test(pairs).p_value,
    "wilcoxon": lambda pairs: wilcoxon_signed_rank(pairs).p_value,
}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("test", PAIRED_TESTS)
def test_rank_and_sign_flip_tests_find_an_effect_as_often_as_the_simulation_of_power_says(test, n):
    effect = 2.5 * SD * (2 / n) ** 0.5
    predicted = simulated_power(
        test, effect, SD * 2**0.5, n, rng=np.random.default_rng(n), simulations=20_000
    )
    rng = np.random.default_rng([n, len(test)])
    found = t_found = 0
    for _ in range(DRAWS):
        control, arm = accuracies(rng, (0.0, effect), n)
        pairs = pair(arm, control)
        found += PAIRED_TESTS[test](pairs) <= ALPHA
        t_found += paired_t_test(pairs).p_value <= ALPHA
    if n == 5:
        assert predicted == found == 0
        return
    error = STANDARD_ERRORS * (predicted * (1 - predicted) * (1 / DRAWS + 1 / 20_000)) ** 0.5
    assert abs(found / DRAWS - predicted) <= error
    # Normal differences: the t-test is the best of the three, and the others lose little.
    assert t_found - 0.06 * DRAWS <= found <= t_found + 0.01 * DRAWS
