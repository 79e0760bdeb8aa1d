"""Factorial experiments: treatments switched on and off in all combinations, in the same blocks.

A 2^k experiment measures every treatment in the presence and the absence of all others, from the
same runs, and says whether treatments add up or get into each other's way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.corrections import adjust
from analysis.inference.paired import Pairs, pair
from analysis.inference.result import TestResult
from analysis.inference.sign_flip import EXACT_UP_TO_PAIRS, sign_flip_test
from analysis.inference.student_t import paired_interval, paired_t_test
from analysis.many_arms.treatments import Combination, checked_treatments, runs_and_signs
from analysis.protocol import Correction

EffectTest = Literal["sign_flip", "t"]


@dataclass(frozen=True, slots=True)
class Effect:
    """A main effect or an interaction.

    Attributes:
        treatments: the one treatment of a main effect, or those that interact.
        n: number of blocks.
        estimate: mean with the treatment on minus mean with it off, over all combinations of the
            others, in the metric's unit. For an interaction of two it is half the difference of
            the one's effect with and without the other, and so on.
        standard_error: of the estimate, from its own spread over the blocks; None when n < 2.
        low: lower end of its t interval; None when n < 2.
        high: upper end of it; None when n < 2.
        t: Student's test of the blocks' contrasts against zero.
        sign_flip: the sign-flip test of the same contrasts; None when there are too many blocks
            to count and no generator was given.
        p_adjusted: the deciding test's p, corrected over all effects; None when that p is.
    """

    treatments: tuple[str, ...]
    n: int
    estimate: float
    standard_error: float | None
    low: float | None
    high: float | None
    t: TestResult
    sign_flip: TestResult | None
    p_adjusted: float | None = None

    @property
    def label(self) -> str:
        """The treatments joined by a times sign."""
        return " × ".join(self.treatments)


@dataclass(frozen=True, slots=True)
class FactorialResult:
    """All effects of a 2^k experiment.

    Attributes:
        treatments: the k names.
        blocks: number of blocks in which every combination ran.
        mean: mean over all combinations and blocks.
        level: confidence level of the intervals, which are not corrected.
        test: whose p is corrected, "sign_flip" or "t".
        correction: how, over the family of all 2^k - 1 effects.
        effects: main effects first, then interactions by order.
    """

    treatments: tuple[str, ...]
    blocks: int
    mean: float
    level: float
    test: EffectTest
    correction: Correction
    effects: tuple[Effect, ...]

    def effect(self, *treatments: str) -> Effect:
        """Return the effect of these treatments, named in any order.

        Raises:
            AnalysisError: there is no such effect.
        """
        for each in self.effects:
            if set(each.treatments) == set(treatments):
                return each
        known = "; ".join(each.label for each in self.effects)
        raise AnalysisError(f"there is no effect of {treatments}; there are: {known}")

    def to_frame(self) -> pd.DataFrame:
        """Return the effects, one row each; values are not rounded."""
        return pd.DataFrame([_row(each) for each in self.effects])

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False, na_rep="–")


def factorial(
    values: Mapping[Combination, ArrayLike],
    treatments: Sequence[str],
    *,
    level: float = 0.95,
    test: EffectTest = "sign_flip",
    correction: Correction = "holm",
    rng: np.random.Generator | None = None,
    resamples: int = 100_000,
) -> FactorialResult:
    """Estimate and test all main effects and interactions of a complete 2^k experiment.

    An effect is the mean of the runs with sign + minus the mean of those with sign -, the sign
    being the product of +1 (on) and -1 (off) over its treatments, so that its divisor is 2^(k-1)
    (Yates 1937, The Design and Analysis of Factorial Experiments; Box, Hunter & Hunter 2005,
    Statistics for Experimenters, chapter 5). Every block gives one such contrast. Each effect is
    tested against the spread of its own contrasts, so that nothing need be assumed about how the
    combinations' variances and correlations compare. All tests are two-sided.

    Args:
        values: for each of the 2^k combinations of treatments, shape (blocks,), finite, with the
            same block at the same place in all of them. A combination is the set of treatments
            that are on, or a tuple of bools in the order of `treatments`.
        treatments: k names, from 1 to 10.
        level: confidence level, above 0 and below 1.
        test: whose p-values are corrected, "sign_flip" or "t".
        correction: see `analysis.inference.corrections.adjust`.
        rng: draws sign patterns when there are more than 40 blocks; the sign-flip test, if it
            decides, needs one then.
        resamples: number of patterns drawn then.

    Raises:
        AnalysisError: a combination is missing, unknown or given twice; the series differ in
            length, are empty or not finite; or an argument is out of range.
    """
    names = checked_treatments(treatments)
    if test not in get_args(EffectTest):
        raise AnalysisError(f"the test is {test!r}; allowed: 'sign_flip', 't'")
    runs, signs = runs_and_signs(values, names)
    effects = []
    for chosen in _effects(len(names)):
        sign = signs[:, chosen].prod(axis=1)
        contrasts = pair(runs[sign > 0].mean(axis=0), runs[sign < 0].mean(axis=0))
        flips = _sign_flips(contrasts, test, rng, resamples)
        effects.append(_measured(tuple(names[i] for i in chosen), contrasts, level, flips))
    deciding = [each.sign_flip if test == "sign_flip" else each.t for each in effects]
    adjusted = adjust([each.p_value if each else None for each in deciding], correction)
    return FactorialResult(
        treatments=names,
        blocks=runs.shape[1],
        mean=float(np.sort(runs, axis=None).mean()),
        level=level,
        test=test,
        correction=correction,
        effects=tuple(replace(e, p_adjusted=p) for e, p in zip(effects, adjusted, strict=True)),
    )


def _measured(
    treatments: tuple[str, ...], contrasts: Pairs, level: float, flips: TestResult | None
) -> Effect:
    interval = paired_interval(contrasts, level)
    return Effect(
        treatments=treatments,
        n=contrasts.n,
        estimate=float(contrasts.differences.mean()),
        standard_error=interval.standard_error,
        low=interval.low,
        high=interval.high,
        t=paired_t_test(contrasts),
        sign_flip=flips,
    )


def _sign_flips(
    contrasts: Pairs, test: EffectTest, rng: np.random.Generator | None, resamples: int
) -> TestResult | None:
    if test == "t" and rng is None and contrasts.n > EXACT_UP_TO_PAIRS:
        return None
    return sign_flip_test(contrasts, rng=rng, resamples=resamples)


def _effects(k: int) -> Iterator[list[int]]:
    orders = (combinations(range(k), order) for order in range(1, k + 1))
    return (list(chosen) for chosen in chain.from_iterable(orders))


def _row(effect: Effect) -> dict[str, object]:
    flips = effect.sign_flip
    return {
        "effect": effect.label,
        "order": len(effect.treatments),
        "n": effect.n,
        "estimate": effect.estimate,
        "standard_error": effect.standard_error,
        "low": effect.low,
        "high": effect.high,
        "t": effect.t.statistic,
        "p_t": effect.t.p_value,
        "p_sign_flip": flips.p_value if flips else None,
        "exact": flips.exact if flips else None,
        "p_floor": flips.p_floor if flips else None,
        "p_adjusted": effect.p_adjusted,
        "warning": effect.t.warning,
    }
