"""What the nested cells of an exported file look like; an edited file may hold anything."""

import base64
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

Table = dict[str, JsonValue]


class _Cell(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PredictionsCell(_Cell):
    """Saved predictions: their number, and their packed bits in base 64."""

    examples: int
    correct: str


class FailureCell(_Cell):
    """One attempt that failed."""

    attempt: int
    started_at: float
    duration_s: float
    error: str
    traceback: str | None


class AssetCell(_Cell):
    """An asset that the trial used."""

    digest: str
    builder: str
    key: Table
    files: list[tuple[str, int, str]]
    inputs: list[str]
    facts: Table
    build_s: float


_NotFinite = Literal["nan", "inf", "-inf"]

_SHAPES: dict[str, TypeAdapter[Any]] = {
    "levels": TypeAdapter(Table),
    "params": TypeAdapter(Table),
    "what_runs": TypeAdapter(Table),
    "facts": TypeAdapter(Table | None),
    "learning_curve": TypeAdapter(list[tuple[int, str, float | _NotFinite]]),
    "predictions": TypeAdapter(PredictionsCell | None),
    "attachments": TypeAdapter(dict[str, str] | None),
    "failures": TypeAdapter(list[FailureCell]),
    "assets": TypeAdapter(list[AssetCell]),
    "environment": TypeAdapter(Table),
}


def require_shape(column: str, value: Any) -> Any:  # noqa: ANN401 - cells are of many types
    """The value of a nested cell, as it is, when it looks as an export writes it.

    Raises:
        ValueError: saying where it does not.
    """
    if column not in _SHAPES:
        return value
    try:
        # Through JSON, because there a list may stand for a tuple even where types are strict.
        _SHAPES[column].validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None
    if column == "attachments":
        for content in (value or {}).values():
            base64.b64decode(content, validate=True)
    if column == "predictions" and value is not None:
        packed = base64.b64decode(value["correct"], validate=True)
        if len(packed) != -(-value["examples"] // 8):
            raise ValueError(f"{len(packed)} bytes for {value['examples']} predictions")
    return value
