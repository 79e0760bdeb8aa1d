"""Collects what a verdict rests on, while a claim is looked at from several sides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from analysis.audit.finding import Finding
from analysis.audit.printed_numbers import Printed
from analysis.audit.verdicts import Case, Support
from analysis.presentation.numbers import count_of
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.material import Material
from harness.audit.judging.runs import (
    arithmetic_findings,
    design_findings,
    labelled,
    lacking_findings,
)

LEVEL_OF = "level_of"
"""In a finding's values: the data of which it looks at one level."""


@dataclass(slots=True)
class Gathering:
    """Findings and supports of one claim.

    Attributes:
        material: the claim, and what it is held against.
        own: findings about its own numbers, in the data it names.
        stated: findings about numbers that the claim itself prints.
        others: findings about how runs were made and compared.
        supports: what each set of data says of the effect.
    """

    material: Material
    own: list[Finding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)
    stated: list[Finding] = field(default_factory=list)

    def printed(self, found: Iterable[Finding]) -> None:
        """Add findings about the numbers that the claim prints; a second verdict has them not."""
        if not self.material.is_second:
            self.stated += found

    def cells(self, arms: tuple[str, ...]) -> Iterator[tuple[Evidence, Cell]]:
        """Every cell of the declared data with these arms, once its runs have been looked at.

        Raises:
            ClaimsError: some data have none of an arm.
        """
        for evidence in self.material.data:
            for cell in self.material.cells(evidence, arms):
                self.add_own(evidence, cell, arithmetic_findings(evidence, cell, arms))
                self.add(evidence, cell, design_findings(evidence, cell, arms))
                self.add(evidence, cell, self.material.decisions.copies(evidence, cell))
                yield evidence, cell

    def add_own(self, evidence: Evidence, cell: Cell, found: Iterable[Finding]) -> None:
        """Add findings about the numbers of the claim's arms in some data."""
        self.own += [_of_cell(each, evidence, cell) for each in found]

    def add(self, evidence: Evidence, cell: Cell, found: Iterable[Finding]) -> None:
        """Add findings about the runs of some data."""
        self.others += [_of_cell(each, evidence, cell) for each in found]

    def case(
        self,
        what: str,
        *,
        claimed: Printed | None = None,
        mislabelled: str = "",
        refuted: str = "",
        opposed: str = "",
        confirmed: str = "",
        expects_effect: bool = True,
        larger_is_better: bool = True,
        null: float | None = 0.0,
    ) -> Case:
        """All that was gathered, for the verdict."""
        return Case(
            own=tuple(_merged([*self.stated, *self.own])),
            others=(*_merged(self.others), *lacking_findings(self.material.lacking)),
            supports=tuple(self.supports),
            alpha=self.material.alpha,
            claimed=claimed,
            mislabelled=mislabelled,
            refuted=refuted,
            opposed=opposed,
            confirmed=confirmed,
            stated=tuple(self.stated),
            expects_effect=expects_effect,
            larger_is_better=larger_is_better,
            what=what,
            null=null,
        )


def _of_cell(found: Finding, evidence: Evidence, cell: Cell) -> Finding:
    """A finding that says of which data it is, and of which of their levels."""
    told = labelled(found, evidence, cell)
    if not cell.level:
        return told
    return Finding(told.check, told.outcome, told.detail, {**told.values, LEVEL_OF: evidence.name})


def _merged(found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with what a check found alike at several levels of some data told once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for each in found:
        # Findings without a level are never alike, unless they are the same.
        alike = each.values.get(LEVEL_OF, each.detail)
        groups.setdefault((each.check, each.outcome, alike), []).append(each)
    for first, *others in groups.values():
        yield _told_once(first, others) if others else first


def _told_once(first: Finding, others: Sequence[Finding]) -> Finding:
    places = [str(each.values["data"]) for each in (first, *others) if "data" in each.values]
    if len(set(places)) < 2:
        return first
    detail = f"{first.detail} So too at {count_of(len(set(places)) - 1, 'other level')}."
    values = {
        "levels": {place: each.values for place, each in zip(places, (first, *others), strict=True)}
    }
    return Finding(first.check, first.outcome, detail, {**first.values, **values})
