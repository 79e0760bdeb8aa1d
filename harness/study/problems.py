"""Turns what a validator found wrong into problems that say what would be right."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from harness.errors import Problem


class GrammarError(ValueError):
    """A rule of the study grammar is broken; pydantic collects these and adds their place.

    Attributes:
        problems: what is wrong, each with a key relative to the place of the validator.
    """

    def __init__(
        self,
        what: str = "",
        *,
        problems: Sequence[Problem] = (),
        key: str = "",
        given: str | None = None,
        allowed: tuple[str, ...] = (),
        remedy: str | None = None,
    ) -> None:
        self.problems = tuple(problems) or (Problem(what, key, given, allowed, remedy),)
        super().__init__("; ".join(problem.what for problem in self.problems))


_MESSAGES = {
    "extra_forbidden": "unknown key",
    "missing": "this key is missing",
    "missing_argument": "this key is missing",
    "unexpected_keyword_argument": "unknown key",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a table of keys and values",
    "tuple_type": "must be a list",
    "model_type": "must be a table of keys and values",
    "dataclass_type": "must be a table of keys and values",
    "dataclass_exact_type": "must be a table of keys and values",
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be one of the allowed words",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entry",
}


def problems_of(
    error: ValidationError, model: type[BaseModel], table: str = ""
) -> tuple[Problem, ...]:
    """Every fault that pydantic found, as a problem with its place and what is allowed there.

    Args:
        error: what was found.
        model: what was validated.
        table: the table of a study file that the model stands for; empty for the whole file.
    """
    return tuple(problem for found in error.errors() for problem in _problems(found, model, table))


def _problems(found: Any, model: type[BaseModel], table: str) -> Iterator[Problem]:  # noqa: ANN401
    place: tuple[str | int, ...] = found["loc"]
    cause = found.get("ctx", {}).get("error")
    kind = found["type"]
    if isinstance(cause, GrammarError):
        yield from (_placed(problem, place, found["input"]) for problem in cause.problems)
    elif kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        yield unknown_key(place, model)
    elif kind in {"missing", "missing_argument"}:
        yield Problem("this key is missing", dotted(place), remedy=_example(table, place))
    else:
        message = _MESSAGES.get(kind, _sentence(found["msg"])).format(**found.get("ctx", {}))
        yield Problem(
            str(cause) if cause else message,
            dotted(place),
            shown(found["input"]),
            _literals(model, place),
            _example(table, place),
        )


def _placed(problem: Problem, place: Sequence[str | int], value: object) -> Problem:
    """A validator's problem with its whole place; it is about the value unless it says where."""
    given = problem.given
    if given is None and place and not problem.key:
        given = shown(value)
    return dataclasses.replace(problem, key=dotted((*place, problem.key)), given=given)


def unknown_key(place: Sequence[str | int], model: type[BaseModel]) -> Problem:
    """A key that the table at its place does not have."""
    return Problem("unknown key", dotted(place), str(place[-1]), _keys(model, place[:-1]))


def dotted(place: Sequence[str | int]) -> str:
    """A place in a document as text, such as ``protocol.comparisons[0]``."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part:
            text += part if not text or part.startswith("[") else f".{part}"
    return text


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:]


def shown(value: object) -> str:
    """A value in short, as one recognises it from the file."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, dt.date | dt.time):
        text = value.isoformat()
    else:
        text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _annotation(model: type[BaseModel], place: Sequence[str | int]) -> Any:  # noqa: ANN401
    """The annotation at a dotted place, as far down as models and data classes go."""
    current: Any = model
    for part in place:
        current = _inside(_bare(current), str(part))
    return _bare(current)


def _bare(annotation: Any) -> Any:  # noqa: ANN401
    """An annotation without what says that it may be missing, or how it is read."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {dict, Mapping}:
        return annotation
    tables = [each for each in get_args(annotation) if _fields(each)]
    return tables[0] if len(tables) == 1 else annotation


def _inside(owner: Any, part: str) -> Any:  # noqa: ANN401
    """The annotation of a key of a table; tables of free names have one for all."""
    if get_origin(owner) in {dict, Mapping}:
        return get_args(owner)[1]
    return _fields(owner).get(part)


def _fields(owner: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        return {
            info.alias or name: info.annotation
            for name, info in owner.model_fields.items()
            if not info.exclude
        }
    if dataclasses.is_dataclass(owner):
        return {field.name: field.type for field in dataclasses.fields(owner)}
    return {}


def _keys(model: type[BaseModel], place: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(_fields(_annotation(model, place)))


def _literals(model: type[BaseModel], place: Sequence[str | int]) -> tuple[str, ...]:
    """The words allowed at a place, when its type is a choice of words."""
    found: list[str] = []
    todo = [_annotation(model, place)]
    while todo:
        annotation = todo.pop()
        words = get_args(annotation)
        found += [word for word in words if isinstance(word, str)]
        todo += [word for word in words if not isinstance(word, str)]
    return tuple(found)


_EXAMPLES = {
    "name": 'name = "my_study"',
    "trial": '[trial] with function = "train.py:main"',
    "seeds": "[seeds] with count = 20",
    "arms": "one [arms.NAME] for each setting under comparison",
    "search.trials": "how many candidates every arm has, such as trials = 40",
    "search.metric": 'the metric that selects, such as metric = "validation_accuracy"',
    "search.space": "[search.space] with each parameter and what it may be, such as "
    "lr = { low = 0.001, high = 1.0, log = true }",
    "protocol": "[protocol] with metric, direction and control",
    "protocol.metric": 'the metric that decides, such as metric = "test_accuracy"',
    "protocol.direction": 'direction = "maximize" or "minimize"',
    "protocol.control": 'the arm that the others are compared with, such as control = "baseline"',
}


def _example(table: str, place: Sequence[str | int]) -> str | None:
    example = _EXAMPLES.get(dotted((table, *place)))
    return f"write {example}" if example else None
