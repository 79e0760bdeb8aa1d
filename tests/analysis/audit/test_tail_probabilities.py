"""Tail probabilities, against closed forms and classical bounds in decimal arithmetic."""

import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.tail_probabilities import TESTS, require_test, tail_p
from analysis.errors import AnalysisError


def _close(found: Decimal, expected: Decimal, relative: str = "1e-9") -> bool:
    return abs(found / expected - 1) < Decimal(relative)


@pytest.mark.parametrize("magnitude", ["0.5", "3", "700", "1400", "5000", "100000"])
def test_chi_squared_with_two_df_is_an_exponential(magnitude):
    # Its upper tail is exp(-x / 2), whatever x.
    expected = (-Decimal(magnitude) / 2).exp()
    assert _close(tail_p("chi2", Decimal(magnitude), Decimal(2), None), expected, "1e-6")


@pytest.mark.parametrize("magnitude", ["0.2", "1", "63", "1e20", "1e100", "1e140"])
def test_t_with_two_df_has_a_closed_form(magnitude):
    # 1 - t / sqrt(t² + 2), rewritten so that nothing cancels.
    t = Decimal(magnitude)
    root = (t * t + 2).sqrt()
    expected = 2 / (root * (root + t))
    assert _close(tail_p("t", t, Decimal(2), None), expected)


@pytest.mark.parametrize("magnitude", ["1e100", "1e145", "1e150"])
def test_t_with_six_df_underflows_no_float(magnitude):
    # Far out the density is c · 6^3.5 · t^-7, with c = Γ(3.5) / (√(6π) · Γ(3)).
    t = Decimal(magnitude)
    density = math.gamma(3.5) / (math.sqrt(6 * math.pi) * math.gamma(3)) * 6**3.5 / 6
    assert _close(tail_p("t", t, Decimal(6), None), 2 * Decimal(density) / t**6, "1e-6")


@pytest.mark.parametrize("magnitude", ["2", "1e90", "1e150"])
def test_f_with_two_numerator_df_has_a_closed_form(magnitude):
    # (1 + 2F / d)^(-d / 2)
    value, degrees = Decimal(magnitude), Decimal(8)
    expected = (1 + 2 * value / degrees) ** (-degrees / 2)
    assert _close(tail_p("F", value, Decimal(2), degrees), expected, "1e-6")


@pytest.mark.parametrize("magnitude", ["37", "38.5", "60", "1000"])
def test_the_normal_tail_lies_between_its_classical_bounds(magnitude):
    # Gordon 1941: φ(z) · z / (1 + z²) < P < φ(z) / z.
    z = Decimal(magnitude)
    density = 2 * (-z * z / 2).exp() / Decimal(2 * math.pi).sqrt()
    found = tail_p("z", z, None, None)
    slack = Decimal("1e-6")
    assert density * z / (1 + z * z) * (1 - slack) < found < density / z * (1 + slack)


def test_a_correlation_has_the_p_of_its_t():
    r, df = Decimal("0.4"), Decimal(30)
    t = r * (df / (1 - r * r)).sqrt()
    assert _close(tail_p("r", r, df, None), tail_p("t", t, df, None))


def test_a_correlation_close_to_one_underflows_no_float():
    r, df = Decimal("0.9999999999999"), Decimal(118)
    t = r * (df / (1 - r * r)).sqrt()
    found = tail_p("r", r, df, None)
    assert 0 < found < Decimal("1e-700")
    assert _close(found, tail_p("t", t, df, None), "1e-6")


@pytest.mark.parametrize("test", TESTS)
def test_an_infinite_statistic_has_a_p_of_zero(test):
    assert tail_p(test, Decimal("Infinity"), Decimal(3), Decimal(4)) == 0


@pytest.mark.parametrize(
    ("test", "df", "df2"),
    [("t", 118, None), ("F", 3, 40), ("chi2", 30, None), ("z", None, None)],
)
def test_both_ways_of_computing_agree_where_they_meet(test, df, df2):
    # The two meet at p = 1e-280; a step there would show as a jump.
    degrees = [None if each is None else Decimal(each) for each in (df, df2)]
    around, above = Decimal(1), Decimal("1e20")
    for _ in range(80):
        middle = (around * above).sqrt()
        is_below = tail_p(test, middle, *degrees) > Decimal("1e-280")
        around, above = (middle, above) if is_below else (around, middle)
    places = [around * (1 + Decimal(step) / 500) for step in range(-20, 21)]
    logs = [float(tail_p(test, each, *degrees).ln()) for each in places]
    steps = [after - before for before, after in pairwise(logs)]
    bends = [abs(after - before) for before, after in pairwise(steps)]
    assert logs[-1] < math.log(1e-280) < logs[0]
    assert max(steps) < 0
    assert max(bends) < 0.01 * abs(steps[0])


@given(
    st.sampled_from(["t", "z", "F", "chi2"]),
    st.decimals(0, 10_000, places=3),
    st.decimals("0.5", 1000, places=2),
    st.decimals("0.5", 1000, places=2),
)
def test_a_larger_statistic_never_has_a_larger_p(test, magnitude, df, df2):
    first = tail_p(test, magnitude, df, df2)
    second = tail_p(test, magnitude * 2 + 1, df, df2)
    assert 0 <= second <= first <= 1


def test_an_unknown_test_is_refused_with_those_that_there_are():
    with pytest.raises(AnalysisError, match="'T'; allowed: 't', 'F', 'z', 'chi2', 'r'"):
        require_test("T")
