"""Maxima: the best of several runs, printed where the reader expects their mean."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product
from typing import get_args

import numpy as np
from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.best_of_n import expected_best
from analysis.errors import AnalysisError
from analysis.inference.student_t import mean_interval
from analysis.protocol import Direction

Run = Printed | str | float
"""One run's value: text as it was printed, or a number."""

_NODES = np.linspace(-10.0, 14.0, 4801)
_STEP = 0.005
_MOST_NORMALS = 10**15


def expected_maximum_of_normals(n: int) -> float:
    """Return c_n, the expected maximum of n independent standard normal values.

    The integral of x n phi(x) Phi(x)^(n - 1), by the trapezoid rule, which is exact to rounding
    for such smooth functions. c_2 = 0.564190, c_10 = 1.538753, c_100 = 2.507594 (Harter 1961,
    Biometrika 48, 151-165).

    Args:
        n: number of values, from 1 to 10^15.

    Raises:
        AnalysisError: n is no whole number in that range.
    """
    if isinstance(n, bool) or n != n // 1 or not 1 <= n <= _MOST_NORMALS:
        raise AnalysisError(f"n is {n!r}; allowed: a whole number from 1 to {_MOST_NORMALS:.0e}")
    if n == 1:
        return 0.0
    logarithm = math.log(n / math.sqrt(2 * math.pi)) - _NODES**2 / 2
    density = np.exp(logarithm + (int(n) - 1) * special.log_ndtr(_NODES))
    return float(_STEP * (_NODES @ density))


def max_as_mean(
    value: Printed | str | int, values: Sequence[Run], *, direction: Direction = "maximize"
) -> Finding:
    """Say which statistic of the runs a printed accuracy is: their mean, or their best.

    Rule: the value's rounding interval holds the best run (or the k-th best, or the median) and
    not the mean. A value beyond all runs is no mean and no order statistic of them, which is the
    only failure. Source: Dodge et al. 2019, Show Your Work (EMNLP), on maxima as results.

    False alarms: the value comes from other runs than these, or from the last of them declared
    so beforehand. A value printed so coarsely that mean and best both fit passes: then nothing
    is gained by printing the best.

    Args:
        value: the printed value, in the runs' unit.
        values: the runs, at least one, in any order. Text counts as it was printed; numbers count
            as printed with as many decimals as the longest of them has.
        direction: whether the best run is the largest or the smallest.

    Returns:
        `pass` where the mean fits; `flag` where only another statistic fits, or none does; `fail`
        beyond all runs; `not_testable` with a single run, which is its own mean.

    Raises:
        AnalysisError: there are no runs, a value is no finite number, or the direction is unknown.
    """
    number, runs = exact(value), _runs(values, direction)
    ranks = [rank for rank in range(1, runs.n + 1) if _fits(number, runs.ranked(rank, direction))]
    fits_mean, fits_median = _fits(number, runs.mean), _fits(number, runs.median)
    best_name = "maximum" if direction == "maximize" else "minimum"
    mean, best = _middle(runs.mean), _middle(runs.ranked(1, direction))
    outside = number.high < runs.lows[0] or number.low > runs.highs[-1]
    if outside:
        outcome = Outcome.FAIL
        detail = (
            f"{number} lies beyond all {runs.n} runs ({_middle(runs.at(0)):g} to "
            f"{_middle(runs.at(-1)):g}): it is neither their mean nor any one of them."
        )
    elif runs.n == 1:
        outcome = Outcome.NOT_TESTABLE
        detail = f"{number} is a single run, so its mean and its {best_name} are the same."
    elif fits_mean:
        outcome = Outcome.PASS
        also = f"; at this rounding it is also their {best_name}" if 1 in ranks else ""
        detail = f"{number} is the mean of the {runs.n} runs ({mean:.6g}){also}."
    else:
        outcome = Outcome.FLAG
        others = _names_of(ranks, fits_median, best_name)
        what = f"is {others} of the {runs.n} runs" if others else "is no statistic of these runs"
        detail = f"{number} {what}, not their mean ({mean:.6g}); their {best_name} is {best:g}."
    return finding(
        "max_as_mean",
        outcome,
        detail,
        value=number,
        n=runs.n,
        mean=mean,
        median=_middle(runs.median),
        best=best,
        fits_mean=fits_mean,
        fits_median=fits_median,
        fits_best=1 in ranks,
        ranks_from_best=ranks,
        chance_of_detection=0.0 if outcome is Outcome.NOT_TESTABLE else None,
    )


