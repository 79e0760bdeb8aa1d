"""The kinds of claims, each with what it states."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from analysis.audit.printed_numbers import Printed
from harness.audit.claims.grammar import Count, Names, Prose, Sentence, Visible
from harness.audit.claims.numbers import (
    Ddof,
    NotNegative,
    Number,
    Positive,
    PValue,
    Reported,
    Share,
    Sides,
    Spread,
)
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


def _names(value: object) -> object:
    """One name, or a list of them."""
    return (value,) if isinstance(value, str) else as_tuple(value)


def _two(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) != 2:
        raise GrammarError("must be two arms", remedy='write arms = ["kd", "student"]')
    return as_tuple(value)


LONGEST_ID = 60


def _short(text: str) -> str:
    if len(text) > LONGEST_ID:
        raise GrammarError(f"must have at most {LONGEST_ID} characters")
    return text


OneOrMore = Annotated[Names, BeforeValidator(_names)]
"""A name, or a list of them."""


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

    id: Annotated[Visible, AfterValidator(_short)]
    text: Sentence
    data: OneOrMore = ()
    replicated_in: OneOrMore = ()
    family: str | None = None
    metric: str | None = None
    note: Prose = ""


class ArmValue(Part):
    """An arm with the value that is claimed for it."""

    arm: Visible
    value: Number | None = None


class ClaimedInterval(Part):
    """A printed interval of a difference."""

    low: Number
    high: Number
    level: Share | None = None
    symmetric: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> "ClaimedInterval":
        _require_order(self.low, self.high, "low")
        return self


def _require_order(low: Printed | None, high: Printed | None, key: str) -> None:
    """Refuse a lower end above the upper one."""
    if low is not None and high is not None and low.value > high.value:
        raise GrammarError(f"lies above {high}", key=key, given=str(low), remedy="exchange them")


def _require_two(first: str | None, second: str | None, keys: tuple[str, str]) -> None:
    """Refuse one arm without the other, and twice the same one."""
    if (first is None) != (second is None):
        missing, given = keys if first is None else keys[::-1]
        remedy = f"name both arms, or leave out {given}"
        raise GrammarError("this key is missing", key=missing, remedy=remedy)
    if first is not None and first == second:
        raise GrammarError(
            f"is the same arm as {keys[0]}",
            key=keys[1],
            given=first,
            remedy="name two different arms",
        )


class DifferenceClaim(Claim):
    """One arm is better than another, by so much.

    Attributes:
        difference: how much better, in the metric's unit, above 0 whatever the direction.
        p: the p-value that goes with it.
        test: what the authors say they used.
        statistic: its statistic, with df its degrees of freedom.
        p_corrected_for: of how many tests p is corrected for the family; 1 when it is not.
        exact: whether p is said to come from all arrangements, which gives it a floor.
        only_first_right, only_second_right: test examples that only one of the arms got right.
        sides: 1 or 2, where it is declared.
    """

    kind: Literal["difference"]
    better: ArmValue
    worse: ArmValue
    difference: NotNegative | None = None
    p: PValue | None = None
    test: TestUsed | None = None
    statistic: Reported | None = None
    df: Positive | None = None
    sides: Sides | None = None
    p_corrected_for: Count = 1
    exact: bool = False
    interval: ClaimedInterval | None = None
    only_first_right: Annotated[int, Field(ge=0)] | None = None
    only_second_right: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _two_arms(self) -> "DifferenceClaim":
        _require_two(self.better.arm, self.worse.arm, ("better.arm", "worse.arm"))
        return self


class ValueClaim(Claim):
    """An arm has this value.

    Attributes:
        statistic: what the paper says the value is; "unstated" is read as the mean.
        spread: the number behind a "±".
        spread_is: what the paper says the spread is.
    """

    kind: Literal["value"]
    arm: Visible
    value: Number
    statistic: Statistic = "unstated"
    spread: Spread | None = None
    spread_is: SpreadLabel = "unstated"


class OrderClaim(Claim):
    """One arm is better than others, in all of these data and at every level of them."""

    kind: Literal["order"]
    better: Visible
    worse: OneOrMore

    @model_validator(mode="after")
    def _others(self) -> "OrderClaim":
        if not self.worse:
            raise GrammarError("names no arm", key="worse", remedy='write worse = ["kd"]')
        for arm in self.worse:
            _require_two(self.better, arm, ("better", "worse"))
        return self


class TestClaim(Claim):
    """A test came out so.

    Attributes:
        test: the statistic's distribution.
        statistic, df, df2, p: as printed.
        sides: 1 or 2, where it is declared.
        p_corrected_for: of how many tests p is corrected for the family; 1 when it is not.
        used: what the authors say they used; pooled_t assumes equal variances.
        better, worse: the arms that it compares, where it compares two.
    """

    # pytest would otherwise take the name for a test class.
    __test__ = False

    kind: Literal["test"]
    test: Test
    statistic: Reported
    p: PValue
    df: Positive | None = None
    df2: Positive | None = None
    sides: Sides | None = None
    p_corrected_for: Count = 1
    used: TestUsed | None = None
    better: Visible | None = None
    worse: Visible | None = None

    @model_validator(mode="after")
    def _two_arms(self) -> "TestClaim":
        _require_two(self.better, self.worse, ("better", "worse"))
        return self

    @property
    def arms(self) -> tuple[str, str] | None:
        """The better and the worse arm, where the test compares two."""
        return (self.better, self.worse) if self.better and self.worse else None

    def says_effect(self, alpha: float) -> bool:
        """Whether the claim is that there is an effect: its p is at most alpha, as printed."""
        return self.p.relation not in {">", ">="} and float(self.p.value) <= alpha


class SummaryClaim(Claim):
    """A mean and its spread, of so many runs.

    Attributes:
        granule: the smallest step of one run's value, where test_size does not give it.
        arm: the arm of data whose runs it is of: the mean and n are then held against them.
        min, max: the smallest and the largest run.
        spread_is: what the paper says the spread is.
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
    ddof: Ddof = 1
    arm: Visible | None = None
    spread_is: SpreadLabel = "sd"

    @model_validator(mode="after")
    def _in_order(self) -> "SummaryClaim":
        _require_order(self.min, self.max, "min")
        return self


