"""One comparison of runs that share nothing, and Dunnett's test of all arms against the control."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis import cautions
from analysis.drawing import stream
from analysis.inference.bootstrap import bca_of_difference
from analysis.inference.dunnett import dunnett
from analysis.inference.effect_sizes import unpaired_effect_sizes
from analysis.inference.intervals import Interval
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.permutation import permutation_test
from analysis.inference.result import TestName, TestResult
from analysis.inference.samples import Samples, samples
from analysis.inference.t_power import detectable_difference
from analysis.inference.welch import DifferenceInterval, welch_interval, welch_t
from analysis.plan import Plan
from analysis.protocol import Pair
from analysis.results import Comparison, untested
from analysis.runs import CellRuns, finite_values

TESTS: tuple[TestName, ...] = ("welch_t", "mann_whitney", "permutation")


def measure_unmatched(runs: CellRuns, names: Pair, plan: Plan) -> Comparison:
    """Return everything about a comparison that does not depend on the other ones."""
    arm, reference = names
    first, second = finite_values(runs.of(arm)), finite_values(runs.of(reference))
    blank = Comparison(
        arm=arm,
        reference=reference,
        cell=runs.cell,
        n=len(first),
        n_reference=len(second),
        dropped_blocks=0,
        tests=tuple(untested(name) for name in TESTS),
        replaced=sum(runs.replaced.get(name, 0) for name in names),
        decisive_test=plan.protocol.decisive_test("unpaired"),
        warnings=cautions.about_values(runs, names),
    )
    if len(first) == 0 or len(second) == 0:
        return blank
    return _measured(blank, samples(first, second), plan)


def add_dunnett(drafts: Sequence[Comparison], cell: CellRuns, plan: Plan) -> list[Comparison]:
    """Add Dunnett's test to the comparisons of one cell with the control.

    Its p is corrected for all arms of the cell at once. Comparisons with another reference, and
    arms without runs, are left as they are.
    """
    control = finite_values(cell.of(plan.protocol.control))
    tested = [
        each
        for each in drafts
        if each.reference == plan.protocol.control and each.n > 0 and len(control) > 0
    ]
    arms = [finite_values(cell.of(each.arm)) for each in tested]
    results = dunnett(control, arms, alternative=plan.protocol.alternative) if arms else ()
    found = {each.arm: result for each, result in zip(tested, results, strict=True)}
    return [_with_dunnett(each, found.get(each.arm), plan) for each in drafts]


def _with_dunnett(draft: Comparison, result: TestResult | None, plan: Plan) -> Comparison:
    if draft.reference != plan.protocol.control:
        return draft
    result = result or untested("dunnett")
    decides = draft.decisive_test == "dunnett" and result.warning
    warnings = (*draft.warnings, result.warning) if decides and result.warning else draft.warnings
    return replace(draft, tests=(*draft.tests, result), warnings=warnings)


def _measured(blank: Comparison, both: Samples, plan: Plan) -> Comparison:
    protocol = plan.protocol
    level = 1 - protocol.alpha
    mean = welch_interval(both, level)
    narrower = welch_interval(both, 1 - 2 * protocol.alpha) if protocol.alpha < 0.5 else None
    tests = _tests(both, blank, plan)
    bca = _bca(both, mean, plan)
    decisive = next((each for each in tests if each.name == blank.decisive_test), None)
    found = [decisive.warning if decisive else None]
    if both.n1 > 1 and np.array_equal(both.first, both.second):
        found.append(cautions.same_values(both.n1))
    return replace(
        blank,
        difference=mean.difference,
        ci_low=mean.low,
        ci_high=mean.high,
        standard_error=mean.standard_error,
        bca_low=bca.low if bca else None,
        bca_high=bca.high if bca else None,
        equivalence_low=narrower.low if narrower else None,
        equivalence_high=narrower.high if narrower else None,
        tests=tests,
        effect_sizes=unpaired_effect_sizes(both.first, both.second, level),
        minimal_detectable_effect=_detectable(both, plan),
        warnings=(*blank.warnings, *filter(None, found)),
    )


def _tests(both: Samples, blank: Comparison, plan: Plan) -> tuple[TestResult, ...]:
    side = plan.protocol.alternative
    rng = stream(plan.seed, blank.arm, blank.reference, blank.cell)
    draws = plan.flips(len(both.first) + len(both.second))
    return (
        welch_t(both, alternative=side),
        mann_whitney(both, alternative=side),
        permutation_test(both, alternative=side, rng=rng, resamples=draws),
    )


def _bca(both: Samples, mean: DifferenceInterval, plan: Plan) -> Interval | None:
    first = plan.resampler.weights(len(both.first), "arm")
    second = plan.resampler.weights(len(both.second), "reference")
    if first is None or second is None or not mean.standard_error:
        return None
    return bca_of_difference(both.first, both.second, first, second, 1 - plan.protocol.alpha)


def _detectable(both: Samples, plan: Plan) -> float | None:
    """Return the effect for two samples as unequal as these, from their pooled spread."""
    sizes = len(both.first), len(both.second)
    if min(sizes) < 2:
        return None
    squares = sum(float(each.var(ddof=1)) * (len(each) - 1) for each in (both.first, both.second))
    pooled_sd = (squares / (sum(sizes) - 2)) ** 0.5
    if pooled_sd == 0.0 or plan.power <= plan.strictest_alpha:
        return None
    return detectable_difference(
        pooled_sd * (1 / sizes[0] + 1 / sizes[1]) ** 0.5,
        sum(sizes) - 2,
        alpha=plan.strictest_alpha,
        power=plan.power,
        alternative=plan.protocol.alternative,
    )
