"""Decision tests, each corrected over all arms of a family."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.inference.corrections import adjust, reaches
from analysis.inference.dunnett import dunnett
from analysis.inference.grid import Floats
from analysis.inference.result import TestName

PValues = Mapping[str, Mapping[TestName, float | None]]
"""Arm → test → p; Dunnett's is corrected already, the others are not."""


@dataclass(frozen=True, slots=True)
class DecisionTest:
    """One test of an arm against the control.

    Attributes:
        name: which test it is.
        p: its two-sided p, in (0, 1]; Dunnett's already accounts for the family. None when the
            test is undefined.
        p_adjusted: corrected within the family; None when the test is undefined.
        p_floor: the smallest corrected p that the test can give of so many runs, whatever they are;
            None when it has no floor.
    """

    name: TestName
    p: float | None
    p_adjusted: float | None
    p_floor: float | None = None

    def is_significant(self, alpha: float) -> bool:
        """Whether the corrected p is at most alpha; an undefined test never is."""
        return reaches(self.p_adjusted, alpha)

    def can_reach(self, alpha: float) -> bool:
        """Whether any runs of this number could have made it significant."""
        return self.p_floor is None or reaches(self.p_floor, alpha)


def corrected(
    p_values: PValues, *, floors: PValues | None = None, untested: int = 0
) -> dict[str, tuple[DecisionTest, ...]]:
    """Correct each test over all arms.

    Args:
        p_values: of every arm and test, not corrected, but for Dunnett's.
        floors: the smallest p that each can be; none have one when left out.
        untested: arms of the family that have no runs to test; Holm's correction counts them.
    """
    names = next(iter(p_values.values()))
    columns: dict[TestName, Iterable[float | None]] = {}
    for test in names:
        family = [*(of[test] for of in p_values.values()), *([None] * untested)]
        columns[test] = adjust(family, "none" if test == "dunnett" else "holm")[: len(p_values)]
    adjusted = zip(*columns.values(), strict=True)
    size = len(p_values) + untested

    def floor(arm: str, test: TestName) -> float | None:
        least = floors[arm].get(test) if floors is not None else None
        return None if least is None else min(1.0, size * least)

    return {
        arm: tuple(
            DecisionTest(test, of[test], p_adjusted, floor(arm, test))
            for test, p_adjusted in zip(names, row, strict=True)
        )
        for (arm, of), row in zip(p_values.items(), adjusted, strict=True)
    }


def decisions(p_values: PValues, alpha: float) -> dict[str, bool]:
    """Whether all tests of an arm are significant."""
    return {
        arm: all(each.is_significant(alpha) for each in tests)
        for arm, tests in corrected(p_values).items()
    }


def dunnett_p(arms: Mapping[str, Floats], control: Floats) -> dict[str, float | None]:
    """Dunnett's p of every arm, already corrected for all of them."""
    results = dunnett(control, list(arms.values()))
    return {arm: result.p_value for arm, result in zip(arms, results, strict=True)}
