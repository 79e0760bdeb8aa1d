"""Claims that two arms do not differ by more than a margin."""

from analysis.audit.equivalence_claims import equivalence
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import EquivalenceClaim
from harness.audit.judging.decisions import are_matched, has_tests
from harness.audit.judging.differences import matched_runs
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material
from harness.audit.judging.runs import labelled


def judge_equivalence(material: Material, claim: EquivalenceClaim) -> Case:
    """Make two one-sided tests of the declared margin."""
    gathered = Gathering(material)
    tests: list[Finding] = []
    for evidence, cell in gathered.cells(claim.arms):
        if has_tests(cell, *claim.arms):
            first, second = matched_runs(evidence, cell, *claim.arms)
            found = equivalence(
                first,
                second,
                claim.margin,
                paired=are_matched(evidence, cell, claim.arms),
                alpha=material.alpha,
            )
        else:
            what = f"Of {' or '.join(claim.arms)} there are no two runs"
            detail = f"{what} in {evidence.name}, which the two one-sided tests need."
            found = finding("equivalence", Outcome.MISSING_INPUT, detail)
        tests.append(labelled(found, evidence, cell))
    gathered.own += tests
    different = [each.detail for each in tests if each.outcome is Outcome.FLAG]
    shown = [each.detail for each in tests if each.outcome is Outcome.PASS]
    return gathered.case(
        "the difference",
        refuted=" ".join(different),
        confirmed=" ".join(shown) if len(shown) == len(tests) else "",
    )
