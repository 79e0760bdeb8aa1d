"""Reads a claims file: TOML, then every table by itself, then what they say of each other."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.audit.claims.files import read_text
from harness.audit.claims.grammar import Head
from harness.audit.claims.kinds import KINDS, Claim, RerunClaim
from harness.audit.claims.references import place_of, repeated_ids, unfit_claims, unfit_tables
from harness.audit.claims.refusing import refusal
from harness.errors import Problem
from harness.study.problems import problems_of, shown

_REMEDIES = {
    "schema": "write schema = 1 above the first table",
    "paper": "write [paper] with id and title",
    "paper.id": 'write how it is cited, such as id = "arXiv:2506.14440"',
    "paper.title": 'write title = "…"',
    "metrics": "write [metrics.test_accuracy] with unit, direction and test_size",
}
_REMEDIES_OF_CLAIM = {
    "id": 'write a short name, such as id = "C1"',
    "text": 'write the sentence as the paper has it, text = "…"',
}


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
        return place_of(self.claims.index(claim), claim.id)


def load_claims(path: str | Path) -> Claims:
    """The claims in this file, all of it checked but for the data it names.

    Raises:
        ClaimsError: with the file and every key that is wrong.
    """
    path = Path(path)
    return claims_of(_read(path), path)


def claims_of(document: Mapping[str, Any], path: Path) -> Claims:
    """The claims in a document, as a claims file at this path would have it.

    Raises:
        ClaimsError: with every key that is wrong.
    """
    tables = {key: value for key, value in document.items() if key != "claim"}
    head, problems = _head(tables)
    claims, of_claims = _claims(document.get("claim", []))
    problems += of_claims
    problems += repeated_ids(claims)
    if head is not None:
        problems += unfit_tables(head)
        problems += _absent_metrics(document, claims, head)
        problems += unfit_claims(claims, head)
    if problems or head is None:
        raise refusal(problems, path)
    return Claims(path, head, tuple(claims.values()))


def _absent_metrics(
    document: Mapping[str, Any], claims: Mapping[int, Claim], head: Head
) -> list[Problem]:
    """Claims are of metrics, but for those that trials of a study give the same again."""
    only_reruns = bool(claims) and all(isinstance(each, RerunClaim) for each in claims.values())
    if head.metrics or (only_reruns and not head.data):
        return []
    if "metrics" not in document:
        return [Problem("this key is missing", "metrics", remedy=_REMEDIES["metrics"])]
    return [Problem("there is no metric", "metrics", remedy="write [metrics.NAME]")]


def _read(path: Path) -> dict[str, Any]:
    text = read_text(path, path, "this claims file")
    if not text.strip():
        problem = Problem("this claims file is empty", remedy="docs/audit.md has one to begin with")
        raise refusal(problem, path)
    try:
        return tomllib.loads(text)
    # Numbers of thousands of digits and lists in lists in lists end in errors of other kinds.
    except (ValueError, RecursionError) as error:
        raise refusal(Problem(f"this is no valid TOML: {error}"), path) from None


def _head(document: Mapping[str, Any]) -> tuple[Head | None, list[Problem]]:
    try:
        return Head.model_validate(document), []
    except ValidationError as error:
        return None, [_with_claims(each) for each in _problems(error, Head, _REMEDIES)]


def _with_claims(problem: Problem) -> Problem:
    """The claims stand beside the head's tables, though they are read by themselves."""
    if problem.what == "unknown key" and "." not in problem.key:
        return dataclasses.replace(problem, allowed=(*problem.allowed, "claim"))
    return problem


def _claims(found: object) -> tuple[dict[int, Claim], list[Problem]]:
    """Every claim that can be used, by its position; and what is wrong with the others."""
    remedy = 'write [[claim]], and below it id = "C1", text = "…" and kind = "difference"'
    if isinstance(found, dict):
        remedy = "write [[claim]], with two brackets on either side, above every claim"
    if not isinstance(found, list):
        return {}, [Problem("must be a list of tables", "claim", shown(found), (), remedy)]
    if not found:
        return {}, [Problem("there is no claim in this file", "claim", None, (), remedy)]
    claims: dict[int, Claim] = {}
    problems: list[Problem] = []
    for position, table in enumerate(found):
        if not isinstance(table, dict):
            what = "must be a table of keys and values"
            problems.append(Problem(what, place_of(position, None), shown(table), (), remedy))
            continue
        claim, faults = _claim(table)
        place = place_of(position, table.get("id"))
        problems += [_inside(place, each) for each in faults]
        if claim is not None:
            claims[position] = claim
    return claims, problems


def _claim(table: Mapping[str, Any]) -> tuple[Claim | None, list[Problem]]:
    kind = table.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        return None, [*_of_any_kind(table), _unknown_kind(table)]
    try:
        return model.model_validate(dict(table)), []
    except ValidationError as error:
        return None, _problems(error, model, _REMEDIES_OF_CLAIM)


def _of_any_kind(table: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the keys that every claim has."""
    shared = {key: value for key, value in table.items() if key in Claim.model_fields}
    try:
        Claim.model_validate(shared)
    except ValidationError as error:
        return _problems(error, Claim, _REMEDIES_OF_CLAIM)
    return []


def _unknown_kind(table: Mapping[str, Any]) -> Problem:
    if "kind" not in table:
        return Problem("this key is missing", "kind", None, tuple(KINDS), 'such as kind = "value"')
    return Problem("unknown kind of claim", "kind", shown(table["kind"]), tuple(KINDS))


def _problems(
    error: ValidationError, model: type[BaseModel], remedies: Mapping[str, str]
) -> list[Problem]:
    return [
        dataclasses.replace(each, remedy=remedies[each.key])
        if each.remedy is None and each.key in remedies
        else each
        for each in problems_of(error, model, "claims")
    ]


def _inside(place: str, problem: Problem) -> Problem:
    key = f"{place}.{problem.key}" if problem.key else place
    return dataclasses.replace(problem, key=key)
