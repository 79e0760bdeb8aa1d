"""Power of the paired rank and sign-flip tests, by simulation.

Their power has no formula. The same standardised differences are drawn once and used for every n
and every effect (common random numbers), so that power rises with both as it should, and a search
over n finds the place where it crosses what is wanted.
"""

import math
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.result import Alternative
from analysis.inference.simulated_pairs import (
    ROUNDING,
    Rows,
    half_of_all_patterns,
    p_values_of,
    sign_draws,
    signed_ranks,
    standard_draws,
)
from analysis.inference.t_power import (
    points_to,
    require_alpha,
    require_alternative,
    require_power,
    require_sd,
)

SimulatedTest = Literal["wilcoxon", "permutation"]
"""Wilcoxon's signed ranks (zeros ranked, after Pratt), or sign flips of the mean difference."""

ENUMERATED_UP_TO = 12
"""Pairs up to which all 2^n sign patterns are taken; beyond, a sample of them."""

_LEAST_PATTERNS = 1000
_PATTERNS_AT_ALPHA = 20
"""How many of the patterns may be as extreme at the least; their number is known to 1 in 5 then."""

_CELLS_AT_ONCE = 1 << 22
_STEPS = 14


class PowerSimulation:
    """Simulated experiments that every question about power is put to.

    Args:
        test: "wilcoxon" or "permutation".
        alpha: error rate, above 0 and below 1.
        alternative: what the test holds against the null.
        rng: draws the experiments and the sign patterns; the same generator state gives the same
            answers, whatever is asked and in which order.
        simulations: number of experiments, at least 1. The standard error of a power of 0.8 is
            0.009 with 2000.
        pilot: differences whose shape the simulated ones take: they are drawn from these, centred
            and scaled, with replacement. None for normal ones.

    Raises:
        AnalysisError: a setting is out of its range, or the pilot has no spread.
    """

    def __init__(
        self,
        test: SimulatedTest,
        *,
        alpha: float = 0.05,
        alternative: Alternative = "two-sided",
        rng: np.random.Generator,
        simulations: int = 2000,
        pilot: ArrayLike | None = None,
    ) -> None:
        if test not in get_args(SimulatedTest):
            raise AnalysisError(f"the test is {test!r}; allowed: 'wilcoxon', 'permutation'")
        require_alpha(alpha)
        require_alternative(alternative)
        if simulations < 1:
            raise AnalysisError(f"simulations is {simulations}; allowed: at least 1")
        self._test = test
        self._alpha = alpha
        self._alternative = alternative
        patterns = max(_LEAST_PATTERNS, math.ceil(_PATTERNS_AT_ALPHA / alpha)) - 1
        of_differences, of_signs = rng.spawn(2)
        self._differences = Rows(standard_draws(pilot, simulations), of_differences)
        self._signs = Rows(sign_draws(patterns), of_signs)

    def power(self, effect: float, sd: float, n: int) -> float:
        """Return the share of experiments with n pairs in which the test finds the effect.

        Args:
            effect: true mean difference, with its sign.
            sd: true standard deviation of the differences in the same unit, 0 or more.
            n: number of pairs.

        Returns:
            In [0, 1]; exactly 0 when n is so small that the test's smallest p is above alpha.
        """
        require_sd(sd)
        if not math.isfinite(effect):
            raise AnalysisError(f"the effect is {effect!r}; allowed: a finite number")
        sides = 2 if self._alternative == "two-sided" else 1
        if n < 1 or math.ldexp(sides, -n) > self._alpha:
            return 0.0
        differences = effect + sd * self._differences.first(n).T
        if self._alternative == "less":
            differences = -differences
        scores = signed_ranks(differences) if self._test == "wilcoxon" else differences
        exact = n <= ENUMERATED_UP_TO
        signs = half_of_all_patterns(n) if exact else self._signs.first(n)
        rows_at_once = max(1, _CELLS_AT_ONCE // signs.shape[1])
        found = 0
        for start in range(0, len(scores), rows_at_once):
            p_values = p_values_of(scores[start : start + rows_at_once], signs, sides, exact=exact)
            found += int(np.count_nonzero(p_values <= self._alpha * (1 + ROUNDING)))
        return found / len(scores)

    def sample_size(
        self, effect: float, sd: float, *, power: float = 0.8, up_to: int = 1000
    ) -> int | None:
        """Return the smallest number of pairs whose power reaches the one wanted.

        Args:
            effect: true mean difference, with its sign.
            sd: true standard deviation of the differences, 0 or more.
            power: wanted, above alpha and below 1.
            up_to: largest number tried.

        Returns:
            None when none up to `up_to` reaches it, or when the effect is 0 or on the other side
            of a one-sided alternative.
        """
        require_power(power, self._alpha)
        if not points_to(effect, self._alternative):
            return None
        return _smallest(lambda n: self.power(effect, sd, n) >= power, up_to)

    def detectable_effect(self, sd: float, n: int, *, power: float = 0.8) -> float | None:
        """Return the smallest effect that n pairs find with the power wanted.

        Args:
            sd: true standard deviation of the differences, 0 or more.
            n: number of pairs.
            power: wanted, above alpha and below 1.

        Returns:
            Its size, above 0, in the unit of sd; None when n is too small for any effect to be
            found, or sd is 0.
        """
        require_power(power, self._alpha)
        sign = -1.0 if self._alternative == "less" else 1.0
        # In units of sd, so that the answer scales with it.
        if sd == 0 or self.power(sign * 1e6, 1.0, n) < power:
            return None
        high = 1.0
        while self.power(sign * high, 1.0, n) < power:
            high *= 2
        low = 0.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (
                (low, middle) if self.power(sign * middle, 1.0, n) >= power else (middle, high)
            )
        return high * sd


def simulated_power(
    test: SimulatedTest,
    effect: float,
    sd: float,
    n: int,
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    simulations: int = 2000,
    pilot: ArrayLike | None = None,
) -> float:
    """Return the power of a paired rank or sign-flip test; see `PowerSimulation`."""
    simulation = PowerSimulation(
        test, alpha=alpha, alternative=alternative, rng=rng, simulations=simulations, pilot=pilot
    )
    return simulation.power(effect, sd, n)


def sample_size_simulated(
    test: SimulatedTest,
    effect: float,
    sd: float,
    *,
    rng: np.random.Generator,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    simulations: int = 2000,
    pilot: ArrayLike | None = None,
) -> int | None:
    """Return how many pairs a rank or sign-flip test needs, up to 1000; see `PowerSimulation`."""
    simulation = PowerSimulation(
        test, alpha=alpha, alternative=alternative, rng=rng, simulations=simulations, pilot=pilot
    )
    return simulation.sample_size(effect, sd, power=power)


def _smallest(holds: Callable[[int], bool], up_to: int) -> int | None:
    """Return the smallest number from 1 for which a rising condition holds, up to a limit."""
    too_few, enough = 0, 1
    while not holds(enough):
        if enough >= up_to:
            return None
        too_few, enough = enough, min(2 * enough, up_to)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if holds(middle) else (middle, enough)
    return enough