class Measured(Part):
    """Where a ratio can be measured here: the arms of its two numbers in a study.

    Attributes:
        numerator, denominator: the arms.
        level: the level of the study's factors, such as "batch_size = 64"; all when left out.
    """

    numerator: Visible
    denominator: Visible
    level: Visible | None = None

    @model_validator(mode="after")
    def _two_arms(self) -> "Measured":
        _require_two(self.numerator, self.denominator, ("numerator", "denominator"))
        return self


class RatioClaim(Claim):
    """One number is so many times another.

    Attributes:
        work_ratio: ratio of multiply-adds, the bound of a speed-up.
        bytes_ratio: ratio of bytes moved, its other bound.
        slack: by which factor a speed-up may exceed its bounds before it is flagged; 1 or more.
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

    @model_validator(mode="after")
    def _widens(self) -> "RatioClaim":
        if self.slack is not None and self.slack.value < 1:
            raise GrammarError(
                "must be 1 or more: it is a factor by which bounds are widened",
                key="slack",
                given=str(self.slack),
                remedy='write "1.25", or leave it out',
            )
        return self


class ContrastClaim(Claim):
    """A weighted sum of arms' means has this sign: interactions, complementarity.

    Attributes:
        weights: by arm; they sum to 0.
        sign: of the weighted sum of the means itself, "positive" or "negative", whatever the
            metric's direction.
        value: that sum as claimed, in the metric's unit, with its sign: "-0.67" where the sign is
            negative.
    """

    kind: Literal["contrast"]
    weights: dict[Visible, Number]
    sign: Literal["positive", "negative"] = "positive"
    value: Number | None = None

    @model_validator(mode="after")
    def _sums_to_nothing(self) -> "ContrastClaim":
        weights = [each.value for each in self.weights.values()]
        if len(weights) < 2 or sum(weights) != 0 or 0 in weights:
            raise GrammarError(
                "must be of two arms or more, each other than 0, and sum to 0",
                key="weights",
                given=", ".join(f"{arm} = {each}" for arm, each in self.weights.items()),
                remedy='write { kd_ig_at = "1", kd_ig = "-1" }',
            )
        return self

    @model_validator(mode="after")
    def _of_one_sign(self) -> "ContrastClaim":
        other = {"positive": -1, "negative": 1}[self.sign]
        if self.value is not None and self.value.value * other > 0:
            raise GrammarError(
                f"has the other sign than is claimed, which is {self.sign}",
                key="value",
                given=str(self.value),
                remedy="give the weighted sum itself, with its sign",
            )
        return self


class EquivalenceClaim(Claim):
    """Two arms do not differ by more than a margin."""

    kind: Literal["equivalence"]
    arms: Annotated[tuple[Visible, Visible], BeforeValidator(_two)]
    margin: Positive | None = None

    @model_validator(mode="after")
    def _two_arms(self) -> "EquivalenceClaim":
        _require_two(*self.arms, ("arms[0]", "arms[1]"))
        return self


class Estimated(Part):
    """An effect with its standard error, of so many runs.

    Attributes:
        estimate: the effect in the claimed direction, above 0 where the better arm is better,
            whatever the metric's direction.
        se: its standard error.
        n: runs in each arm, or pairs of runs; 2 or more.
        design: "unpaired", or "paired" where n counts pairs.
    """

    estimate: Number
    se: Positive
    n: Annotated[int, Field(ge=2)]
    design: Literal["paired", "unpaired"] = "unpaired"


class ReplicationClaim(Claim):
    """An effect was found again.

    Attributes:
        original: what was found first, in the claimed direction.
        replication: what was found then; left out where runs of better and worse give it.
        better, worse: the arms whose difference in `replicated_in` is the replication. Without
            data of its own and without `replication`, that is the claim's only verdict.
    """

    kind: Literal["replication"]
    original: Estimated
    replication: Estimated | None = None
    better: Visible | None = None
    worse: Visible | None = None

    @model_validator(mode="after")
    def _something_to_compare(self) -> "ReplicationClaim":
        _require_two(self.better, self.worse, ("better", "worse"))
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

__all__ = ["KINDS", "Claim"]
