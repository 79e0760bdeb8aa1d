"""Reads a study file: TOML, then a profile, then the command line's changes, then validation."""

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import Problem, StudyError
from harness.study.model import Study
from harness.study.problems import dotted, problems_of, shown, unknown_key

# What a study knows of itself, and no file says.
_NOT_IN_FILES = ("source", "changes", "links")

# Of these keys only one may stand in its table, so a later one replaces an earlier other one.
_EXCLUSIVE = {"seeds": ("count", "values"), "trial": ("function", "command")}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line changes in a study.

    Attributes:
        profiles: names of ``[profiles.NAME]`` tables, each laid over those before it.
        settings: assignments such as ``params.epochs=5``.
        seeds: number of seeds instead of the file's.
    """

    profiles: Sequence[str] = ()
    settings: Sequence[str] = ()
    seeds: int | None = None

    def words(self) -> tuple[str, ...]:
        """The options as they are typed."""
        profiles = [word for profile in self.profiles for word in ("--profile", profile)]
        seeds = ("--seeds", str(self.seeds)) if self.seeds is not None else ()
        settings = [word for setting in self.settings for word in ("--set", setting)]
        return (*profiles, *settings, *seeds)


def load_study(path: str | Path, overrides: Overrides | None = None) -> Study:
    """The study in this file.

    Every profile of the file is validated, also those that were not asked for.

    Args:
        path: a TOML file.
        overrides: a profile and changes on top of it.

    Raises:
        StudyError: with the file and every key that is wrong.
    """
    path = Path(path)
    overrides = overrides or Overrides()
    document = _read(path)
    for key in _NOT_IN_FILES:
        if key in document:
            raise StudyError(unknown_key((key,), Study), path)
    profiles = _profiles(document, path)
    for name, profile in profiles.items():
        _validated(_merged(document, profile), path, f"profile {name!r} of {path}")
    for name in overrides.profiles:
        document = _merged(document, _chosen(profiles, name, path))
    for assignment in overrides.settings:
        document = _merged(document, _assigned(document, assignment))
    if overrides.seeds is not None:
        document = _merged(document, _counted(document, overrides.seeds, "--seeds"))
    # A fault is then looked for both in the file and in what was asked for on top of it.
    changes = overrides.words()
    source = f"{path} with {' '.join(changes)}" if changes else str(path)
    return _validated(document, path, source, changes)


def title_of(path: Path) -> str:
    """The title that a study file states; empty when it states none or cannot be read."""
    try:
        return str(_read(path).get("title", ""))
    except StudyError:
        return ""


def profile_names(path: Path) -> tuple[str, ...]:
    """The names of a file's profiles.

    Raises:
        StudyError: if it cannot be read, or its profiles are no tables.
    """
    return tuple(_profiles(_read(path), path))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        problem = Problem(f"this study file cannot be read ({error.strerror})")
        raise StudyError(problem, path) from None
    except UnicodeDecodeError as error:
        raise StudyError(Problem(f"this study file is no UTF-8 text ({error})"), path) from None
    try:
        return tomllib.loads(text)
    # Numbers of thousands of digits and lists in lists in lists end in errors of other kinds.
    except (ValueError, RecursionError) as error:
        raise StudyError(Problem(f"this is no valid TOML: {error}"), path) from None


def _profiles(document: dict[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    profiles = document.pop("profiles", {})
    faulty = {"profiles": profiles}
    if isinstance(profiles, dict):
        tables = {f"profiles.{name}": profile for name, profile in profiles.items()}
        faulty = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    if faulty:
        remedy = "write [profiles.NAME], and below it what the profile changes"
        raise StudyError(
            [
                Problem("must be a table of keys and values", key, shown(value), remedy=remedy)
                for key, value in faulty.items()
            ],
            path,
        )
    return dict(profiles)


def _chosen(profiles: Mapping[str, dict[str, Any]], name: str, path: Path) -> dict[str, Any]:
    if name in profiles:
        return profiles[name]
    remedy = None if profiles else "leave out --profile: this study has none"
    problem = Problem("the study has no such profile", "--profile", name, tuple(profiles), remedy)
    raise StudyError(problem, path)


def _validated(
    document: dict[str, Any], path: Path, source: str, changes: tuple[str, ...] = ()
) -> Study:
    content = {**document, "source": path.resolve(), "changes": changes}
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        raise StudyError(problems_of(error, Study), source) from None
    except StudyError as error:
        raise StudyError(error.problems, source) from None


def _merged(base: Mapping[str, Any], top: Mapping[str, Any], table: str = "") -> dict[str, Any]:
    """Base with top laid over it: tables are merged, everything else is replaced.

    A parameter of a space is written anew as a whole where it is listed and was a range, or the
    other way round.
    """
    merged = dict(base)
    for key in _EXCLUSIVE.get(table, ()):
        if key in merged and not top.keys().isdisjoint(_EXCLUSIVE[table]):
            del merged[key]
    for key, value in top.items():
        below = merged.get(key)
        if (
            isinstance(value, Mapping)
            and isinstance(below, Mapping)
            and not _written_anew(table, below, value)
        ):
            merged[key] = _merged(below, value, key)
        else:
            merged[key] = value
    return merged


def _written_anew(table: str, below: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return table == "space" and ("values" in value) != ("values" in below)


def _assigned(document: Mapping[str, Any], assignment: str) -> dict[str, Any]:
    """The nested table that an assignment such as ``params.epochs=5`` stands for."""
    key, equals, text = assignment.partition("=")
    places = key.strip().split(".")
    if not equals or not all(places):
        problem = Problem(
            "is no assignment", "", assignment, remedy="write KEY=VALUE, such as params.epochs=5"
        )
        raise StudyError(problem, "--set")
    present = _present(document, places)
    nested: Any = _toml_value(key.strip(), text.strip(), present)
    if places == ["seeds", "count"]:
        return _counted(document, nested, "--set")
    for place in reversed(places):
        nested = {place: nested}
    return dict(nested)


def _present(document: Mapping[str, Any], places: Sequence[str]) -> Any:  # noqa: ANN401
    """What a study has at a place; None when there is nothing.

    Raises:
        StudyError: for a mistyped place, which must not become a key, an arm or a parameter of its
            own, and for a place inside of what is no table.
    """
    if places[0] not in Study.model_fields or places[0] in _NOT_IN_FILES:
        problem = unknown_key(places[:1], Study)
        if places[0] in _table(document, "params"):
            problem = dataclasses.replace(problem, remedy=f"write params.{'.'.join(places)}=…")
        raise StudyError(problem, "--set")
    current: Any = document
    for depth, place in enumerate(places):
        if not isinstance(current, Mapping):
            problem = Problem("is no table, so it has no keys", dotted(places[:depth]))
            raise StudyError(dataclasses.replace(problem, given=shown(current)), "--set")
        allowed = _settable(document, places[:depth])
        if allowed is not None and place not in allowed:
            remedy = "--set changes what the study has; what is new is added in the file"
            key = dotted(places[: depth + 1])
            problem = Problem("the study has nothing here", key, place, allowed, remedy)
            raise StudyError(problem, "--set")
        inside = depth + 1 < len(places)
        current = current.get(place, {} if inside else None)
    return current


def _settable(document: Mapping[str, Any], table: Sequence[str]) -> tuple[str, ...] | None:
    """The keys that a table of free names has; None where the grammar decides."""
    params, arms = (_table(document, name) for name in ("params", "arms"))
    match table:
        case ["params"]:
            return tuple(params)
        case ["arms"]:
            return tuple(arms)
        case ["arms", arm]:
            return tuple(dict.fromkeys((*params, *_table(arms, arm))))
        case _:
            return None


def _table(owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = owner.get(name)
    return table if isinstance(table, Mapping) else {}


def _toml_value(key: str, text: str, present: object) -> Any:  # noqa: ANN401 - TOML decides
    """What a text stands for: a TOML value, or else the text itself.

    Raises:
        StudyError: if it is text where the study has a number or a truth value, as with ``.5`` and
            ``True``, which TOML does not know.
    """
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        found = {}
    if found.keys() == {"value"}:
        return found["value"]
    if isinstance(present, bool | int | float):
        remedy = "write numbers as 0.5 or 1e-3, and truth values as true or false"
        problem = Problem(f"must be like what the study has, {shown(present)}", key, shown(text))
        raise StudyError(dataclasses.replace(problem, remedy=remedy), "--set")
    return text


def _counted(document: Mapping[str, Any], count: object, source: str) -> dict[str, Any]:
    if "values" in _table(document, "seeds"):
        problem = Problem(
            "the study lists its seeds one by one, so they cannot be counted",
            "seeds.count",
            shown(count),
            remedy="use --set 'seeds.values=[3, 5, 8]', or add seeds to the file",
        )
        raise StudyError(problem, source)
    return {"seeds": {"count": count}}
