"""Numbers in a claims file: texts, as the paper printed them."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, InstanceOf

from analysis.audit.printed_numbers import Printed, PrintedError, exact, printed
from harness.study.problems import GrammarError

_REMEDY = 'write it in quotation marks, as the paper prints it, such as "92.60"'

_LARGEST_EXPONENT = 100
"""Sizes and their squares have to stay within what floating-point arithmetic holds."""


def is_measurable(number: Printed) -> bool:
    """Whether a number is of a size that something measured can have; 0 is."""
    return not number.value or abs(number.value.adjusted()) <= _LARGEST_EXPONENT


def _printed(value: object) -> object:
    try:
        return printed(value)  # type: ignore[arg-type]
    except PrintedError as error:
        raise GrammarError(error.hint, remedy=_remedy(value)) from None


def _remedy(value: object) -> str:
    """What to write instead, with the given digits where they can be read in one way only."""
    text = value.strip() if isinstance(value, str) else ""
    with_point = text.replace(",", ".")
    if text.count(",") == 1 and "." not in text:
        try:
            return f'write a point, "{printed(with_point)}"'
        except PrintedError:
            return _REMEDY
    if text.endswith("%"):
        return f'leave the sign out, and say unit = "%" of the metric: "{text[:-1].strip()}"'
    if isinstance(value, float) and math.isfinite(value):
        return f'write it in quotation marks, with the zeros that the paper prints: "{value!r}"'
    return _REMEDY


def _reported(value: object) -> object:
    found = _printed(value)
    if isinstance(found, Printed) and not is_measurable(found):
        limit = f"1e{_LARGEST_EXPONENT}"
        raise GrammarError(f"is no size of anything measured: beyond {limit}, or 1/{limit}")
    return found


def _exact(value: object) -> object:
    found = _reported(value)
    try:
        return exact(found)  # type: ignore[arg-type]
    except PrintedError as error:
        raise GrammarError(error.hint, remedy="write the number alone") from None


def _p_value(value: object) -> object:
    if isinstance(value, str) and (remedy := _remedy_of_p(value)):
        raise GrammarError("is no printed p-value", remedy=remedy)
    found = _printed(value)
    if isinstance(found, Printed) and not 0 <= found.value <= 1:
        raise GrammarError(
            "is no p-value: it must lie between 0 and 1", remedy='write "0.03", or "< 0.001"'
        )
    return found


def _remedy_of_p(text: str) -> str:
    """What to write instead of "n.s." or "p < .05"; empty where neither is given."""
    bare = text.strip().lower()
    if bare.replace(".", "").replace(" ", "") in _NOT_SIGNIFICANT:
        return 'write p = "> 0.05", with the level that the paper calls significant'
    if not bare.startswith("p"):
        return ""
    try:
        number = printed(bare.removeprefix("p").strip())
    except PrintedError:
        return 'write the number alone, such as "0.03" or "< 0.05"'
    relation = "" if number.relation == "=" else f"{number.relation} "
    return f'leave the letter out: "{relation}{number.value}"'


_NOT_SIGNIFICANT = frozenset({"ns", "notsignificant", "nonsignificant"})


def _share(value: object) -> object:
    found = _exact(value)
    if isinstance(found, Printed) and not 0 < found.value < 1:
        raise GrammarError("must lie between 0 and 1", remedy='write "0.05", not "5"')
    return found


def _alpha(value: object) -> object:
    found = _share(value)
    if isinstance(found, Printed) and found.value > _LARGEST_ALPHA:
        remedy = 'write "0.05": the error rate, not the level of confidence'
        raise GrammarError(f"must be at most {_LARGEST_ALPHA}", remedy=remedy)
    return found


_LARGEST_ALPHA = Decimal("0.3")
"""No paper has a larger one, and replications are not held against one of 1/3 or more."""


def _gamma(value: object) -> object:
    found = _share(value)
    if isinstance(found, Printed) and found.value <= _EVEN_CHANCE:
        raise GrammarError("must lie above 0.5, which no difference gives", remedy='write "0.75"')
    return found


_EVEN_CHANCE = Decimal("0.5")


def _positive(value: object) -> object:
    found = _exact(value)
    if isinstance(found, Printed) and found.value <= 0:
        raise GrammarError("must be above 0")
    return found


def _not_negative(value: object) -> object:
    found = _exact(value)
    if isinstance(found, Printed) and found.value < 0:
        raise GrammarError("must be 0 or more")
    return found


def _one_of(*allowed: int) -> Callable[[object], object]:
    """A choice of whole numbers; neither 1.0, "1" nor true is the number 1."""

    def check(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        words = tuple(map(str, allowed))
        ending = ", without quotation marks" if isinstance(value, str) else ""
        remedy = f"write {' or '.join(words)}{ending}"
        raise GrammarError("must be one of these numbers", allowed=words, remedy=remedy)

    return check


Number = Annotated[InstanceOf[Printed], BeforeValidator(_exact)]
"""A number without a relation before it."""

Reported = Annotated[InstanceOf[Printed], BeforeValidator(_reported)]
"""A number that may have "<" or ">" before it."""

PValue = Annotated[InstanceOf[Printed], BeforeValidator(_p_value)]
"""A p-value, such as "0.03" or "< 0.001"; "0.000" is read, and is then a finding."""

Share = Annotated[InstanceOf[Printed], BeforeValidator(_share)]
"""A number between 0 and 1, such as alpha or a level."""

Alpha = Annotated[InstanceOf[Printed], BeforeValidator(_alpha)]
"""A level at which results are called significant."""

Gamma = Annotated[InstanceOf[Printed], BeforeValidator(_gamma)]
"""A chance of being better, above an even one."""

Positive = Annotated[InstanceOf[Printed], BeforeValidator(_positive)]
"""A number above 0, such as a granule, a margin or a measured time."""

NotNegative = Annotated[InstanceOf[Printed], BeforeValidator(_not_negative)]
"""A number that is 0 or more."""

Spread = NotNegative
"""A standard deviation, a variance, or another spread."""

Sides = Annotated[Literal[1, 2], BeforeValidator(_one_of(1, 2))]
"""How many sides a test has."""

Ddof = Annotated[Literal[0, 1], BeforeValidator(_one_of(0, 1))]
"""What is subtracted from n where a spread is computed."""

SchemaVersion = Annotated[Literal[1], BeforeValidator(_one_of(1))]
"""The version of the grammar of claims files."""
