"""Claims that an effect was found again."""

from scipy import stats

from analysis.audit.estimates import Estimate
from analysis.audit.finding import Finding, Outcome
from analysis.audit.replicated import replication
from analysis.audit.verdicts import Case, Support
from harness.audit.claims.kinds import Estimated, ReplicationClaim
from harness.audit.judging.decisions import supported
from harness.audit.judging.differences import comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material


def judge_replication(material: Material, claim: ReplicationClaim) -> Case:
    """Hold the replication against the original, by every criterion side by side."""
    gathered = Gathering(material)
    original = _estimate(claim.original)
    if claim.replication is not None:
        again = _estimate(claim.replication)
        gathered.printed([replication(original, again, alpha=material.alpha)])
    if claim.better is not None and claim.worse is not None:
        arms = (claim.better, claim.worse)
        for evidence, cell in gathered.cells(arms):
            gathered.add(evidence, cell, comparison_findings(material, evidence, cell, arms))
            for support in supported(material, evidence, cell, *arms):
                gathered.supports.append(support)
                found = (
                    replication(original, estimate, alpha=material.alpha)
                    for estimate in _of_support(support)
                )
                gathered.add_own(evidence, cell, found)
    refuted = [each.detail for each in gathered.own if _is_refuting(each)]
    return gathered.case("the effect", refuted=" ".join(refuted))


def _is_refuting(found: Finding) -> bool:
    return found.check == "replication" and found.outcome is Outcome.FLAG


def _estimate(given: Estimated) -> Estimate:
    return Estimate(float(given.estimate.value), float(given.se.value), given.n)


def _of_support(support: Support) -> list[Estimate]:
    """An estimate with its standard error, from its 95 % interval."""
    if support.ci_low is None or support.ci_high is None or support.ci_high == support.ci_low:
        return []
    reach = float(stats.t.ppf(0.975, max(support.runs - 2, 1)))
    error = (support.ci_high - support.ci_low) / 2 / reach
    return [Estimate(support.estimate, error, max(support.runs // 2, 2))]
