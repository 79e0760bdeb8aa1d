"""Differences, ratios, changes, orders and sums of printed numbers."""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.audit.arithmetic import change_of, difference_of, order_of, ratio_of, sum_of
from analysis.audit.finding import Outcome
from analysis.audit.printed_numbers import PrintedError
from analysis.errors import AnalysisError

ROUNDINGS = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_DOWN])


def _rounded(value: Fraction, places: int, rounding: str) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), rounding=rounding))


class TestDifferences:
    @pytest.mark.parametrize(
        ("first", "second", "difference", "outcome"),
        [
            # The headline of Hernandez et al. 2025: 92.6 against 91.5, "+1.1 points".
            ("92.6", "91.5", "1.1", Outcome.PASS),
            ("92.6", "91.5", "+1.1", Outcome.PASS),
            # 92.55 - 91.55 = 1.00 and 92.65 - 91.45 = 1.20 are still possible; and not beyond.
            ("92.6", "91.5", "1.0", Outcome.PASS),
            ("92.6", "91.5", "1.25", Outcome.FAIL),
            ("92.6", "91.5", "1.204", Outcome.FAIL),
            ("92.60", "91.50", "1.2", Outcome.FAIL),
            ("91.5", "92.6", "1.1", Outcome.FLAG),
            ("92.6", "91.5", "> 1", Outcome.PASS),
            ("92.6", "91.5", "> 1.3", Outcome.FAIL),
            ("92.6", "91.5", "< 1", Outcome.PASS),
            ("92.6", "91.5", "< 0.9", Outcome.FAIL),
            ("91.5", "92.6", "< 2", Outcome.PASS),
            ("91.5", "92.6", "> 1", Outcome.FLAG),
            ("140", "13", 127, Outcome.PASS),
        ],
    )
    def test_a_difference_follows_within_rounding(self, first, second, difference, outcome):
        assert difference_of(first, second, difference).outcome is outcome

    def test_with_a_percent_sign_percent_and_points_are_tried(self):
        points = difference_of("92.60", "50.00", "42.6", percent=True)
        assert points.values["fits_as"] == ["percentage points"]
        relative = difference_of("92.60", "50.00", "85.2", percent=True)
        assert relative.values["fits_as"] == ["percent"]
        assert "fits as percent." in relative.detail
        neither = difference_of("92.60", "50.00", "60.0", percent=True)
        assert neither.outcome is Outcome.FAIL

    def test_without_a_percent_sign_percent_is_not_tried(self):
        assert difference_of("92.60", "50.00", "85.2").outcome is Outcome.FAIL


class TestChanges:
    @pytest.mark.parametrize(
        ("before", "after", "change", "fits"),
        [
            ("140", "13", "-90.7", ["percent"]),
            ("91.5", "92.6", "1.1", ["percent", "percentage points"]),
            ("91.50", "92.60", "1.10", ["percentage points"]),
            ("91.50", "92.60", "1.20", ["percent"]),
            ("0.915", "0.926", "1.1", ["percent", "percentage points of shares"]),
            ("-50", "-25", "-50", ["percent"]),
        ],
    )
    def test_the_reading_that_fits_is_named(self, before, after, change, fits):
        found = change_of(before, after, change)
        assert found.outcome is Outcome.PASS
        assert found.values["fits_as"] == fits

    def test_a_decrease_printed_without_its_sign_is_flagged(self):
        found = change_of("140", "13", "90.7")
        assert found.outcome is Outcome.FLAG
        assert "other sign" in found.detail

    def test_a_change_that_fits_no_reading_fails(self):
        found = change_of("140", "13", "-95")
        assert found.outcome is Outcome.FAIL
        assert "does not follow" in found.detail

    def test_from_a_value_that_may_be_zero_a_percentage_is_not_testable(self):
        # 0.04 to -0.3 may be any change in percent at all.
        found = change_of("0", "0", "50")
        assert found.outcome is Outcome.NOT_TESTABLE
        assert found.values["chance_of_detection"] == 0

    @given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 3), ROUNDINGS)
    def test_what_was_rounded_from_exact_numbers_never_fails(self, a, b, places, rounding):
        before, after = Fraction(a, 997), Fraction(b, 997)
        for change in ((after - before) / before * 100, after - before):
            printed = [_rounded(each, places, rounding) for each in (before, after, change)]
            found = change_of(*printed)
            assert found.outcome in {Outcome.PASS, Outcome.NOT_TESTABLE}


