"""The sceptical p-value."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from analysis.audit.sceptical import sceptical_p, sceptical_z


def z_of(p):
    """The z of a two-sided p, as ReplicationSuccess's p2z."""
    return -special.ndtri(p / 2)


@pytest.mark.parametrize(
    ("p_original", "p_replication", "ratio", "options", "expected"),
    [
        (0.01, 0.02, 2, {"recalibration": "nominal"}, 0.05790852),
        (0.01, 0.02, 2, {"recalibration": "golden"}, 0.02273138),
        (0.02, 0.01, 0.5, {}, 0.008786301),
        (0.01, 0.01, 2, {"sides": 2}, 0.03496702),
    ],
)
def test_the_manual_of_replicationsuccess_is_reproduced(
    p_original, p_replication, ratio, options, expected
):
    # The examples of pSceptical, with the output on the package's site (version 1.3.1).
    found = sceptical_p(z_of(p_original), z_of(p_replication), ratio, **options)
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_sceptical_z_of_the_manual_is_reproduced():
    # zSceptical(zo = 2, zr = 3, c = 2) and its mirror image, ibid.
    assert sceptical_z(2, 3, 2) == pytest.approx(1.531634, rel=1e-6)
    assert sceptical_z(3, 2, 2) == pytest.approx(1.531634, rel=1e-6)


@pytest.mark.parametrize(
    ("original", "replication", "one_sided", "two_sided"),
    [
        (-4, -4, 0.000149544079762546, 0.000299088159525091),
        (2, -4, 0.976365668588449, 0.0472686628231029),
        (2, 2, 0.0352998069509419, 0.0705996139018838),
        (2, 0, 0.5, 1.0),
    ],
)
def test_the_packages_own_tests_are_reproduced(original, replication, one_sided, two_sided):
    # tests/testthat/test-pSceptical.R of ReplicationSuccess, type = "nominal", c = 0.05.
    for sides, expected in ((1, one_sided), (2, two_sided)):
        found = sceptical_p(original, replication, 0.05, sides=sides, recalibration="nominal")
        assert found == pytest.approx(expected, rel=1e-9)


def test_the_packages_example_of_equal_sizes_is_reproduced():
    # The first example of test-pSceptical.R: t² of 12.19 and 3.99 at c = 1 give p = 0.083.
    found = sceptical_p(math.sqrt(12.19), math.sqrt(3.99), 1, sides=2, recalibration="nominal")
    assert found == pytest.approx(0.083, abs=5e-4)


@given(st.floats(0.05, 30), st.floats(0.05, 30), st.floats(0.01, 100))
def test_the_z_solves_the_equation_of_the_reverse_bayes_argument(original, replication, ratio):
    # Independent: the level at which the sceptic's prior variance, found from the original, makes
    # the replication's prior-predictive tail equal to the same level, solved numerically.
    def gap(squared):
        prior = 1 / (original**2 / squared - 1)  # the prior variance over the original's
        return replication**2 - squared * (1 + ratio * prior)

    top = min(original, replication) ** 2
    root = optimize.brentq(gap, 1e-12 * top, top * (1 - 1e-12), xtol=1e-300, rtol=1e-13)
    assert sceptical_z(original, replication, ratio) ** 2 == pytest.approx(root, rel=1e-6)


@given(st.floats(0.05, 30), st.floats(0.05, 30), st.floats(0.01, 100))
def test_the_nominal_p_is_never_below_either_studys_own(original, replication, ratio):
    found = sceptical_p(original, replication, ratio, recalibration="nominal")
    assert found >= special.ndtr(-min(original, replication)) * (1 - 1e-9)


def test_an_original_just_significant_needs_an_effect_as_large_again_at_the_golden_level():
    # Held, Micheloud & Pawel 2022: p is alpha for a huge replication of just the same effect.
    z = z_of(0.05)
    huge = 1e10
    assert sceptical_p(z, z * math.sqrt(huge), huge) == pytest.approx(0.025, abs=1e-4)
    assert sceptical_p(z, 0.99 * z * math.sqrt(huge), huge) > 0.025


def test_without_any_effect_it_convinces_far_less_often_than_once_in_forty():
    rng = np.random.default_rng(20)
    pairs = rng.normal(size=(20_000, 2))
    alarms = np.mean([sceptical_p(*pair, 1.0) <= 0.025 for pair in pairs.tolist()])
    # Two trials each at 0.025 in the same direction would be 2 · 0.025² = 0.00125.
    assert alarms < 0.004