def best_of_n(
    better: Sequence[Run],
    worse: Sequence[Run],
    *,
    claimed: Printed | str | int | None = None,
    direction: Direction = "maximize",
) -> Finding:
    """Hold a claimed gain against the difference of the best runs and that of the means.

    Rule: the best of n runs rises with n and with their spread, so a gain that is the difference
    of the bests and not of the means is inflated, and a best of more runs against a best of fewer
    is no comparison. At equal n, the expected best is given twice: for normal values, mean +
    c_n sd; and without a distribution, the sum of C(i - 1, k - 1) / C(n, k) x_(i) over the
    ascending runs (`analysis.best_of_n.expected_best`), where k is the smaller number of runs.
    Source: Dodge et al. 2019, Show Your Work (EMNLP).

    False alarms: the claim rests on other runs than these. A difference may have been taken
    before or after rounding; either is accepted.

    Args:
        better: runs of the arm said to be better, at least one; as in `max_as_mean`.
        worse: runs of the other arm, in the same unit.
        claimed: the gain printed, positive where `better` is better, whatever the direction.
        direction: whether larger or smaller values are better.

    Returns:
        `flag` where the gain fits the bests and not the means, or neither, or where it does not
        fit the means and the numbers of runs differ; `pass` where it fits the means;
        `missing_input` without a claimed gain at equal numbers of runs. All gains in `values` are
        in the runs' unit and positive where `better` is better.

    Raises:
        AnalysisError: an arm has no runs, a value is no finite number, or the direction is unknown.
    """
    first, second = _runs(better, direction), _runs(worse, direction)
    number = None if claimed is None else exact(claimed)
    means = _gain(first.mean, second.mean, direction)
    bests = _gain(first.ranked(1, direction), second.ranked(1, direction), direction)
    fits_means = number is not None and _fits_gain(number, means)
    fits_bests = number is not None and _fits_gain(number, bests)
    mean_gain, best_gain = _middle(means.bounds), _middle(bests.bounds)
    sizes = f"{first.n} and {second.n} runs"
    differences = f"the best runs differ by {best_gain:.4g}, the means by {mean_gain:.4g} ({sizes})"
    if fits_means:
        outcome, detail = Outcome.PASS, f"The gain of {number} is that of the means: {differences}."
    elif first.n != second.n:
        outcome = Outcome.FLAG
        detail = f"A best of more runs is higher by trying alone: {differences}."
        if number is not None:
            detail = f"The gain of {number} is not that of the means. {detail}"
    elif number is None:
        outcome = Outcome.MISSING_INPUT
        detail = f"No claimed gain was given; {differences}."
    elif fits_bests:
        outcome = Outcome.FLAG
        detail = f"The gain of {number} is the difference of maxima, not of means: {differences}."
        if direction == "minimize":
            detail = detail.replace("maxima", "minima")
    else:
        outcome = Outcome.FLAG
        detail = f"The gain of {number} is neither of the two that the runs give: {differences}."
    return finding(
        "best_of_n",
        outcome,
        detail,
        claimed=number,
        n_better=first.n,
        n_worse=second.n,
        gain_of_means=mean_gain,
        gain_of_bests=best_gain,
        fits_means=fits_means,
        fits_bests=fits_bests,
        **_expected_at_equal_n(first, second, direction),
    )


_Bounds = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs with the interval that each one's rounding leaves, both ends ascending."""

    values: tuple[Decimal, ...]
    lows: tuple[Fraction, ...]
    highs: tuple[Fraction, ...]

    @property
    def n(self) -> int:
        return len(self.lows)

    @property
    def mean(self) -> _Bounds:
        return sum(self.lows, Fraction()) / self.n, sum(self.highs, Fraction()) / self.n

    @property
    def median(self) -> _Bounds:
        lower, upper = (self.n - 1) // 2, self.n // 2
        return (
            (self.lows[lower] + self.lows[upper]) / 2,
            (self.highs[lower] + self.highs[upper]) / 2,
        )

    def at(self, place: int) -> _Bounds:
        return self.lows[place], self.highs[place]

    def ranked(self, rank: int, direction: Direction) -> _Bounds:
        """The rank-th best run, counted from 1."""
        return self.at(-rank if direction == "maximize" else rank - 1)


@dataclass(frozen=True, slots=True)
class _Gain:
    """A difference with its bounds, and the signed middles of the two it was taken of."""

    bounds: _Bounds
    better: Fraction
    worse: Fraction


