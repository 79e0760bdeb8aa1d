"""Collects what a verdict rests on, while a claim is looked at from several sides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analysis.audit.finding import Finding
from analysis.audit.printed_numbers import Printed
from analysis.audit.verdicts import Case, Support
from harness.audit.evidence import Cell, Evidence
from harness.audit.judging.material import Material
from harness.audit.judging.runs import (
    arithmetic_findings,
    design_findings,
    labelled,
    lacking_findings,
)


@dataclass(slots=True)
class Gathering:
    """Findings and supports of one claim.

    Attributes:
        material: the claim, and what it is held against.
        own: findings about its own numbers.
        others: findings about how runs were made and compared.
        supports: what each set of data says of the effect.
    """

    material: Material
    own: list[Finding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)

    def printed(self, found: Iterable[Finding]) -> None:
        """Add findings about the numbers that the claim prints; a second verdict has them not."""
        if not self.material.is_second:
            self.own += found

    def cells(self, arms: tuple[str, ...]) -> Iterator[tuple[Evidence, Cell]]:
        """Every cell of the declared data with these arms, once its runs have been looked at.

        Raises:
            ClaimsError: some data have none of an arm.
        """
        for evidence in self.material.data:
            for cell in self.material.cells(evidence, arms):
                self.add_own(evidence, cell, arithmetic_findings(evidence, cell, arms))
                self.add(evidence, cell, design_findings(evidence, cell, arms))
                yield evidence, cell

    def add_own(self, evidence: Evidence, cell: Cell, found: Iterable[Finding]) -> None:
        """Add findings about the numbers of the claim's arms in some data."""
        self.own += [labelled(each, evidence, cell) for each in found]

    def add(self, evidence: Evidence, cell: Cell, found: Iterable[Finding]) -> None:
        """Add findings about the runs of some data."""
        self.others += [labelled(each, evidence, cell) for each in found]

    def case(
        self,
        what: str,
        *,
        claimed: Printed | None = None,
        mislabelled: str = "",
        refuted: str = "",
        null: float | None = 0.0,
    ) -> Case:
        """All that was gathered, for the verdict."""
        return Case(
            own=tuple(_once(self.own)),
            others=(*_once(self.others), *lacking_findings(self.material.lacking)),
            supports=tuple(self.supports),
            alpha=self.material.alpha,
            claimed=claimed,
            mislabelled=mislabelled,
            refuted=refuted,
            what=what,
            null=null,
        )


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Without what was found of several levels of the same data in the same words."""
    seen = set()
    for each in found:
        if (each.check, each.detail) not in seen:
            seen.add((each.check, each.detail))
            yield each
