"""The replication Bayes factor."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.audit.replication_bayes import replication_bayes_factor

# Table 1 of Pawel & Held (2022), as the package BayesRep keeps it in its tests: original estimate
# and standard error, replication estimate and standard error, Bayes factor.
TABLE = {
    "Hauser": (
        *(1.14417264341251, 0.164398987305357),
        *(1.19476271568933, 0.229415733870562),
        1.61275109902623e-06,
    ),
    "Aviezer": (
        *(1.96382457556354, 0.288675134594813),
        *(1.18451560871901, 0.301511344577764),
        0.00352146020839239,
    ),
    "Kovacs": (
        *(0.485326762453132, 0.218217890235992),
        *(0.671862945083057, 0.104257207028537),
        2.99745740619506e-09,
    ),
    "Janssen": (
        *(0.743741868967827, 0.129099444873581),
        *(0.358414852842928, 0.160128153805087),
        0.606604189711098,
    ),
    "Pyc": (
        *(0.396018834302785, 0.174077655955698),
        *(0.150864396208723, 0.0574484989621426),
        0.248184710610032,
    ),
    "Rand": (
        *(0.141926757107812, 0.054232614454664),
        *(0.025792251826568, 0.021652326748721),
        9.58539878281878,
    ),
    "Sparrow": (
        *(0.385698718807712, 0.123091490979333),
        *(0.0496313025904017, 0.0657951694959769),
        28.9728262321521,
    ),
    "Ramirez": (
        *(1.07988209588739, 0.242535625036333),
        *(-0.0985013285629837, 0.114707866935281),
        24995.5941001993,
    ),
}


@pytest.mark.parametrize("study", TABLE)
def test_table_1_of_pawel_and_held_is_reproduced(study):
    *estimates, expected = TABLE[study]
    assert replication_bayes_factor(*estimates) == pytest.approx(expected, rel=1e-9)


def test_the_readme_of_bayesrep_is_reproduced():
    # to = 0.2, so = 0.05, tr = 0.15, sr = 0.04 prints "1/521".
    assert round(1 / replication_bayes_factor(0.2, 0.05, 0.15, 0.04)) == 521


@given(st.floats(-3, 3), st.floats(0.2, 2), st.floats(-3, 3), st.floats(0.2, 2))
def test_it_is_the_ratio_of_the_marginal_likelihoods(to, so, tr, sr):
    # Independent: the posterior of the original integrated numerically.
    effects = np.linspace(min(to, tr) - 20, max(to, tr) + 20, 10_001)
    some = integrate.simpson(
        stats.norm.pdf(tr, effects, sr) * stats.norm.pdf(effects, to, so), x=effects
    )
    expected = stats.norm.pdf(tr, 0, sr) / some
    assert replication_bayes_factor(to, so, tr, sr) == pytest.approx(expected, rel=1e-6)


def test_evidence_beyond_floating_point_numbers_has_a_value():
    assert replication_bayes_factor(1e6, 1.0, 0.0, 1.0) == math.inf
    assert replication_bayes_factor(1e6, 1.0, 1e6, 1.0) == 0.0
