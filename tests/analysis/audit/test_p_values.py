"""Reported p-values against their statistics.

The cases said to be statcheck's are those of its documentation and of its own tests
(test-decisionerror.R, test-compute-pvalues.R, test-error.R) in its public repository.
"""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.finding import Outcome
from analysis.audit.p_values import decision_error, one_sided, p_recompute
from analysis.audit.printed_numbers import PrintedError
from analysis.errors import AnalysisError

T_AT = {p: stats.t.isf(p / 2, 28) for p in (0.04, 0.05, 0.06)}
"""The t with 28 df whose two-sided p is that: statcheck's tests use the same."""


def _t(p, away=0.0):
    return repr(float(T_AT[p] + away))


class TestRecomputing:
    @pytest.mark.parametrize(
        ("test", "statistic", "p", "df", "df2"),
        [
            # statcheck, test-compute-pvalues.R
            ("t", "2.20", ".04", "28", None),
            ("F", "2.20", ".13", "2", "28"),
            ("r", ".22", ".24", "28", None),
            ("z", "2.20", ".03", None, None),
            ("chi2", "22.20", ".77", "28", None),
            # The README's example
            ("t", "2.2", "< .05", "28", None),
            # Its documentation: t = 2.35 may have been 2.345, which makes .0268 of .0264
            ("t", "-2.20", ".036", "28", None),
        ],
    )
    def test_a_p_that_follows_passes(self, test, statistic, p, df, df2):
        assert p_recompute(test, statistic, p, df=df, df2=df2).outcome is Outcome.PASS

    @pytest.mark.parametrize(
        ("test", "statistic", "p", "df", "df2"),
        [
            # statcheck, test-error.R and the first block of test-decisionerror.R
            ("t", "1.02", "< .05", "48", None),
            ("t", "2.20", ".06", "28", None),
            ("t", "1.20", ".03", "28", None),
            ("F", "22.20", ".06", "2", "28"),
            ("F", "2.20", ".03", "2", "28"),
            ("r", ".22", ".03", "28", None),
            ("r", ".52", ".06", "28", None),
            ("chi2", "2.20", ".03", "28", None),
            ("chi2", "52.20", ".06", "28", None),
            ("z", "1.20", ".03", None, None),
            ("z", "2.20", ".06", None, None),
        ],
    )
    def test_a_p_that_does_not_follow_fails(self, test, statistic, p, df, df2):
        given_numbers = {"df": df, "df2": df2}
        assert p_recompute(test, statistic, p, **given_numbers).outcome is Outcome.FAIL
        assert decision_error(test, statistic, p, **given_numbers).outcome is Outcome.FAIL

    @pytest.mark.parametrize(
        ("statistic", "p"),
        [
            ("9.739991085638106", "8.294258124301794e-17"),
            ("14.797695309710354", "1.174280723515254e-28"),
            ("14.322527108449451", "1.4095901501211661e-27"),
        ],
    )
    def test_the_known_statistics_of_the_monte_carlo_runs_pass(self, statistic, p):
        # Hernandez et al. 2025: 60 runs an arm, equal variances, two-sided.
        found = p_recompute("t", statistic, p, df="118", df_rounded=False)
        assert found.outcome is Outcome.PASS
        assert found.values["p_recomputed"] == pytest.approx(float(p), rel=1e-12)

    @pytest.mark.parametrize("p", ["1.17428082e-28", "1.1743e-27", "1.2e-28", "0.0001"])
    def test_a_tiny_p_with_a_wrong_digit_is_seen(self, p):
        found = p_recompute("t", "14.797695309710354", p, df="118", df_rounded=False)
        assert (found.outcome is Outcome.PASS) == (p == "1.2e-28")

    @pytest.mark.parametrize(
        ("p", "outcome"),
        [
            # 1 - t/√(t² + 2) for t = 1e150 is 1e-300.
            ("1.0e-300", Outcome.PASS),
            ("1.1e-300", Outcome.FAIL),
            ("< 1e-299", Outcome.PASS),
            ("< 1e-301", Outcome.FAIL),
        ],
    )
    def test_a_p_near_the_smallest_float_is_compared(self, p, outcome):
        assert p_recompute("t", "1.0000e150", p, df="2", df_rounded=False).outcome is outcome

    @pytest.mark.parametrize(
        ("p", "outcome"),
        [
            ("9.3e-351", Outcome.FAIL),
            ("3.9e-350", Outcome.PASS),
            ("< 1e-349", Outcome.PASS),
            ("> 1e-349", Outcome.FAIL),
        ],
    )
    def test_a_p_below_the_smallest_float_is_compared(self, p, outcome):
        # chi-squared with two df: p = exp(-x / 2) = 3.90e-350 for x = 1609.08.
        x = Decimal("1609.08")
        assert Decimal("3.8e-350") < (-x / 2).exp() < Decimal("4.0e-350")
        assert p_recompute("chi2", str(x), p, df="2").outcome is outcome

    def test_the_rounding_of_the_statistic_counts(self):
        # t(28) = 2.345 … 2.355 gives p = .0258 … .0263
        for p in (".026", ".0258", ".0263"):
            assert p_recompute("t", "2.35", p, df="28").outcome is Outcome.PASS
        assert (
            p_recompute("t", "2.3500", ".0258", df="28", df_rounded=False).outcome is Outcome.FAIL
        )

    def test_halves_of_p_may_be_rounded_either_way(self):
        # One numerator chosen so that p is 0.125 exactly: F(2, d) = (8^(2/d) - 1) · d / 2 at d = 2.
        assert stats.f.sf(7, 2, 2) == pytest.approx(0.125, rel=1e-15)
        for p in ("0.12", "0.13"):
            assert p_recompute("F", "7.00000000000000", p, df="2", df2="2").outcome is Outcome.PASS

    @pytest.mark.parametrize("p", [".000", "0", "< .000", "= 0.0", "-0.02", "> 0"])
    def test_no_p_is_zero_or_less(self, p):
        assert p_recompute("t", "9.5", p, df="28").outcome is Outcome.FAIL

    @pytest.mark.parametrize(
        ("statistic", "p", "outcome"),
        [
            ("< 1", "> .05", Outcome.PASS),
            ("< 1", ".20", Outcome.FAIL),
            ("< 1", ".40", Outcome.PASS),
            ("< 1", "< .05", Outcome.FAIL),
            ("< 1", "ns", Outcome.PASS),
            ("> 3", "< .01", Outcome.PASS),
            ("> 3", ".02", Outcome.FAIL),
            ("> 3", "> .05", Outcome.FAIL),
            ("< -3", "< .01", Outcome.PASS),
            ("< -3", ".50", Outcome.FAIL),
            ("> -1", ".50", Outcome.PASS),
        ],
    )
    def test_a_statistic_may_be_printed_with_a_relation(self, statistic, p, outcome):
        assert p_recompute("t", statistic, p, df="28", sides=2).outcome is outcome

    def test_not_significant_is_read_as_above_alpha(self):
        assert p_recompute("t", "1.20", "ns", df="28").outcome is Outcome.PASS
        assert p_recompute("t", "2.20", "n.s.", df="28").outcome is Outcome.FAIL
        assert p_recompute("t", "2.20", "ns", df="28", alpha="0.01").outcome is Outcome.PASS
        assert decision_error("t", "2.20", "ns", df="28").outcome is Outcome.FAIL

    @pytest.mark.parametrize(
        ("test", "statistic", "df", "df2"),
        [
            ("r", "1.02", "28", None),
            ("r", "-1.2", "28", None),
            ("F", "-3.1", "2", "28"),
            ("chi2", "-0.6", "2", None),
            ("chi2", "< 0", "2", None),
        ],
    )
    def test_a_statistic_that_its_test_cannot_give_fails(self, test, statistic, df, df2):
        numbers = {"df": df, "df2": df2}
        found = p_recompute(test, statistic, ".04", **numbers)
        assert found.outcome is Outcome.FAIL
        assert "possible" in found.detail
        assert decision_error(test, statistic, ".04", **numbers).outcome is Outcome.NOT_APPLICABLE
        assert one_sided(test, statistic, ".04", **numbers).outcome is Outcome.NOT_APPLICABLE

    def test_a_correlation_that_rounds_to_one_is_possible(self):
        assert p_recompute("r", "1.00", "< .001", df="8").outcome is Outcome.PASS

    def test_decimals_of_the_degrees_of_freedom_are_rounded_too(self):
        # Welch: t = 12.706205 has p = .05 at df = 1 and .0437 at df = 1.06.
        low, high = (2 * stats.t.sf(12.706205, df) for df in (1.15, 1.05))
        inside, outside = f"{(low + high) / 2:.5f}", f"{low - 0.0005:.5f}"
        assert p_recompute("t", "12.706205", inside, df="1.1").outcome is Outcome.PASS
        assert p_recompute("t", "12.706205", outside, df="1.1").outcome is Outcome.FAIL
        assert p_recompute("t", "12.706205", f"{low:.5f}", df="1.10").outcome is Outcome.FAIL

    def test_whole_df_that_fit_only_as_rounded_are_flagged_unless_declared(self):
        p = f"{2 * stats.t.sf(3.1234, 5.6):.4f}"
        assert p_recompute("t", "3.1234", p, df="6").outcome is Outcome.FLAG
        assert p_recompute("t", "3.1234", p, df="6", df_rounded=True).outcome is Outcome.PASS
        assert p_recompute("t", "3.1234", p, df="6", df_rounded=False).outcome is Outcome.FAIL

    def test_a_corrected_p_passes_once_its_family_is_declared(self):
        raw = 2 * stats.t.sf(2.8, 28)
        for factor in (1, 2, 3):
            p = f"{raw * factor:.4f}"
            assert p_recompute("t", "2.800", p, df="28", family=3).outcome is Outcome.PASS
        assert p_recompute("t", "2.800", f"{raw * 3:.4f}", df="28").outcome is Outcome.FAIL
        assert (
            p_recompute("t", "2.800", f"{raw * 3.2:.4f}", df="28", family=3).outcome is Outcome.FAIL
        )

    @given(
        st.sampled_from(["t", "z", "r", "F", "chi2"]),
        st.integers(1, 400),
        st.integers(1, 400),
        st.floats(0.001, 8),
        st.integers(1, 6),
        st.integers(2, 12),
    )
    def test_what_was_rounded_from_exact_numbers_never_fails(
        self, test, df, df2, x, places, digits
    ):
        statistic = x / 8.5 if test == "r" else x
        exact_p = {
            "t": lambda: 2 * stats.t.sf(x, df),
            "z": lambda: 2 * stats.norm.sf(x),
            "r": lambda: 2 * stats.t.sf(statistic * (df / (1 - statistic**2)) ** 0.5, df),
            "F": lambda: stats.f.sf(x, df, df2),
            "chi2": lambda: stats.chi2.sf(x, df),
        }[test]()
        p = f"{exact_p:.{digits}f}"
        assume(float(p) > 0)
        degrees = {"t": [df], "z": [], "r": [df], "F": [df, df2], "chi2": [df]}[test]
        named = dict(zip(("df", "df2"), degrees, strict=False))
        found = p_recompute(test, f"{statistic:.{places}f}", p, **named)
        assert found.outcome is Outcome.PASS
        for check in (decision_error, one_sided):
            assert check(test, f"{statistic:.{places}f}", p, **named).outcome is Outcome.PASS


