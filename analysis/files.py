"""Reads runs from files: CSV, Parquet or JSON lines, in long form, one row a run."""

import csv
from pathlib import Path

import pandas as pd

from analysis.errors import AnalysisError, nearest

_READERS = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".parquet": "Parquet",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}

SUFFIXES = tuple(_READERS)
"""Endings of the files that can be read."""


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


def read_frame(path: Path) -> pd.DataFrame:
    """Read a file of runs; what becomes of its columns is decided by who uses them.

    Args:
        path: ends in .csv, .tsv, .parquet, .jsonl or .ndjson. Text is UTF-8. In CSV an empty
            field, "nan" and "NA" are missing values in columns of numbers; text is kept as it
            is.

    Raises:
        FileError: the file is not there, ends otherwise, is empty, or is broken.
    """
    kind = _READERS.get(path.suffix.lower())
    if kind is None:
        guess = nearest(path.suffix.lower(), SUFFIXES)
        hint = f" Did you mean {guess!r}?" if guess else ""
        listed = ", ".join(SUFFIXES)
        raise FileError(path, f"ends in {path.suffix!r}; allowed: {listed}.{hint}")
    if not path.is_file():
        raise FileError(path, "there is no such file")
    if path.stat().st_size == 0:
        raise FileError(path, "the file is empty")
    try:
        return _read(path, kind)
    except UnicodeDecodeError as error:
        raise FileError(path, f"is not UTF-8 text ({error.reason})") from None
    except (ValueError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FileError(path, f"is no readable {kind} ({first})") from None


def _read(path: Path, kind: str) -> pd.DataFrame:
    if kind == "Parquet":
        return pd.read_parquet(path)
    if kind == "JSON lines":
        return pd.read_json(path, lines=True, convert_dates=False, precise_float=True)
    return _read_csv(path)


def _read_csv(path: Path) -> pd.DataFrame:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    # An arm may be called "NA" or "None": text is not searched for missing values.
    frame = pd.read_csv(
        path, sep=separator, keep_default_na=False, na_values={}, encoding="utf-8-sig", dtype=str
    )
    _require_distinct_names(path, separator)
    for column in frame.columns:
        numbers = _numbers(frame[column])
        frame[column] = frame[column].replace("", pd.NA) if numbers is None else numbers
    return frame


def _require_distinct_names(path: Path, separator: str) -> None:
    """Refuse a header that names two columns alike; pandas would rename the second."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=separator), [])
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise FileError(path, f"several columns are called {repeated[0]!r}; rename all but one")


_MISSING = ("", "nan", "na", "n/a", "null", "none")


def _numbers(column: "pd.Series[str]") -> "pd.Series[float] | None":
    """Return a column of numbers, missing ones included; None when it is text."""
    missing = column.str.strip().str.lower().isin(_MISSING)
    if missing.all():
        return None
    try:
        known = pd.to_numeric(column[~missing])
    except (ValueError, TypeError):
        return None
    if known.dtype.kind not in "if":
        return None
    return known.reindex(column.index) if missing.any() else known
