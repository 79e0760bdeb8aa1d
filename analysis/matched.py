"""One comparison of runs that are matched by block."""

from dataclasses import replace

from analysis import cautions
from analysis.drawing import stream
from analysis.inference.bayesian import Posterior, bayesian_correlated_t
from analysis.inference.bootstrap import bca_of_mean
from analysis.inference.effect_sizes import paired_effect_sizes
from analysis.inference.intervals import Interval
from analysis.inference.paired import Pairs, pair
from analysis.inference.result import TestName, TestResult
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import MeanInterval, paired_interval, paired_t_test
from analysis.inference.wilcoxon import wilcoxon_signed_rank
from analysis.plan import Plan
from analysis.power import detectable_effect_t
from analysis.protocol import Pair, Protocol
from analysis.results import Comparison, untested
from analysis.runs import CellRuns, match_blocks

TESTS: tuple[TestName, ...] = ("paired_t", "wilcoxon", "sign_flip")


def measure_matched(runs: CellRuns, names: Pair, plan: Plan) -> Comparison:
    """Return everything about a comparison that does not depend on the other ones."""
    arm, reference = names
    matched = match_blocks(runs.of(arm), runs.of(reference))
    warnings = [
        cautions.dropped(matched.dropped_blocks),
        *cautions.about_values(runs, names),
    ]
    blank = Comparison(
        arm=arm,
        reference=reference,
        cell=runs.cell,
        n=0,
        n_reference=0,
        dropped_blocks=matched.dropped_blocks,
        tests=tuple(untested(name) for name in TESTS),
        replaced=sum(runs.replaced.get(name, 0) for name in names),
        decisive_test=plan.protocol.decisive_test("paired"),
        warnings=tuple(each for each in warnings if each),
    )
    if len(matched.values) == 0:
        return blank
    return _measured(blank, pair(matched.values, matched.reference), plan)


def _measured(blank: Comparison, pairs: Pairs, plan: Plan) -> Comparison:
    protocol = plan.protocol
    mean = paired_interval(pairs, 1 - protocol.alpha)
    narrower = _equivalence_interval(pairs, protocol.alpha)
    tests = _tests(pairs, blank, plan)
    bca = _bca(pairs, plan)
    return replace(
        blank,
        n=pairs.n,
        n_reference=pairs.n,
        difference=mean.mean,
        ci_low=mean.low,
        ci_high=mean.high,
        standard_error=mean.standard_error,
        bca_low=bca.low if bca else None,
        bca_high=bca.high if bca else None,
        equivalence_low=narrower.low,
        equivalence_high=narrower.high,
        tests=tests,
        effect_sizes=paired_effect_sizes(pairs, 1 - protocol.alpha),
        minimal_detectable_effect=_detectable(mean, plan),
        posterior=_posterior(pairs, protocol),
        warnings=(*blank.warnings, *_about_pairs(pairs, blank, tests, protocol)),
    )


def _tests(pairs: Pairs, blank: Comparison, plan: Plan) -> tuple[TestResult, ...]:
    side = plan.protocol.alternative
    rng = stream(plan.seed, blank.arm, blank.reference, blank.cell)
    return (
        paired_t_test(pairs, alternative=side),
        wilcoxon_signed_rank(pairs, alternative=side),
        sign_flip_test(pairs, alternative=side, rng=rng, resamples=plan.flips(pairs.n)),
    )


def _bca(pairs: Pairs, plan: Plan) -> Interval | None:
    if pairs.spread_is_noise:
        return None
    weights = plan.resampler.weights(pairs.n, "pairs")
    if weights is None:
        return None
    return bca_of_mean(pairs.differences, weights, 1 - plan.protocol.alpha)


def _equivalence_interval(pairs: Pairs, alpha: float) -> MeanInterval:
    # Two one-sided tests at 0.5 or more have no interval that stands for them.
    return paired_interval(pairs, 1 - 2 * alpha) if alpha < 0.5 else MeanInterval(0)


def _detectable(mean: MeanInterval, plan: Plan) -> float | None:
    if not mean.sd or plan.power <= plan.strictest_alpha:
        return None
    return detectable_effect_t(
        mean.sd,
        mean.n,
        alpha=plan.strictest_alpha,
        power=plan.power,
        alternative=plan.protocol.alternative,
        design="paired",
    )


def _posterior(pairs: Pairs, protocol: Protocol) -> Posterior | None:
    if protocol.smallest_effect is None or pairs.n < 2 or pairs.spread_is_noise:
        return None
    return bayesian_correlated_t(
        pairs.differences if protocol.maximizes else -pairs.differences,
        rope=protocol.smallest_effect,
        correlation=protocol.run_correlation,
        level=1 - protocol.alpha,
    )


def _about_pairs(
    pairs: Pairs, blank: Comparison, tests: tuple[TestResult, ...], protocol: Protocol
) -> list[str]:
    decisive = next(each for each in tests if each.name == blank.decisive_test)
    found = [decisive.warning]
    if protocol.test != "t":
        found.append(cautions.few_differences(pairs.n, pairs.nonzero, protocol))
    return [each for each in found if each]
