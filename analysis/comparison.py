"""Hold arms against each other: the one function that most people need from this room."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import cautions
from analysis.decision import decide
from analysis.inference.corrections import adjust
from analysis.inference.paired import Pairs, pair
from analysis.inference.result import TestName, TestResult
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import (
    MeanInterval,
    mean_interval,
    paired_interval,
    paired_t_test,
    standardised_difference,
)
from analysis.protocol import Pair, Protocol
from analysis.results import ArmSummary, Comparison, Comparisons
from analysis.runs import Cell, CellRuns, arms_in, finite, match_blocks, read_runs

_DECISIVE: dict[str, TestName] = {"permutation": "sign_flip", "t": "paired_t"}


def compare(
    frame: pd.DataFrame,
    protocol: Protocol,
    *,
    arm: str = "arm",
    block: str = "seed",
    within: Sequence[str] = (),
    arms: Sequence[str] | None = None,
    seed: int = 0,
) -> Comparisons:
    """Compare arms as a protocol asks, paired by block.

    Runs are matched by the key of their block, never by the order of rows. A block that one of
    two arms lacks is left out of their comparison, and counted. Missing and infinite values are
    left out, and counted. The correction's family is all comparisons made, in all cells.

    Args:
        frame: long form, one row a run. The arms' order is that of the column's categories if
            it is categorical, and of first appearance otherwise; no number depends on it.
        protocol: metric, direction, control, comparisons, test, correction, alpha.
        arm: column that names the arm.
        block: column that says which runs of different arms belong together.
        within: columns of factors; arms are compared inside every combination of their levels.
        arms: every arm there is, in order, for runs that are still coming in: an arm without any
            is then compared on no pairs instead of being unknown.
        seed: seeds the Monte Carlo test that more than 40 pairs need; every comparison draws a
            stream of its own from it, whatever the other comparisons are.

    Returns:
        Summaries of all arms, and all comparisons with their decisions.

    Raises:
        MissingColumnError: a column is not in the frame.
        NoRunsError: the frame has no rows.
        MissingKeyError: a row has no arm, block or level.
        NotNumericError: the metric's column holds something that is not a number.
        RepeatedBlockError: an arm occurs twice in a block of a cell.
        UnknownArmError: the protocol names an arm that is not there.
    """
    factors = (within,) if isinstance(within, str) else tuple(within)
    cells = read_runs(frame, metric=protocol.metric, arm=arm, block=block, within=factors)
    names = tuple(arms) if arms is not None else arms_in(frame, arm)
    asked = protocol.pairs(names)
    drafts = [_measure(runs, each, protocol, seed) for runs in cells for each in asked]
    return Comparisons(
        protocol=protocol,
        arms=tuple(
            summarise(name, runs, protocol)
            for runs in cells
            for name in names
            if name in runs.series
        ),
        comparisons=_judge(drafts, protocol),
    )


def summarise(arm: str, runs: CellRuns, protocol: Protocol) -> ArmSummary:
    """Summarise one arm's runs in one cell."""
    series = runs.of(arm)
    values = finite(series).to_numpy(dtype=np.float64)
    mean = mean_interval(values, 1 - protocol.alpha)
    low, high = (float(values.min()), float(values.max())) if mean.n else (None, None)
    return ArmSummary(
        arm=arm,
        cell=runs.cell,
        n=mean.n,
        missing=len(series) - mean.n,
        mean=mean.mean,
        sd=mean.sd,
        median=float(np.median(values)) if mean.n else None,
        min=low,
        max=high,
        best=high if protocol.maximizes else low,
        ci_low=mean.low,
        ci_high=mean.high,
        standard_error=mean.standard_error,
    )


def _measure(runs: CellRuns, names: Pair, protocol: Protocol, seed: int) -> Comparison:
    """Return everything about a comparison that does not depend on the others."""
    arm, reference = names
    matched = match_blocks(runs.of(arm), runs.of(reference))
    warnings = [
        cautions.dropped(matched.dropped_blocks),
        *(cautions.excluded(name, _not_finite(runs, name)) for name in names),
    ]
    tests: tuple[TestResult, ...] = (_untested("sign_flip"), _untested("paired_t"))
    mean = narrower = MeanInterval(0)
    effect_size = None
    if len(matched.values):
        pairs = pair(matched.values, matched.reference)
        tests = (_sign_flip(pairs, _stream(seed, names, runs.cell)), _paired_t(pairs))
        mean = paired_interval(pairs, 1 - protocol.alpha)
        narrower = _equivalence_interval(pairs, protocol.alpha)
        effect_size = standardised_difference(pairs)
        warnings += _about_pairs(pairs, protocol)
    return Comparison(
        arm=arm,
        reference=reference,
        cell=runs.cell,
        n=mean.n,
        dropped_blocks=matched.dropped_blocks,
        difference=mean.mean,
        ci_low=mean.low,
        ci_high=mean.high,
        standard_error=mean.standard_error,
        equivalence_low=narrower.low,
        equivalence_high=narrower.high,
        tests=tests,
        decisive_test=_DECISIVE[protocol.test],
        effect_size=effect_size,
        warnings=tuple(each for each in warnings if each),
    )


def _judge(drafts: list[Comparison], protocol: Protocol) -> tuple[Comparison, ...]:
    """Correct the family's p-values, and give every comparison its decision."""
    adjusted = adjust([draft.p_value for draft in drafts], protocol.correction)
    floor = cautions.family_floor(drafts, protocol)
    judged = []
    for draft, p_adjusted in zip(drafts, adjusted, strict=True):
        caution = cautions.out_of_reach(draft, protocol, floor)
        warnings = (caution, *draft.warnings) if caution else draft.warnings
        known = replace(draft, p_adjusted=p_adjusted, warnings=warnings)
        judged.append(replace(known, decision=decide(known, protocol)))
    return tuple(judged)


def _equivalence_interval(pairs: Pairs, alpha: float) -> MeanInterval:
    # Two one-sided tests at 0.5 or more have no interval that stands for them.
    return paired_interval(pairs, 1 - 2 * alpha) if alpha < 0.5 else MeanInterval(0)


def _not_finite(runs: CellRuns, arm: str) -> int:
    series = runs.of(arm)
    return len(series) - len(finite(series))


def _untested(name: TestName) -> TestResult:
    return TestResult(name, statistic=None, p_value=None, exact=False, p_floor=None)


def _sign_flip(pairs: Pairs, rng: np.random.Generator) -> TestResult:
    return sign_flip_test(pairs, rng=rng)


def _paired_t(pairs: Pairs) -> TestResult:
    return paired_t_test(pairs)


def _about_pairs(pairs: Pairs, protocol: Protocol) -> list[str | None]:
    if protocol.test == "t":
        return [paired_t_test(pairs).warning]
    return [cautions.few_differences(pairs.n, pairs.nonzero, protocol.alpha)]


def _stream(seed: int, names: Pair, cell: Cell) -> np.random.Generator:
    """Return a generator that depends on the seed and on what is compared, and on nothing else."""
    key = json.dumps([seed, names, cell]).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(key).digest()[:16]))
