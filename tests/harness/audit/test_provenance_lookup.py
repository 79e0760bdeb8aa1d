"""Numbers of a table that harness did not write, searched among all that the database gives."""

import numpy as np
import pytest

from analysis.audit.printed_numbers import printed
from harness.audit.provenance.headings import metrics_named
from harness.audit.provenance.lookup import TELLING, chance, look_up
from harness.audit.provenance.pool import Pool, StoredNumber
from harness.audit.provenance.reading import read_units


def _pool(*numbers, arms=("kd", "kd_ig")):
    found = sorted(numbers, key=lambda each: each.value)
    return Pool(tuple(found), tuple(each.value for each in found), arms)


POOL = _pool(
    StoredNumber(0.95458, "mean", "mean of accuracy of kd", ("kd",)),
    StoredNumber(95.458, "mean", "mean of accuracy of kd, in %", ("kd",)),
    StoredNumber(0.0142, "sd", "sd of accuracy of kd", ("kd",)),
    StoredNumber(0.94681, "mean", "mean of accuracy of kd_ig", ("kd_ig",)),
    StoredNumber(0.0003, "p_adjusted", "p_adjusted of kd_ig against kd", ("kd_ig", "kd")),
    StoredNumber(20.0, "n", "n of kd", ("kd",)),
    StoredNumber(0.125, "gain", "gain of kd", ("kd",)),
    StoredNumber(0.96123, "accuracy", "accuracy of the run of kd, seed 3", ("kd",), is_run=True),
    StoredNumber(0.9777, "means", "means of all"),
)


def _look_up(text, name="t.md"):
    return look_up(name, read_units(name, text.encode()), POOL)


def _table(*rows):
    return "| arm | mean | p |\n|---|---|---|\n" + "".join(f"| {row} |\n" for row in rows)


def test_a_right_table_follows_and_says_what_each_number_is():
    found = _look_up(_table("KD | 0.9546 | |", "KD-IG | 0.947 | < 0.001"))
    assert found.strays == ()
    assert [each.follows_from for each in found.origins] == [
        "mean of accuracy of kd",
        "mean of accuracy of kd_ig",
        "p_adjusted of kd_ig against kd",
    ]
    assert (found.file.numbers, found.file.follow) == (3, 3)


def test_one_wrong_number_is_named_with_the_nearest_stored_value():
    (stray,) = _look_up(_table("KD | 0.9646 | ", "KD+IG | 0.947 | ")).strays
    assert (stray.found, stray.cause) == ("0.9646", "not_stored")
    assert "row 'KD', column 'mean'" in stray.place
    assert "follows from nothing stored" in stray.sentence
    assert "The nearest that could is 0.95458, mean of accuracy of kd." in stray.sentence


def test_a_number_of_another_arm_does_not_follow_in_this_row():
    (stray,) = _look_up(_table("KD | 0.947 | ")).strays
    assert stray.cause == "other_arm"
    assert "follows only as mean of accuracy of kd_ig" in stray.sentence


def test_a_single_run_in_a_column_of_means_does_not_follow():
    (stray,) = _look_up(_table("KD | 0.961 | ")).strays
    assert stray.cause == "other_statistic"
    assert "follows only as accuracy of the run of kd, seed 3" in stray.sentence


def test_a_single_run_where_the_column_says_nothing_follows_and_is_counted():
    found = _look_up("| arm | accuracy |\n|---|---|\n| KD | 0.961 |\n")
    assert [each.is_one_run for each in found.origins] == [True]


def test_what_belongs_to_no_arm_does_not_follow_in_the_row_of_one():
    table = "| arm | accuracy |\n|---|---|\n| {} | 0.978 |\n"
    assert _look_up(table.format("KD")).strays
    assert not _look_up(table.format("all arms")).strays


def test_a_column_of_mean_differences_may_hold_other_statistics_than_means():
    table = "| arm | {} |\n|---|---|\n| KD | 0.125 |\n"
    assert _look_up(table.format("mean")).strays
    assert not _look_up(table.format("mean difference")).strays


def test_a_value_in_per_cent_follows():
    assert not _look_up(_table("KD | 95.46 | ")).strays


@pytest.mark.parametrize(("text", "is_found"), [("0.12", True), ("0.13", True), ("0.14", False)])
def test_halves_are_rounded_both_ways(text, is_found):
    table = f"| arm | gain |\n|---|---|\n| KD | {text} |\n"
    assert bool(_look_up(table).origins) == is_found


@pytest.mark.parametrize(("text", "is_found"), [("< 0.001", True), ("< 0.0001", False)])
def test_a_relation_asks_for_a_p_value_on_its_side(text, is_found):
    assert bool(_look_up(_table(f"KD | | {text}")).origins) == is_found


