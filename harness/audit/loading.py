"""Reads a claims file: TOML, then every table by itself, then what they say of each other."""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.audit.grammar import Head
from harness.audit.kinds import KINDS, Claim
from harness.errors import ClaimsError, Problem
from harness.study.problems import problems_of, shown

LARGEST_FILE_BYTES = 16 * 2**20
"""Far above any claims file or table of a paper."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A claims file that can be used.

    Attributes:
        path: the file.
        head: its tables beside the claims.
        claims: the claims in their order.
    """

    path: Path
    head: Head
    claims: tuple[Claim, ...]

    @property
    def alpha(self) -> float:
        """The level at which the paper calls results significant."""
        return float(self.head.paper.alpha.value)

    def place(self, claim: Claim) -> str:
        """Where a claim stands in the file."""
        return _place(self.claims.index(claim), claim.id)


def load_claims(path: str | Path) -> Claims:
    """The claims in this file, all of it checked but for the data it names.

    Raises:
        ClaimsError: with the file and every key that is wrong.
    """
    path = Path(path)
    document = _read(path)
    found = document.pop("claim", [])
    head, problems = _head(document)
    claims: list[Claim] = []
    for position, table in enumerate(_tables(found, path)):
        try:
            claims.append(_claim(position, table))
        except ClaimsError as error:
            problems += error.problems
    if head is not None:
        problems += _crossings(head, claims)
    if problems or head is None:
        raise ClaimsError(problems, path)
    return Claims(path, head, tuple(claims))


def _read(path: Path) -> dict[str, Any]:
    text = read_text(path, path, "this claims file")
    if not text.strip():
        remedy = "docs/audit.md has one to begin with"
        raise ClaimsError(Problem("this claims file is empty", remedy=remedy), path)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClaimsError(Problem(f"this is no valid TOML: {error}"), path) from None


def read_text(path: Path, source: Path, what: str, key: str = "") -> str:
    """A text file, of a size that can be meant.

    Args:
        path: the file.
        source: the claims file, for the error.
        what: what the file is called in the error.
        key: the key that names it.

    Raises:
        ClaimsError: it cannot be read, is too large, or is no UTF-8 text.
    """
    given = str(path) if key else None
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ClaimsError(Problem(f"{what} is larger than 16 MiB", key, given), source)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = Problem(f"{what} cannot be read ({error.strerror})", key, given)
        raise ClaimsError(problem, source) from None
    except UnicodeDecodeError as error:
        raise ClaimsError(
            Problem(f"{what} is no UTF-8 text ({error})", key, given), source
        ) from None


def _head(document: dict[str, Any]) -> tuple[Head | None, list[Problem]]:
    try:
        return Head.model_validate(document), []
    except ValidationError as error:
        return None, [_with_remedy(each) for each in problems_of(error, Head)]


def _with_remedy(problem: Problem) -> Problem:
    remedies = {
        "schema": "write schema = 1",
        "paper": "write [paper] with id and title",
        "metrics": "write [metrics.test_accuracy] with unit, direction and test_size",
    }
    if problem.remedy is None and problem.key in remedies:
        return dataclasses.replace(problem, remedy=remedies[problem.key])
    return problem


def _tables(found: object, path: Path) -> Sequence[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ClaimsError(
            Problem("must be tables", "claim", shown(found), remedy="write [[claim]] above each"),
            path,
        )
    if not found:
        raise ClaimsError(
            Problem("there is no claim in this file", remedy="write [[claim]] with id and kind"),
            path,
        )
    return found


def _claim(position: int, table: Mapping[str, Any]) -> Claim:
    place = _place(position, table.get("id"))
    kind = table.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        what = "unknown kind of claim" if "kind" in table else "this key is missing"
        given = str(kind) if "kind" in table else None
        raise ClaimsError(Problem(what, f"{place}.kind", given, tuple(KINDS)))
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        raise ClaimsError([_inside(place, each) for each in _problems(error, model)]) from None


def _problems(error: ValidationError, model: type[BaseModel]) -> Sequence[Problem]:
    return problems_of(error, model, "claim")


def _inside(place: str, problem: Problem) -> Problem:
    key = f"{place}.{problem.key}" if problem.key else place
    return dataclasses.replace(problem, key=key)


def _place(position: int, name: object) -> str:
    return f"claim[{position}] ({name})" if isinstance(name, str) else f"claim[{position}]"


def _crossings(head: Head, claims: Sequence[Claim]) -> list[Problem]:
    """What tables say of each other that does not fit."""
    metrics, data = tuple(head.metrics), tuple(head.data)
    problems: list[Problem] = []
    if not metrics:
        problems.append(Problem("there is no metric", "metrics", remedy="write [metrics.NAME]"))
    for name, entry in head.data.items():
        problems += _known(f"data.{name}.metric", entry.metric, metrics, "metric")
        if entry.metric is None and len(metrics) > 1:
            problems.append(_unsaid_metric(f"data.{name}.metric", metrics))
    for name, family in head.family.items():
        problems += _known(f"family.{name}.data", family.data, data, "data")
        if family.primary is not None:
            problems += _known(f"family.{name}.primary", family.primary, family.arms, "arm")
    seen: set[str] = set()
    for position, claim in enumerate(claims):
        place = _place(position, claim.id)
        if claim.id in seen:
            problems.append(Problem("is the id of an earlier claim", f"{place}.id", claim.id))
        seen.add(claim.id)
        problems += _of_claim(place, claim, head)
    return problems


def _of_claim(place: str, claim: Claim, head: Head) -> Iterator[Problem]:
    data = tuple(head.data)
    for key, names in (("data", claim.data), ("replicated_in", claim.replicated_in)):
        for name in names:
            yield from _known(f"{place}.{key}", name, data, "data")
    yield from _known(f"{place}.metric", claim.metric, tuple(head.metrics), "metric")
    yield from _known(f"{place}.family", claim.family, tuple(head.family), "family")
    if (
        claim.metric is None
        and not claim.data
        and not claim.replicated_in
        and len(head.metrics) > 1
    ):
        yield _unsaid_metric(f"{place}.metric", tuple(head.metrics))


def _known(key: str, name: str | None, allowed: tuple[str, ...], what: str) -> Iterator[Problem]:
    if name is not None and name not in allowed:
        remedy = None if allowed else f"add it: the file has no {what}"
        yield Problem(f"there is no such {what} in this file", key, name, allowed, remedy)


def _unsaid_metric(key: str, metrics: tuple[str, ...]) -> Problem:
    return Problem("must be said: there are several metrics", key, None, metrics)
