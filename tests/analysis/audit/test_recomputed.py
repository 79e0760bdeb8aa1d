"""The interval of p-values that a printed statistic allows."""

from decimal import Decimal

import pytest
from scipy import stats

from analysis.audit.printed_numbers import printed
from analysis.audit.recomputed import ImpossibleStatisticError, PInterval, p_agrees, recomputed_p
from analysis.errors import AnalysisError


def _p_of_t(t, df):
    return 2 * stats.t.sf(t, df)


def test_the_interval_runs_over_the_rounding_of_the_statistic():
    found = recomputed_p("t", "-2.20", df="28")
    ends = (_p_of_t(2.205, 28), _p_of_t(2.195, 28), _p_of_t(2.2, 28))
    assert (float(found.low), float(found.high), float(found.at)) == pytest.approx(ends, rel=1e-12)


def test_the_interval_runs_over_the_rounding_of_fractional_df_too():
    found = recomputed_p("t", "2.20", df="5.3")
    ends = (_p_of_t(2.205, 5.35), _p_of_t(2.195, 5.25))
    assert (float(found.low), float(found.high)) == pytest.approx(ends, rel=1e-12)


def test_whole_df_are_exact_unless_declared_rounded():
    exact = recomputed_p("t", "2.20", df="5")
    rounded = recomputed_p("t", "2.20", df="5", df_rounded=True)
    assert float(exact.high) == pytest.approx(_p_of_t(2.195, 5), rel=1e-12)
    assert float(rounded.high) == pytest.approx(_p_of_t(2.195, 4.5), rel=1e-12)
    assert float(recomputed_p("t", "9", df="1", df_rounded=True).high) == pytest.approx(
        _p_of_t(8.5, 1), rel=1e-12
    )


def test_a_statistic_that_may_be_zero_allows_a_p_of_one():
    assert recomputed_p("z", "0.0").high == 1
    assert recomputed_p("F", "0.0", df="2", df2="9").high == 1


@pytest.mark.parametrize(("statistic", "is_low"), [("< 1.5", False), ("> 1.5", True)])
def test_an_open_statistic_gives_an_open_interval(statistic, is_low):
    found = recomputed_p("z", statistic)
    end = 2 * stats.norm.sf(1.5)
    if is_low:
        assert (found.low, float(found.high)) == (0, pytest.approx(end, rel=1e-12))
    else:
        assert (float(found.low), found.high) == (pytest.approx(end, rel=1e-12), 1)


def test_an_impossible_statistic_is_named():
    with pytest.raises(
        ImpossibleStatisticError, match=r"r is 1\.2; possible: from -1 to 1"
    ) as caught:
        recomputed_p("r", "1.2", df="8")
    assert (caught.value.test, caught.value.statistic) == ("r", "1.2")


@pytest.mark.parametrize("numbers", [{}, {"df": "3", "df2": "3"}, {"df2": "3"}])
def test_degrees_of_freedom_that_are_missing_or_too_many_are_refused(numbers):
    with pytest.raises(AnalysisError, match="has 1 degrees of freedom"):
        recomputed_p("t", "2.2", **numbers)


@pytest.mark.parametrize(
    ("p", "agrees"),
    [
        ("0.02", True),
        ("0.03", True),
        ("0.04", False),
        ("0.0199", False),
        ("< 0.021", True),
        ("< 0.02", True),
        ("< 0.019", False),
        ("<= 0.02", True),
        ("> 0.025", True),
        ("> 0.026", False),
        (">= 0.025", True),
    ],
)
def test_a_p_agrees_as_its_relation_says(p, agrees):
    interval = PInterval(Decimal("0.02"), Decimal("0.025"), Decimal("0.022"))
    assert p_agrees(printed(p), interval) == agrees


def test_an_interval_below_every_float_is_shown_as_text():
    values = recomputed_p("chi2", "1609.08", df="2").values()
    assert str(values["p_recomputed"]).startswith("3.9")
    assert str(values["p_recomputed"]).endswith("e-350")


def test_a_corrected_p_lies_between_p_and_family_times_p():
    interval = PInterval(Decimal("0.2"), Decimal("0.3"), Decimal("0.25")).corrected(5)
    assert (interval.low, interval.high) == (Decimal("0.2"), 1)
