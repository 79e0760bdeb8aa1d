import io
import json
import re

import numpy as np
import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.publication.columns import TableError
from analysis.publication.comparisons import publication_table

PROTOCOL = Protocol("accuracy", "maximize", "a")


def shown(table):
    return {column.header: [entry.text for entry in column.entries] for column in table.shown}


def bold(table):
    return [entry.text for entry in table.shown[0].entries if entry.is_bold]


def csv_of(table):
    return pd.read_csv(io.StringIO(table.to_csv()))


def test_a_row_an_arm_with_n_spread_interval_p_effect_and_decision(accuracies):
    table = publication_table(compare(accuracies(["a", "b"], step=0.01), PROTOCOL))
    columns = shown(table)
    assert list(columns) == [
        "arm", "n", "mean ± sd", "difference [95 %]", "p", "p corr", "decision", "d_z",
    ]  # fmt: skip
    assert columns["arm"] == ["a", "b"]
    assert columns["n"] == ["20", "20"]
    assert all(re.fullmatch(r"0\.9\d+ ± 0\.0\d+", each) for each in columns["mean ± sd"])
    assert columns["difference [95 %]"][0] == "–"
    assert re.fullmatch(r"0\.0\d+ \[0\.0\d+, 0\.0\d+\]", columns["difference [95 %]"][1])
    assert columns["p corr"] == ["–", "< 0.0001"]
    assert columns["decision"] == ["–", "better"]


def test_the_numbers_are_those_of_the_comparison(accuracies):
    results = compare(accuracies(["a", "b", "c"]), PROTOCOL)
    data = csv_of(publication_table(results)).set_index("arm")
    for comparison in results.comparisons:
        row = data.loc[comparison.arm]
        assert row["difference"] == comparison.difference
        assert row["ci_low"] == comparison.ci_low
        assert row["ci_high"] == comparison.ci_high
        assert row["p"] == comparison.p_value
        assert row["p_adjusted"] == comparison.p_adjusted
        assert row["pairs"] == comparison.n
    for arm in results.arms:
        assert data.loc[arm.arm, "mean"] == arm.mean
        assert data.loc[arm.arm, "sd"] == arm.sd
        assert data.loc[arm.arm, "n"] == arm.n


def test_the_caption_says_what_may_be_asked_of_every_number(accuracies):
    protocol = Protocol("loss", "minimize", "a", smallest_effect=0.002)
    frame = accuracies(["a", "b", "c"]).rename(columns={"accuracy": "loss"})
    caption = " ".join(publication_table(compare(frame, protocol), frame).to_markdown().split())
    for said in (
        "loss (lower is better)",
        "n = 20 runs an arm",
        "two-sided sign-flip permutation, Holm's correction for 2 comparisons",
        "α = 0.05",
        "Bold: the best mean, and every arm not shown to be worse",
        "±: standard deviation of the runs",
        "arm − a",
        "95 % paired t interval",
        "equivalent if shown to differ by less than 0.002",
    ):
        assert said in caption
    assert "best of" not in caption


def test_a_sentence_of_ones_own_begins_the_caption(accuracies):
    table = publication_table(compare(accuracies(["a", "b"]), PROTOCOL), caption="On digits.")
    assert table.caption.startswith("On digits. accuracy (higher is better)")


def test_a_range_of_n_is_stated_and_pairs_get_a_column(accuracies):
    frame = accuracies(["a", "b"])
    frame = frame[~((frame["arm"] == "b") & (frame["seed"] > 16))]
    frame = frame[~((frame["arm"] == "a") & (frame["seed"] == 0))]
    table = publication_table(compare(frame, PROTOCOL))
    assert "n = 17 to 19 runs an arm, 16 pairs a comparison." in table.caption
    assert shown(table)["pairs"] == ["–", "16"]
    assert any("without a finite value in both arms left out" in note for note in table.notes)


