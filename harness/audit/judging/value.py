"""Claims that an arm has a value."""

from analysis.audit.deviations import sd_label
from analysis.audit.finding import Finding, Outcome
from analysis.audit.verdicts import Case, Support
from analysis.inference.student_t import mean_interval
from harness.audit.claims.kinds import ValueClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import where
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material
from harness.audit.judging.runs import labelled
from harness.audit.judging.statistics import (
    label_of,
    mislabelled,
    possible_value,
    printed_runs,
    statistic_of,
)

_LEVEL = 0.95


def judge_value(material: Material, claim: ValueClaim) -> Case:
    """Hold a claimed value against the runs of its arm: their mean, unless it says otherwise."""
    gathered = Gathering(material)
    gathered.printed(possible_value(material, claim.value, claim.arm))
    labels: list[Finding] = []
    spreads: list[Finding] = []
    for evidence, cell in gathered.cells((claim.arm,)):
        gathered.supports += _supported(claim, evidence, cell)
        if not evidence.is_ours:
            labels += statistic_of(claim.value, claim.arm, evidence, cell)
            runs = printed_runs(cell.arms[claim.arm])
            if claim.spread is not None and len(runs) > 1:
                spread = sd_label(claim.spread, runs, label=label_of(claim.spread_is))
                spreads.append(labelled(spread, evidence, cell))
    as_declared = _is_as_declared(claim, labels)
    gathered.own += [_accepted(each) if as_declared else each for each in labels] + spreads
    return gathered.case(
        f"the mean of {claim.arm}",
        claimed=claim.value,
        mislabelled=mislabelled(spreads if as_declared else labels + spreads),
        null=None,
    )


def _is_as_declared(claim: ValueClaim, labels: list[Finding]) -> bool:
    """Whether the paper says itself that the value is no mean, and it is what it says."""
    key = {"max": "fits_best", "median": "fits_median"}.get(claim.statistic)
    return key is not None and all(bool(each.values.get(key)) for each in labels)


def _accepted(found: Finding) -> Finding:
    if found.outcome is not Outcome.FLAG:
        return found
    return Finding(found.check, Outcome.PASS, f"{found.detail} The paper says so.", found.values)


def _supported(claim: ValueClaim, evidence: Evidence, cell: Cell) -> list[Support]:
    """The mean of the arm's runs, with its interval; nothing where the claim is of one run."""
    values = cell.arms[claim.arm].values
    if len(values) < 2 or claim.statistic in {"max", "median"} or not evidence.same_conditions:
        return []
    found = mean_interval(values, _LEVEL)
    if found.mean is None:
        return []
    return [Support(where(evidence, cell), found.mean, found.low, found.high, (), len(values))]
