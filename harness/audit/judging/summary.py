"""Claims that a mean and its spread are of so many runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from analysis.audit.deviations import sd_label, sd_range
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.granular import granular_exact
from analysis.audit.possible_deviations import grimmer
from analysis.audit.printed_numbers import Printed
from analysis.audit.shares import grim, grim_mean
from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import SummaryClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, granule, granule_items, runs_of
from harness.audit.judging.runs import labelled
from harness.audit.judging.statistics import label_of, mislabelled, printed_runs, statistic_of


def judge_summary(material: Material, claim: SummaryClaim) -> Case:
    """Ask whether any runs can have this mean, deviation, smallest and largest value.

    Where the claim names an arm, its runs have to have them, and to be as many.
    """
    gathered = Gathering(material)
    gathered.printed(_mean(material, claim))
    gathered.printed(_spread(material, claim))
    if claim.arm is None:
        return gathered.case("the summary")
    labels: list[Finding] = []
    for evidence, cell in gathered.cells((claim.arm,)):
        labels += _of_runs(claim, claim.arm, evidence, cell)
    gathered.own += labels
    held = [each.detail for each in labels if each.outcome is Outcome.PASS]
    objected = any(each.outcome.is_objection for each in labels)
    return gathered.case(
        "the summary",
        mislabelled=mislabelled(labels),
        confirmed="" if objected else " ".join(held),
    )


def _of_runs(claim: SummaryClaim, arm: str, evidence: Evidence, cell: Cell) -> Iterator[Finding]:
    """Hold the summary against the arm's runs; our own are other runs, of another mean."""
    if evidence.is_ours:
        return
    if len(evidence.with_arms((arm,))) > 1:
        detail = f"{evidence.name} has several levels, and the summary does not say of which it is."
        found = finding("n_mismatch", Outcome.NOT_TESTABLE, detail, chance_of_detection=0.0)
        yield labelled(found, evidence, cell)
        return
    if claim.mean is not None:
        yield from statistic_of(claim.mean, arm, evidence, cell)
    runs = runs_of(cell.arms[arm])
    if claim.n is not None and runs:
        yield labelled(_counted(claim.n, runs, arm, evidence), evidence, cell)
    spread = _deviation(claim)
    if spread is not None and len(cell.arms[arm].runs) > 1:
        known = printed_runs(cell.arms[arm])
        found = sd_label(spread.sd, known, label=label_of(claim.spread_is))
        yield labelled(spread.told(found), evidence, cell)


def _counted(n: int, runs: int, arm: str, evidence: Evidence) -> Finding:
    """Whether the summary is of as many runs as there are."""
    if n == runs:
        detail = f"The summary is of n = {n}, as many runs of {arm} as {evidence.name} has."
        return finding("n_mismatch", Outcome.PASS, detail, n=n, runs=runs)
    detail = f"The summary is of n = {n}, and {evidence.name} has {runs} runs of {arm}."
    return finding("n_mismatch", Outcome.FAIL, detail, n=n, runs=runs)


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
    spread = _deviation(claim)
    if spread is None:
        return
    if claim.n == 1:
        detail = f"The {spread.name} {spread.text} is given of n = 1: a single run has no spread."
        yield finding("n_mismatch", Outcome.FLAG, detail, n=1)
        return
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
    if claim.variance is not None and step is not None and claim.ddof == 1:
        yield granular_exact(claim.n, step, variance=claim.variance)
    if claim.min is not None and claim.max is not None:
        found = sd_range(spread.sd, claim.n, claim.min, claim.max, mean=claim.mean, ddof=claim.ddof)
        yield spread.told(found)


@dataclass(frozen=True, slots=True)
class _Deviation:
    """A spread as a standard deviation.

    Attributes:
        sd: the deviation; of a variance, with an interval that holds every possible root.
        name: as what it is printed.
        text: as it is printed.
    """

    sd: Printed
    name: str
    text: str

    def told(self, found: Finding) -> Finding:
        """A finding about the deviation, that says where it comes from."""
        if self.name == "deviation":
            return found
        detail = f"The variance {self.text} is a deviation of {self.sd}: {found.detail}"
        return replace(found, detail=detail, values={**found.values, "variance": self.text})


def _deviation(claim: SummaryClaim) -> _Deviation | None:
    if claim.sd is not None:
        return _Deviation(claim.sd, "deviation", claim.sd.text)
    if claim.variance is not None:
        return _Deviation(_root(claim.variance), "variance", claim.variance.text)
    return None


def _root(variance: Printed) -> Printed:
    """The deviation of a printed variance, with no narrower an interval than its roots have."""
    low, high = max(variance.low, Decimal(0)).sqrt(), variance.high.sqrt()
    middle = (low + high) / 2
    # The last digit counts as much as the roots lie apart, or up to ten times as much.
    decimals = -(high - low).adjusted() - 1
    return Printed(f"{variance.value.sqrt():.6g}", "=", middle, decimals)