class TestDecisions:
    @pytest.mark.parametrize(
        ("statistic", "p", "alpha"),
        [
            ("2.20", ".11", "0.10"),
            ("1.20", ".09", "0.10"),
            ("5.20", ".02", "0.01"),
            ("1.20", ".005", "0.01"),
        ],
    )
    def test_the_level_can_be_another(self, statistic, p, alpha):
        # statcheck, "decision errors are correctly classified when alpha levels are changed"
        assert decision_error("t", statistic, p, df="28", alpha=alpha).outcome is Outcome.FAIL

    @pytest.mark.parametrize(("p", "alpha"), [(".05", "0.05"), (".10", "0.10")])
    def test_a_p_equal_to_alpha_counts_as_significant_unless_switched(self, p, alpha):
        # statcheck's pEqualAlphaSig
        same = {"df": "28", "alpha": alpha}
        assert decision_error("t", "2.20", p, **same).outcome is Outcome.PASS
        strict = decision_error("t", "2.20", p, **same, alpha_is_significant=False)
        assert strict.outcome is Outcome.FAIL

    @pytest.mark.parametrize(
        ("statistic", "p", "equal_is_significant", "is_error"),
        [
            # statcheck's three tables of exact statistics with p = …, p < … and p > …
            (_t(0.04), ".04", True, False),
            (_t(0.05, 0.0001), ".04", True, False),
            (_t(0.06), ".04", True, True),
            (_t(0.04), ".05", True, False),
            (_t(0.05), ".05", True, False),
            (_t(0.06), ".05", True, True),
            (_t(0.04), ".06", True, True),
            (_t(0.05, 0.0001), ".06", True, True),
            (_t(0.06), ".06", True, False),
            (_t(0.04), ".04", False, False),
            (_t(0.05, -0.0001), ".04", False, True),
            (_t(0.06), ".04", False, True),
            (_t(0.04), ".05", False, True),
            (_t(0.05), ".05", False, False),
            (_t(0.06), ".05", False, False),
            (_t(0.04), ".06", False, True),
            (_t(0.05, -0.0001), ".06", False, False),
            (_t(0.06), ".06", False, False),
            (_t(0.04), "< .04", True, False),
            (_t(0.05, 0.0001), "< .04", True, False),
            (_t(0.06), "< .04", True, True),
            (_t(0.04), "< .05", True, False),
            (_t(0.05, 0.0001), "< .05", True, False),
            (_t(0.06), "< .05", True, True),
            (_t(0.04), "< .06", True, False),
            (_t(0.06), "< .06", True, False),
            (_t(0.05, -0.0001), "< .04", False, True),
            (_t(0.05, -0.0001), "< .05", False, True),
            (_t(0.06), "< .05", False, True),
            (_t(0.05, -0.0001), "< .06", False, False),
            (_t(0.04), "> .04", True, False),
            (_t(0.05, 0.0001), "> .04", True, False),
            (_t(0.06), "> .04", True, False),
            (_t(0.04), "> .05", True, True),
            (_t(0.05, 0.0001), "> .05", True, True),
            (_t(0.06), "> .05", True, False),
            (_t(0.04), "> .06", True, True),
            (_t(0.05, 0.0001), "> .06", True, True),
            (_t(0.06), "> .06", True, False),
            (_t(0.04), "> .05", False, True),
            (_t(0.05, -0.0001), "> .05", False, False),
            (_t(0.05, -0.0001), "> .06", False, False),
        ],
    )
    def test_decisions_are_those_of_statcheck(self, statistic, p, equal_is_significant, is_error):
        found = decision_error(
            "t", statistic, p, df="28", sides=2, df_rounded=False,
            alpha_is_significant=equal_is_significant,
        )  # fmt: skip
        assert found.outcome.is_objection == is_error

    def test_an_error_that_flips_nothing_passes(self):
        assert p_recompute("t", "2.20", ".01", df="28").outcome is Outcome.FAIL
        assert decision_error("t", "2.20", ".01", df="28").outcome is Outcome.PASS

    def test_a_zero_p_of_a_significant_result_flips_nothing(self):
        assert decision_error("t", "9.5", ".000", df="28").outcome is Outcome.PASS
        assert decision_error("t", "1.0", ".000", df="28").outcome is Outcome.FAIL

    def test_a_bound_on_the_wrong_side_of_alpha_decides_nothing(self):
        found = decision_error("t", "0.5", "< .10", df="28", sides=2)
        assert found.outcome is Outcome.NOT_APPLICABLE

    def test_a_flip_within_the_rounding_of_the_statistic_is_a_flag(self):
        # t(28) = 1.95 … 2.05 gives p between .0613 and .0498, and 2.05 itself .0498.
        assert decision_error("t", "2.0", ".01", df="28").outcome is Outcome.FLAG
        assert decision_error("t", "2.05", ".20", df="28").outcome is Outcome.FLAG
        assert decision_error("t", "2.10", ".20", df="28").outcome is Outcome.FAIL

    def test_a_flip_that_a_one_sided_test_explains_is_a_flag(self):
        # Two-sided .063, one-sided .032.
        assert decision_error("t", "1.93", ".032", df="28").outcome is Outcome.FLAG
        assert decision_error("t", "1.93", ".032", df="28", sides=2).outcome is Outcome.FAIL
        assert decision_error("t", "1.93", ".032", df="28", sides=1).outcome is Outcome.PASS