def test_bold_marks_the_best_and_those_not_shown_to_be_worse(accuracies):
    frame = accuracies(["a", "b", "c"], step=0.01)
    same = frame[frame["arm"] == "c"].assign(arm="d")
    same["accuracy"] += np.where(same["seed"] % 2, 0.0001, -0.0001)
    frame = pd.concat([frame, same])
    results = compare(frame, PROTOCOL)
    assert bold(publication_table(results, frame)) == ["c", "d"]
    assert "10 comparisons" not in publication_table(results, frame).caption
    assert "6 comparisons of all arms" in publication_table(results, frame).caption


def test_without_runs_the_note_names_the_arms_that_bold_says_nothing_about(accuracies):
    table = publication_table(compare(accuracies(["a", "b", "c"], step=0.01), PROTOCOL))
    assert bold(table) == ["c"]
    assert "Not compared with the best arm, so bold says nothing about: b." in table.notes
    assert [line.rpartition(",")[2] for line in table.to_csv().splitlines()] == [
        "bold", "False", "", "True",
    ]  # fmt: skip


def test_cells_are_groups_in_print_and_columns_in_csv(accuracies):
    frame = pd.concat([accuracies(["a", "b"], seed=k).assign(k=k, mean="x") for k in (3, 5)])
    table = publication_table(compare(frame, PROTOCOL, within=["k", "mean"]))
    assert table.groups == ("k = 3, mean = x",) * 2 + ("k = 5, mean = x",) * 2
    data = csv_of(table)
    assert data["k"].tolist() == [3, 3, 5, 5]
    assert data["factor mean"].tolist() == ["x"] * 4
    assert r"\harnessKThreeMeanXBAccuracyDifference}" in table.macros()


def test_without_correction_p_stands_alone(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", correction="none")
    table = publication_table(compare(accuracies(["a", "b"]), protocol))
    assert "p" in shown(table)
    assert "p corr" not in shown(table)
    assert "no correction for 1 comparison" in table.caption


def test_all_pairs_show_every_comparison_with_its_reference(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", comparisons="all_pairs")
    table = publication_table(compare(accuracies(["a", "b", "c"]), protocol))
    assert shown(table)["arm"] == ["a", "b", "c", "c"]
    assert shown(table)["reference"] == ["–", "a", "a", "b"]
    assert "harnessCAgainstBAccuracyDifference" in table.macros()
    assert "harnessBAccuracyDifference" in table.macros()


def test_columns_can_be_chosen_and_stay_however_wide_they_are(accuracies):
    results = compare(accuracies(["a", "b"]), PROTOCOL)
    chosen = ["arm", "mean", "interval", "difference", "p", "p_adjusted", "effect_size", "decision"]
    table = publication_table(results, columns=chosen)
    headers = list(shown(table))
    assert headers == [
        "arm", "mean ± sd", "mean's 95 % interval", "difference [95 %]", "p", "p corr", "d_z",
        "decision",
    ]  # fmt: skip
    assert table.to_latex(width_pt=100).count("&") == 3 * (len(chosen) - 1)
    assert "n" in csv_of(table)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["arm", "meen"], "no column 'meen'.*Did you mean 'mean'"),
        (["arm", "n", "n"], "named twice"),
        (["mean"], "lack 'arm'"),
    ],
)
def test_columns_that_make_no_table_are_refused(columns, message, accuracies):
    with pytest.raises(TableError, match=message):
        publication_table(compare(accuracies(["a", "b"]), PROTOCOL), columns=columns)


def test_a_single_run_has_no_spread_and_the_note_says_so(long_form):
    table = publication_table(compare(long_form({"a": [0.5], "b": [0.75]}), PROTOCOL))
    assert shown(table)["mean ± sd"] == ["0.5", "0.75"]
    assert shown(table)["difference [95 %]"] == ["–", "0.25 [n/a]"]
    assert "A single run has no standard deviation." in table.notes
    assert "n/a: too few finite values to tell." in table.notes_for(table.shown)


