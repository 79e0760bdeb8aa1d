"""How each kind of claim is judged: which checks it gets, and what its verdict rests on."""

from collections.abc import Callable, Mapping
from typing import Any

from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import (
    CheckpointClaim,
    Claim,
    ContrastClaim,
    DifferenceClaim,
    EquivalenceClaim,
    OrderClaim,
    RatioClaim,
    ReplicationClaim,
    RerunClaim,
    SummaryClaim,
    TestClaim,
    ValueClaim,
)
from harness.audit.judging.again import judge_checkpoint, judge_rerun
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

_JUDGES: Mapping[type[Claim], Callable[[Material, Any], Case]] = {
    DifferenceClaim: judge_difference,
    ValueClaim: judge_value,
    OrderClaim: judge_order,
    TestClaim: judge_test,
    SummaryClaim: judge_summary,
    RatioClaim: judge_ratio,
    ContrastClaim: judge_contrast,
    EquivalenceClaim: judge_equivalence,
    ReplicationClaim: judge_replication,
    CheckpointClaim: judge_checkpoint,
    RerunClaim: judge_rerun,
}


def case_of(material: Material) -> Case:
    """All that the verdict on a claim rests on.

    Raises:
        ClaimsError: an arm is not in the data that the claim names, or a file is not there.
    """
    return _JUDGES[type(material.claim)](material, material.claim)


__all__ = ["Material", "case_of"]
