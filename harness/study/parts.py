"""What every table of a study file has in common: strict types, no unknown keys."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A table of a study file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def as_tuple(value: object) -> object:
    """A list, which is what TOML has, as the tuple that a frozen table holds."""
    return tuple(value) if isinstance(value, list) else value


def as_tuples(value: object) -> object:
    """The same for a table whose values are lists."""
    if isinstance(value, dict):
        return {key: as_tuple(item) for key, item in value.items()}
    return as_tuple(value)


def is_visible(name: str) -> bool:
    """Whether a name can be read, and on one line."""
    return bool(name.strip()) and not any(ord(character) < 32 for character in name)


def twice(names: Iterable[str]) -> str | None:
    """The first name that comes a second time, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
