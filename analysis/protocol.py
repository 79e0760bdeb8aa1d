"""What was decided before looking: metric, comparisons, test, correction, error rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from numbers import Real
from typing import Literal, get_args

from analysis.errors import AnalysisError, UnknownArmError
from analysis.inference.result import Alternative, TestName

Direction = Literal["maximize", "minimize"]
Family = Literal["control", "all_pairs"]
Design = Literal["paired", "unpaired"]
TestChoice = Literal["permutation", "t", "wilcoxon", "mann_whitney", "dunnett"]
Correction = Literal["holm", "hochberg", "benjamini_hochberg", "bonferroni", "none"]
MissingPolicy = Literal["exclude", "worst", "fail"]
Pair = tuple[str, str]

_TESTS: Mapping[Design, Mapping[TestChoice, TestName]] = {
    "paired": {"permutation": "sign_flip", "t": "paired_t", "wilcoxon": "wilcoxon"},
    "unpaired": {
        "permutation": "permutation",
        "t": "welch_t",
        "mann_whitney": "mann_whitney",
        "dunnett": "dunnett",
    },
}


class ProtocolError(AnalysisError):
    """A protocol's field has a value that it cannot have.

    Attributes:
        field: the field's name.
        given: the value that was given.
        allowed: what is allowed, in words.
    """

    def __init__(self, field: str, given: object, allowed: str) -> None:
        self.field = field
        self.given = given
        self.allowed = allowed
        super().__init__(f"protocol: {field} is {given!r}; allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Protocol:
    """The statistical protocol of a study, fixed before its results are seen.

    Attributes:
        metric: the primary metric's name.
        direction: whether higher ("maximize") or lower ("minimize") values are better.
        control: the arm that the others are held against.
        comparisons: "control" (every other arm against the control), "all_pairs", or the
            (arm, reference) pairs themselves.
        test: which test decides. For runs matched by block: "permutation" (sign flips), "t"
            (paired) or "wilcoxon" (signed ranks). For runs that share nothing: "permutation"
            (two-sample), "t" (Welch's), "mann_whitney", or "dunnett" (many arms against the
            control, which corrects for their number by itself).
        correction: how errors are held over all comparisons: the family-wise rate ("holm",
            "hochberg", "bonferroni"), the false discovery rate ("benjamini_hochberg"), or "none".
        alpha: the error rate, above 0 and below 1; intervals have the level 1 - alpha.
        smallest_effect: the smallest absolute difference that matters, in the metric's own
            unit; None when none was declared.
        alternative: "two-sided", or the side declared in advance on which arm - reference is
            expected, in the metric's own unit whatever the direction: "greater" or "less".
            Intervals are two-sided all the same.
        missing: what becomes of a run whose metric is missing or infinite. "exclude" leaves it
            out, with its pair; "worst" gives it the worst value that any arm reached in the same
            cell; "fail" refuses to compare.
        treatments: for arms that combine treatments, which arms have each: a 2 x 2 x ... design,
            whose main effects and interactions are then estimated; empty for none.
        run_correlation: correlation between runs that share data, 0 for independent ones, used by
            the Bayesian t-test alone. Runs that train on random parts of one data set are held to
            be correlated by the share left out for testing (Nadeau & Bengio 2003).

    Raises:
        ProtocolError: a ValueError that says which field is wrong and what is allowed.
    """

    metric: str
    direction: Direction
    control: str
    comparisons: Family | tuple[Pair, ...] = "control"
    test: TestChoice = "permutation"
    correction: Correction = "holm"
    alpha: float = 0.05
    smallest_effect: float | None = None
    alternative: Alternative = "two-sided"
    missing: MissingPolicy = "exclude"
    treatments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    run_correlation: float = 0.0

    def __post_init__(self) -> None:
        _require_text("metric", self.metric)
        _require_text("control", self.control)
        _require_choice("direction", self.direction, get_args(Direction))
        _require_choice("test", self.test, get_args(TestChoice))
        _require_choice("correction", self.correction, get_args(Correction))
        _require_choice("alternative", self.alternative, get_args(Alternative))
        _require_choice("missing", self.missing, get_args(MissingPolicy))
        if not (_is_number(self.run_correlation) and 0 <= self.run_correlation < 1):
            allowed = "a number from 0, and below 1"
            raise ProtocolError("run_correlation", self.run_correlation, allowed)
        if not (_is_number(self.alpha) and 0 < self.alpha < 1):
            raise ProtocolError("alpha", self.alpha, "a number above 0 and below 1")
        if self.smallest_effect is not None and not (
            _is_number(self.smallest_effect) and 0 < self.smallest_effect < float("inf")
        ):
            raise ProtocolError("smallest_effect", self.smallest_effect, "a finite number above 0")
        if isinstance(self.comparisons, str):
            _require_choice("comparisons", self.comparisons, get_args(Family))
        else:
            _require_distinct_pairs(self.comparisons)
        if self.test == "dunnett" and self.comparisons != "control":
            allowed = "'control' with Dunnett's test, which holds every other arm against it"
            raise ProtocolError("comparisons", self.comparisons, allowed)

    def decisive_test(self, design: Design) -> TestName:
        """Return the test that decides.

        Args:
            design: whether runs are matched by block.

        Raises:
            ProtocolError: the test is none for this design.
        """
        tests = _TESTS[design]
        if self.test not in tests:
            listed = ", ".join(repr(each) for each in tests)
            runs = "runs matched by a block" if design == "paired" else "runs without a block"
            raise ProtocolError("test", self.test, f"{listed} for {runs}")
        return tests[self.test]

    @property
    def maximizes(self) -> bool:
        """Whether higher values of the metric are better."""
        return self.direction == "maximize"

    def pairs(self, arms: Sequence[str]) -> tuple[Pair, ...]:
        """Return the (arm, reference) pairs to compare.

        Args:
            arms: the arms that are there, in the order wanted.

        Returns:
            One pair a comparison. "control" follows the order of `arms`; "all_pairs" takes the
            earlier arm of each pair as its reference, the control being the earliest;
            pairs that were spelled out keep their own order.

        Raises:
            UnknownArmError: the control, or an arm of a pair, is not among `arms`.
        """
        spelled_out = () if isinstance(self.comparisons, str) else self.comparisons
        for name in (self.control, *(name for pair in spelled_out for name in pair)):
            if name not in arms:
                raise UnknownArmError(name, arms)
        others = [name for name in arms if name != self.control]
        if self.comparisons == "control":
            return tuple((name, self.control) for name in others)
        if self.comparisons == "all_pairs":
            return tuple((late, early) for early, late in combinations((self.control, *others), 2))
        return spelled_out


def _is_number(given: object) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def _require_text(field_name: str, given: object) -> None:
    if not isinstance(given, str) or not given.strip():
        raise ProtocolError(field_name, given, "a name (text) that is not empty")


def _require_choice(field_name: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ProtocolError(field_name, given, ", ".join(repr(each) for each in allowed))


def _require_distinct_pairs(pairs: object) -> None:
    if not isinstance(pairs, tuple | list) or not pairs:
        raise ProtocolError("comparisons", pairs, "at least one (arm, reference) pair")
    seen: set[frozenset[str]] = set()
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ProtocolError("comparisons", pair, "pairs of two names, (arm, reference)")
        for name in pair:
            _require_text("comparisons", name)
        if pair[0] == pair[1]:
            raise ProtocolError("comparisons", pair, "an arm and another arm as its reference")
        if frozenset(pair) in seen:
            raise ProtocolError("comparisons", pair, "each pair of arms once, in one order only")
        seen.add(frozenset(pair))