def test_numbers_of_prose_and_headings_need_not_follow_and_are_listed():
    found = _look_up("In 2025 we ran it.\n\n" + _table("KD | 0.9546 | "))
    assert found.strays == ()
    assert [each.found for each in found.unexplained] == ["2025"]


def test_a_macro_has_to_follow():
    found = _look_up("\\newcommand{\\kdMean}{0.9999}\nIn 2025.\n", "m.tex")
    assert [each.found for each in found.strays] == ["0.9999"]


def test_the_chance_of_a_coincidence_is_the_share_of_numbers_that_would_be_found():
    rng = np.random.default_rng(1)
    pool = _pool(*(StoredNumber(v, "x", "x") for v in rng.uniform(0.4, 2.0, 300)))
    # Every number of three decimals between half and twice 0.8, one after the other.
    tried = [f"{each / 1000:.3f}" for each in range(400, 1601)]
    hits = sum(bool(pool.between(float(printed(t).low), float(printed(t).high))) for t in tried)
    assert chance(printed("0.800"), pool.values) == pytest.approx(hits / len(tried), abs=0.005)


def test_few_digits_say_little_and_many_say_much():
    rng = np.random.default_rng(2)
    pool = _pool(*(StoredNumber(v, "x", "x") for v in rng.uniform(0.4, 2.0, 300)))
    assert chance(printed("0.8"), pool.values) > 0.5 > TELLING
    assert chance(printed("0.80000"), pool.values) < 0.01


def test_made_up_numbers_are_found_as_often_as_the_chance_says():
    rng = np.random.default_rng(3)
    pool = _pool(*(StoredNumber(v, "mean", "x") for v in rng.uniform(0.9, 1.0, 60)), arms=())
    rows = "".join(f"| r{i} | {v:.3f} |\n" for i, v in enumerate(rng.uniform(0.9, 1.0, 2000)))
    units = read_units("t.md", f"| run | mean |\n|---|---|\n{rows}".encode())
    found = look_up("t.md", units, pool)
    # 60 values cover about 45 of the 100 numbers from 0.900 to 1.000.
    assert 0.35 < found.file.follow / found.file.numbers < 0.55


ACCURACY = _pool(
    StoredNumber(
        95.54, "mean", "mean of test_accuracy of kd, in %", ("kd",), False, "test_accuracy"
    ),
    StoredNumber(99.9, "p_value", "p_value of kd against kd_ig", ("kd", "kd_ig")),
    StoredNumber(20.0, "n", "n of kd", ("kd",)),
    StoredNumber(0.61, "train_loss", "train_loss of kd, seed 1", ("kd",), True, "train_loss"),
)


def _in_column(heading, number):
    text = f"| arm | {heading} |\n|---|---|\n| KD | {number} |\n"
    return look_up("t.md", read_units("t.md", text.encode()), ACCURACY)


@pytest.mark.parametrize("heading", ["accuracy", "Test accuracy", "test_accuracy (%)", "Acc."])
def test_a_column_named_after_a_metric_holds_nothing_else(heading):
    assert not _in_column(heading, "95.54").strays
    for number in ("99.9", "20.0", "0.61"):
        (stray,) = _in_column(heading, number).strays
        assert stray.cause == "other_statistic"


@pytest.mark.parametrize("heading", ["accuracy p", "result", "rank of accuracy"])
def test_a_column_that_names_no_metric_or_what_has_other_units_may_hold_others(heading):
    assert not _in_column(heading, "99.9").strays


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("accuracy", {"test_accuracy", "validation_accuracy"}),
        ("val. acc", {"validation_accuracy"}),
        ("Test accuracy (%)", {"test_accuracy"}),
        ("test time", set()),
        ("latency [ms]", {"latency_ms"}),
        ("F1", {"f1"}),
        ("n", set()),
        ("accuracy difference", {"test_accuracy", "validation_accuracy"}),
        ("p of accuracy", set()),
        ("", set()),
    ],
)
def test_a_heading_names_a_metric_by_all_its_words_or_by_the_last(heading, named):
    metrics = ("test_accuracy", "validation_accuracy", "latency_ms", "f1")
    assert metrics_named(heading, metrics) == named


def test_rows_that_name_no_arm_are_named_and_the_others_counted():
    rows = "".join(f"| m{each}x | 0.9546 |\n" for each in range(7))
    (note,) = _look_up(f"| arm | mean |\n|---|---|\n{rows}| KD | 0.9546 |\n").notes
    assert note.startswith("t.md: row labels 'm0x', 'm1x', 'm2x', 'm3x', 'm4x' and 2 more name no")
    assert not _look_up("| arm | mean |\n|---|---|\n| KD | 0.9546 |\n").notes
