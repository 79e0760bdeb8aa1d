"""Numbers in a claims file: texts, as the paper printed them."""

from typing import Annotated

from pydantic import BeforeValidator, InstanceOf

from analysis.audit.printed_numbers import Printed, PrintedError, exact, printed
from harness.study.problems import GrammarError

_REMEDY = 'write it in quotation marks, as the paper prints it, such as "92.60"'


def _printed(value: object) -> object:
    try:
        return printed(value)  # type: ignore[arg-type]
    except PrintedError as error:
        raise GrammarError(error.hint, remedy=_REMEDY) from None


def _exact(value: object) -> object:
    try:
        return exact(value)  # type: ignore[arg-type]
    except PrintedError as error:
        raise GrammarError(error.hint, remedy=_REMEDY) from None


def _p_value(value: object) -> object:
    found = _printed(value)
    if isinstance(found, Printed) and not 0 <= found.value <= 1:
        raise GrammarError("is no p-value: it must lie between 0 and 1")
    return found


def _share(value: object) -> object:
    found = _exact(value)
    if isinstance(found, Printed) and not 0 < found.value < 1:
        raise GrammarError("must lie between 0 and 1", remedy='write "0.05", not "5"')
    return found


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


Number = Annotated[InstanceOf[Printed], BeforeValidator(_exact)]
"""A number without a relation before it."""

Reported = Annotated[InstanceOf[Printed], BeforeValidator(_printed)]
"""A number that may have "<" or ">" before it."""

PValue = Annotated[InstanceOf[Printed], BeforeValidator(_p_value)]
"""A p-value, such as "0.03" or "< 0.001"; "0.000" is read, and is then a finding."""

Share = Annotated[InstanceOf[Printed], BeforeValidator(_share)]
"""A number between 0 and 1, such as alpha or a level."""

Positive = Annotated[InstanceOf[Printed], BeforeValidator(_positive)]
"""A number above 0, such as a granule, a margin or a measured time."""

Spread = Annotated[InstanceOf[Printed], BeforeValidator(_not_negative)]
"""A number that is 0 or more, such as a standard deviation."""
