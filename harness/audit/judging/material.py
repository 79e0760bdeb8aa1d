"""What a claim is judged with: the claims file, and the evidence it names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.audit.claims.grammar import Family, Metric
from harness.audit.claims.kinds import Claim
from harness.audit.claims.loading import Claims
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.errors import ClaimsError, Problem
from harness.store.reading import ResultsReader

if TYPE_CHECKING:
    from harness.audit.judging.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Material:
    """A claim with the data it is held against.

    Attributes:
        claims: the whole file, for the family that the claim belongs to.
        claim: the claim.
        evidence: every data set of the file, by name.
        names: those that this verdict rests on: the claim's own, or a replication.
        decisions: decision tests that were made for other claims of the file.
        store: the results database; None when there is none.
        run: whether trials may be run again, and saved models evaluated.
    """

    claims: Claims
    claim: Claim
    evidence: Mapping[str, Evidence]
    names: tuple[str, ...]
    decisions: "Decisions"
    store: ResultsReader | None = None
    run: bool = False

    @property
    def alpha(self) -> float:
        """The level at which the paper calls results significant."""
        return self.claims.alpha

    @property
    def key(self) -> str:
        """Where the claim stands in the file."""
        return self.claims.place(self.claim)

    @property
    def data(self) -> list[Evidence]:
        """The data that this verdict rests on, which have anything."""
        return [self.evidence[name] for name in self.names if not self.evidence[name].lacking]

    @property
    def lacking(self) -> list[Evidence]:
        """The data that this verdict was to rest on, and that have nothing."""
        return [self.evidence[name] for name in self.names if self.evidence[name].lacking]

    @property
    def is_second(self) -> bool:
        """Whether the verdict rests on a replication's runs, and not on the paper's numbers."""
        return self.names != self.claim.data

    @property
    def metric(self) -> Metric:
        """What the claim's numbers are of."""
        return self.claims.head.metrics[self.metric_name]

    @property
    def metric_name(self) -> str:
        """Its name."""
        if self.claim.metric is not None:
            return self.claim.metric
        for name in self.names:
            return self.evidence[name].metric_name
        return next(iter(self.claims.head.metrics))

    @property
    def family(self) -> Family | None:
        """The comparisons that the claim was made together with."""
        return self.claims.head.family[self.claim.family] if self.claim.family else None

    def cells(self, evidence: Evidence, arms: Iterable[str]) -> Sequence[Cell]:
        """The cells of some data that have these arms.

        Raises:
            ClaimsError: an arm is in none of them.
        """
        needed = tuple(arms)
        known = evidence.arm_names()
        for arm in needed:
            if arm not in known:
                raise self.unknown_arm(arm, evidence)
        return evidence.with_arms(needed)

    def unknown_arm(self, arm: str, evidence: Evidence) -> ClaimsError:
        """The refusal of a claim about an arm that is not in its data."""
        problem = Problem(
            f"there is no such arm in data.{evidence.name}",
            self.key,
            arm,
            evidence.arm_names(),
            "name an arm that is there, or the data that have this one",
        )
        return ClaimsError(problem, self.claims.path)


def granule_items(metric: Metric) -> int | None:
    """Of how many test examples one run's value is a share; None when it is none."""
    return metric.test_size if metric.is_share else None


def granule(metric: Metric, items: int) -> Fraction:
    """The smallest step of one run's value: the unit's whole over its test examples."""
    return Fraction(100 if metric.is_per_cent else 1, items)


def declared_runs(material: Material, arm: str) -> int:
    """How many runs an arm has in the first of the claim's data that say so; 0 where none do."""
    for evidence in material.data:
        runs = sum(runs_of(cell.arms[arm]) for cell in evidence.with_arms((arm,)))
        if runs:
            return runs
    return 0


def runs_of(arm: ArmEvidence) -> int:
    """How many runs an arm has, known or declared; 0 when nobody says."""
    if arm.runs:
        return len(arm.runs)
    return (arm.summary.runs or 0) if arm.summary is not None else 0
