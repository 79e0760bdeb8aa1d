"""Claims that a mean and its spread are of so many runs."""

from collections.abc import Iterator

from analysis.audit.deviations import sd_label, sd_range
from analysis.audit.finding import Finding
from analysis.audit.granular import granular_exact
from analysis.audit.possible_deviations import grimmer
from analysis.audit.shares import grim, grim_mean
from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import SummaryClaim
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, granule, granule_items
from harness.audit.judging.runs import labelled
from harness.audit.judging.statistics import label_of, mislabelled, printed_runs


def judge_summary(material: Material, claim: SummaryClaim) -> Case:
    """Ask whether any runs can have this mean, deviation, smallest and largest value."""
    gathered = Gathering(material)
    gathered.printed(_mean(material, claim))
    gathered.printed(_spread(material, claim))
    if claim.arm is None:
        return gathered.case("the summary")
    labels: list[Finding] = []
    for evidence, cell in gathered.cells((claim.arm,)):
        runs = printed_runs(cell.arms[claim.arm])
        if claim.sd is not None and len(runs) > 1:
            found = sd_label(claim.sd, runs, label=label_of(claim.spread_is))
            labels.append(labelled(found, evidence, cell))
    gathered.own += labels
    return gathered.case("the summary", mislabelled=mislabelled(labels))


def _step(material: Material, claim: SummaryClaim) -> str | None:
    """The step in which one run's value comes."""
    items = granule_items(material.metric)
    if claim.granule is not None:
        return str(claim.granule.value)
    return None if items is None else str(granule(material.metric, items))


def _mean(material: Material, claim: SummaryClaim) -> Iterator[Finding]:
    items, step = granule_items(material.metric), _step(material, claim)
    if claim.mean is None or claim.n is None:
        return
    if claim.granule is None and items is not None:
        yield grim(claim.mean, items, runs=claim.n, percent=material.metric.is_per_cent)
    elif step is not None:
        yield grim_mean(claim.mean, claim.n, granule=step, low=claim.min, high=claim.max)


def _spread(material: Material, claim: SummaryClaim) -> Iterator[Finding]:
    step = _step(material, claim)
    if claim.mean is not None and claim.sd is not None and step is not None:
        yield grimmer(
            claim.mean,
            claim.sd,
            claim.n,
            granule=step,
            ddof=claim.ddof,
            low=claim.min,
            high=claim.max,
        )
    if claim.variance is not None and step is not None:
        yield granular_exact(claim.n, step, variance=claim.variance)
    if claim.sd is not None and claim.min is not None and claim.max is not None:
        yield sd_range(claim.sd, claim.n, claim.min, claim.max, mean=claim.mean, ddof=claim.ddof)
