"""What a check gives: a finding with one of six outcomes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from analysis.audit.catalogue import CHECKS
from analysis.audit.printed_numbers import Printed

Value = float | int | bool | str | None | Sequence["Value"] | Mapping[str, "Value"]
"""What a finding may show: nothing that JSON cannot hold."""


class Outcome(StrEnum):
    """How a check came out."""

    PASS = "pass"  # noqa: S105 - no password
    FLAG = "flag"
    FAIL = "fail"
    NOT_TESTABLE = "not_testable"
    MISSING_INPUT = "missing_input"
    NOT_APPLICABLE = "not_applicable"

    @property
    def is_objection(self) -> bool:
        """Whether somebody has to answer it: a flag or a failure."""
        return self in {Outcome.FLAG, Outcome.FAIL}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing.

    Attributes:
        check: its name in the catalogue.
        outcome: `pass`; `flag`, which needs a human reason; `fail`, which only arithmetic can;
            `not_testable`, where the check could hardly have caught an error; `missing_input`;
            `not_applicable`.
        detail: what was found, in one or two sentences that a reviewer can paste.
        values: the numbers behind it, by name; infinite ones are texts, so that JSON holds them.
    """

    check: str
    outcome: Outcome
    detail: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold the rule that only an arithmetic impossibility is a failure."""
        if self.outcome is Outcome.FAIL and not CHECKS[self.check].can_fail:
            raise ValueError(f"the check {self.check} gives no failures, only flags")


def finding(check: str, outcome: Outcome, detail: str, **values: object) -> Finding:
    """Make a finding; its values become what JSON can hold.

    Args:
        check: the check's name in the catalogue.
        outcome: how it came out.
        detail: what was found, in one or two sentences.
        values: the numbers behind it; units belong into their names.
    """
    return Finding(check, outcome, detail, {name: _plain(each) for name, each in values.items()})


def _plain(value: object) -> Value:
    """The same value as JSON has it."""
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return float(value)
        case Printed():
            return value.text
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            # NumPy's numbers become Python's.
            number = float(value)  # type: ignore[arg-type]
            return number if math.isfinite(number) else str(number)
