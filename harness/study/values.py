"""What a parameter may be: exactly what JSON can hold, so that it can identify a trial."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping

from harness.errors import Problem
from harness.study.problems import dotted, shown

LARGEST_INTEGER = 2**53 - 1


def value_problems(value: object, *place: str | int) -> Iterator[Problem]:
    """Everything in a value, however deep, that cannot be part of a trial's identity.

    Args:
        value: a parameter's value, or a table of them.
        *place: where it stands, seen from where the problems are reported.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str):
                yield from value_problems(item, *place, key)
            else:
                yield Problem("a key must be text", dotted(place), shown(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from value_problems(item, *place, number)
    else:
        fault = _fault(value)
        if fault is not None:
            what, remedy = fault
            yield Problem(what, dotted(place), shown(value), remedy=remedy)


def _fault(value: object) -> tuple[str, str | None] | None:
    """What is wrong with a single value, and the remedy."""
    match value:
        case None | bool():
            return None
        case str():
            return None if _encodes(value) else ("is no Unicode text", None)
        case int():
            if abs(value) <= LARGEST_INTEGER:
                return None
            return "whole numbers go up to ±(2^53 − 1)", "write a larger one as text"
        case float():
            return None if math.isfinite(value) else ("must be a finite number", None)
        case dt.date() | dt.time():
            return "a parameter cannot be a date or a time", f'write it as text: "{value}"'
        case _:
            return "must be text, a number, true or false, a list or a table", None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
