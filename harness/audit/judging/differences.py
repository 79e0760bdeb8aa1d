"""Two arms held against each other: what is asked of any such comparison."""

from collections.abc import Iterator

from analysis.audit.corrected_family import multiplicity
from analysis.audit.detectable import mde
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.maxima import best_of_n
from analysis.audit.outperformance import p_outperform
from analysis.audit.pairing import wrong_pairing
from analysis.audit.printed_numbers import Printed
from analysis.audit.sampling_noise import noise_floor
from analysis.audit.variances import heteroscedastic
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.decisions import are_matched, comparisons, has_tests, has_tests_of
from harness.audit.judging.material import Material, granule_items
from harness.audit.judging.statistics import printed_runs

EQUAL_VARIANCE_TESTS = frozenset({"pooled_t"})

_PAIRED = frozenset({"paired_t", "wilcoxon", "sign_flip"})

_TESTS_OF_PAIRING = {
    "paired_t": "paired_t",
    "pooled_t": "pooled_t",
    "welch_t": "welch_t",
    "wilcoxon": "wilcoxon",
    "sign_flip": "sign_flip",
    "mann_whitney": "mann_whitney",
    "permutation": "permutation",
}
"""The tests whose pairing can be judged, by the name that the check knows them by."""


def comparison_findings(
    material: Material,
    evidence: Evidence,
    cell: Cell,
    arms: tuple[str, str],
    *,
    test: str | None = None,
    claimed: Printed | None = None,
) -> Iterator[Finding]:
    """Every check of two arms that have runs enough.

    Args:
        material: the claim.
        evidence: the data.
        cell: the cell of the data.
        arms: the arm said to be better, and the other.
        test: what the authors say they used; None when they do not say, or the runs are ours.
        claimed: the difference they claim.
    """
    better, worse = arms
    if not has_tests(cell, better, worse):
        return
    first, second = (_in_direction(evidence, cell.arms[arm]) for arm in (better, worse))
    if claimed is not None:
        yield best_of_n(
            printed_runs(cell.arms[better]),
            printed_runs(cell.arms[worse]),
            claimed=claimed,
            direction=evidence.metric.direction,
        )
    if test in _PAIRED and len(first) != len(second):
        there = f"{len(first)} of {better} and {len(second)} of {worse}"
        detail = f"A paired test needs as many runs of both arms: there are {there}."
        yield finding("n_mismatch", Outcome.FLAG, detail, n=len(first), n2=len(second))
    elif test in _TESTS_OF_PAIRING:
        yield wrong_pairing(
            first,
            second,
            pairing=evidence.design.pairing,
            test=_TESTS_OF_PAIRING[test],
            alpha=material.alpha,
        )
    if test in EQUAL_VARIANCE_TESTS:
        yield heteroscedastic({better: first, worse: second}, equal_variance_test=True)
    yield from _family(material, evidence, cell, better, worse)
    matched = are_matched(evidence, cell, arms)
    first, second = matched_runs(evidence, cell, better, worse)
    if len(first) > 1:
        yield mde(first, second, alpha=material.alpha, paired=matched)
        gamma = float(material.claims.head.paper.gamma.value)
        yield p_outperform(first, second, paired=matched, gamma=gamma)
    yield from _noise(evidence, cell, better, worse)


def _in_direction(evidence: Evidence, arm: ArmEvidence) -> list[float]:
    sign = 1.0 if evidence.metric.direction == "maximize" else -1.0
    return [sign * value for value in arm.values]


def matched_runs(
    evidence: Evidence, cell: Cell, better: str, worse: str
) -> tuple[list[float], list[float]]:
    """The runs of two arms, larger being better: of the blocks that both have, in one order.

    Runs that share nothing stay in their own order.
    """
    first, second = (_in_direction(evidence, cell.arms[arm]) for arm in (better, worse))
    if not are_matched(evidence, cell, (better, worse)):
        return first, second
    one, other = (
        dict(zip((run.seed for run in cell.arms[arm].runs), values, strict=True))
        for arm, values in ((better, first), (worse, second))
    )
    blocks = [block for block in one if block in other]
    return [one[block] for block in blocks], [other[block] for block in blocks]


def _family(
    material: Material, evidence: Evidence, cell: Cell, better: str, worse: str
) -> Iterator[Finding]:
    """Whether the claim's decision survives the correction for all comparisons made with it."""
    family = comparisons(material, cell, (better, worse), has_tests_of)
    if family.size < 2 or material.family is None:
        return
    if family.untested:
        detail = f"{family.untested} of the {family.size} comparisons of the family have no runs "
        detail += "enough; Holm's correction counts them, Dunnett's test cannot."
        yield finding("multiplicity", Outcome.NOT_TESTABLE, detail, untested=family.untested)
    found = material.decisions.of(evidence, cell, family, material.alpha)
    first = next(iter(found.values())).tests[0].name
    p_values = {
        arm: test.p
        for arm, tests in found.items()
        for test in tests.tests
        if test.name == first and test.p is not None
    }
    dunnett = {
        arm: test.p
        for arm, tests in found.items()
        for test in tests.tests
        if test.name == "dunnett" and test.p is not None
    }
    member = better if family.control == worse else worse
    if member in p_values and not family.untested:
        yield multiplicity(
            p_values,
            member,
            alpha=material.alpha,
            dunnett=dunnett if dunnett.keys() == p_values.keys() else None,
            primary=material.family.primary,
        )


def _noise(evidence: Evidence, cell: Cell, better: str, worse: str) -> Iterator[Finding]:
    """How far a test set of this size decides."""
    items = granule_items(evidence.metric)
    if items is None:
        return
    first, second = (cell.arms[arm].values for arm in (better, worse))
    yield noise_floor(
        sum(first) / len(first),
        sum(second) / len(second),
        items,
        percent=evidence.metric.is_per_cent,
    )
