"""What a linear mixed model returns."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.errors import UnknownArmError


@dataclass(frozen=True, slots=True)
class FixedEffect:
    """A fixed effect with its Wald test, which takes the variances for known.

    Attributes:
        name: what it is the effect of.
        estimate: in the metric's unit.
        standard_error: of the estimate; too small when groups are few.
        low: lower end of its normal interval.
        high: upper end of it.
        z: estimate / standard error; None when that is 0.
        p_value: two-sided, from the standard normal, not corrected; None when z is.
    """

    name: str
    estimate: float
    standard_error: float
    low: float
    high: float
    z: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class MixedModelResult:
    """A linear model with random intercepts.

    Attributes:
        n: runs used.
        missing: runs without a finite value, left out.
        groups: number of groups of each random intercept, by its name, outermost first.
        intercept: the mean, or the control's mean when there are arms.
        effects: the arms' differences from the control, in the arms' order; empty without arms.
        variances: of each random intercept and of the "residual", in squared units; at least 0.
        level: confidence level of the intervals, which are not corrected.
        reml: whether the restricted likelihood was maximised, else the likelihood.
        closed_form: whether the design is balanced, so that no optimiser was needed.
        converged: whether the optimiser said that it had converged.
        warnings: what a reader has to know before trusting the numbers, one sentence each.
    """

    n: int
    missing: int
    groups: Mapping[str, int]
    intercept: FixedEffect
    effects: tuple[FixedEffect, ...]
    variances: Mapping[str, float]
    level: float
    reml: bool
    closed_form: bool
    converged: bool
    warnings: tuple[str, ...] = ()

    def effect(self, arm: str) -> FixedEffect:
        """Return an arm's difference from the control.

        Raises:
            UnknownArmError: it is none of the arms, or the control itself.
        """
        for each in self.effects:
            if each.name == arm:
                return each
        raise UnknownArmError(arm, (each.name for each in self.effects))

    def to_frame(self) -> pd.DataFrame:
        """Return the fixed effects, one row each; values are not rounded."""
        names = ("name", "estimate", "standard_error", "low", "high", "z", "p_value")
        rows = [[getattr(each, name) for name in names] for each in (self.intercept, *self.effects)]
        return pd.DataFrame(rows, columns=list(names))
