"""The kinds of claims, each with what it states."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from analysis.protocol import Direction
from harness.audit.grammar import Count, Names
from harness.audit.numbers import Number, Positive, PValue, Reported, Share, Spread
from harness.study.parts import Part, as_tuple
from harness.study.problems import GrammarError

Statistic = Literal["mean", "max", "median", "unstated"]
Test = Literal["t", "F", "z", "chi2", "r"]
TestUsed = Literal[
    "paired_t",
    "pooled_t",
    "welch_t",
    "one_sample_t",
    "wilcoxon",
    "sign_flip",
    "mann_whitney",
    "permutation",
    "other",
]
"""What authors say that they used. pooled_t assumes equal variances."""

SpreadLabel = Literal["sd", "se", "ci", "unstated"]
Names_ = Annotated[tuple[str, ...], BeforeValidator(lambda value: _names(value))]


def _names(value: object) -> object:
    """One name, or a list of them."""
    return (value,) if isinstance(value, str) else as_tuple(value)


class Claim(Part):
    """What every claim has.

    Attributes:
        id: short and unique, such as "C1".
        text: as the paper says it.
        data: names of the data that it is checked against; those of the paper's authors.
        replicated_in: names of data of others, mostly studies here; each gives a second verdict.
        family: the comparisons that it was made together with.
        metric: the metric; may be left out where there is only one.
        note: what a reader has to know of it.
    """

    id: Annotated[str, Field(min_length=1, max_length=60)]
    text: str
    data: Names_ = ()
    replicated_in: Names_ = ()
    family: str | None = None
    metric: str | None = None
    note: str = ""


class ArmValue(Part):
    """An arm with the value that is claimed for it."""

    arm: str
    value: Number | None = None


class ClaimedInterval(Part):
    """A printed interval of a difference."""

    low: Number
    high: Number
    level: Share | None = None
    symmetric: bool = True


class DifferenceClaim(Claim):
    """One arm is better than another, by so much.

    Attributes:
        difference: how much better, in the metric's unit, above 0 whatever the direction.
        p: the p-value that goes with it.
        test: what the authors say they used.
        statistic: its statistic, with df its degrees of freedom.
        exact: whether p is said to come from all arrangements, which gives it a floor.
        only_first_right, only_second_right: test examples that only one of the arms got right.
        sides: 1 or 2, where it is declared.
    """

    kind: Literal["difference"]
    better: ArmValue
    worse: ArmValue
    difference: Number | None = None
    p: PValue | None = None
    test: TestUsed | None = None
    statistic: Reported | None = None
    df: Number | None = None
    sides: Literal[1, 2] | None = None
    exact: bool = False
    interval: ClaimedInterval | None = None
    only_first_right: Annotated[int, Field(ge=0)] | None = None
    only_second_right: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _two_arms(self) -> "DifferenceClaim":
        if self.better.arm == self.worse.arm:
            raise GrammarError("is the better and the worse arm", key="worse.arm")
        return self


class ValueClaim(Claim):
    """An arm has this value.

    Attributes:
        statistic: what the paper says the value is; "unstated" is read as the mean.
        spread: the number behind a "±".
        spread_is: what the paper says the spread is.
    """

    kind: Literal["value"]
    arm: str
    value: Number
    statistic: Statistic = "unstated"
    spread: Spread | None = None
    spread_is: SpreadLabel = "unstated"


class OrderClaim(Claim):
    """One arm is better than others, in all of these data and at every level of them."""

    kind: Literal["order"]
    better: str
    worse: Names_


class TestClaim(Claim):
    """A test came out so.

    Attributes:
        test: the statistic's distribution.
        statistic, df, df2, p: as printed.
        sides: 1 or 2, where it is declared.
        used: what the authors say they used; pooled_t assumes equal variances.
        better, worse: the arms that it compares, where it compares two.
    """

    # pytest would otherwise take the name for a test class.
    __test__ = False

    kind: Literal["test"]
    test: Test
    statistic: Reported
    p: PValue
    df: Number | None = None
    df2: Number | None = None
    sides: Literal[1, 2] | None = None
    used: TestUsed | None = None
    better: str | None = None
    worse: str | None = None

    @property
    def arms(self) -> tuple[str, str] | None:
        """The better and the worse arm, where the test compares two."""
        return (self.better, self.worse) if self.better and self.worse else None


class SummaryClaim(Claim):
    """A mean and its spread, of so many runs.

    Attributes:
        granule: the smallest step of one run's value, where test_size does not give it.
        items: test examples of one run, where the metric has no test_size.
        ddof: 1 when the spread is divided by n - 1, as it mostly is.
    """

    kind: Literal["summary"]
    mean: Number | None = None
    sd: Spread | None = None
    variance: Spread | None = None
    n: Count | None = None
    granule: Positive | None = None
    min: Number | None = None
    max: Number | None = None
    ddof: Literal[0, 1] = 1
    arm: str | None = None
    spread_is: SpreadLabel = "sd"


class Measured(Part):
    """Where a ratio can be measured here: the arms of its two numbers in a study."""

    numerator: str
    denominator: str


class RatioClaim(Claim):
    """One number is so many times another.

    Attributes:
        work_ratio: ratio of multiply-adds, the bound of a speed-up.
        bytes_ratio: ratio of bytes moved, its other bound.
        slack: by which factor a speed-up may exceed its bounds before it is flagged.
        warm_up, repeats, batch: what the paper says of the measurement.
        arms: the arms whose metric gives the two numbers in data.
    """

    kind: Literal["ratio"]
    numerator: Positive
    denominator: Positive
    value: Positive
    work_ratio: Positive | None = None
    bytes_ratio: Positive | None = None
    slack: Positive | None = None
    warm_up: bool | None = None
    repeats: Count | None = None
    batch: Count | None = None
    arms: Measured | None = None


class ContrastClaim(Claim):
    """A weighted sum of arms' means has this sign: interactions, complementarity.

    Attributes:
        weights: by arm; they sum to 0.
        sign: "positive" or "negative".
        value: the claimed size, in the metric's unit.
    """

    kind: Literal["contrast"]
    weights: dict[str, Number]
    sign: Literal["positive", "negative"] = "positive"
    value: Number | None = None

    @model_validator(mode="after")
    def _sums_to_nothing(self) -> "ContrastClaim":
        if len(self.weights) < 2 or sum(each.value for each in self.weights.values()) != 0:
            raise GrammarError(
                "must have two arms or more, and sum to 0",
                key="weights",
                remedy='write { kd_ig_at = "1", kd_ig = "-1" }',
            )
        return self


class EquivalenceClaim(Claim):
    """Two arms do not differ by more than a margin."""

    kind: Literal["equivalence"]
    arms: Annotated[tuple[str, str], BeforeValidator(as_tuple)]
    margin: Positive | None = None


class Estimated(Part):
    """An effect with its standard error, of so many runs."""

    estimate: Number
    se: Positive
    n: Count


class ReplicationClaim(Claim):
    """An effect was found again.

    Attributes:
        original: what was found first.
        replication: what was found then; left out where runs of better and worse give it.
        better, worse: the arms whose difference in `replicated_in` is the replication.
    """

    kind: Literal["replication"]
    original: Estimated
    replication: Estimated | None = None
    better: str | None = None
    worse: str | None = None

    @model_validator(mode="after")
    def _something_to_compare(self) -> "ReplicationClaim":
        if self.replication is None and not (self.better and self.worse and self.replicated_in):
            raise GrammarError(
                "says nothing of the replication",
                key="replication",
                remedy='write replication = { estimate = "…", se = "…", n = … }, or better, worse '
                "and replicated_in",
            )
        return self


class CheckpointClaim(Claim):
    """A saved model reproduces a value.

    Attributes:
        model: the file, beside the claims file.
        evaluate: the function that measures it, ``package.module:function`` or ``file.py:function``
            beside the claims file: takes the path, returns the metric.
        value: the value it must give; left out, one of the runs in data.
    """

    kind: Literal["checkpoint"]
    model: str
    evaluate: str
    value: Number | None = None
    slack_images: Annotated[int, Field(ge=0)] = 3


class RerunClaim(Claim):
    """Trials of a study give the same again.

    Attributes:
        study: the study.
        profile: its profiles.
        sample: how many finished trials are run again.
        seed: which ones.
    """

    kind: Literal["rerun"]
    study: str
    profile: Names = ()
    sample: Count = 3
    seed: Annotated[int, Field(ge=0)] = 0


KINDS: Mapping[str, type[Claim]] = {
    "difference": DifferenceClaim,
    "value": ValueClaim,
    "order": OrderClaim,
    "test": TestClaim,
    "summary": SummaryClaim,
    "ratio": RatioClaim,
    "contrast": ContrastClaim,
    "equivalence": EquivalenceClaim,
    "replication": ReplicationClaim,
    "checkpoint": CheckpointClaim,
    "rerun": RerunClaim,
}

__all__ = ["KINDS", "Claim", "Direction"]
