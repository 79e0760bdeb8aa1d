"""What was decided before looking: metric, comparisons, test, correction, error rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from analysis.errors import AnalysisError, UnknownArmError

Direction = Literal["maximize", "minimize"]
Family = Literal["control", "all_pairs"]
TestChoice = Literal["permutation", "t"]
Correction = Literal["holm", "none"]
Pair = tuple[str, str]


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
        test: "permutation" (paired sign flips) or "t" (paired t-test), two-sided.
        correction: how the family-wise error rate over all comparisons is held.
        alpha: the error rate, above 0 and below 1; intervals have the level 1 - alpha.
        smallest_effect: the smallest absolute difference that matters, in the metric's own
            unit; None when none was declared.

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

    def __post_init__(self) -> None:
        _require_text("metric", self.metric)
        _require_text("control", self.control)
        _require_choice("direction", self.direction, get_args(Direction))
        _require_choice("test", self.test, get_args(TestChoice))
        _require_choice("correction", self.correction, get_args(Correction))
        if not 0 < self.alpha < 1:
            raise ProtocolError("alpha", self.alpha, "a number above 0 and below 1")
        if self.smallest_effect is not None and not 0 < self.smallest_effect < float("inf"):
            raise ProtocolError("smallest_effect", self.smallest_effect, "a finite number above 0")
        if isinstance(self.comparisons, str):
            _require_choice("comparisons", self.comparisons, get_args(Family))
        else:
            _require_distinct_pairs(self.comparisons)

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


def _require_text(field: str, given: str) -> None:
    if not str(given).strip():
        raise ProtocolError(field, given, "a name that is not empty")


def _require_choice(field: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ProtocolError(field, given, ", ".join(repr(each) for each in allowed))


def _require_distinct_pairs(pairs: tuple[Pair, ...]) -> None:
    if not pairs:
        raise ProtocolError("comparisons", pairs, "at least one (arm, reference) pair")
    seen: set[frozenset[str]] = set()
    for pair in pairs:
        if len(pair) != 2:
            raise ProtocolError("comparisons", pair, "pairs of two names, (arm, reference)")
        for name in pair:
            _require_text("comparisons", name)
        if pair[0] == pair[1]:
            raise ProtocolError("comparisons", pair, "an arm and another arm as its reference")
        if frozenset(pair) in seen:
            raise ProtocolError("comparisons", pair, "each pair of arms once, in one order only")
        seen.add(frozenset(pair))
