"""What is asked of any runs that a claim rests on: how they were made, and if they can be real."""

from collections.abc import Iterator, Sequence
from statistics import stdev

from analysis.audit.counts import n_mismatch
from analysis.audit.deviations import sd_range
from analysis.audit.drift import protocol_drift
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.granular import granular_exact
from analysis.audit.possible_deviations import grimmer
from analysis.audit.seed_records import seeds
from analysis.audit.selection import leakage
from analysis.audit.shares import grim
from analysis.audit.variances import too_small_variance
from harness.audit.claims.grammar import Metric
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.decisions import has_tests_of, where
from harness.audit.judging.material import granule, granule_items


def arithmetic_findings(evidence: Evidence, cell: Cell, arms: Sequence[str]) -> Iterator[Finding]:
    """Whether the printed values of these arms can be what they are said to be."""
    items = granule_items(evidence.metric)
    if items is not None:
        yield from _grim_of_runs(cell, arms, items, evidence.metric)
    for arm in arms:
        yield from summary_findings(cell.arms[arm], evidence.metric)


def summary_findings(arm: ArmEvidence, metric: Metric) -> Iterator[Finding]:
    """Whether a printed variance or deviation is possible for the metric's granule."""
    summary, items = arm.summary, granule_items(metric)
    if summary is None or summary.runs is None:
        return
    if summary.histogram is not None:
        yield n_mismatch(counts=summary.histogram, n=summary.runs)
    if summary.runs < 2:
        return
    if summary.sd is not None and summary.min is not None and summary.max is not None:
        yield sd_range(summary.sd, summary.runs, summary.min, summary.max, mean=summary.mean)
    if items is None:
        return
    if summary.mean is not None and summary.sd is not None:
        yield grimmer(
            summary.mean,
            summary.sd,
            summary.runs,
            granule=granule(metric, items),
            low=summary.min,
            high=summary.max,
        )
    if summary.variance is not None or summary.sd is not None:
        yield granular_exact(
            summary.runs,
            granule(metric, items),
            variance=summary.variance,
            sd=summary.sd,
            largest="100" if metric.is_per_cent else "1",
        )
    if summary.mean is not None:
        yield grim(summary.mean, items, runs=summary.runs, percent=metric.is_per_cent)


def design_findings(evidence: Evidence, cell: Cell, arms: Sequence[str]) -> Iterator[Finding]:
    """How the runs were made: seeds, selection, copies, implausible likeness."""
    runs = {arm: cell.arms[arm].runs for arm in arms if cell.arms[arm].runs}
    if runs:
        recorded = {"recorded": True, "not_recorded": False}.get(evidence.design.seeds)
        values = {arm: [(run.seed, run.value) for run in of_arm] for arm, of_arm in runs.items()}
        yield seeds(values, recorded=recorded)
        if evidence.design.pairing in {"seed", "split"} and not evidence.is_matched:
            detail = f"Runs are declared to share their {evidence.design.pairing}, and the data do "
            detail += "not say which runs do: they are compared as runs that share nothing."
            yield finding("wrong_pairing", Outcome.MISSING_INPUT, detail)
    spreads = [stdev(cell.arms[arm].values) for arm in arms if has_tests_of(cell, arm)]
    yield leakage(
        evidence.design.selection,
        candidates=evidence.design.candidates,
        sd=max(spreads) if spreads and evidence.design.candidates is not None else None,
    )
    yield from _likeness(evidence, cell, arms)
    if evidence.drift is not None:
        yield protocol_drift(*evidence.drift)


def lacking_findings(lacking: Sequence[Evidence]) -> Iterator[Finding]:
    """What could not be looked at, and the command that would change it."""
    for evidence in lacking:
        detail = f"{evidence.name}: {evidence.lacking}."
        yield finding("replication", Outcome.MISSING_INPUT, detail, data=evidence.name)


def labelled(found: Finding, evidence: Evidence, cell: Cell) -> Finding:
    """The same finding, saying of which data it is."""
    values = {"data": where(evidence, cell), **found.values}
    return Finding(found.check, found.outcome, found.detail, values)


def _grim_of_runs(cell: Cell, arms: Sequence[str], items: int, metric: Metric) -> Iterator[Finding]:
    """Every impossible run; or one finding for all, which is as good as the least telling one."""
    found = [
        (arm, grim(run.printed, items, percent=metric.is_per_cent))
        for arm in arms
        for run in cell.arms[arm].runs
        if run.printed is not None
    ]
    impossible = [(arm, each) for arm, each in found if each.outcome is Outcome.FAIL]
    for arm, each in impossible:
        yield finding("grim", each.outcome, f"A run of {arm}: {each.detail}", **each.values)
    if found and not impossible:
        _, least = min(found, key=lambda each: _chance(each[1]))
        of_all = f"Every run of these arms can be a share of {items:,} test examples"
        if least.outcome is Outcome.NOT_TESTABLE:
            of_all += ", but as they are printed any number could"
        yield finding("grim", least.outcome, f"{of_all}.", chance_of_detection=_chance(least))


def _chance(found: Finding) -> float:
    """With which chance an impossible value would have been noticed."""
    chance = found.values.get("chance_of_detection")
    return chance if isinstance(chance, float | int) else 1.0


def _likeness(evidence: Evidence, cell: Cell, arms: Sequence[str]) -> Iterator[Finding]:
    """Runs more alike than samples of so many test examples would be."""
    items = granule_items(evidence.metric)
    if items is None:
        return
    whole = 100.0 if evidence.metric.is_per_cent else 1.0
    for arm in arms:
        if has_tests_of(cell, arm):
            values = cell.arms[arm].values
            share = min(max(sum(values) / len(values) / whole, 0.0), 1.0)
            if 0 < share < 1:
                floor_sd = whole * (share * (1 - share) / items) ** 0.5
                yield too_small_variance(values, floor_sd=floor_sd)