def _runs(values: Sequence[Run], direction: str) -> _Runs:
    if direction not in get_args(Direction):
        raise AnalysisError(f"the direction is {direction!r}; allowed: 'maximize', 'minimize'")
    if isinstance(values, str) or len(values) == 0:
        raise AnalysisError(f"runs are a sequence of at least one value; given: {values!r}")
    numbers = [_number(each) for each in values]
    # A file drops trailing zeros of numbers: 90.5 stands beside 91.19 for 90.50.
    finest = max((each.decimals for each in numbers if isinstance(each, _Bare)), default=0)
    halves = [
        Decimal(5).scaleb(-finest - 1) if isinstance(each, _Bare) else each.half_unit
        for each in numbers
    ]
    pairs = list(zip(numbers, halves, strict=True))
    return _Runs(
        tuple(sorted(each.value for each in numbers)),
        tuple(sorted(Fraction(each.value) - Fraction(half) for each, half in pairs)),
        tuple(sorted(Fraction(each.value) + Fraction(half) for each, half in pairs)),
    )


@dataclass(frozen=True, slots=True)
class _Bare:
    """A number that was not given as text."""

    value: Decimal
    decimals: int


def _number(run: Run) -> Printed | _Bare:
    if isinstance(run, Printed | str):
        return exact(run)
    if isinstance(run, bool) or not math.isfinite(run):
        raise AnalysisError(f"a run is {run!r}; allowed: finite numbers. Exclude it, and say so")
    text = str(int(run)) if isinstance(run, int | np.integer) else repr(float(run))
    value = Decimal(text.removesuffix(".0"))
    return _Bare(value, max(0, -int(value.as_tuple().exponent)))


def _fits(number: Printed, bounds: _Bounds) -> bool:
    return bounds[0] <= Fraction(number.high) and Fraction(number.low) <= bounds[1]


def _middle(bounds: _Bounds) -> float:
    return float((bounds[0] + bounds[1]) / 2)


def _names_of(ranks: Sequence[int], fits_median: bool, best_name: str) -> str:
    names = [f"the {best_name}" if rank == 1 else f"the {_ordinal(rank)} best" for rank in ranks]
    if fits_median:
        names.append("the median")
    return " and ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + f" and {names[-1]}"


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else endings.get(number % 10, 'th')}"


def _gain(better: _Bounds, worse: _Bounds, direction: Direction) -> _Gain:
    if direction == "minimize":
        better, worse = (-better[1], -better[0]), (-worse[1], -worse[0])
    return _Gain(
        (better[0] - worse[1], better[1] - worse[0]),
        (better[0] + better[1]) / 2,
        (worse[0] + worse[1]) / 2,
    )


def _fits_gain(number: Printed, gain: _Gain) -> bool:
    return _fits(number, gain.bounds) or number.value in {
        better - worse
        for better, worse in product(
            _rounded(gain.better, number.decimals), _rounded(gain.worse, number.decimals)
        )
    }


def _rounded(value: Fraction, decimals: int) -> set[Decimal]:
    unit = Decimal(1).scaleb(-decimals)
    units = Decimal(value.numerator) / Decimal(value.denominator) / unit
    return {
        units.to_integral_value(rounding) * unit for rounding in (ROUND_HALF_UP, ROUND_HALF_DOWN)
    }


def _expected_at_equal_n(better: _Runs, worse: _Runs, direction: Direction) -> dict[str, object]:
    n = min(better.n, worse.n)
    sign = 1.0 if direction == "maximize" else -1.0
    reach = sign * expected_maximum_of_normals(n)
    normal: list[float | None] = []
    free: list[float] = []
    for runs in (better, worse):
        values = [float(each) for each in runs.values]
        summary = mean_interval(values, 0.95)
        mean, sd = summary.mean, summary.sd
        normal.append(None if mean is None or sd is None else mean + reach * sd)
        rng = np.random.default_rng(0)
        curve = expected_best(values, direction=direction, rng=rng, up_to=n, resamples=1)
        free.append(curve.expected[-1])
    known = normal[0] is not None and normal[1] is not None
    return {
        "equal_n": n,
        "normal_expected_best_better": normal[0],
        "normal_expected_best_worse": normal[1],
        "normal_expected_gain": sign * ((normal[0] or 0) - (normal[1] or 0)) if known else None,
        "expected_best_better": free[0],
        "expected_best_worse": free[1],
        "expected_gain": sign * (free[0] - free[1]),
    }
