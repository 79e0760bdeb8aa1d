"""Claims that a test came out so."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from scipy import stats

from analysis.audit.detectable import mde_from_summaries
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.variances import heteroscedastic
from analysis.audit.verdicts import Case
from analysis.inference.corrections import adjust, reaches
from analysis.inference.student_t import t_tail
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    p_statement,
)
from harness.audit.claims.kinds import TestClaim
from harness.audit.evidence.model import ArmEvidence, Cell
from harness.audit.judging.decisions import supported
from harness.audit.judging.differences import EQUAL_VARIANCE_TESTS, comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, runs_of
from harness.audit.judging.repeating import Said, repeat_test
from harness.audit.judging.statistics import PrintedTest, counted, printed_test
from harness.audit.judging.summarised import Spread, printed_variance, standard_error

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
    expects_effect = claim.says_effect(material.alpha)
    if arms is None:
        return gathered.case("the effect", expects_effect=expects_effect)
    refuted: list[str] = []
    for evidence, cell in gathered.cells(arms):
        first, second = (runs_of(cell.arms[arm]) for arm in arms)
        gathered.printed(
            counted(claim.used, claim.df, (first, second) if first and second else None)
        )
        used = None if evidence.is_ours else claim.used
        gathered.add(evidence, cell, comparison_findings(material, evidence, cell, arms, test=used))
        if not evidence.is_ours and claim.test == "t":
            repeat_test(gathered, (evidence, cell), arms, Said.of(claim, claim.used))
        found = supported(material, evidence, cell, *arms)
        gathered.supports += found
        if not found and not evidence.is_ours:
            implied = list(_implied(material, claim, cell, expects_effect=expects_effect))
            gathered.add(evidence, cell, (each for each in implied if not _is_of_claim(each)))
            gathered.printed(each for each in implied if _is_of_claim(each))
            refuted += [each.detail for each in implied if _is_refuting(each)]
    return gathered.case(
        f"the difference {arms[0]} − {arms[1]}",
        refuted=" ".join(refuted),
        expects_effect=expects_effect,
    )


def _is_of_claim(found: Finding) -> bool:
    return found.check == "multiplicity"


def _is_refuting(found: Finding) -> bool:
    return _is_of_claim(found) and found.outcome is Outcome.FLAG


def _implied(
    material: Material, claim: TestClaim, cell: Cell, *, expects_effect: bool
) -> Iterator[Finding]:
    """What a printed t stands for, where variances are printed and neither means nor runs.

    The difference follows from t itself, so it is no evidence for t; but a test that is valid for
    these variances, and the correction for the family, can still speak against the claim.
    """
    found = _recomputed(claim, cell)
    if found is None or claim.arms is None:
        return
    known = {arm: each for arm in claim.arms if (each := _variance(cell.arms[arm]))}
    yield heteroscedastic(
        variances={arm: (each.variance, each.n) for arm, each in known.items()},
        equal_variance_test=claim.used in EQUAL_VARIANCE_TESTS,
        difference=found.difference,
        alpha=material.alpha,
    )
    first, second = known.values()
    yield mde_from_summaries(
        found.difference,
        sd=math.sqrt(first.variance),
        n=first.n,
        sd_worse=math.sqrt(second.variance),
        n_worse=second.n,
        p=claim.p,
        alpha=material.alpha,
    )
    family = _family_p(material, claim, cell)
    adjusted = adjust([found.p_value, *family], "holm")[0]
    reach = float(stats.t.ppf(_UPPER_QUANTILE, found.degrees)) * found.standard_error
    low, high = found.difference - reach, found.difference + reach
    agrees = reaches(adjusted, material.alpha) == expects_effect
    tests = count_of(1 + len(family), "test")
    decimals = decimals_for(reach / 2)
    yield finding(
        "multiplicity",
        Outcome.PASS if agrees else Outcome.FLAG,
        f"The printed t and variances imply a difference of "
        f"{format_number(found.difference, decimals)} (95 % interval "
        f"{format_interval(low, high, decimals)}), of which Welch's test gives "
        f"{p_statement(adjusted)} after Holm's correction for {tests}.",
        difference=found.difference,
        ci_low=low,
        ci_high=high,
        degrees=found.degrees,
        p=found.p_value,
        p_adjusted=adjusted,
        tests=1 + len(family),
    )
    yield finding(
        "duplicates",
        Outcome.NOT_TESTABLE,
        "Neither runs nor means are printed: whether the difference is what t implies, and whether "
        "a permutation test finds it, can be told with the value of every run.",
        chance_of_detection=0.0,
    )


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
    first, second = (_variance(cell.arms[arm]) for arm in arms)
    if first is None or second is None or min(first.n, second.n) < 2:
        return None
    welch, degrees = standard_error("welch_t", first, second)
    if welch == 0:
        return None
    divisor, _ = standard_error(claim.used, first, second)
    # The sign of a printed t is that of the authors' subtraction, and says nothing here.
    difference = abs(float(claim.statistic.value)) * divisor
    p_value = t_tail(difference / welch, degrees, "two-sided")
    return _Recomputed(difference, welch, degrees, p_value)


def _variance(arm: ArmEvidence) -> Spread | None:
    """A printed variance with its number of runs; the mean is not known."""
    summary = arm.summary
    if summary is None or summary.runs is None:
        return None
    variance = printed_variance(summary)
    return None if variance is None else Spread(0.0, variance, summary.runs)
