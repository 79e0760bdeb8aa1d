"""Claims that one arm is better than others, in all of some data and at every level of them."""

from collections.abc import Iterator, Mapping, Sequence

from analysis.audit.family import decision_tests
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.verdicts import Case, Support
from harness.audit.claims.kinds import OrderClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import has_tests, supported
from harness.audit.judging.differences import comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material

_FEWEST_LEVELS = 2


def judge_order(material: Material, claim: OrderClaim) -> Case:
    """Hold an arm against each of the others, level by level, and over the levels together."""
    gathered = Gathering(material)
    reversed_members: list[str] = []
    for worse in claim.worse:
        arms = (claim.better, worse)
        members: dict[str, list[Support]] = {}
        for evidence, cell in gathered.cells(arms):
            found = comparison_findings(material, evidence, cell, arms)
            gathered.add(evidence, cell, found)
            members.setdefault(cell.level, []).extend(supported(material, evidence, cell, *arms))
        gathered.supports += [each for level in members.values() for each in level]
        reversed_members += _reversed(members, *arms)
        for evidence in material.data:
            gathered.others += _lacking_levels(evidence, arms)
            cells = [each for each in evidence.with_arms(arms) if _have_means(each, arms)]
            if cells:
                gathered.others.append(_counted(evidence, cells, *arms))
            gathered.supports += _over_levels(material, evidence, cells, *arms)
    return gathered.case(
        f"the difference {claim.better} − {' and '.join(claim.worse)}",
        opposed=" ".join(reversed_members),
    )


def _reversed(levels: Mapping[str, Sequence[Support]], better: str, worse: str) -> Iterator[str]:
    """The sentence that one of the arms is better than the claimed one, at every level."""
    strongest = [max(found, key=lambda each: each.runs) for found in levels.values() if found]
    if strongest and all(each.is_opposite(0.0) for each in strongest):
        told = strongest[0]
        yield (
            f"In {told.data} the difference {better} − {worse} is {told.effect()}: "
            "the whole interval lies on the other side."
        )


def _lacking_levels(evidence: Evidence, arms: tuple[str, str]) -> Iterator[Finding]:
    """The levels at which one of the arms has no runs: a claim of every level is not held there."""
    for arm in arms:
        lacking = [cell.level for cell in evidence.cells if cell.level and arm not in cell.arms]
        if lacking:
            yield finding(
                "arithmetic",
                Outcome.MISSING_INPUT,
                f"{arm} has no runs at {'; '.join(lacking)} of {evidence.name}: the order of "
                f"{' and '.join(arms)} is not known there.",
                data=evidence.name,
                levels=lacking,
            )


def _counted(evidence: Evidence, cells: Sequence[Cell], better: str, worse: str) -> Finding:
    """At how many levels the means are in the claimed order."""
    sign = 1.0 if evidence.metric.direction == "maximize" else -1.0
    gains = {
        cell.level or evidence.name: sign * (_mean(cell, better) - _mean(cell, worse))
        for cell in cells
    }
    ahead = [level for level, gain in gains.items() if gain > 0]
    single = all(not has_tests(cell, better, worse) for cell in cells)
    end = ", of one run each, so that no single level can be tested." if single else "."
    levels = f"{len(ahead)} of {len(gains)} levels of {evidence.name}"
    return finding(
        "arithmetic",
        Outcome.PASS if len(ahead) == len(gains) else Outcome.FLAG,
        f"{better} is ahead of {worse} at {levels}{end}",
        data=evidence.name,
        gains=gains,
        ahead=len(ahead),
        levels=len(gains),
    )


def _over_levels(
    material: Material, evidence: Evidence, cells: Sequence[Cell], better: str, worse: str
) -> list[Support]:
    """The differences of the levels' means, paired by level: what holds across them.

    Where every level has runs enough it is tested by itself, as the claim is about each: a few
    levels, taken as pairs, could reach no significance at all.
    """
    if len(cells) < _FEWEST_LEVELS or all(has_tests(cell, better, worse) for cell in cells):
        return []
    tests = decision_tests(
        {arm: [_mean(cell, arm) for cell in cells] for arm in (better, worse)},
        worse,
        matched=True,
        direction=evidence.metric.direction,
        alpha=material.alpha,
    )[better]
    return [
        Support(
            data=f"{evidence.name} (over {len(cells)} levels)",
            estimate=tests.estimate,
            ci_low=tests.ci_low,
            ci_high=tests.ci_high,
            tests=tests.tests,
            runs=sum(len(cell.arms[arm].runs) for cell in cells for arm in (better, worse)),
            decided_by_one_run=tests.decided_by_one_run,
            comparable=evidence.same_conditions,
        )
    ]


def _have_means(cell: Cell, arms: tuple[str, str]) -> bool:
    """Whether both arms have runs, or a printed mean."""
    known = [cell.arms[arm] for arm in arms]
    return all(
        each.runs or (each.summary is not None and each.summary.mean is not None) for each in known
    )


def _mean(cell: Cell, arm: str) -> float:
    """The mean of an arm's runs, or else the one that is printed."""
    known = cell.arms[arm]
    if known.summary is not None and known.summary.mean is not None:
        return float(known.summary.mean.value)
    return sum(known.values) / len(known.values)
