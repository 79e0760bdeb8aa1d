import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.publication.best_arms import find_best
from analysis.publication.entries import number_entry
from analysis.publication.means import means_table

PROTOCOL = Protocol("accuracy", "maximize", "plain", test="t", correction="none")


@pytest.fixture
def frame():
    luck = [0.01, -0.01, 0.02, 0.0, -0.02, 0.015]
    noise = [0.001, -0.002, 0.0, 0.002, -0.001, 0.001]
    rows = [
        (arm, seed, depth, 0.8 + gain * depth + luck[seed] + sign * noise[seed])
        for depth in (1, 2)
        for arm, gain, sign in (("plain", 0.0, 0), ("kd", 0.03, 1), ("ig", 0.0001, -1))
        for seed in range(6)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "depth", "accuracy"])


@pytest.fixture
def results(frame):
    return compare(frame, PROTOCOL, within=("depth",))


def cells(table):
    return {column.header: [entry.text for entry in column.entries] for column in table.columns}


def test_a_row_a_level_and_a_column_an_arm_with_the_spread_of_its_runs(results, frame):
    table = means_table(results, frame, label="tab:means")
    shown = cells(table)
    assert list(shown) == ["depth", "plain", "kd", "ig"]
    assert shown["depth"] == ["1", "2"]
    assert shown["plain"] == ["0.8025 ± 0.0154"] * 2  # by hand: sqrt(0.0011875 / 5)
    quantities = {each.name: each.value for each in table.columns[2].entries[1].quantities}
    kd = frame[(frame["arm"] == "kd") & (frame["depth"] == 2)]["accuracy"]
    assert quantities == pytest.approx({"kd mean": kd.mean(), "kd sd": kd.std()})


def test_bold_marks_the_best_of_a_row_and_those_not_shown_to_be_worse(results, frame):
    table = means_table(results, frame)
    bold = [[entry.is_bold for entry in column.entries] for column in table.columns[1:]]
    assert bold == [[False, False], [True, True], [False, False]]
    assert means_table(results, frame, best=find_best(results, frame)) == table


def test_the_caption_says_what_was_measured_n_and_the_test(results, frame):
    caption = means_table(results, frame, caption="By depth.").caption
    assert caption.startswith("By depth. accuracy (higher is better) by arm for every combination")
    for words in ("n = 6 runs an arm", "Test: two-sided paired t-test", "standard deviation"):
        assert words in caption


def test_columns_may_stand_between_the_levels_and_the_arms(results, frame):
    def double(cell):
        return number_entry("double", 2 * dict(cell)["depth"], 0)

    shown = cells(means_table(results, frame, beside={"twice": double}))
    assert list(shown)[:2] == ["depth", "twice"]
    assert shown["twice"] == ["2", "4"]


def test_an_arm_without_runs_at_a_level_is_a_dash_with_a_note(frame):
    partial = frame[(frame["arm"] != "ig") | (frame["depth"] == 1)]
    arms = ("plain", "kd", "ig")
    results = compare(partial, PROTOCOL, within=("depth",), arms=arms)
    table = means_table(results, partial)
    assert cells(table)["ig"][1] == "–"
    assert "–: no run has finished." in table.notes


def test_levels_that_are_words_stand_as_they_are(frame):
    worded = frame.assign(depth=frame["depth"].map({1: "<b>", 2: "100%"}))
    results = compare(worded, PROTOCOL, within=("depth",))
    assert set(cells(means_table(results, worded))["depth"]) == {"<b>", "100%"}
