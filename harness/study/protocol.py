"""The protocol of a study file: the fields of ``analysis.Protocol``, checked as strictly as others.

analysis declares the protocol and knows nothing of pydantic. Its fields, types and defaults are
read from there, so that a field added to it can be declared in study files without more.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, ValidationError, create_model
from pydantic import Field as TableField

from analysis import Protocol, ProtocolError
from analysis.protocol import Family, TestChoice
from harness.study.parts import Part, as_tuples
from harness.study.problems import GrammarError, problems_of, shown

# What the protocol of every stored study has. Keys that came later are written into a definition
# only when they say something, so that a study that does not use them keeps its definition, and a
# protocol that was recorded before they came is still seen to be the same.
FIRST_KEYS = frozenset(
    {
        "metric",
        "direction",
        "control",
        "comparisons",
        "test",
        "correction",
        "alpha",
        "smallest_effect",
    }
)

_FAMILIES: tuple[str, ...] = get_args(Family)


def _comparisons(value: object) -> object:
    """A family by its name, or (arm, reference) pairs, which TOML writes as lists."""
    if isinstance(value, str) and value in _FAMILIES:
        return value
    if not isinstance(value, list | tuple):
        raise GrammarError(
            "names a family of comparisons, or lists pairs of arms",
            allowed=_FAMILIES,
            remedy='pairs are written as [["kd", "student"], ["kd_ig", "kd"]]',
        )
    for number, pair in enumerate(value):
        names = pair if isinstance(pair, list | tuple) else ()
        if len(names) != 2 or not all(isinstance(name, str) for name in names):
            raise GrammarError(
                "is no pair of an arm and its reference",
                key=f"[{number}]",
                given=shown(pair),
                remedy='write ["kd", "student"]',
            )
    return tuple(tuple(pair) for pair in value)


def _is_paired(test: TestChoice) -> bool:
    try:
        Protocol("metric", "maximize", "control", test=test).decisive_test("paired")
    except ProtocolError:
        return False
    return True


# The trials of a study share their seeds, so only tests of paired runs use what was declared.
PAIRED_TESTS: tuple[TestChoice, ...] = tuple(filter(_is_paired, get_args(TestChoice)))


def _paired_test(value: object) -> object:
    if value in PAIRED_TESTS:
        return value
    what = "must be one of the allowed words"
    if value in get_args(TestChoice):
        what = "is for runs that share nothing, and the trials of a study are paired by their seeds"
    raise GrammarError(what, allowed=PAIRED_TESTS)


_READ = {"comparisons": _comparisons, "test": _paired_test}


def _table_field(part: Field[Any]) -> tuple[Any, Any]:
    """A field of the protocol as pydantic declares one: its type, and its default."""
    read = BeforeValidator(_READ.get(part.name, as_tuples))
    return (Annotated[part.type, read], _table_default(part))


def _table_default(part: Field[Any]) -> Any:  # noqa: ANN401 - of the field's type
    if part.default_factory is not MISSING:
        return TableField(default_factory=part.default_factory)
    return ... if part.default is MISSING else part.default


_FIELDS: dict[str, Any] = {part.name: _table_field(part) for part in fields(Protocol)}
_ProtocolTable = create_model("_ProtocolTable", __base__=Part, **_FIELDS)


def protocol_of(value: object) -> object:
    """The protocol that a table declares; what is no table is left to pydantic.

    Raises:
        GrammarError: with every key that is wrong.
    """
    if not isinstance(value, Mapping):
        return value
    try:
        table = _ProtocolTable.model_validate(dict(value))
        return Protocol(**{name: getattr(table, name) for name in _ProtocolTable.model_fields})
    except ValidationError as error:
        raise GrammarError(problems=problems_of(error, _ProtocolTable, "protocol")) from None
    except ProtocolError as error:
        raise GrammarError(
            f"must be {error.allowed}", key=error.field, given=shown(error.given)
        ) from None


def _default(part: Field[Any]) -> object:
    return part.default if part.default_factory is MISSING else part.default_factory()


# The keys that came later, each with what it means to leave it out.
LATER_KEYS = {part.name: _default(part) for part in fields(Protocol) if part.name not in FIRST_KEYS}
