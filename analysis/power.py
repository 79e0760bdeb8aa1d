"""How many seeds a comparison needs, planned from a few pilot runs.

The functions underneath are in `analysis.inference.t_power` (exact, for t-tests) and
`analysis.inference.simulated_power` (by simulation, for rank and sign-flip tests).
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.paired import Pairs
from analysis.inference.result import Alternative
from analysis.inference.simulated_power import (
    PowerSimulation,
    sample_size_simulated,
    simulated_power,
)
from analysis.inference.spread import sd_interval
from analysis.inference.student_t import mean_interval, paired_interval
from analysis.inference.t_power import (
    detectable_effect_t,
    points_to,
    power_of_t,
    require_alpha,
    require_alternative,
    require_power,
    sample_size_t,
)

__all__ = [
    "PowerPlan",
    "PowerSimulation",
    "PowerTest",
    "detectable_effect_t",
    "plan_power",
    "power_of_t",
    "sample_size_simulated",
    "sample_size_t",
    "sd_interval",
    "simulated_power",
]

PowerTest = Literal["t", "wilcoxon", "permutation"]
"""The paired tests that a plan can be made for."""

LARGEST_SIMULATED = 1000
"""Seeds up to which a plan by simulation looks."""

_CURVE_POINTS = 24
_CURVE_SPARE = 1.25
_ROUNDING = 1e-9
_NAMES = {
    "t": "paired t-test",
    "wilcoxon": "Wilcoxon signed-rank test",
    "permutation": "sign-flip permutation test",
}


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """How many seeds show an effect, judged by a pilot.

    Attributes:
        test: which paired test is planned for.
        alternative: what it holds against the null.
        alpha: its error rate.
        power: probability wanted of finding the effect if it is there.
        effect: the effect planned for, arm minus reference, in the metric's unit.
        pilot_n: number of pairs in the pilot.
        sd: standard deviation of the pilot's differences, in the metric's unit.
        sd_level: confidence level of the interval of the standard deviation.
        sd_low: its lower end.
        sd_high: its upper end.
        seeds_needed: number of pairs that reaches the power if the pilot's sd is right; None when
            it is beyond reach.
        seeds_needed_at_sd_high: the same if the sd is `sd_high`; None when it is beyond reach.
        minimal_detectable_effect: smallest effect that as many pairs as the pilot had find with
            this power; None when so few find nothing.
        curve: (number of pairs, power at the pilot's sd), ascending.
    """

    test: PowerTest
    alternative: Alternative
    alpha: float
    power: float
    effect: float
    pilot_n: int
    sd: float
    sd_level: float
    sd_low: float
    sd_high: float
    seeds_needed: int | None
    seeds_needed_at_sd_high: int | None
    minimal_detectable_effect: float | None
    curve: tuple[tuple[int, float], ...]

    def __str__(self) -> str:
        """Say in plain words how many seeds are needed, and how sure that is."""
        sides = "two-sided" if self.alternative == "two-sided" else f"one-sided, {self.alternative}"
        question = (
            f"To find a difference of {self.effect:g} with probability {self.power:g} "
            f"({_NAMES[self.test]}, {sides}, alpha {self.alpha:g}) takes "
            f"{_seeds(self.seeds_needed)}."
        )
        grounds = (
            f"This rests on {self.pilot_n} pilot pairs, whose differences have the standard "
            f"deviation {self.sd:.3g} ({100 * self.sd_level:g} % interval {self.sd_low:.3g} to "
            f"{self.sd_high:.3g}); if it is as large as that, it takes "
            f"{_seeds(self.seeds_needed_at_sd_high)}."
        )
        return f"{question} {grounds} {self._of_the_pilot()}"

    def _of_the_pilot(self) -> str:
        if self.minimal_detectable_effect is None:
            return f"{self.pilot_n} pairs are too few for this test to find any difference."
        return (
            f"With {self.pilot_n} pairs the smallest difference found with that probability is "
            f"{self.minimal_detectable_effect:.3g}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, unrounded, as values that JSON can hold."""
        return asdict(self) | {"curve": [list(point) for point in self.curve]}


def plan_power(
    differences: Pairs | ArrayLike,
    *,
    effect: float,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    test: PowerTest = "t",
    seed: int = 0,
    simulations: int = 2000,
    resample_pilot: bool = False,
    sd_level: float = 0.95,
) -> PowerPlan:
    """Plan the number of seeds from the paired differences of a pilot.

    Only the pilot's spread is used: the effect to plan for is the one that would matter, not the
    one that the pilot happened to show, which would make the plan too hopeful (Kraemer, Mintz,
    Noda, Tinklenberg & Yesavage 2006, Archives of General Psychiatry 63, 484-489). A pilot of few
    pairs knows the spread badly, which is why the plan is also made for its upper bound.

    Args:
        differences: of the pilot: pairs from `analysis.inference.paired.pair`, or shape (n,),
            n >= 2, finite, arm minus reference, in any order.
        effect: smallest difference that matters, in the metric's unit, not 0; for a one-sided
            alternative on its side.
        power: wanted, above alpha and below 1.
        alpha: error rate, above 0 and below 1.
        alternative: what the test holds against the null.
        test: "t" (exact power, for normal differences), "wilcoxon" or "permutation" (simulated).
        seed: of the simulation; not used for "t".
        simulations: number of simulated experiments; not used for "t".
        resample_pilot: whether simulated differences take the pilot's shape, not the normal one's.
            Worth it for a pilot of some thirty pairs and more.
        sd_level: of the interval of the standard deviation, above 0 and below 1.

    Raises:
        AnalysisError: the pilot has fewer than two pairs or no spread, or a number is out of its
            range.
    """
    _require_question(effect, power, alpha, alternative, test)
    values, sd = _spread(differences)
    interval = sd_interval(sd, len(values), sd_level)
    answers: _ExactAnswers | _SimulatedAnswers
    if test == "t":
        answers = _ExactAnswers(power, alpha, alternative)
    else:
        simulation = PowerSimulation(
            test,
            alpha=alpha,
            alternative=alternative,
            rng=np.random.default_rng(seed),
            simulations=simulations,
            pilot=values if resample_pilot else None,
        )
        answers = _SimulatedAnswers(power, simulation)
    needed = answers.seeds(effect, sd)
    return PowerPlan(
        test=test,
        alternative=alternative,
        alpha=alpha,
        power=power,
        effect=effect,
        pilot_n=len(values),
        sd=sd,
        sd_level=sd_level,
        sd_low=interval.low,
        sd_high=interval.high,
        seeds_needed=needed,
        seeds_needed_at_sd_high=answers.seeds(effect, interval.high),
        minimal_detectable_effect=answers.detectable(sd, len(values)),
        curve=_curve(lambda n: answers.power_at(effect, sd, n), len(values), needed),
    )


@dataclass(frozen=True, slots=True)
class _ExactAnswers:
    """Questions about a paired t-test, put to its exact power."""

    power: float
    alpha: float
    alternative: Alternative

    def seeds(self, effect: float, sd: float) -> int | None:
        return sample_size_t(
            effect, sd, power=self.power, alpha=self.alpha, alternative=self.alternative
        )

    def detectable(self, sd: float, n: int) -> float | None:
        return detectable_effect_t(
            sd, n, power=self.power, alpha=self.alpha, alternative=self.alternative
        )

    def power_at(self, effect: float, sd: float, n: int) -> float:
        found = power_of_t(effect, sd, n, alpha=self.alpha, alternative=self.alternative)
        return 0.0 if found is None else found


@dataclass(frozen=True, slots=True)
class _SimulatedAnswers:
    """The same questions about a rank or sign-flip test, put to simulated experiments."""

    power: float
    simulation: PowerSimulation

    def seeds(self, effect: float, sd: float) -> int | None:
        return self.simulation.sample_size(effect, sd, power=self.power, up_to=LARGEST_SIMULATED)

    def detectable(self, sd: float, n: int) -> float | None:
        return self.simulation.detectable_effect(sd, n, power=self.power)

    def power_at(self, effect: float, sd: float, n: int) -> float:
        return self.simulation.power(effect, sd, n)


def _require_question(
    effect: float, power: float, alpha: float, alternative: Alternative, test: str
) -> None:
    require_alpha(alpha)
    require_alternative(alternative)
    require_power(power, alpha)
    if test not in get_args(PowerTest):
        raise AnalysisError(f"the test is {test!r}; allowed: 't', 'wilcoxon', 'permutation'")
    if not (math.isfinite(effect) and points_to(effect, alternative)):
        allowed = {"greater": "above 0", "less": "below 0"}.get(alternative, "other than 0")
        raise AnalysisError(
            f"the effect to plan for is {effect!r}; allowed with the alternative {alternative!r}: "
            f"a finite number {allowed}, the smallest difference that matters"
        )


def _spread(differences: Pairs | ArrayLike) -> tuple[Floats, float]:
    """Return the pilot's differences, ascending, and their standard deviation."""
    if isinstance(differences, Pairs):
        values, summary = differences.differences, paired_interval(differences, level=0.95)
    else:
        summary = mean_interval(differences, level=0.95)
        values = np.sort(np.asarray(differences, dtype=np.float64))
    if summary.sd is None:
        raise AnalysisError(
            f"the pilot has {len(values)} pair(s), which have no spread to plan from; run at least "
            "two, better ten"
        )
    if summary.sd <= _ROUNDING * float(np.abs(values).max()):
        raise AnalysisError(
            "all differences of the pilot are equal, so there is no spread to plan from; run more "
            "pairs, or look whether the seed reaches the trial"
        )
    return values, summary.sd


def _curve(
    power_at: Callable[[int], float], pilot_n: int, needed: int | None
) -> tuple[tuple[int, float], ...]:
    """Return power at about two dozen numbers of pairs, the pilot's and the needed one included."""
    last = max(10, pilot_n, math.ceil(_CURVE_SPARE * needed) if needed else LARGEST_SIMULATED)
    spread_out = np.rint(np.geomspace(2, last, _CURVE_POINTS)).astype(int).tolist()
    numbers = sorted({*spread_out, pilot_n, needed or pilot_n})
    return tuple((n, power_at(n)) for n in numbers)


def _seeds(number: int | None) -> str:
    return "more seeds than can be planned for" if number is None else f"{number} seeds an arm"
