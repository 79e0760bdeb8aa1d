import numpy as np
import pytest

from analysis import Protocol, compare
from analysis.presentation.details import effect_rows, interval_rows, test_rows

# Rows of tests, and no test.
test_rows.__test__ = False

# Student 1908, Biometrika 6: hours of sleep gained by two drugs; R's data set `sleep`.
SLEEP = {
    "drug 1": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    "drug 2": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
}


@pytest.fixture(scope="module")
def slept(long_form):
    def results(block="seed", **changes):
        protocol = Protocol(
            **{"metric": "hours", "direction": "maximize", "control": "drug 1", **changes}
        )
        return compare(long_form(SLEEP, metric="hours"), protocol, block=block, resamples=2000)

    return results


def test_every_test_of_pairs_has_its_row(slept):
    header, *rows = test_rows(slept())
    assert header == ("comparison", "test", "n", "statistic", "p", "exact", "floor", "decides")
    by_name = {row[1]: row for row in rows}
    assert set(by_name) == {
        "paired t-test",
        "Wilcoxon signed-rank test",
        "sign-flip permutation",
    }
    # R's t.test(..., paired = TRUE): t = -4.0621, df = 9, p-value = 0.002833.
    assert by_name["paired t-test"][2:6] == ("10", "4.06213", "0.0028", "no")
    # Nine of ten pairs differ, all to one side: 2 of 2^9 patterns.
    assert by_name["sign-flip permutation"][4:6] == ("0.0039", "yes")
    assert {row[0] for row in rows} == {"drug 2 against drug 1"}


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("permutation", "sign-flip permutation"),
        ("t", "paired t-test"),
        ("wilcoxon", "Wilcoxon signed-rank test"),
    ],
)
def test_only_the_declared_test_is_marked(slept, test, name):
    assert [row[1] for row in test_rows(slept(test=test)) if row[-1] == "yes"] == [name]


def test_runs_that_share_nothing_have_both_numbers_of_runs(slept):
    rows = {row[1]: row for row in test_rows(slept(block=None))[1:]}
    # R's t.test(extra ~ group): t = -1.8608, df = 17.776, p-value = 0.07939.
    assert rows["Welch's t-test"][2:5] == ("10, 10", "1.86081", "0.079")


def test_effects_have_their_names_and_intervals(slept):
    header, *rows = effect_rows(slept())
    assert header == ("comparison", "effect", "estimate", "interval")
    by_name = {row[1]: row for row in rows}
    # d_z = t / sqrt(n) = 4.0621 / 3.1623.
    assert by_name["d_z"][2] == "1.28"
    # Nine of ten pairs above, one tied.
    assert by_name["superiority"][2] == "0.95"
    assert all(" to " in row[3] for row in rows)


def test_intervals_are_student_s_and_the_bootstrap_s(slept):
    header, row = interval_rows(slept())
    assert header == (
        "comparison",
        "difference",
        "t interval",
        "BCa interval (too narrow below n = 20)",
        "equivalence interval",
    )
    # R's t.test: 0.7001142 to 2.4598858 about 1.58.
    assert row[1:3] == ("1.58", "0.70 to 2.46")
    low, high = map(float, row[3].split(" to "))
    assert low < 1.58 < high
    low, high = map(float, row[4].split(" to "))
    assert 0.70 < low < 1.58 < high < 2.46


def test_with_an_effect_that_matters_its_probabilities_are_shown_and_add_up(slept):
    header, row = interval_rows(slept(smallest_effect=0.5))
    assert header[-3:] == ("P(worse)", "P(equivalent)", "P(better)")
    assert sum(map(float, row[-3:])) == pytest.approx(1, abs=0.002)
    assert float(row[-1]) > 0.95


def test_comparisons_without_probabilities_say_so_beside_others_that_have_them(long_form):
    wiggle = np.tile([0.1, -0.1], 5)
    frame = long_form({"a": np.zeros(10), "b": wiggle, "c": [1.0]})
    found = compare(frame, Protocol("accuracy", "maximize", "a", smallest_effect=0.5))
    _, first, second = interval_rows(found)
    assert "n/a" not in first
    assert second[-3:] == ("n/a", "n/a", "n/a")


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0], [float("nan"), float("inf")]])
def test_too_little_data_leave_gaps_and_no_nan(long_form, values):
    frame = long_form({"a": [1.0, 2.0, 3.0], "b": values})
    found = compare(frame, Protocol("accuracy", "maximize", "a"), arms=["a", "b"])
    for rows in (test_rows(found), effect_rows(found), interval_rows(found)):
        shown = " ".join(cell for row in rows[1:] for cell in row)
        assert "nan" not in shown
        assert "None" not in shown
        assert "inf" not in shown


def test_names_are_shown_as_they_are(nasty, accuracies):
    found = compare(accuracies(["a", nasty]), Protocol("accuracy", "maximize", "a"))
    assert test_rows(found)[1][0] == f"{nasty} against a"
