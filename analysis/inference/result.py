"""What every test of two arms returns."""

from dataclasses import dataclass
from typing import Literal

Alternative = Literal["two-sided", "greater", "less"]
"""What is held against the null: a difference either way, or arm - reference above or below 0."""

TestName = Literal[
    "paired_t", "wilcoxon", "sign_flip", "welch_t", "mann_whitney", "permutation", "dunnett"
]

SMALLEST_P = 2.0**-1022
"""What a p-value too small for a float is raised to: no p-value is 0."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of one arm against another.

    Attributes:
        name: which test it is.
        statistic: its statistic; None when the test is undefined.
        p_value: in (0, 1], not corrected for other comparisons; None when the test is undefined.
        exact: whether p comes from counting every arrangement that the null hypothesis allows,
            so that it assumes no distribution and no large n.
        p_floor: the smallest p that the test can give at this n, whatever the data; None when
            it has no floor.
        warning: why the test is undefined or weak, in one sentence; None when nothing is amiss.
    """

    # pytest would otherwise take the name for a test class.
    __test__ = False

    name: TestName
    statistic: float | None
    p_value: float | None
    exact: bool
    p_floor: float | None
    warning: str | None = None
