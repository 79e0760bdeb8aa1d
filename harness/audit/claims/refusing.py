"""Refuses a claims file, or data that it names, in words that no terminal obeys."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from analysis.presentation.text_table import printable
from harness.errors import ClaimsError, Problem, nearest_match


def refusal(problems: Problem | Iterable[Problem], source: str | Path) -> ClaimsError:
    """The error that says what is wrong.

    Keys and values of a file may hold control characters; here they are shown as escapes.

    Args:
        problems: every fault.
        source: the claims file, or the option, that they were found in.
    """
    found = (problems,) if isinstance(problems, Problem) else problems
    return ClaimsError([_printable(each) for each in found], printable(str(source)))


_MOST_ALLOWED = 30
_LONGEST_TEXT = 200


def _printable(problem: Problem) -> Problem:
    return dataclasses.replace(
        problem,
        what=printable(problem.what),
        key=_short(problem.key),
        given=None if problem.given is None else _short(problem.given),
        allowed=tuple(_short(each) for each in _some(problem.given, problem.allowed)),
    )


def _some(given: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The first of what is allowed, after what is nearest where that is not among them."""
    if len(allowed) <= _MOST_ALLOWED:
        return allowed
    first = (*allowed[:_MOST_ALLOWED], "…")
    nearest = nearest_match(given, allowed[: 100 * _MOST_ALLOWED])
    return first if nearest is None or nearest in first else (nearest, *first)


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[:_LONGEST_TEXT]}…"
