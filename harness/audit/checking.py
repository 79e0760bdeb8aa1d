"""Checks the claims of a file: a verdict on each, and a second one where others' runs are named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.verdicts import Case, Support, Verdict, judge
from analysis.errors import AnalysisError
from harness.audit.claims.kinds import Claim, ReplicationClaim
from harness.audit.claims.loading import Claims
from harness.audit.claims.references import outside_family
from harness.audit.claims.refusing import refusal
from harness.audit.evidence.arms import unknown_arms, unknown_arms_of_families, waiting_for
from harness.audit.evidence.model import Evidence
from harness.audit.evidence.reading import read_evidence
from harness.audit.judging import Material, case_of
from harness.audit.judging.decisions import Decisions
from harness.errors import ClaimsError, Problem
from harness.store.reading import ResultsReader


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with all that it rests on.

    Attributes:
        data: names of the data that the claim was held against.
        verdict: what became of the claim.
        reason: why, in sentences that a reviewer can paste.
        findings: what every check found, those about the claim's own numbers first.
        supports: what each set of data says of the effect.
    """

    data: tuple[str, ...]
    verdict: Verdict
    reason: str
    findings: tuple[Finding, ...]
    supports: tuple[Support, ...]

    def document(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "data": list(self.data),
            "effects": [_effect(each) for each in self.supports],
            "findings": [
                {
                    "check": each.check,
                    "outcome": str(each.outcome),
                    "detail": each.detail,
                    "values": dict(each.values),
                }
                for each in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A claim with its verdict.

    Attributes:
        claim: the claim.
        judged: its verdict, from the data of its authors.
        replicated: a second one from others' runs; None where the file names none.
    """

    claim: Claim
    judged: Judged
    replicated: Judged | None

    def document(self) -> dict[str, Any]:
        """The claim as JSON has it; these keys stay."""
        return {
            "id": self.claim.id,
            "text": self.claim.text,
            "kind": getattr(self.claim, "kind", ""),
            **self.judged.document(),
            "replicated": None if self.replicated is None else self.replicated.document(),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """A claims file, checked.

    Attributes:
        claims: the file.
        evidence: the data it names, by name.
        results: every claim with its verdict, in the file's order.
    """

    claims: Claims
    evidence: Mapping[str, Evidence]
    results: tuple[ClaimResult, ...]

    @property
    def all_hold(self) -> bool:
        """Whether every claim stands as it is made, by the data of its authors."""
        return all(each.judged.verdict.holds for each in self.results)

    def document(self) -> dict[str, Any]:
        """The audit as JSON has it; these keys stay."""
        paper = self.claims.head.paper
        return {
            "paper": {"id": paper.id, "title": paper.title, "alpha": float(paper.alpha.value)},
            "claims": [each.document() for each in self.results],
        }


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What the command line says of a check.

    Attributes:
        only: ids of the claims to check; all when empty.
        profiles: profiles of the studies whose runs give a second verdict; those that the file
            names when empty.
        run: whether trials are run again, and saved models evaluated, for claims of them.
    """

    only: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    run: bool = False


def check_claims(
    claims: Claims, store: ResultsReader | None, asked: CheckOptions | None = None
) -> Audit:
    """Give every claim of a file its verdict.

    Args:
        claims: the file.
        store: the results database, for data that are studies; None when there is none.
        asked: which claims, with which profiles, and whether anything is run.

    Raises:
        ClaimsError: data cannot be read as described, lack an arm that a claim names, or there is
            no claim of an id that was asked for.
    """
    asked = asked or CheckOptions()
    chosen = _chosen(claims, asked.only)
    evidence = read_evidence(claims, store, asked.profiles)
    _require_arms(claims, evidence)
    decisions = Decisions()

    def judged(claim: Claim, names: tuple[str, ...]) -> Judged:
        found = waiting_for(claim, evidence)
        return _judged(Material(claims, claim, found, names, decisions, store, asked.run))

    results: list[ClaimResult] = []
    problems: list[Problem] = []
    for each in chosen:
        try:
            names = _first_names(each)
            others = each.replicated_in if names is not each.replicated_in else ()
            again = judged(each, others) if others else None
            results.append(ClaimResult(each, judged(each, names), again))
        except ClaimsError as error:
            problems += error.problems
    if problems:
        raise refusal(problems, claims.path)
    return Audit(claims, evidence, tuple(results))


def _chosen(claims: Claims, only: Sequence[str]) -> list[Claim]:
    known = tuple(each.id for each in claims.claims)
    unknown = [
        Problem("there is no claim of this id", "--claim", name, known)
        for name in only
        if name not in known
    ]
    if unknown:
        raise refusal(unknown, claims.path)
    return [each for each in claims.claims if not only or each.id in only]


def _require_arms(claims: Claims, evidence: Mapping[str, Evidence]) -> None:
    """Refuse claims and families of arms that are not in their data, all of them at once."""
    problems = list(unknown_arms_of_families(claims.head, evidence))
    for each in claims.claims:
        problems += unknown_arms(claims.place(each), each, evidence)
    # Only where both are known is it said that a family does not compare them.
    for each in claims.claims if not problems else ():
        problems += outside_family(claims.place(each), each, claims.head)
    if problems:
        raise refusal(problems, claims.path)


def _judged(material: Material) -> Judged:
    """Judge one claim by some data.

    Numbers of a claim or of its data that a check can do nothing with stop no other claim.
    """
    try:
        case = case_of(material)
        found = judge(case)
    except AnalysisError as error:
        case = _unchecked(material, error)
        found = judge(case)
    reason = " ".join((*_other_conditions(material), found.reason))
    return Judged(material.names, found.verdict, reason, case.findings, tuple(case.supports))


def _other_conditions(material: Material) -> Iterator[str]:
    """What a reader has to know who holds our runs against the paper's claim."""
    others = [each for each in material.data if not each.same_conditions]
    if others:
        told = "; ".join(dict.fromkeys(each.note for each in others if each.note))
        yield f"Under other conditions than the paper's ({told}):" if told else ""


def _unchecked(material: Material, error: AnalysisError) -> Case:
    """What is known of a claim whose numbers cannot be worked with."""
    detail = f"This cannot be checked: {error}."
    found = finding("arithmetic", Outcome.NOT_TESTABLE, detail, chance_of_detection=0.0)
    return Case(own=(), others=(found,), supports=(), alpha=material.alpha)


def _first_names(claim: Claim) -> tuple[str, ...]:
    """The data of a claim's first verdict: a replication may have none but its own."""
    is_replicated_only = isinstance(claim, ReplicationClaim) and claim.replication is None
    return claim.replicated_in if is_replicated_only and not claim.data else claim.data


def _effect(support: Support) -> dict[str, Any]:
    return {
        "data": support.data,
        "estimate": support.estimate,
        "ci_low": support.ci_low,
        "ci_high": support.ci_high,
        "runs": support.runs,
        "decided_by_one_run": support.decided_by_one_run,
        "tests": [
            {"name": test.name, "p": test.p, "p_adjusted": test.p_adjusted}
            for test in support.tests
        ],
    }
