"""Claims about a weighted sum of arms' means: interactions, and what adds to what."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from analysis.audit.decision_test import DecisionTest
from analysis.audit.printed_numbers import Printed
from analysis.audit.verdicts import Case, Support
from analysis.inference.paired import pair
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import mean_interval, paired_t_test, t_tail
from harness.audit.claims.grammar import Metric
from harness.audit.claims.kinds import ContrastClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import has_tests, supported, where
from harness.audit.judging.differences import comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material

_LEVEL = 0.95
_TWO = 2


def judge_contrast(material: Material, claim: ContrastClaim) -> Case:
    """Hold the sign of a contrast against the runs of its arms.

    A contrast of two arms is their comparison, scaled, and is corrected with its family as such.
    """
    gathered = Gathering(material)
    for evidence, cell in gathered.cells(tuple(claim.weights)):
        arms = _difference(claim, evidence.metric)
        if arms is None:
            gathered.supports += _contrast(claim, evidence, cell)
        else:
            gathered.add(evidence, cell, comparison_findings(material, evidence, cell, arms))
            found = supported(material, evidence, cell, *arms)
            gathered.supports += [_scaled(each, claim) for each in found]
    return gathered.case(f"{_turned(claim)}{_formula(claim)}", claimed=_oriented(claim))


def _turned(claim: ContrastClaim) -> str:
    """What is told is oriented: above 0 is as claimed."""
    return "the contrast " if claim.sign == "positive" else "minus the contrast "


def _oriented(claim: ContrastClaim) -> Printed | None:
    """The claimed sum, turned as the estimates are: above 0 is as claimed."""
    value = claim.value
    if value is None or claim.sign == "positive":
        return value
    return Printed(str(value.value.copy_negate()), "=", value.value.copy_negate(), value.decimals)


def _difference(claim: ContrastClaim, metric: Metric) -> tuple[str, str] | None:
    """The better and the worse arm as claimed, where the contrast is of two.

    The sign is that of the sum itself: of a metric that is minimized, the better arm has the
    smaller mean.
    """
    if len(claim.weights) != _TWO:
        return None
    plus, minus = sorted(claim.weights, key=lambda arm: -claim.weights[arm].value)
    is_as_listed = (claim.sign == "positive") == (metric.direction == "maximize")
    return (plus, minus) if is_as_listed else (minus, plus)


def _scaled(support: Support, claim: ContrastClaim) -> Support:
    """A difference of two arms in the contrast's own size: its tests stay what they are."""
    size = max(float(each.value) for each in claim.weights.values())
    low, high = support.ci_low, support.ci_high
    return replace(
        support,
        estimate=size * support.estimate,
        ci_low=None if low is None else size * low,
        ci_high=None if high is None else size * high,
    )


def _contrast(claim: ContrastClaim, evidence: Evidence, cell: Cell) -> list[Support]:
    if not has_tests(cell, *claim.weights):
        return []
    sign = 1.0 if claim.sign == "positive" else -1.0
    weights = {arm: sign * float(each.value) for arm, each in claim.weights.items()}
    found = _matched(cell, weights) if evidence.is_matched else _unmatched(cell, weights)
    data = where(evidence, cell)
    return [replace(each, data=data, comparable=evidence.same_conditions) for each in found]


def _matched(cell: Cell, weights: Mapping[str, float]) -> list[Support]:
    """The contrast within every block that all arms have; tests of its mean."""
    runs = {arm: {run.seed: run.value for run in cell.arms[arm].runs} for arm in weights}
    blocks = [each for each in next(iter(runs.values())) if all(each in of for of in runs.values())]
    values = [sum(weights[arm] * runs[arm][block] for arm in weights) for block in blocks]
    if len(values) < 2:
        return []
    both = pair(values, np.zeros(len(values)))
    interval = mean_interval(values, _LEVEL)
    flips = sign_flip_test(both, rng=np.random.default_rng(0))
    tests = tuple(
        DecisionTest(each.name, each.p_value, each.p_value) for each in (paired_t_test(both), flips)
    )
    count = len(values) * len(weights)
    return [Support("", interval.mean or 0.0, interval.low, interval.high, tests, count)]


def _unmatched(cell: Cell, weights: Mapping[str, float]) -> list[Support]:
    """Welch's test of a contrast: Satterthwaite 1946, Biometrics Bulletin 2, 110-114."""
    runs: dict[str, Sequence[float]] = {arm: cell.arms[arm].values for arm in weights}
    estimate = sum(weights[arm] * float(np.mean(values)) for arm, values in runs.items())
    parts = [
        (weights[arm] ** 2 * float(np.var(values, ddof=1)) / len(values), len(values) - 1)
        for arm, values in runs.items()
    ]
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return []
    degrees = variance**2 / sum(part**2 / df for part, df in parts)
    error = math.sqrt(variance)
    reach = float(stats.t.ppf((1 + _LEVEL) / 2, degrees)) * error
    p_value = t_tail(estimate / error, degrees, "two-sided")
    tests = (DecisionTest("welch_t", p_value, p_value),)
    count = sum(len(values) for values in runs.values())
    return [Support("", estimate, estimate - reach, estimate + reach, tests, count)]


def _formula(claim: ContrastClaim) -> str:
    terms = []
    for arm, weight in claim.weights.items():
        size = "" if abs(weight.value) == 1 else f"{abs(weight.value)}·"
        sign = "−" if weight.value < 0 else "+"
        terms.append(f"{sign} {size}{arm}")
    return " ".join(terms).removeprefix("+ ")
