import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.publication.columns import Column, TableError, number_column
from analysis.publication.entries import estimate_entry, p_entry, text_entry
from analysis.publication.macros import letters, macro_names
from analysis.publication.printed import PublicationTable

DEFINITION = re.compile(r"\\newcommand\{\\([A-Za-z]+)\}\{(.*)\}")


def macros_of(table, **options):
    return dict(DEFINITION.findall(table.macros(**options)))


def table_of(values, names):
    return PublicationTable(
        (number_column("mean", values, decimals=4),),
        caption="",
        row_names=tuple(names),
        subject="accuracy",
    )


def test_a_macro_is_named_by_row_subject_and_quantity():
    table = table_of([0.93124], ["kd_ig 2"])
    assert macros_of(table) == {"harnessKdIgTwoAccuracyMean": r"\ensuremath{0.9312}"}


def test_the_prefix_keeps_two_tables_apart():
    assert list(macros_of(table_of([1.0], ["kd"]), prefix="digits")) == ["digitsKdAccuracyMean"]


@pytest.mark.parametrize("prefix", ["", "a1", "a b", "é", "\\x"])
def test_a_prefix_that_tex_would_not_read_is_refused(prefix):
    with pytest.raises(TableError, match="allowed: ASCII letters"):
        table_of([1.0], ["kd"]).macros(prefix)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k = 15", "KOneFive"),
        ("lr 0.01", "LrZeroPointZeroOne"),
        ("-1", "MinusOne"),
        ("naïve", "Naive"),
        ("kdIG", "KdIG"),
        ("蒸留", ""),
    ],
)
def test_words_become_letters(text, expected):
    assert letters(text) == expected


def test_rows_that_differ_in_signs_alone_get_different_names_in_any_order():
    names = ["kd_ig", "kd-ig", "蒸留", "教師", "kd"]
    table = macros_of(table_of([1.0, 2.0, 3.0, 4.0, 5.0], names))
    assert len(table) == 5
    assert "harnessKdAccuracyMean" in table
    assert table == macros_of(table_of([5.0, 4.0, 3.0, 2.0, 1.0], names[::-1]))


@given(st.sets(st.tuples(st.text(), st.text()), min_size=1, max_size=20))
def test_names_are_letters_and_never_collide(keys):
    names = macro_names(tuple(keys), "harness")
    assert len(set(names.values())) == len(keys)
    assert all(re.fullmatch("harness[A-Za-z]*", each) for each in names.values())
    assert names == macro_names(tuple(reversed(tuple(keys))), "harness")


def test_a_name_that_looks_like_a_digest_takes_nobody_elses_name():
    first = macro_names((("a-b",), ("a b",)), "x")
    taken = first[("a b",)].removeprefix("x")
    names = macro_names((("a-b",), ("a b",), (taken,)), "x")
    assert len(set(names.values())) == 3


def test_numbers_stand_in_text_and_in_formulas_and_words_are_escaped():
    columns = (
        Column("arm", (text_entry("arm", "a_b"),)),
        Column("difference", (estimate_entry(-0.0123, -0.02, -0.001, 3),)),
        Column("p", (p_entry("p", 0.00002),)),
    )
    macros = macros_of(PublicationTable(columns, "", row_names=("a",)))
    assert macros == {
        "harnessAArm": r"a\_b",
        "harnessADifference": r"\ensuremath{-0.012}",
        "harnessACiLow": r"\ensuremath{-0.020}",
        "harnessACiHigh": r"\ensuremath{-0.001}",
        "harnessAP": r"\ensuremath{<0.0001}",
        "harnessAPStatement": r"\ensuremath{p<0.0001}",
    }


def test_every_macro_has_a_comment_that_says_what_it_is():
    lines = table_of([1.0], ["蒸 % kd\n\\input{x}"]).macros().splitlines()
    assert lines[-2] == "% <U+84B8> % kd<U+000A>\\input{x}, accuracy, mean"
    assert all(line.startswith(("%", r"\newcommand")) for line in lines)
