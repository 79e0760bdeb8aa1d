"""Claims that one number is so many times another."""

from dataclasses import replace
from decimal import Decimal

from analysis.audit.arithmetic import ratio_of
from analysis.audit.finding import Finding, Outcome
from analysis.audit.printed_numbers import Printed
from analysis.audit.speedup import speedup_bound
from analysis.audit.verdicts import Case, Support
from analysis.inference.intervals import Interval
from analysis.inference.ratio import ratio_interval
from analysis.inference.samples import samples
from harness.audit.claims.kinds import RatioClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import has_tests, where
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material

_LEVEL = 0.95
_SLACK = 1.25


_UNITS_OF_TIME = frozenset({"s", "ms", "us", "µs", "μs", "ns", "min", "h"})


def judge_ratio(material: Material, claim: RatioClaim) -> Case:
    """Ask whether a ratio follows from its numbers, and whether a speed-up can be that large.

    A ratio below 1 is a saving: its effect is 1 − ratio, so that more saved is larger. Only of a
    speed-up is a ratio of 1 no effect; other ratios have a size and no side.
    """
    gathered = Gathering(material)
    is_speedup = _is_of_time(material, claim) or bool(claim.work_ratio or claim.bytes_ratio)
    bounds = [_bound(claim)] if is_speedup and not material.is_second else []
    gathered.printed([ratio_of(claim.numerator, claim.denominator, claim.value)])
    gathered.others += bounds
    is_saving = claim.value.value < 1
    if claim.arms is not None:
        arms = (claim.arms.numerator, claim.arms.denominator)
        for evidence, cell in gathered.cells(arms):
            if claim.arms.level in {None, cell.level}:
                found = _measured(evidence, cell, arms)
                gathered.supports += [_saved(each) for each in found] if is_saving else found
    exceeded = [each.detail for each in bounds if each.outcome is Outcome.FLAG]
    no_effect = 0.0 if is_saving else 1.0
    return gathered.case(
        "what is saved, 1 − the ratio," if is_saving else "the ratio",
        claimed=_saving(claim.value) if is_saving else claim.value,
        refuted=" ".join(exceeded),
        null=no_effect if is_speedup and claim.value.value != 1 else None,
    )


def _is_of_time(material: Material, claim: RatioClaim) -> bool:
    """Whether the numbers are times; of several metrics, the claim has to say which it is of."""
    is_said = claim.metric is not None or material.names or len(material.claims.head.metrics) == 1
    return bool(is_said) and material.metric.unit in _UNITS_OF_TIME


def _bound(claim: RatioClaim) -> Finding:
    """What a speed-up is bound by, as far as the claim says."""
    ratios = [
        None if each is None else float(each.value)
        for each in (claim.work_ratio, claim.bytes_ratio)
    ]
    speedup: Interval | Printed = claim.value
    if claim.value.value < 1:
        # The faster one is above: what is bound is how many times faster it is.
        speedup = Interval(float(1 / claim.value.high), float(1 / claim.value.low))
        ratios = [each if each is None or each > 1 else 1 / each for each in ratios]
    found = speedup_bound(
        speedup,
        ratios[0],
        bytes_ratio=ratios[1],
        slack=_SLACK if claim.slack is None else float(claim.slack.value),
        warm_up=claim.warm_up,
        repeats=claim.repeats,
        batch=claim.batch,
    )
    return _with_unreported(found, claim) if found.outcome is Outcome.MISSING_INPUT else found


def _with_unreported(found: Finding, claim: RatioClaim) -> Finding:
    """The same finding, saying what of the measurement was not reported."""
    facts = {"warm-up": claim.warm_up, "repeats": claim.repeats, "batch": claim.batch}
    missing = [name for name, fact in facts.items() if fact is None]
    if not missing:
        return found
    detail = f"{found.detail} Not reported: {', '.join(missing)}."
    return replace(found, detail=detail, values={**found.values, "not_reported": missing})


def _saving(ratio: Printed) -> Printed:
    """1 − a printed ratio, as exactly known as the ratio is."""
    saved = Decimal(1) - ratio.value
    return Printed(str(saved), "=", saved, ratio.decimals)


def _saved(support: Support) -> Support:
    """What a measured ratio saves."""
    low, high = support.ci_low, support.ci_high
    return replace(
        support,
        estimate=1 - support.estimate,
        ci_low=None if high is None else 1 - high,
        ci_high=None if low is None else 1 - low,
    )


def _measured(evidence: Evidence, cell: Cell, arms: tuple[str, str]) -> list[Support]:
    """The ratio of two arms' means, by Fieller's interval."""
    if not has_tests(cell, *arms):
        return []
    first, second = (cell.arms[arm].values for arm in arms)
    found = ratio_interval(samples(first, second), _LEVEL)
    # A ratio is nothing but a size, so sizes are compared whatever the conditions were.
    runs = len(first) + len(second)
    return [Support(where(evidence, cell), found.ratio, found.low, found.high, (), runs)]
