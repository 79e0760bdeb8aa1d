"""Reads runs from files: CSV, Parquet or JSON lines, in long form, one row a run."""

import csv
import json
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.errors import ParserWarning

from analysis.errors import AnalysisError, nearest
from analysis.runs import MISSING_WORDS

_READERS = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".parquet": "Parquet",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}

SUFFIXES = tuple(_READERS)
"""Endings of the files that can be read."""

# What pandas, pyarrow and json raise on content that they cannot read.
_BROKEN = (ValueError, OSError, TypeError, KeyError, NotImplementedError, RecursionError, csv.Error)

_LEADING_ZERO = r"^\s*[+-]?0\d"
_LONGER_THAN_A_FLOAT = r"^\s*[+-]?\d{16,}\s*$"


class FileError(AnalysisError):
    """A file of runs cannot be read.

    Attributes:
        path: the file.
        reason: what is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


def read_frame(
    path: Path, *, names: Collection[str] = (), keys: Collection[str] = ()
) -> pd.DataFrame:
    """Read a file of runs; what becomes of its columns is decided by who uses them.

    Parquet and JSON lines say what is a number. In CSV a column is one of numbers if all of its
    fields are; an empty field, "nan", "NA", "null" and "none" are missing values in it. What a
    number would change is text: "007", and whole numbers too long for a float.

    Args:
        path: ends in .csv, .tsv, .parquet, .jsonl or .ndjson. Text is UTF-8.
        names: columns of a CSV file that stay text whatever they hold, such as the arms' names:
            there "NA", "1" and "1.0" are three names.
        keys: columns of a CSV file that say where a run belongs, such as its block and factors:
            there "none" is a level like any other, and only an empty field is missing.

    Raises:
        FileError: the file is not there, ends otherwise, is empty, or is broken.
    """
    kind = _READERS.get(path.suffix.lower())
    if kind is None:
        guess = nearest(path.suffix.lower(), SUFFIXES)
        hint = f" Did you mean {guess!r}?" if guess else ""
        listed = ", ".join(SUFFIXES)
        raise FileError(path, f"ends in {path.suffix!r}; allowed: {listed}.{hint}")
    try:
        _require_content(path)
        return _read(path, kind, names, keys)
    except UnicodeDecodeError as error:
        raise FileError(path, f"is not UTF-8 text ({error.reason})") from None
    except FileError:
        raise
    except _BROKEN as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FileError(path, f"is no readable {kind} ({first})") from None


def _require_content(path: Path) -> None:
    if path.is_dir():
        raise FileError(path, "is a folder; give a file in it")
    if not path.exists():
        raise FileError(path, "there is no such file")
    if path.is_file() and path.stat().st_size == 0:
        raise FileError(path, "the file is empty")


def _read(path: Path, kind: str, names: Collection[str], keys: Collection[str]) -> pd.DataFrame:
    if kind == "Parquet":
        return _read_parquet(path)
    if kind == "JSON lines":
        return _read_json_lines(path)
    return _read_csv(path, names, keys)


def _read_parquet(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    # What pandas keeps as an index is a column like any other to whoever reads the file.
    levels = [name for name in frame.index.names if name is not None and name not in frame.columns]
    frame = frame.reset_index(level=levels) if levels else frame
    return frame.set_axis([str(name) for name in frame.columns], axis="columns")


def _read_json_lines(path: Path) -> pd.DataFrame:
    # pandas would take "007" for a number and round the last digits of others.
    rows = []
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                rows.append(_object(path, number, line))
    if not rows:
        raise FileError(path, "the file is empty")
    return pd.DataFrame.from_records(rows)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_distinct)
    except json.JSONDecodeError as error:
        reason = f"line {number} is no JSON ({error.msg} at character {error.colno})"
        raise FileError(path, reason) from None
    except (ValueError, RecursionError) as error:
        raise FileError(path, f"line {number} is no JSON ({error})") from None
    if not isinstance(value, dict):
        raise FileError(path, f"line {number} is no JSON object; write one object a line, a run")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = next(name for name, _ in pairs if [key for key, _ in pairs].count(name) > 1)
        raise ValueError(f"it names {repeated!r} twice")
    for text in (*found, *found.values()):
        if isinstance(text, str) and not text.isascii():
            # JSON can name half a character, such as "\ud800", which no file or terminal can hold.
            text.encode()
    return found


def _read_csv(path: Path, names: Collection[str], keys: Collection[str]) -> pd.DataFrame:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    header = _header(path, separator)
    # An arm may be called "NA" or "None": text is not searched for missing values.
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        try:
            frame = pd.read_csv(
                path,
                sep=separator,
                keep_default_na=False,
                na_values={},
                encoding="utf-8-sig",
                dtype=str,
                index_col=False,
            )
        except ParserWarning:
            reason = f"rows have more fields than the header, which names {len(header)} columns"
            raise FileError(path, reason) from None
    _require_whole_rows(path, separator, frame)
    for column in frame.columns:
        numbers = None if column in names else _numbers(frame[column], is_key=column in keys)
        frame[column] = frame[column].replace("", pd.NA) if numbers is None else numbers
    return frame


def _header(path: Path, separator: str) -> Sequence[str]:
    """Return the columns' names; refuse two that are alike, since pandas would rename the second.

    Raises:
        FileError: two columns have one name, or another separator was used.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next((row for row in csv.reader(file, delimiter=separator) if row), [])
    for name in header:
        if header.count(name) > 1:
            raise FileError(path, f"several columns are called {name!r}; rename all but one")
    for other, said in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if len(header) == 1 and other != separator and header[0].count(other) > 1:
            ending = "in .tsv, with tabs" if separator == "\t" else "in .csv, with commas"
            raise FileError(path, f"is separated by {said}; write a file that ends {ending}")
    return header


def _require_whole_rows(path: Path, separator: str, frame: pd.DataFrame) -> None:
    """Refuse a row that ends early, as the last one of a file that was cut off does."""
    if not (frame.iloc[:, -1] == "").any():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in (rows := csv.reader(file, delimiter=separator)):
            if 0 < len(row) < frame.shape[1]:
                raise FileError(path, f"line {rows.line_num} has fewer fields than the header")


def _numbers(column: "pd.Series[str]", *, is_key: bool) -> "pd.Series[float] | None":
    """Return a column of numbers, missing ones included; None when it is text."""
    words = ("",) if is_key else MISSING_WORDS
    missing = column.str.strip().str.lower().isin(words)
    if missing.all():
        return None
    try:
        known = pd.to_numeric(column[~missing])
    except (ValueError, TypeError):
        return None
    if known.dtype.kind not in "iuf" or column.str.contains(_LEADING_ZERO).any():
        return None
    if known.dtype.kind == "f" and column.str.contains(_LONGER_THAN_A_FLOAT).any():
        return None
    return known.reindex(column.index) if missing.any() else known