class TestRatios:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "ratio", "outcome"),
        [
            # Hernandez et al. 2025: "140 ms to 13 ms (10.8×)"; from 0.14 s and 0.0127 s it is 11.0.
            ("140", "13", "10.8", Outcome.PASS),
            ("0.14", "0.0127", "10.8", Outcome.PASS),
            ("140.0", "13.00", "11.0", Outcome.FAIL),
            ("140", "13", "> 10", Outcome.PASS),
            ("140", "13", "> 12", Outcome.FAIL),
            ("13", "140", "10.8", Outcome.FLAG),
            ("-10.0", "2.0", "-5.0", Outcome.PASS),
            ("-10.0", "-2.0", "5.0", Outcome.PASS),
            ("10.0", "-2.0", "5.0", Outcome.FAIL),
        ],
    )
    def test_a_ratio_follows_within_rounding(self, numerator, denominator, ratio, outcome):
        assert ratio_of(numerator, denominator, ratio).outcome is outcome

    def test_a_denominator_that_may_be_zero_leaves_two_open_ranges(self):
        # 10 / [-0.5, 0.5]: at most -19 or at least 19.
        assert ratio_of("10", "0", "5").outcome is Outcome.FAIL
        assert ratio_of("10", "0", "-500").outcome is Outcome.PASS
        found = ratio_of("10", "0", "500")
        assert found.outcome is Outcome.PASS
        assert "19 to infinity" in found.detail

    def test_zero_over_zero_is_not_testable(self):
        assert ratio_of("0", "0", "5").outcome is Outcome.NOT_TESTABLE

    @given(
        st.integers(-5000, 5000), st.integers(-5000, 5000), st.integers(0, 3), st.integers(0, 3),
        ROUNDINGS,
    )  # fmt: skip
    def test_what_was_rounded_from_exact_numbers_never_fails(self, a, b, places, digits, rounding):
        assume(b != 0)
        top, bottom = Fraction(a, 89), Fraction(b, 89)
        printed = [_rounded(each, places, rounding) for each in (top, bottom)]
        found = ratio_of(*printed, _rounded(top / bottom, digits, rounding))
        assert found.outcome in {Outcome.PASS, Outcome.NOT_TESTABLE}

    @given(st.integers(-60, 60), st.integers(-60, 60), st.integers(-300, 300))
    def test_the_verdict_is_that_of_a_fine_search(self, top, bottom, ratio):
        # Brute force: some pair on a fine grid over the intervals gives a quotient in the claim's.
        grid = [Fraction(step, 20) for step in range(-10, 11)]
        half = Fraction(1, 2)
        possible = any(
            abs((top + x) / (bottom + y) - ratio) <= half
            for x in grid
            for y in grid
            if bottom + y != 0
        )
        if possible:
            assert ratio_of(top, bottom, ratio).outcome is not Outcome.FAIL
        elif bottom != 0:
            # The ends of an interval of quotients are at its corners, which the grid holds.
            low, high = sorted(
                Fraction(top + x) / (bottom + y) for x in (-half, half) for y in (-half, half)
            )[::3]
            is_outside = high < ratio - half or low > ratio + half
            assert (ratio_of(top, bottom, ratio).outcome is not Outcome.PASS) == is_outside


class TestOrders:
    @pytest.mark.parametrize(
        ("better", "worse", "direction", "outcome"),
        [
            ("92.6", "91.5", "maximize", Outcome.PASS),
            ("91.5", "92.6", "maximize", Outcome.FAIL),
            ("91.5", "92.6", "minimize", Outcome.PASS),
            ("92.6", "92.5", "maximize", Outcome.PASS),
            ("92.5", "92.6", "maximize", Outcome.FAIL),
            ("92.6", "92.6", "maximize", Outcome.FLAG),
            ("92.6", "92.60", "minimize", Outcome.FLAG),
            ("92.6", "92.58", "maximize", Outcome.FLAG),
            ("92.58", "92.6", "maximize", Outcome.FLAG),
        ],
    )
    def test_an_order_is_seen_only_beyond_rounding(self, better, worse, direction, outcome):
        assert order_of(better, worse, direction).outcome is outcome

    def test_an_unknown_direction_is_refused(self):
        with pytest.raises(AnalysisError, match="'maximize', 'minimize'"):
            order_of("1", "2", "higher")


class TestSums:
    def test_the_rounding_of_every_part_counts(self):
        # Three thirds: 33 + 33 + 33 = 99, and their total is 100.
        assert sum_of(["33", "33", "33"], "100").outcome is Outcome.PASS
        assert sum_of(["33.3", "33.3", "33.3"], "100.0").outcome is Outcome.PASS
        assert sum_of(["33.3", "33.3", "33.3"], "100.3").outcome is Outcome.FAIL
        assert sum_of(["33.30", "33.30", "33.30"], "100.00").outcome is Outcome.FAIL

    @pytest.mark.parametrize("parts", [[], "33"])
    def test_no_parts_are_refused(self, parts):
        with pytest.raises(AnalysisError, match="series of printed numbers"):
            sum_of(parts, "33")

    @given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8), st.integers(0, 2), ROUNDINGS)
    def test_what_was_rounded_from_exact_numbers_never_fails(self, parts, places, rounding):
        exact = [Fraction(each, 7) for each in parts]
        printed = [_rounded(each, places, rounding) for each in exact]
        total = _rounded(sum(exact, Fraction(0)), places, rounding)
        assert sum_of(printed, total).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (lambda: difference_of("1", None, "2"), ["second"]),
        (lambda: change_of(None, None, "2"), ["before", "after"]),
        (lambda: ratio_of("1", "2", None), ["ratio"]),
        (lambda: order_of(None, "2", "maximize"), ["better"]),
        (lambda: sum_of(["1", None], "2"), ["part 2"]),
    ],
)
def test_what_is_missing_is_named(found, missing):
    assert found().outcome is Outcome.MISSING_INPUT
    assert found().values["missing"] == missing


@pytest.mark.parametrize("text", ["nan", "inf", "< 5", "a 0", "100%"])
def test_what_is_no_exact_number_is_refused(text):
    for call in (difference_of, change_of, ratio_of):
        with pytest.raises(PrintedError):
            call(text, "2", "3")
    with pytest.raises(PrintedError):
        sum_of([text], "3")
    with pytest.raises(PrintedError):
        order_of("3", text, "maximize")


def test_numbers_beyond_every_float_are_compared():
    assert ratio_of("1e390", "1e-390", "1.0e5").outcome is Outcome.FAIL
    assert difference_of("1e390", "1", "1e390").outcome is Outcome.PASS
