"""The arms that claims and families name, and whether the data have them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.audit.claims.grammar import Head
from harness.audit.claims.kinds import (
    Claim,
    ContrastClaim,
    DifferenceClaim,
    EquivalenceClaim,
    OrderClaim,
    RatioClaim,
    ReplicationClaim,
    SummaryClaim,
    TestClaim,
    ValueClaim,
)
from harness.audit.evidence.model import Evidence
from harness.errors import Problem


def named_arms(claim: Claim) -> Iterator[tuple[str, str]]:
    """Every arm that a claim names, after the key that names it."""
    match claim:
        case DifferenceClaim():
            yield "better.arm", claim.better.arm
            yield "worse.arm", claim.worse.arm
        case ValueClaim():
            yield "arm", claim.arm
        case OrderClaim():
            yield "better", claim.better
            yield from (("worse", arm) for arm in claim.worse)
        case ContrastClaim():
            yield from ((f"weights.{arm}", arm) for arm in claim.weights)
        case EquivalenceClaim():
            yield from ((f"arms[{place}]", arm) for place, arm in enumerate(claim.arms))
        case RatioClaim() if claim.arms is not None:
            yield "arms.numerator", claim.arms.numerator
            yield "arms.denominator", claim.arms.denominator
        case SummaryClaim() if claim.arm is not None:
            yield "arm", claim.arm
        case TestClaim() | ReplicationClaim() if claim.better and claim.worse:
            yield "better", claim.better
            yield "worse", claim.worse


def compared_pairs(claim: Claim) -> Iterator[tuple[str, str]]:
    """Every two arms that a claim compares, the better first."""
    match claim:
        case DifferenceClaim():
            yield claim.better.arm, claim.worse.arm
        case OrderClaim():
            yield from ((claim.better, arm) for arm in claim.worse)
        case ContrastClaim() if len(claim.weights) == 2:
            first, second = claim.weights
            yield first, second
        case TestClaim() | ReplicationClaim() if claim.better and claim.worse:
            yield claim.better, claim.worse


def unknown_arms(place: str, claim: Claim, evidence: Mapping[str, Evidence]) -> Iterator[Problem]:
    """Arms of a claim that its data do not have.

    Args:
        place: where the claim stands.
        claim: the claim.
        evidence: all data, by name.
    """
    arms = list(named_arms(claim))
    for name in (*claim.data, *claim.replicated_in):
        unknown = list(_unknown(place, arms, evidence[name]))
        yield from unknown or _apart(place, claim, evidence[name])


def unknown_arms_of_families(head: Head, evidence: Mapping[str, Evidence]) -> Iterator[Problem]:
    """Arms of families that their data do not have: without them it would be a smaller family."""
    for name, family in head.family.items():
        arms = [("control", family.control), *(("arms", arm) for arm in family.arms)]
        yield from _unknown(f"family.{name}", arms, evidence[family.data])


def waiting_for(claim: Claim, evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """The data as this claim finds them: with nothing where an arm of it has no runs yet."""
    arms = [arm for _, arm in named_arms(claim)]
    found = dict(evidence)
    for name, each in evidence.items():
        reasons = [each.waiting[arm] for arm in arms if arm in each.waiting]
        if reasons and not each.lacking:
            found[name] = replace(each, cells=(), lacking=reasons[0])
    return found


def _unknown(place: str, arms: list[tuple[str, str]], evidence: Evidence) -> Iterator[Problem]:
    known = tuple(dict.fromkeys((*evidence.arm_names(), *evidence.waiting)))
    if not known:
        return
    for key, arm in arms:
        if arm not in known:
            what = f"there is no such arm in data.{evidence.name}"
            remedy = "name an arm that is there, or the data that have this one"
            yield Problem(what, f"{place}.{key}", arm, known, remedy)


def _apart(place: str, claim: Claim, evidence: Evidence) -> Iterator[Problem]:
    """Arms that no level has together can never be held against each other."""
    if evidence.lacking:
        return
    for better, worse in compared_pairs(claim):
        if not ({better, worse} & evidence.waiting.keys() or evidence.with_arms((better, worse))):
            what = f"no level of data.{evidence.name} has both {better} and {worse}"
            remedy = "name data in which both have runs at some level"
            yield Problem(what, place, None, (), remedy)
