"""Claims that an effect was found again."""

from analysis.audit.estimates import Design, Estimate
from analysis.audit.finding import Outcome
from analysis.audit.replicated import replication
from analysis.audit.verdicts import Case
from analysis.inference.paired import pair
from analysis.inference.samples import samples
from analysis.inference.student_t import paired_interval
from analysis.inference.welch import welch_interval
from harness.audit.claims.kinds import Estimated, ReplicationClaim
from harness.audit.evidence.model import Cell, Evidence
from harness.audit.judging.decisions import supported
from harness.audit.judging.differences import comparison_findings, matched_runs
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material

_LEVEL = 0.95
_FEWEST_RUNS = 2


def judge_replication(material: Material, claim: ReplicationClaim) -> Case:
    """Hold the replication against the original, by every criterion side by side."""
    gathered = Gathering(material)
    original = _estimate(claim.original)
    if claim.replication is not None:
        printed = _estimate(claim.replication)
        gathered.printed([replication(original, printed, alpha=material.alpha)])
    if claim.better is not None and claim.worse is not None:
        arms = (claim.better, claim.worse)
        for evidence, cell in gathered.cells(arms):
            gathered.add(evidence, cell, comparison_findings(material, evidence, cell, arms))
            gathered.supports += supported(material, evidence, cell, *arms)
            rerun = _of_runs(evidence, cell, arms)
            if rerun is not None:
                again = replication(original, rerun, alpha=material.alpha)
                gathered.add_own(evidence, cell, [again])
    found = (*gathered.stated, *gathered.own)
    held = [each for each in found if each.check == "replication"]
    refuted = [each.detail for each in held if each.outcome is Outcome.FLAG]
    confirmed = [each.detail for each in held if each.outcome is Outcome.PASS]
    return gathered.case(
        "the effect",
        refuted=" ".join(refuted),
        confirmed="" if refuted else " ".join(confirmed),
    )


def _estimate(given: Estimated) -> Estimate:
    return Estimate(float(given.estimate.value), float(given.se.value), given.n, given.design)


def _of_runs(evidence: Evidence, cell: Cell, arms: tuple[str, str]) -> Estimate | None:
    """How much better the first arm is, with its standard error; None without a spread of runs."""
    first, second = matched_runs(evidence, cell, *arms)
    if min(len(first), len(second)) < _FEWEST_RUNS:
        return None
    if evidence.is_matched:
        interval = paired_interval(pair(first, second), _LEVEL)
        error = interval.standard_error
        return _valid(interval.mean, error, interval.n, "paired")
    welch = welch_interval(samples(first, second), _LEVEL)
    if welch.degrees is None:
        return None
    # An estimate of n and n runs has 2 n − 2 degrees of freedom, one of n pairs n − 1.
    of_runs, of_pairs = welch.degrees / 2 + 1, welch.degrees + 1
    few = of_runs < _FEWEST_RUNS
    return _valid(
        welch.difference,
        welch.standard_error,
        of_pairs if few else of_runs,
        "paired" if few else "unpaired",
    )


def _valid(
    estimate: float | None, error: float | None, n: float, design: Design
) -> Estimate | None:
    return Estimate(estimate, error, n, design) if estimate is not None and error else None
