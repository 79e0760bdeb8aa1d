"""Type S and type M errors."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from analysis.audit.exaggeration import design_errors
from analysis.errors import AnalysisError


@pytest.mark.parametrize(
    ("effect", "error", "power", "type_s", "exaggeration"),
    [
        # Gelman & Carlin 2014's two examples; their R function prints these digits for power and
        # type S, and about 77 and 9.7 (from 10,000 simulations) for the exaggeration.
        (0.1, 3.28, 0.05010648, 0.4644228, 77),
        (2.0, 8.1, 0.05701294, 0.2396177, 9.6),
    ],
)
def test_published_designs_have_their_published_errors(effect, error, power, type_s, exaggeration):
    found = design_errors(effect, error, math.inf)
    assert found.power == pytest.approx(power, rel=1e-6)
    assert found.type_s == pytest.approx(type_s, rel=1e-6)
    assert found.exaggeration == pytest.approx(exaggeration, rel=0.01)


@pytest.mark.parametrize(("size", "degrees"), [(0.5, 2.5), (1.0, 10), (3.0, 16.1), (8.0, 118)])
def test_exaggeration_is_the_mean_of_what_is_significant(size, degrees):
    t = stats.t(degrees)
    critical = t.isf(0.025)
    above = integrate.quad(lambda x: x * t.pdf(x - size), critical, np.inf)[0]
    below = integrate.quad(lambda x: -x * t.pdf(x - size), -np.inf, -critical)[0]
    chance = t.sf(critical - size) + t.cdf(-critical - size)
    found = design_errors(size, 1.0, degrees)
    assert found.exaggeration == pytest.approx((above + below) / chance / size, rel=1e-6)


def test_a_strong_design_exaggerates_nothing():
    found = design_errors(50.0, 1.0, 30)
    assert found.power == pytest.approx(1.0)
    assert found.exaggeration == pytest.approx(1.0, abs=1e-6)
    assert found.type_s < 1e-6


def test_one_degree_of_freedom_has_no_average():
    assert design_errors(1.0, 1.0, 1).exaggeration is None


@pytest.mark.parametrize(
    "wrong", [(0.0, 1.0, 5), (-1.0, 1.0, 5), (1.0, 0.0, 5), (1.0, math.nan, 5), (1.0, 1.0, 0)]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(AnalysisError):
        design_errors(*wrong)
