"""Runs are read as they were written, whatever they are called and whoever wrote them."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.files import SUFFIXES, FileError, read_frame

LIKE_MISSING = ["NA", "None", "nan", "null", "NaN", "N/A", "none", "#N/A"]
LIKE_NUMBERS = ["1", "01", "1.0", "1e3", "0x10", "-0", "+1", "inf", "1_000", "true", "False"]


@pytest.fixture
def csv_file(tmp_path):
    def write(text, name="runs.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def json_lines(tmp_path):
    def write(*rows):
        path = tmp_path / "runs.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        return path

    return write


def test_names_are_kept_to_the_letter_where_they_are_said_to_be_names(csv_file):
    names = LIKE_MISSING + LIKE_NUMBERS
    path = csv_file("arm,seed\n" + "".join(f"{name},{i}\n" for i, name in enumerate(names)))
    frame = read_frame(path, names=["arm"])
    assert frame["arm"].tolist() == names
    assert frame["seed"].tolist() == list(range(len(names)))


def test_names_that_are_all_numbers_stay_names(csv_file):
    path = csv_file("arm,acc\n1,0.5\n1.0,0.6\n")
    assert read_frame(path, names=["arm"])["arm"].tolist() == ["1", "1.0"]
    assert read_frame(path)["arm"].tolist() == [1.0, 1.0]


def test_an_empty_name_is_missing(csv_file):
    frame = read_frame(csv_file('arm,acc\n,0.5\n"",0.6\nb,1\n'), names=["arm"])
    assert frame["arm"].isna().tolist() == [True, True, False]


def test_a_level_called_none_is_a_level_where_it_is_said_to_be_a_key(csv_file):
    path = csv_file("dropout,acc\nnone,0.5\n0.1,0.6\n0.2,nan\n")
    keyed = read_frame(path, keys=["dropout"])
    assert keyed["dropout"].tolist() == ["none", "0.1", "0.2"]
    assert math.isnan(keyed["acc"][2])
    assert read_frame(path)["dropout"].isna().tolist() == [True, False, False]


def test_keys_that_are_numbers_are_numbers(csv_file):
    path = csv_file("seed,k\n10,0.5\n9,1\n")
    frame = read_frame(path, keys=["seed", "k"])
    assert frame["seed"].tolist() == [10, 9]
    assert frame["k"].tolist() == [0.5, 1.0]


def test_leading_zeros_and_endless_digits_are_not_lost(csv_file):
    first, second = "9007199254740993000000001", "9007199254740993000000002"
    frame = read_frame(csv_file(f"id,zip,int\n{first},007,9007199254740993\n{second},07,1\n"))
    assert frame["id"].tolist() == [first, second]
    assert frame["zip"].tolist() == ["007", "07"]
    assert frame["int"].tolist() == [9007199254740993, 1]


@pytest.mark.parametrize("word", ["", "nan", "NaN", "NA", "n/a", "null", "None", " "])
def test_words_for_missing_values_are_missing_in_a_column_of_numbers(word, csv_file):
    frame = read_frame(csv_file(f"acc,x\n0.5,1\n{word},1\n"))
    assert frame["acc"].tolist()[0] == 0.5
    assert frame["acc"].isna().tolist() == [False, True]


def test_infinities_are_read_as_such_and_left_to_the_protocol(csv_file):
    values = read_frame(csv_file("acc\ninf\n-inf\nInfinity\n1e999\n1\n"))["acc"]
    assert values.tolist() == [math.inf, -math.inf, math.inf, math.inf, 1.0]


def test_every_digit_of_a_float_survives(csv_file, json_lines, tmp_path):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=500) * 10.0 ** rng.integers(-20, 20, 500)).tolist()
    text = "acc\n" + "".join(f"{value!r}\n" for value in values)
    assert read_frame(csv_file(text))["acc"].tolist() == values
    assert read_frame(json_lines(*({"acc": value} for value in values)))["acc"].tolist() == values
    pd.DataFrame({"acc": values}).to_parquet(tmp_path / "runs.parquet")
    assert read_frame(tmp_path / "runs.parquet")["acc"].tolist() == values


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_line_ends_and_byte_order_marks_are_not_data(end, mark, csv_file):
    text = mark + end.join(["arm,seed,acc", "a,1,0.5", "b,1,0.6", ""])
    frame = read_frame(csv_file(text))
    assert list(frame.columns) == ["arm", "seed", "acc"]
    assert frame.to_numpy().tolist() == [["a", 1, 0.5], ["b", 1, 0.6]]


def test_quoted_fields_may_hold_separators_quotes_and_line_ends(csv_file):
    frame = read_frame(csv_file('arm,acc\n"a, ""b""\nc",1\n'), names=["arm"])
    assert frame["arm"].tolist() == ['a, "b"\nc']


def test_tabs_separate_where_the_ending_says_so(csv_file):
    frame = read_frame(csv_file("arm\tacc\na,b\t1\n", "runs.TSV"))
    assert frame.to_numpy().tolist() == [["a,b", 1]]


def test_blank_lines_are_skipped(csv_file):
    assert len(read_frame(csv_file("arm,acc\n\na,1\n\n\nb,2\n\n"))) == 2


def test_text_that_is_no_number_stays_text(csv_file):
    frame = read_frame(csv_file("a,b,c\n1,x,true\n2,3,false\n"))
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].tolist() == ["x", "3"]
    assert frame["c"].tolist() == ["true", "false"]


def test_a_header_alone_is_a_frame_without_rows(csv_file):
    frame = read_frame(csv_file("arm,acc\n"))
    assert list(frame.columns) == ["arm", "acc"]
    assert frame.empty


BROKEN = {
    "nothing": ("", "the file is empty"),
    "too long a row": ("a,b\n1,2\n1,2,3\n", "no readable CSV"),
    "too long rows": ("a,b\n1,2,3\n1,2,3\n", "more fields than the header"),
    "too short a row": ("a,b\n1,2\n1\n", "line 3 has fewer fields"),
    "two names": ("a,b,a\n1,2,3\n", "several columns are called 'a'"),
    "semicolons": ("a;b;c\n1;2;3\n", "separated by semicolons"),
    "an open quote": ('a,b\n"1,2\n', "no readable CSV"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_by_name(text, words, csv_file):
    path = csv_file(text)
    with pytest.raises(FileError, match=words) as refused:
        read_frame(path)
    assert refused.value.path == path
    assert str(path) in str(refused.value)
    assert isinstance(refused.value, AnalysisError)


def test_a_row_that_ends_in_an_empty_field_is_whole(csv_file):
    frame = read_frame(csv_file("a,b\n1,\n2,3\n"))
    assert frame["b"].isna().tolist() == [True, False]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_refused(encoding, csv_file):
    with pytest.raises(FileError, match="not UTF-8"):
        read_frame(csv_file("arm\nnaïve\n", encoding=encoding))


def test_what_is_not_there_is_a_folder_or_of_another_kind_is_refused(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_frame(tmp_path / "runs.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        read_frame(tmp_path / "folder.csv")
    with pytest.raises(FileError, match=r"'\.cvs'.*Did you mean '\.csv'"):
        read_frame(tmp_path / "runs.cvs")
    with pytest.raises(FileError, match="allowed: " + ", ".join(SUFFIXES)):
        read_frame(Path("runs"))


def test_json_keeps_the_types_that_were_written(json_lines):
    frame = read_frame(
        json_lines(
            {"arm": "01", "seed": 10**25, "acc": 0.1, "flag": True},
            {"arm": "NA", "seed": 3, "acc": None, "flag": False},
            {"arm": "1", "seed": 4, "acc": 1, "flag": True, "extra": "2020-01-01"},
        )
    )
    assert frame["arm"].tolist() == ["01", "NA", "1"]
    assert frame["seed"].tolist() == [10**25, 3, 4]
    assert frame["acc"].isna().tolist() == [False, True, False]
    assert frame["flag"].tolist() == [True, False, True]
    assert frame["extra"].tolist()[2] == "2020-01-01"


def test_json_may_hold_the_numbers_that_it_has_no_word_for(tmp_path):
    path = tmp_path / "runs.ndjson"
    path.write_text('{"acc": NaN}\n\n{"acc": Infinity}\r\n{"acc": -Infinity}\n')
    assert read_frame(path)["acc"].tolist()[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 is no JSON"),
        ('{"a": 1}\n[1]\n', "line 2 is no JSON object"),
        ('{"a": 1}\n"a"\n', "line 2 is no JSON object"),
        ('{"a": 1, "a": 2}\n', "names 'a' twice"),
        ('{"a": "\\ud800"}\n', "line 1 is no JSON"),
        ("\n\n", "the file is empty"),
        ("[" * 100_000 + "\n", "line 1 is no JSON"),
    ],
    ids=["cut off", "a list", "text", "a name twice", "half a character", "blank", "deep"],
)
def test_broken_json_is_refused_with_its_line(text, words, tmp_path):
    (tmp_path / "runs.jsonl").write_text(text)
    with pytest.raises(FileError, match=words):
        read_frame(tmp_path / "runs.jsonl")


def test_an_index_that_was_stored_is_a_column_again(tmp_path):
    frame = pd.DataFrame({"arm": ["a", "b"], "seed": [1, 1], "acc": [0.5, 0.6]})
    frame.set_index(["arm", "seed"]).to_parquet(tmp_path / "runs.parquet")
    read = read_frame(tmp_path / "runs.parquet")
    assert read[["arm", "seed", "acc"]].to_numpy().tolist() == frame.to_numpy().tolist()


def test_categories_keep_their_order(tmp_path):
    order = ["c", "a", "b"]
    frame = pd.DataFrame({"arm": pd.Categorical(["a", "b", "c"], categories=order)})
    frame.to_parquet(tmp_path / "runs.parquet")
    assert list(read_frame(tmp_path / "runs.parquet")["arm"].cat.categories) == order


@pytest.mark.parametrize("content", [b"PAR1", b"arm,acc\na,1\n", b"\x00" * 100])
def test_what_is_no_parquet_is_refused(content, tmp_path):
    (tmp_path / "runs.parquet").write_bytes(content)
    with pytest.raises(FileError, match="no readable Parquet"):
        read_frame(tmp_path / "runs.parquet")
