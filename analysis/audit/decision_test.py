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
    """

    name: TestName
    p: float | None
    p_adjusted: float | None

    def is_significant(self, alpha: float) -> bool:
        """Whether the corrected p is at most alpha; an undefined test never is."""
        return reaches(self.p_adjusted, alpha)


def corrected(p_values: PValues) -> dict[str, tuple[DecisionTest, ...]]:
    """Correct each test over all arms."""
    names = next(iter(p_values.values()))
    columns: dict[TestName, Iterable[float | None]] = {}
    for test in names:
        family = [of[test] for of in p_values.values()]
        columns[test] = adjust(family, "none" if test == "dunnett" else "holm")
    adjusted = zip(*columns.values(), strict=True)
    return {
        arm: tuple(
            DecisionTest(test, of[test], corrected)
            for test, corrected in zip(names, row, strict=True)
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
