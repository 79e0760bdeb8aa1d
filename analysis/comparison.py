"""Hold arms against each other: the one function that most people need from this room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis import cautions
from analysis.across import across_cells
from analysis.decision import decide
from analysis.drawing import Resampler
from analysis.inference.corrections import adjust, reaches
from analysis.matched import measure_matched
from analysis.missing import apply_policy
from analysis.omnibus import omnibus_of
from analysis.plan import Plan
from analysis.protocol import Design, Pair, Protocol, ProtocolError
from analysis.results import Comparison, Comparisons
from analysis.runs import CellRuns, arms_in, read_runs
from analysis.summaries import summarise
from analysis.treatments import factorial_of
from analysis.unmatched import add_dunnett, measure_unmatched


def compare(
    frame: pd.DataFrame,
    protocol: Protocol,
    *,
    arm: str = "arm",
    block: str | None = "seed",
    within: Sequence[str] = (),
    arms: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 10_000,
    pairs_only: bool = False,
) -> Comparisons:
    """Compare arms as a protocol asks.

    With a block column, runs are matched by the key of their block, never by the order of rows. A
    block that one of two arms lacks is left out of their comparison, and counted. Without one,
    runs are taken to share nothing. Missing and infinite values are treated as the protocol says.
    The correction's family is all comparisons made, in all cells.

    Args:
        frame: long form, one row a run. The arms' order is that of the column's categories if
            it is categorical, and of first appearance otherwise; no number depends on it.
        protocol: metric, direction, control, comparisons, test, correction, alpha, and so on.
        arm: column that names the arm.
        block: column that says which runs of different arms belong together; None when none do.
        within: columns of factors; arms are compared inside every combination of their levels.
        arms: every arm there is, in order, for runs that are still coming in: an arm without any
            is then compared on no pairs instead of being unknown.
        seed: seeds the bootstrap, and the tests that draw arrangements because there are too many
            to count; every comparison draws a stream of its own, whatever the others are.
        resamples: bootstrap samples of each interval, at least 100.
        pairs_only: leaves out the tests over all arms, levels or treatments at once; what remains
            is the same with them and without.

    Returns:
        Summaries of all arms, and all comparisons with their decisions.

    Raises:
        MissingColumnError: a column is not in the frame.
        SharedColumnError: one column was named for two things.
        RepeatedColumnError: several columns have a name that was given.
        NoRunsError: the frame has no rows.
        MissingKeyError: a row has no arm, block or level.
        NotNumericError: the metric's column holds something that is not a number.
        RepeatedBlockError: an arm occurs twice in a block of a cell.
        TooLargeError: a value is finite, and beyond 1e150.
        NotFiniteError: the protocol refuses missing and infinite values, and there is one.
        UnknownArmError: the protocol names an arm that is not there.
        ProtocolError: the protocol's test is none for this design.
    """
    factors = (within,) if isinstance(within, str) else tuple(within)
    material = _material(frame, protocol, _Columns(arm, block, factors), arms, seed, resamples)
    pairwise = _pairwise(material)
    if pairs_only:
        return pairwise
    cells, names, plan = material.cells, material.names, material.plan
    return replace(
        pairwise,
        omnibus=tuple(
            omnibus_of(runs, names, plan, material.design) for runs in cells if len(names) > 2
        ),
        across=across_cells(cells, names, protocol) if len(cells) > 1 and block else None,
        factorial=tuple(factorial_of(runs, names, plan) for runs in cells if protocol.treatments),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column says what of a run."""

    arm: str
    block: str | None
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Material:
    """What is compared, after the protocol's policy for missing values, and how.

    Attributes:
        cells: the runs of every combination of levels.
        names: all arms, in order.
        plan: the protocol and the random numbers.
        design: whether runs are matched by block.
        warnings: what was found while the runs were matched.
    """

    cells: tuple[CellRuns, ...]
    names: tuple[str, ...]
    plan: Plan
    design: Design
    warnings: tuple[str, ...]


def _material(
    frame: pd.DataFrame,
    protocol: Protocol,
    columns: _Columns,
    arms: Sequence[str] | None,
    seed: int,
    resamples: int,
) -> _Material:
    block = columns.block
    design: Design = "unpaired" if block is None else "paired"
    protocol.decisive_test(design)
    if protocol.treatments and design == "unpaired":
        allowed = "none for runs without a block: effects of treatments are estimated within blocks"
        raise ProtocolError("treatments", dict(protocol.treatments), allowed)
    cells = read_runs(
        frame, metric=protocol.metric, arm=columns.arm, block=block, within=columns.within
    )
    names = tuple(arms) if arms is not None else arms_in(frame, columns.arm)
    family = len(protocol.pairs(names)) * len(cells)
    # With a list of arms runs are still coming in, and one that is absent is not missing yet.
    matched = design == "paired" and arms is None
    return _Material(
        cells=tuple(apply_policy(each, protocol, matched=matched) for each in cells),
        names=names,
        plan=Plan(protocol, seed, family, Resampler(seed, resamples)),
        design=design,
        warnings=cautions.nothing_shared(cells, block) if block is not None else (),
    )


def _pairwise(material: _Material) -> Comparisons:
    plan, design = material.plan, material.design
    protocol, asked = plan.protocol, plan.protocol.pairs(material.names)
    drafts = [draft for runs in material.cells for draft in _measure(runs, asked, plan, design)]
    summaries = tuple(
        summarise(name, runs, protocol)
        for runs in material.cells
        for name in material.names
        if name in runs.series
    )
    return Comparisons(
        protocol=protocol,
        arms=summaries,
        comparisons=_judge(drafts, plan),
        design=design,
        seed=plan.seed,
        resamples=plan.resampler.resamples,
        warnings=(*material.warnings, *cautions.about_all(summaries, protocol)),
    )


def _measure(
    runs: CellRuns, asked: Sequence[Pair], plan: Plan, design: Design
) -> Sequence[Comparison]:
    if design == "paired":
        return [measure_matched(runs, each, plan) for each in asked]
    return add_dunnett([measure_unmatched(runs, each, plan) for each in asked], runs, plan)


def _judge(drafts: list[Comparison], plan: Plan) -> tuple[Comparison, ...]:
    """Correct the family's p-values, and give every comparison its decision."""
    protocol = plan.protocol
    adjusted = _adjusted(drafts, protocol)
    floors = cautions.family_floors(drafts, protocol)
    judged = []
    for draft, p_adjusted, floor in zip(drafts, adjusted, floors, strict=True):
        known = replace(draft, p_adjusted=p_adjusted)
        found = (
            cautions.out_of_reach(known, protocol, floor),
            cautions.single_run(known, protocol),
        )
        known = replace(known, warnings=(*filter(None, found), *known.warnings))
        unreachable = floor is not None and not reaches(floor, protocol.alpha)
        if unreachable or known.replaced:
            # No effect, however large, would have been found; or the spread was never measured.
            known = replace(known, minimal_detectable_effect=None)
        judged.append(replace(known, decision=decide(known, protocol)))
    return tuple(judged)


def _adjusted(drafts: Sequence[Comparison], protocol: Protocol) -> tuple[float | None, ...]:
    if protocol.test != "dunnett":
        return adjust([draft.p_value for draft in drafts], protocol.correction)
    # Dunnett's p is corrected for the arms of its cell; Bonferroni's inequality does the cells.
    cells = len({draft.cell for draft in drafts})
    return tuple(
        None if each.p_value is None else min(1.0, cells * each.p_value) for each in drafts
    )
