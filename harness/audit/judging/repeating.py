"""The authors' own test made again, of the runs that they print or of their summaries."""

from dataclasses import dataclass

from analysis.audit.printed_numbers import Printed
from harness.audit.claims.kinds import DifferenceClaim, TestClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.summarised import repeated_summary_test
from harness.audit.judging.tests_of_runs import repeated_test


@dataclass(frozen=True, slots=True)
class Said:
    """What a claim says of its test.

    Attributes:
        used: which test it is said to be.
        p, statistic: as printed.
        sides: 1 or 2, where it is declared.
        corrected_for: of how many tests p is corrected for the family.
    """

    used: str | None
    p: Printed | None
    statistic: Printed | None
    sides: int | None
    corrected_for: int

    @classmethod
    def of(cls, claim: DifferenceClaim | TestClaim, used: str | None) -> "Said":
        """What a claim says of its test."""
        return cls(used, claim.p, claim.statistic, claim.sides, claim.p_corrected_for)


def repeat_test(
    gathered: Gathering, place: tuple[Evidence, Cell], arms: tuple[str, str], said: Said
) -> None:
    """Add whether the printed runs, or means and deviations, give the printed p and t."""
    evidence, cell = place
    better, worse = (cell.arms[arm] for arm in arms)
    of_runs = repeated_test(
        said.used,
        better.values,
        worse.values,
        p=said.p,
        statistic=said.statistic,
        sides=said.sides,
        corrected_for=said.corrected_for,
    )
    gathered.add(evidence, cell, of_runs)
    of_summaries = repeated_summary_test(
        said.used,
        better,
        worse,
        p=said.p,
        statistic=said.statistic,
        corrected_for=said.corrected_for,
    )
    gathered.add_own(evidence, cell, of_summaries)
