"""How each kind of claim is judged: which checks it gets, and what its verdict rests on."""

from analysis.audit.verdicts import Case
from harness.audit.judging.contrast import judge_contrast
from harness.audit.judging.difference import judge_difference
from harness.audit.judging.equivalence import judge_equivalence
from harness.audit.judging.material import Material
from harness.audit.judging.order import judge_order
from harness.audit.judging.ratio import judge_ratio
from harness.audit.judging.replication import judge_replication
from harness.audit.judging.summary import judge_summary
from harness.audit.judging.test import judge_test
from harness.audit.judging.value import judge_value
from harness.audit.kinds import (
    ContrastClaim,
    DifferenceClaim,
    EquivalenceClaim,
    OrderClaim,
    RatioClaim,
    ReplicationClaim,
    SummaryClaim,
    TestClaim,
    ValueClaim,
)


def case_of(material: Material) -> Case:
    """All that the verdict on a claim rests on.

    Raises:
        ClaimsError: an arm is not in the data that the claim names.
    """
    match material.claim:
        case DifferenceClaim() as claim:
            return judge_difference(material, claim)
        case ValueClaim() as claim:
            return judge_value(material, claim)
        case OrderClaim() as claim:
            return judge_order(material, claim)
        case TestClaim() as claim:
            return judge_test(material, claim)
        case SummaryClaim() as claim:
            return judge_summary(material, claim)
        case RatioClaim() as claim:
            return judge_ratio(material, claim)
        case ContrastClaim() as claim:
            return judge_contrast(material, claim)
        case EquivalenceClaim() as claim:
            return judge_equivalence(material, claim)
        case ReplicationClaim() as claim:
            return judge_replication(material, claim)
    raise NotImplementedError(material.claim)


__all__ = ["Material", "case_of"]