def test_what_is_missing_shows_as_such_and_never_as_nan(long_form):
    nan = float("nan")
    table = publication_table(compare(long_form({"a": [0.5, 0.6], "b": [nan, nan]}), PROTOCOL))
    assert shown(table)["mean ± sd"][1] == "n/a"
    for text in (table.to_latex(), table.to_markdown(), table.to_html(), table.macros()):
        assert "nan" not in text.lower()


def test_constant_arms_and_two_runs_give_a_table(long_form):
    frame = long_form({"a": [0.5, 0.5], "b": [0.5, 0.5]})
    table = publication_table(compare(frame, PROTOCOL), frame)
    assert shown(table)["mean ± sd"] == ["0.5 ± 0.0"] * 2
    assert bold(table) == ["a", "b"]


def test_decimals_of_a_column_agree_unless_precision_differs_tenfold(long_form):
    rng = np.random.default_rng(0)
    fine, coarse = rng.normal(0.9, 0.001, 20), rng.normal(0.9, 0.1, 20)
    frame = long_form({"a": fine, "b": fine[::-1] + 0.001, "c": coarse})
    means = shown(publication_table(compare(frame, PROTOCOL)))["mean ± sd"]
    decimals = [len(each.partition(" ")[0].partition(".")[2]) for each in means]
    assert decimals[0] == decimals[1] == 4
    assert decimals[2] <= 3


def test_nothing_depends_on_the_order_of_rows(accuracies):
    frame = accuracies(["a", "b", "c"])
    frame["arm"] = pd.Categorical(frame["arm"], ["a", "b", "c"])
    backwards = frame.iloc[::-1]
    one, other = (publication_table(compare(each, PROTOCOL), each) for each in (frame, backwards))
    assert one.to_markdown() == other.to_markdown()
    assert one.macros() == other.macros()


def test_an_arm_without_any_run_is_named_in_a_note(accuracies):
    results = compare(accuracies(["a", "b"]), PROTOCOL, arms=["a", "b", "c"])
    table = publication_table(results)
    assert "Compared by the protocol, but without any run: c." in table.notes
    assert "Holm's correction for 2 comparisons" in table.caption


def test_an_effect_is_the_one_that_the_comparison_has(accuracies):
    results = compare(accuracies(["a", "b"]), PROTOCOL)
    written = json.loads(results.to_json())["comparisons"][0]["effect_sizes"]["d_z"]
    assert csv_of(publication_table(results)).set_index("arm").loc["b", "effect_size"] == written


def test_runs_that_share_nothing_are_described_as_such(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", test="t")
    frame = accuracies(["a", "b", "c"], step=0.003)
    frame = frame[~((frame["arm"] == "b") & (frame["seed"] > 16))]
    results = compare(frame, protocol, block=None)
    table = publication_table(results, frame, block=None)
    assert "g" in shown(table)
    assert "pairs" not in shown(table)
    assert "n = 17 to 20 runs an arm. Test: two-sided Welch's t-test" in table.caption
    assert "of means, with its 95 % Welch's t interval" in table.to_markdown()
    effects = csv_of(table).set_index("arm")["effect_size"]
    assert effects["b"] == results.comparison("b").effect_size.estimate


def test_dunnetts_test_corrects_by_itself_and_welchs_finds_the_best(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", test="dunnett")
    frame = accuracies(["a", "b", "c"], step=0.003)
    table = publication_table(compare(frame, protocol, block=None), frame, block=None)
    assert "Dunnett's test, which itself corrects for 2 comparisons" in table.caption
    assert "Welch's t-test with Holm's correction for 3 comparisons of all arms" in table.caption
    assert "p" not in shown(table)


def test_a_one_sided_test_is_called_one_sided(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", test="wilcoxon", alternative="greater")
    caption = publication_table(compare(accuracies(["a", "b"]), protocol)).caption
    assert "one-sided (above the reference) Wilcoxon signed-rank test" in caption


def test_a_test_that_draws_arrangements_says_so(accuracies):
    caption = publication_table(compare(accuracies(["a", "b"], n=60), PROTOCOL)).caption
    assert "sign-flip permutation (Monte Carlo)" in caption
