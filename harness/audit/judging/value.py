"""Claims that an arm has a value."""

from collections.abc import Iterator

from analysis.audit.deviations import sd_label
from analysis.audit.finding import Finding
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
    no_statistic,
    possible_value,
    printed_runs,
    statistic_of,
)

_LEVEL = 0.95


def judge_value(material: Material, claim: ValueClaim) -> Case:
    """Hold a claimed value against the runs of its arm: their mean, unless it says otherwise."""
    gathered = Gathering(material)
    gathered.printed(possible_value(material, claim.value, claim.arm, claim.statistic))
    labels: list[Finding] = []
    for evidence, cell in gathered.cells((claim.arm,)):
        gathered.supports += _supported(claim, evidence, cell)
        if evidence.is_ours or len(evidence.cells) > 1:
            continue
        labels += statistic_of(claim.value, claim.arm, evidence, cell, claim.statistic)
        labels += [labelled(each, evidence, cell) for each in _spread(claim, cell)]
    gathered.printed(labels)
    return gathered.case(
        f"the mean of {claim.arm}",
        claimed=claim.value,
        mislabelled=mislabelled(labels),
        refuted=no_statistic(labels),
        larger_is_better=material.metric.direction == "maximize",
        null=None,
    )


def _spread(claim: ValueClaim, cell: Cell) -> Iterator[Finding]:
    """Which spread is printed: of the arm's runs, or beside a deviation printed elsewhere."""
    known, label = cell.arms[claim.arm], label_of(claim.spread_is)
    summary = known.summary
    if claim.spread is None:
        return
    if len(known.runs) > 1:
        yield sd_label(claim.spread, printed_runs(known), label=label)
    elif summary is not None and summary.sd is not None and (summary.runs or 0) > 1:
        yield sd_label(claim.spread, sd=summary.sd, n=summary.runs, label=label)


def _supported(claim: ValueClaim, evidence: Evidence, cell: Cell) -> list[Support]:
    """The mean of the arm's runs, with its interval; nothing where the claim is of one run."""
    values = cell.arms[claim.arm].values
    if len(values) < 2 or claim.statistic in {"max", "median"} or not evidence.same_conditions:
        return []
    found = mean_interval(values, _LEVEL)
    if found.mean is None:
        return []
    return [Support(where(evidence, cell), found.mean, found.low, found.high, (), len(values))]
