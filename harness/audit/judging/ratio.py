"""Claims that one number is so many times another."""

from analysis.audit.arithmetic import ratio_of
from analysis.audit.finding import Finding, Outcome
from analysis.audit.speedup import speedup_bound
from analysis.audit.verdicts import Case, Support
from analysis.inference.ratio import ratio_interval
from analysis.inference.samples import samples
from harness.audit.claims.kinds import RatioClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import has_tests, where
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material

_LEVEL = 0.95
_SLACK = 1.25


def judge_ratio(material: Material, claim: RatioClaim) -> Case:
    """Ask whether a ratio follows from its numbers, and whether a speed-up can be that large."""
    gathered = Gathering(material)
    bounds = [] if material.is_second else _bounds(claim)
    gathered.printed([ratio_of(claim.numerator, claim.denominator, claim.value)])
    gathered.others += bounds
    if claim.arms is not None:
        arms = (claim.arms.numerator, claim.arms.denominator)
        for evidence, cell in gathered.cells(arms):
            if claim.arms.level in {None, cell.level}:
                gathered.supports += _measured(evidence, cell, arms)
    exceeded = [each.detail for each in bounds if each.outcome is Outcome.FLAG]
    return gathered.case("the ratio", claimed=claim.value, refuted=" ".join(exceeded), null=1.0)


def _bounds(claim: RatioClaim) -> list[Finding]:
    """What a speed-up is bound by; nothing where the claim is of no speed-up."""
    if claim.work_ratio is None:
        return []
    return [
        speedup_bound(
            claim.value,
            float(claim.work_ratio.value),
            bytes_ratio=None if claim.bytes_ratio is None else float(claim.bytes_ratio.value),
            slack=_SLACK if claim.slack is None else float(claim.slack.value),
            warm_up=claim.warm_up,
            repeats=claim.repeats,
            batch=claim.batch,
        )
    ]


def _measured(evidence: Evidence, cell: Cell, arms: tuple[str, str]) -> list[Support]:
    """The ratio of two arms' means, by Fieller's interval."""
    if not has_tests(cell, *arms):
        return []
    first, second = (cell.arms[arm].values for arm in arms)
    found = ratio_interval(samples(first, second), _LEVEL)
    # A ratio is nothing but a size, so sizes are compared whatever the conditions were.
    runs = len(first) + len(second)
    return [Support(where(evidence, cell), found.ratio, found.low, found.high, (), runs)]
