"""One entry of a claims file's data, with what is needed to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.audit.printed_numbers import Printed
from harness.audit.claims.grammar import FRACTION, PER_CENT, Data, Design, Metric
from harness.audit.claims.loading import Claims
from harness.audit.claims.refusing import refusal
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence, Run
from harness.errors import ClaimsError, Problem

_POWERS_OF_TEN = {
    (FRACTION, PER_CENT): 2,
    (PER_CENT, FRACTION): -2,
    ("ms", "s"): -3,
    ("s", "ms"): 3,
}

Runs = Mapping[str, Mapping[str, Sequence[Run]]]
"""Runs by level and arm."""


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of ``data``.

    Attributes:
        claims: the file.
        name: the entry's name.
        data: what it says.
        metric_name: the metric's name.
        metric: what is measured.
        asked: profiles that the command line names instead of the entry's.
    """

    claims: Claims
    name: str
    data: Data
    metric_name: str
    metric: Metric
    asked: tuple[str, ...]

    @property
    def key(self) -> str:
        """Where it stands."""
        return f"data.{self.name}"

    @property
    def column(self) -> str:
        """The column of values."""
        return self.data.column or self.metric_name

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles of its study."""
        return self.asked or self.data.profile

    @property
    def design(self) -> Design:
        """How its runs were made, as far as the file says."""
        return self.data.design or self.claims.head.design

    def refusal(
        self,
        what: str,
        key: str,
        given: str | None = None,
        allowed: Sequence[str] = (),
        remedy: str | None = None,
    ) -> ClaimsError:
        """The error that says what is wrong with this entry."""
        problem = Problem(what, f"{self.key}.{key}", given, tuple(allowed), remedy)
        return refusal(problem, self.claims.path)

    def power_of_ten(self) -> int:
        """By which power of ten values are multiplied to be in the metric's unit.

        Raises:
            ClaimsError: they cannot be converted.
        """
        given, wanted = self.data.unit or self.metric.unit, self.metric.unit
        if given == wanted:
            return 0
        if (given, wanted) not in _POWERS_OF_TEN:
            allowed = (wanted, *(unit for unit, into in _POWERS_OF_TEN if into == wanted))
            remedy = "values are converted between fraction and %, and between s and ms"
            raise self.refusal(f"is not the metric's, {wanted!r}", "unit", given, allowed, remedy)
        return _POWERS_OF_TEN[given, wanted]

    def run(self, value: Printed | float, seed: str | None) -> Run:
        """A run in the metric's unit; one that was printed keeps its digits."""
        power = self.power_of_ten()
        if isinstance(value, Printed):
            converted = _scaled(value, power)
            return Run(float(converted.value), converted, seed)
        return Run(value * 10.0**power, None, seed)

    def evidence(self, cells: Sequence[Cell]) -> Evidence:
        """The entry, read."""
        return Evidence(
            self.name,
            self.metric_name,
            self.metric,
            self.design,
            tuple(cells),
            note=self.data.note,
        )


def _scaled(number: Printed, power: int) -> Printed:
    """A printed number times a power of ten: the same digits, with the point moved."""
    if not power:
        return number
    sign, digits, exponent = number.value.as_tuple()
    # Decimal's own arithmetic would round to the digits of its context.
    value = Decimal((sign, digits, int(exponent) + power))
    return Printed(str(value), number.relation, value, number.decimals - power)


def cells_of(runs: Runs) -> tuple[Cell, ...]:
    """A cell a level."""
    return tuple(
        Cell(level, {arm: ArmEvidence(tuple(found)) for arm, found in arms.items()})
        for level, arms in runs.items()
    )
