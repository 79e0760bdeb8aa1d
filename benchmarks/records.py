"""Results in files: one a question, with the conditions under which they were taken."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.conditions import Conditions
from benchmarks.model import Table

RESULTS = Path(__file__).parent / "results"
SCHEMA = 2
"""Raised when a field is added, removed, or means something else."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured for one question.

    Attributes:
        schema: the version of this form.
        question: the question's name.
        conditions: under which it was measured.
        tables: what was measured.
        stopped: why it ended before all was measured; None if all was.
    """

    schema: int
    question: str
    conditions: Conditions
    tables: tuple[Table, ...]
    stopped: str | None = None


Content = TypeVar("Content", "Record", Table)


def as_json(content: Record | Table, indent: int | None = 1) -> str:
    """A record or a table as text that `record_of` and `table_of` read."""
    return json.dumps(asdict(content), indent=indent, ensure_ascii=False, allow_nan=False)


def record_of(text: str) -> Record:
    """A record from its text.

    Raises:
        ValueError: if a field is missing, unknown or of another type, or the form is another one.
    """
    record = _read(Record, text)
    if record.schema != SCHEMA:
        raise ValueError(f"these results have form {record.schema}; this program reads {SCHEMA}")
    return record


def table_of(text: str) -> Table:
    """A table from its text.

    Raises:
        ValueError: if a field is missing, unknown or of another type.
    """
    return _read(Table, text)


def _read(kind: type[Content], text: str) -> Content:
    # Imported here: machines on which contestants only run may lack it.
    from pydantic import TypeAdapter

    content: Content = TypeAdapter(kind).validate_json(text, strict=True)
    if json.loads(as_json(content)) != json.loads(text):
        raise ValueError(f"fields that a {kind.__name__} does not have, or that are missing")
    return content


def path_of(question: str, folder: Path = RESULTS) -> Path:
    """Where a question's results are."""
    return folder / f"{question}.json"


def save(record: Record, folder: Path = RESULTS) -> Path:
    """Replace a question's results as a whole; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(record.question, folder)
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(as_json(record) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def load(question: str, folder: Path = RESULTS) -> Record | None:
    """A question's results; None where there are none.

    Raises:
        ValueError: naming the file, if it is not what this program writes.
    """
    path = path_of(question, folder)
    if not path.exists():
        return None
    try:
        return record_of(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
