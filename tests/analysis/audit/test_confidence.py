"""Confidence intervals against their estimates and p-values.

The sleep data are Student's (1908); their tests are printed in the documentation of R's t.test.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.confidence import ci_vs_p
from analysis.audit.finding import Outcome
from analysis.audit.printed_numbers import PrintedError
from analysis.errors import AnalysisError

PAIRED_SLEEP = {"low": "-2.4598858", "high": "-0.7001142"}
WELCH_SLEEP = {"low": "-3.3654832", "high": "0.2054832"}


class TestPublished:
    def test_the_paired_test_of_the_sleep_data_passes(self):
        found = ci_vs_p(**PAIRED_SLEEP, estimate="-1.58", p="0.002833", statistic="-4.0621", df="9")
        assert found.outcome is Outcome.PASS
        assert found.values["p_recomputed"] == pytest.approx(0.002833, abs=5e-7)

    def test_the_welch_test_of_the_sleep_data_passes(self):
        found = ci_vs_p(
            **WELCH_SLEEP, estimate="-1.58", p="0.07939", statistic="-1.8608", df="17.776"
        )
        assert found.outcome is Outcome.PASS

    @pytest.mark.parametrize("p", ["0.002833", "0.07939", "0.01", "0.0001"])
    def test_the_p_of_the_other_test_is_no_p_of_this_interval(self, p):
        paired = ci_vs_p(**PAIRED_SLEEP, p=p, df="9")
        assert (paired.outcome is Outcome.PASS) == (p == "0.002833")
        welch = ci_vs_p(**WELCH_SLEEP, p=p, df="17.776")
        assert (welch.outcome is Outcome.PASS) == (p == "0.07939")

    def test_the_zinc_trial_of_altman_and_bland_passes(self):
        # BMJ 2011; 343: d2090: 49 % against 32 %, P = .032, interval 1.4 to 32.6 points.
        ends = {"low": "1.4", "high": "32.6", "estimate": "17"}
        assert ci_vs_p(**ends, p="0.032").outcome is Outcome.PASS
        assert ci_vs_p(**ends, p="0.0032").outcome is Outcome.FAIL

    def test_a_ratio_has_no_symmetric_interval_on_its_own_scale(self):
        # exp(-0.21 ± 0.1476): .81 (.70 to .94), whose midpoint is .82.
        assert ci_vs_p("-0.358", "-0.062", estimate="-0.21", p="0.005").outcome is Outcome.PASS
        assert ci_vs_p("0.699", "0.940", estimate="0.811", null="1").outcome is Outcome.FAIL
        loose = ci_vs_p("0.699", "0.940", estimate="0.811", null="1", symmetric=False)
        assert loose.outcome is Outcome.PASS


class TestDecision:
    @pytest.mark.parametrize(
        ("low", "high", "p", "outcome"),
        [
            ("0.10", "0.90", "0.30", Outcome.FLAG),
            ("0.10", "0.90", "0.02", Outcome.PASS),
            ("-0.10", "0.90", "0.02", Outcome.FLAG),
            ("-0.10", "0.90", "0.12", Outcome.PASS),
            ("-0.10", "0.90", "> 0.05", Outcome.PASS),
            ("-0.10", "0.90", "< 0.05", Outcome.FLAG),
            # The lower end may be 0 or not, p may be .05 or not: nothing can be said.
            ("0.00", "0.90", "< 0.05", Outcome.NOT_TESTABLE),
            ("-0.01", "0.90", "0.05", Outcome.NOT_TESTABLE),
            ("0.10", "0.90", "< 0.06", Outcome.NOT_TESTABLE),
        ],
    )
    def test_p_is_below_alpha_exactly_when_the_null_is_outside(self, low, high, p, outcome):
        # Of asymmetric intervals nothing but the decision is compared.
        assert ci_vs_p(low, high, p=p, symmetric=False).outcome is outcome

    def test_the_same_contradiction_of_a_symmetric_interval_fails(self):
        assert ci_vs_p("0.10", "0.90", p="0.30").outcome is Outcome.FAIL
        assert ci_vs_p("-0.10", "0.90", p="< 0.05").outcome is Outcome.FAIL

    def test_at_another_level_the_decision_says_nothing(self):
        found = ci_vs_p("0.10", "0.90", p="0.30", level="0.90", symmetric=False)
        assert found.outcome is Outcome.NOT_APPLICABLE
        both = ci_vs_p("0.10", "0.90", p="0.30", level="0.90", alpha="0.10", symmetric=False)
        assert both.outcome is Outcome.FLAG

    def test_at_another_level_p_still_follows_from_the_half_width(self):
        # z = 1.25 · 1.645 = 2.056, p = .040
        assert ci_vs_p("0.1000", "0.9000", p="0.040", level="0.90").outcome is Outcome.PASS
        assert ci_vs_p("0.1000", "0.9000", p="0.014", level="0.90").outcome is Outcome.FAIL

    def test_a_one_sided_p_belongs_to_the_interval_of_twice_alpha(self):
        p = f"{stats.norm.sf(1.25 * stats.norm.isf(0.05)):.4f}"
        ends = {"low": "0.10000", "high": "0.90000", "level": "0.90"}
        assert ci_vs_p(**ends, p=p, sides=1).outcome is Outcome.PASS
        assert ci_vs_p(**ends, p=p, sides=2).outcome is Outcome.FAIL
        other = f"{1 - float(p):.4f}"
        assert ci_vs_p(**ends, p=other, sides=1).outcome is Outcome.PASS

    def test_another_null_can_be_tested(self):
        assert ci_vs_p("0.60", "0.90", p="< 0.05", null="0.5").outcome is Outcome.PASS
        assert ci_vs_p("0.60", "0.90", p="< 0.05", null="0.75").outcome is Outcome.FAIL


class TestMidpoint:
    @pytest.mark.parametrize(
        ("estimate", "outcome"),
        [("0.5", Outcome.PASS), ("0.50", Outcome.PASS), ("0.6", Outcome.PASS),
         ("0.56", Outcome.FAIL), ("0.7", Outcome.FAIL)],
    )  # fmt: skip
    def test_the_estimate_is_the_midpoint_within_rounding(self, estimate, outcome):
        # [0.1, 0.9]: between (0.05 + 0.85) / 2 = 0.45 and 0.55.
        assert ci_vs_p("0.1", "0.9", estimate=estimate).outcome is outcome

    def test_an_asymmetric_interval_only_has_to_hold_its_estimate(self):
        assert ci_vs_p("0.1", "0.9", estimate="0.8", symmetric=False).outcome is Outcome.PASS
        assert ci_vs_p("0.1", "0.9", estimate="1.2", symmetric=False).outcome is Outcome.FLAG

    @pytest.mark.parametrize(("low", "high"), [("0.9", "0.1"), ("1.0", "0.9")])
    def test_ends_in_the_wrong_order_fail(self, low, high):
        assert ci_vs_p(low, high, estimate="0.5").outcome is Outcome.FAIL


class TestDegreesOfFreedom:
    def test_what_only_a_t_distribution_explains_is_flagged_until_declared(self):
        # Paired sleep data: by the normal distribution p would be .00043.
        assert ci_vs_p(**PAIRED_SLEEP, p="0.002833").outcome is Outcome.FLAG
        assert ci_vs_p(**PAIRED_SLEEP, statistic="4.0621").outcome is Outcome.FLAG
        assert ci_vs_p(**PAIRED_SLEEP, statistic="4.0621", df="9").outcome is Outcome.PASS
        assert ci_vs_p(**PAIRED_SLEEP, statistic="4.0621", df="30").outcome is Outcome.FAIL

    def test_what_no_t_distribution_explains_fails(self):
        assert ci_vs_p(**PAIRED_SLEEP, p="0.04").outcome is Outcome.FAIL
        assert ci_vs_p(**PAIRED_SLEEP, statistic="1.2").outcome is Outcome.FAIL

    @given(
        st.integers(2, 40), st.floats(-3, 3), st.floats(0.01, 100), st.integers(0, 2**32),
        st.integers(1, 4), st.integers(2, 6),
    )  # fmt: skip
    def test_the_interval_and_the_p_of_any_t_test_pass(self, n, mean, sd, seed, places, digits):
        values = np.random.default_rng(seed).normal(mean * sd, sd, n)
        result = stats.ttest_1samp(values, 0)
        low, high = result.confidence_interval(0.95)
        numbers = {
            "low": f"{low:.{places}f}",
            "high": f"{high:.{places}f}",
            "estimate": f"{values.mean():.{places}f}",
            "p": f"{result.pvalue:.{digits}f}",
            "statistic": f"{result.statistic:.{digits}f}",
        }
        if numbers["low"] == numbers["high"]:
            return
        assert not ci_vs_p(**numbers, df=n - 1).outcome.is_objection
        assert ci_vs_p(**numbers).outcome is not Outcome.FAIL


class TestInputs:
    def test_what_is_missing_is_named(self):
        found = ci_vs_p(None, "0.9", p="0.05")
        assert (found.outcome, found.values["missing"]) == (Outcome.MISSING_INPUT, ["low"])
        found = ci_vs_p("0.1", "0.9")
        assert found.values["missing"] == ["p, estimate or statistic"]

    def test_too_coarse_an_interval_gives_no_p(self):
        assert ci_vs_p("0", "0", p="0.5").outcome is Outcome.NOT_TESTABLE

    def test_of_an_asymmetric_interval_no_statistic_follows(self):
        found = ci_vs_p("0.1", "0.9", statistic="3", symmetric=False)
        assert found.outcome is Outcome.NOT_APPLICABLE

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"level": "95"}, "above 0 and below 1"),
            ({"alpha": "0"}, "above 0 and below 1"),
            ({"df": "0"}, "above 0"),
            ({"df": "1e12"}, "up to"),
            ({"sides": 0}, "allowed: 1, 2"),
            ({"low": "1e200"}, "up to"),
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong, says):
        with pytest.raises(AnalysisError, match=says):
            ci_vs_p(**({"low": "0.1", "high": "0.9", "p": "0.04"} | wrong))

    @pytest.mark.parametrize("name", ["low", "high", "estimate", "p", "null", "df", "statistic"])
    @pytest.mark.parametrize("text", ["nan", "inf", "<b>", 0.5])
    def test_what_is_no_printed_number_is_refused(self, name, text):
        with pytest.raises(PrintedError):
            ci_vs_p(**({"low": "0.1", "high": "0.9", "p": "0.04"} | {name: text}))