class TestSides:
    def test_an_undeclared_one_sided_p_is_flagged(self):
        # statcheck's OneTail column: t(28) = 2.20 has p = .036, one-sided .018.
        for check in (one_sided, p_recompute):
            found = check("t", "2.20", ".018", df="28")
            assert found.outcome is Outcome.FLAG
            assert "one-sided" in found.detail

    def test_a_declared_one_sided_p_passes(self):
        assert p_recompute("t", "2.20", ".018", df="28", sides=1).outcome is Outcome.PASS
        assert one_sided("t", "2.20", ".018", df="28", sides=1).outcome is Outcome.NOT_APPLICABLE

    def test_a_declared_two_sided_p_must_be_two_sided(self):
        assert p_recompute("t", "2.20", ".018", df="28", sides=2).outcome is Outcome.FAIL

    def test_a_one_sided_p_of_the_other_side_is_possible(self):
        assert p_recompute("z", "-1.00", ".841", sides=1).outcome is Outcome.PASS
        assert p_recompute("z", "-1.00", ".841").outcome is Outcome.FLAG
        assert p_recompute("z", "-1.00", ".841", sides=2).outcome is Outcome.FAIL

    def test_a_two_sided_p_and_one_that_fits_neither_way_are_no_one_sided_p(self):
        assert one_sided("t", "2.20", ".036", df="28").outcome is Outcome.PASS
        assert one_sided("t", "2.20", ".5", df="28").outcome is Outcome.PASS
        assert one_sided("t", "2.20", ".000", df="28").outcome is Outcome.PASS

    def test_a_test_of_several_means_has_no_sides(self):
        # F(2, 28) = 4.20 has p = .0254.
        found = one_sided("F", "4.20", ".0127", df="2", df2="28")
        assert found.outcome is Outcome.FLAG
        assert "several degrees of freedom" in found.detail
        assert p_recompute("F", "4.20", ".0127", df="2", df2="28").outcome is Outcome.FAIL
        with pytest.raises(AnalysisError, match="no direction"):
            p_recompute("F", "4.20", ".0127", df="2", df2="28", sides=1)

    def test_a_test_of_two_means_by_f_may_have_sides(self):
        p = f"{stats.t.sf(2.2, 28):.4f}"
        assert p_recompute("F", "4.840", p, df="1", df2="28", sides=1).outcome is Outcome.PASS


