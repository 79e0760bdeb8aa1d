"""Claims that a test came out so."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from scipy import stats

from analysis.audit.decision_test import DecisionTest
from analysis.audit.detectable import mde_from_summaries
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.variances import heteroscedastic
from analysis.audit.verdicts import Case, Support
from analysis.inference.corrections import adjust
from analysis.inference.student_t import t_tail
from harness.audit.claims.kinds import TestClaim
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.decisions import supported, where
from harness.audit.judging.differences import EQUAL_VARIANCE_TESTS, comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, runs_of
from harness.audit.judging.statistics import PrintedTest, counted, printed_test
from harness.audit.judging.tests_of_runs import repeated_test

_UPPER_QUANTILE = 0.975
"""Of a 95 % interval."""


class _Recomputed(NamedTuple):
    """A comparison that follows from a t, two variances and two numbers of runs."""

    difference: float
    standard_error: float
    degrees: float
    p_value: float


def judge_test(material: Material, claim: TestClaim) -> Case:
    """Hold a printed test against itself, and against what is printed of its arms."""
    gathered = Gathering(material)
    printed = PrintedTest(
        claim.test,
        claim.statistic,
        claim.p,
        claim.df,
        claim.df2,
        claim.sides,
        claim.used,
        claim.p_corrected_for,
    )
    gathered.printed(printed_test(printed, material.alpha))
    arms = claim.arms
    if arms is None:
        return gathered.case("the effect")
    for evidence, cell in gathered.cells(arms):
        first, second = (runs_of(cell.arms[arm]) for arm in arms)
        gathered.printed(
            counted(claim.used, claim.df, (first, second) if first and second else None)
        )
        used = None if evidence.is_ours else claim.used
        gathered.add(evidence, cell, comparison_findings(material, evidence, cell, arms, test=used))
        if not evidence.is_ours and claim.test == "t":
            again = repeated_test(
                claim.used,
                cell.arms[arms[0]].values,
                cell.arms[arms[1]].values,
                p=claim.p,
                statistic=claim.statistic,
                sides=claim.sides,
            )
            gathered.add(evidence, cell, again)
        gathered.add(evidence, cell, _of_summaries(material, claim, evidence, cell))
        found = supported(material, evidence, cell, *arms)
        gathered.supports += found or _summarised(material, claim, evidence, cell)
    return gathered.case(f"the difference {arms[0]} − {arms[1]}")


def _of_summaries(
    material: Material, claim: TestClaim, evidence: Evidence, cell: Cell
) -> Iterator[Finding]:
    """What can be asked of printed variances."""
    found = _recomputed(claim, cell)
    if found is None or claim.arms is None:
        return
    variances = {arm: each for arm in claim.arms if (each := _variance(cell.arms[arm]))}
    yield heteroscedastic(
        variances=variances,
        equal_variance_test=claim.used in EQUAL_VARIANCE_TESTS,
        difference=found.difference,
        alpha=material.alpha,
    )
    (first, n), (second, n_worse) = variances.values()
    yield mde_from_summaries(
        found.difference,
        sd=math.sqrt(first),
        n=n,
        sd_worse=math.sqrt(second),
        n_worse=n_worse,
        p=claim.p,
        alpha=material.alpha,
    )
    yield finding(
        "wrong_pairing",
        Outcome.NOT_TESTABLE,
        f"{where(evidence, cell)} prints no single runs, so no permutation test can be made of "
        "them: the value of every run would be needed.",
        chance_of_detection=0.0,
    )


def _summarised(
    material: Material, claim: TestClaim, evidence: Evidence, cell: Cell
) -> list[Support]:
    """What follows from the printed t and variances, by Welch's test."""
    found = _recomputed(claim, cell)
    if found is None or claim.arms is None:
        return []
    family = _family_p(material, claim, cell)
    adjusted = adjust([found.p_value, *family], "holm")[0]
    reach = float(stats.t.ppf(_UPPER_QUANTILE, found.degrees)) * found.standard_error
    return [
        Support(
            data=where(evidence, cell),
            estimate=found.difference,
            ci_low=found.difference - reach,
            ci_high=found.difference + reach,
            tests=(DecisionTest("welch_t", found.p_value, adjusted),),
            runs=sum(runs_of(cell.arms[arm]) for arm in claim.arms),
            comparable=evidence.same_conditions,
        )
    ]


def _family_p(material: Material, claim: TestClaim, cell: Cell) -> list[float]:
    """Welch's p of the other tests that the claim was made together with."""
    others = [
        each
        for each in material.claims.claims
        if isinstance(each, TestClaim) and each.id != claim.id
        if each.family is not None and each.family == claim.family
    ]
    found = [_recomputed(each, cell) for each in others]
    return [each.p_value for each in found if each is not None]


def _recomputed(claim: TestClaim, cell: Cell) -> _Recomputed | None:
    """The difference that a printed t stands for, and Welch's test of it.

    t is the difference over its standard error: the pooled one for the equal-variance test.
    """
    arms = claim.arms
    if arms is None or claim.test != "t" or claim.used not in {"pooled_t", "welch_t"}:
        return None
    if any(arm not in cell.arms for arm in arms):
        return None
    known = [_variance(cell.arms[arm]) for arm in arms]
    if known[0] is None or known[1] is None:
        return None
    (first, n1), (second, n2) = known[0], known[1]
    welch = math.sqrt(first / n1 + second / n2)
    if min(n1, n2) < 2 or welch == 0:
        return None
    pooled = ((n1 - 1) * first + (n2 - 1) * second) / (n1 + n2 - 2)
    divisor = math.sqrt(pooled * (1 / n1 + 1 / n2)) if claim.used == "pooled_t" else welch
    difference = float(claim.statistic.value) * divisor
    degrees = welch**4 / ((first / n1) ** 2 / (n1 - 1) + (second / n2) ** 2 / (n2 - 1))
    p_value = t_tail(difference / welch, degrees, "two-sided")
    return _Recomputed(difference, welch, degrees, p_value)


def _variance(arm: ArmEvidence) -> tuple[float, int] | None:
    """A printed variance with its number of runs."""
    summary = arm.summary
    if summary is None or summary.runs is None:
        return None
    if summary.variance is not None:
        return float(summary.variance.value), summary.runs
    if summary.sd is not None:
        return float(summary.sd.value) ** 2, summary.runs
    return None