class TestInputs:
    @pytest.mark.parametrize("check", [p_recompute, decision_error, one_sided])
    @pytest.mark.parametrize(
        ("test", "statistic", "p", "df", "missing"),
        [
            ("t", "2.2", ".04", None, ["df"]),
            ("F", "2.2", ".04", "2", ["df2"]),
            ("F", "2.2", ".04", None, ["df", "df2"]),
            ("t", None, ".04", "28", ["statistic"]),
            ("z", "2.2", None, None, ["p"]),
        ],
    )
    def test_what_is_missing_is_named(self, check, test, statistic, p, df, missing):
        found = check(test, statistic, p, df=df)
        assert found.outcome is Outcome.MISSING_INPUT
        assert found.values["missing"] == missing

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"test": "u"}, "allowed: 't'"),
            ({"df": "0"}, "above 0"),
            ({"df": "-3"}, "above 0"),
            ({"df": "1e12"}, "up to"),
            ({"df2": "3"}, "df2 is given"),
            ({"sides": 3}, "allowed: 1, 2"),
            ({"sides": 0}, "allowed: 1, 2"),
            ({"alpha": "0"}, "above 0 and below 1"),
            ({"alpha": "1.0"}, "above 0 and below 1"),
            ({"family": 0}, "from 1"),
            ({"family": True}, "from 1"),
            ({"statistic": "1e200"}, "up to"),
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong, says):
        numbers = {"test": "t", "statistic": "2.2", "p": ".04", "df": "28"} | wrong
        with pytest.raises(AnalysisError, match=says):
            p_recompute(**numbers)

    @pytest.mark.parametrize("text", ["nan", "inf", "", "abc", 2.2])
    def test_what_is_no_printed_number_is_refused(self, text):
        with pytest.raises(PrintedError):
            p_recompute("t", text, ".04", df="28")
        with pytest.raises(PrintedError):
            p_recompute("t", "2.2", text, df="28")
        with pytest.raises(PrintedError):
            p_recompute("t", "2.2", ".04", df=text)
