"""Duplicates: runs that were copied, shuffled or shifted instead of made."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.drawing import stream
from analysis.errors import AnalysisError
from analysis.inference.grid import Floats

_LEVEL = 1e-3
_LOOKS = 3
"""Repeats within arms, repeats between arms, copies: each gets its share of the level."""

_SIMULATIONS = 9_999
_DRAWS = 20_000
_NEAR_STEPS = 3
_NEAR_SHARE = 0.1
"""Nearly equal: within three steps of the grid, or a tenth of the narrowest kernel."""

_CELLS_AT_ONCE = 1 << 21
_LARGEST_UNIT = 10**300


def duplicates(arms: Mapping[str, Sequence[Printed | str | int]], *, seed: int = 0) -> Finding:
    """Look for more repeated values than rounding makes, and for arms copied from each other.

    Rule: the number of pairs of equal values, within arms and between them, against what rounding
    gives to fresh values from smoothed distributions of the same arms (simulated; a kernel
    estimate that keeps each arm's mean and deviation), and against the pairs that are nearly equal,
    of which rounding makes about as many at every small distance; the larger p counts. Besides:
    two arms that are identical, hold the same values in another order, or differ by a constant, in
    the order of runs or sorted; and consecutive values that occur a second time. Each such copy is
    held against the chance that independent runs give it. A flag needs p < .001 over all looks
    together. Source: Simonsohn 2013, Just Post It (Psychological Science 24, 1875-1888), who found
    copies so.

    Ties are expected on a coarse grid: ten arms on a grid of 0.01 have dozens of them.

    False alarms: runs that share what sets their values, as diverged runs at chance level do, or
    that fall into clumps narrower than the grid (one study in ten of 30 such runs is flagged); a
    deterministic baseline printed once a seed; arms that are the same by design, such as a
    weight of 0; and arms matched by seed so closely that differences vary by few units of the
    last digit.

    Args:
        arms: each arm's values as printed, in the order of runs. Each arm's grid is the finest
            that its texts show, as a file drops trailing zeros.
        seed: of the simulation.

    Returns:
        `flag`; `pass`; or `not_testable` where no arm has any spread, or where rounding is so
        coarse that fresh values would be equal more often than not.

    Raises:
        AnalysisError: there are fewer than two values, or one is no printed number.
    """
    series = _series(arms)
    spread = _borrowed_spread(series)
    if spread is None:
        return finding(
            "duplicates",
            Outcome.NOT_TESTABLE,
            "No arm has any spread, so nobody can say how often values are equal by chance.",
            chance_of_detection=0.0,
        )
    smooth = [_Smooth.of(each, spread) for each in series]
    ties = _ties(series, smooth, seed)
    copies = [copy for copy in _copies(series, smooth, seed) if copy.chance < _LEVEL / _LOOKS]
    flagged = [each for each in ties if each.p_value < _LEVEL / _LOOKS]
    coarse = sum(each.expected for each in ties) > sum(each.pairs for each in ties) / 2
    outcome = Outcome.FLAG if copies or flagged else Outcome.PASS
    if outcome is Outcome.PASS and coarse:
        outcome = Outcome.NOT_TESTABLE
    return finding(
        "duplicates",
        outcome,
        _detail(ties, flagged, copies, outcome),
        **{
            f"{each.where}_arms": {
                "ties": each.observed,
                "expected": each.expected,
                "pairs": each.pairs,
                "p_value": each.p_value,
            }
            for each in ties
        },
        copies=[
            {"kind": each.kind, "arms": each.arms, "length": each.length, "chance": each.chance}
            for each in copies
        ],
        repeated_values=_most_repeated(series),
        chance_of_detection=0.0 if outcome is Outcome.NOT_TESTABLE else None,
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """One arm in whole units of the study's finest digit, counted from its smallest value."""

    arm: str
    units: tuple[int, ...]
    grid: int
    texts: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.units)


@dataclass(frozen=True, slots=True)
class _Ties:
    where: str
    pairs: int
    observed: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Copy:
    """A coincidence: `chance` bounds how often independent runs show one like it."""

    kind: str
    arms: tuple[str, str]
    length: int
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Smooth:
    """A kernel estimate of one arm's distribution, in units; it keeps mean and deviation."""

    values: Floats
    bandwidth: float
    shrink: float
    grid: int

    @classmethod
    def of(cls, series: _Series, borrowed: float) -> "_Smooth":
        """Smooth an arm's values; one without spread has the spread that is `borrowed`."""
        values = np.array(series.units, dtype=np.float64)
        sd = float(values.std(ddof=1)) if len(set(series.units)) > 1 else 0.0
        if sd == 0:
            return cls(values, borrowed, 1.0, series.grid)
        # Silverman's rule of thumb (1986, Density Estimation, equation 3.31), but with the
        # shortest half, as quartiles lie in different humps where a part of the runs collapsed:
        # of 250 studies of eight such arms, quartiles flagged 211.
        half = _shortest_half(values) / 1.349 or sd
        bandwidth = 0.9 * min(sd, half) * len(values) ** -0.2
        return cls(values, bandwidth, 1 / math.sqrt(1 + (bandwidth / sd) ** 2), series.grid)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw rounded values, as units."""
        chosen = self.values[rng.integers(0, len(self.values), size=shape)]
        noisy = chosen + self.bandwidth * rng.standard_normal(shape)
        centre = float(self.values.mean())
        smooth = centre + self.shrink * (noisy - centre)
        return np.asarray(np.rint(smooth / self.grid) * self.grid, dtype=np.float64)


def _series(arms: Mapping[str, Sequence[Printed | str | int]]) -> list[_Series]:
    for arm, values in arms.items():
        if isinstance(values, str | Printed):
            raise AnalysisError(f"the arm {arm!r} is {values!r}; allowed: a sequence of texts")
    numbers = {arm: [exact(each) for each in values] for arm, values in arms.items()}
    everything = [each for values in numbers.values() for each in values]
    if len(everything) < 2:
        raise AnalysisError(f"{len(everything)} value(s) cannot repeat; at least two are needed")
    finest = max(each.decimals for each in everything)
    smallest = min(each.value for each in everything)
    found = []
    for arm, values in numbers.items():
        if values:
            units = tuple(
                int((Fraction(each.value) - Fraction(smallest)) * Fraction(10) ** finest)
                for each in values
            )
            grid = 10 ** (finest - max(each.decimals for each in values))
            if max(*units, grid) > _LARGEST_UNIT:
                raise AnalysisError(f"the arm {arm!r} spans more than 300 orders of magnitude")
            found.append(_Series(arm, units, grid, tuple(each.text for each in values)))
    return found


def _shortest_half(values: Floats) -> float:
    """Return the width of the shortest interval that holds more than half of the values."""
    ascending = np.sort(values)
    reach = len(values) // 2
    return float((ascending[reach:] - ascending[: len(values) - reach]).min())


def _borrowed_spread(series: Sequence[_Series]) -> float | None:
    """Return the median deviation of the arms that have one, in units."""
    spreads = [
        float(np.std(np.array(each.units, dtype=np.float64), ddof=1))
        for each in series
        if len(set(each.units)) > 1
    ]
    return float(np.median(spreads)) if spreads else None


def _ties(series: Sequence[_Series], smooth: Sequence[_Smooth], seed: int) -> list[_Ties]:
    """Count pairs of equal values within arms and between them, observed and simulated."""
    codes = _codes(series)
    observed = _count_ties([each[np.newaxis, :] for each in codes])[:, 0]
    rng = stream(seed, "ties")
    total = sum(each.n for each in series)
    simulated = np.concatenate(
        [
            _count_ties(
                [arm.draw((rows, each.n), rng) for arm, each in zip(smooth, series, strict=True)]
            )
            for rows in _portions(_SIMULATIONS, max(1, _CELLS_AT_ONCE // total))
        ],
        axis=1,
    )
    as_many = 1 + (simulated >= observed[:, np.newaxis]).sum(axis=1)
    within = sum(math.comb(each.n, 2) for each in series)
    among_near = _p_among_near(series, smooth, observed)
    return [
        _Ties(
            where,
            pairs,
            int(observed[place]),
            float(simulated[place].mean()),
            max(float(as_many[place] / (1 + _SIMULATIONS)), among_near[place]),
        )
        for place, (where, pairs) in enumerate(
            [("within", within), ("between", math.comb(total, 2) - within)]
        )
    ]


def _count_ties(arms: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Return the pairs of equal values within arms (first row) and between them (second row).

    Args:
        arms: one array an arm, shape (simulations, runs).
    """
    within = np.sum([_equal_pairs(each) for each in arms], axis=0)
    return np.stack([within, _equal_pairs(np.concatenate(arms, axis=1)) - within])


def _p_among_near(
    series: Sequence[_Series], smooth: Sequence[_Smooth], observed: NDArray[np.int64]
) -> list[float]:
    """Return how likely so many of the nearly equal pairs are equal, within and between arms.

    Of pairs at most r steps of the grid apart, one in 2 r + 1 is equal where the distribution is
    smooth over so few steps, whatever its shape further off.
    """
    step = max(each.grid for each in series)
    narrowest = min(each.bandwidth for each in smooth)
    reach = float(max(_NEAR_STEPS, narrowest * _NEAR_SHARE // step))
    values = [np.array(each.units, dtype=np.float64) for each in series]
    within = sum(_near_pairs(each, reach * step) for each in values)
    near = (within, _near_pairs(np.concatenate(values), reach * step) - within)
    return [
        float(special.bdtrc(equal - 1.0, max(pairs, equal), 1 / (2 * reach + 1))) if equal else 1.0
        for equal, pairs in zip(observed.tolist(), near, strict=True)
    ]


def _near_pairs(values: Floats, distance: float) -> int:
    ascending = np.sort(values)
    # Half a unit above, so that rounding loses no pair.
    ends = np.searchsorted(ascending, ascending + distance + 0.5)
    return int((ends - np.arange(len(values)) - 1).sum())


def _equal_pairs(values: NDArray[Any]) -> NDArray[np.int64]:
    ascending = np.sort(values, axis=1)
    place = np.arange(values.shape[1])
    begins = np.ones(values.shape, dtype=bool)
    begins[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    # Each value is paired with those before it that are equal.
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    return np.asarray((place - first).sum(axis=1), dtype=np.int64)


def _portions(total: int, at_once: int) -> list[int]:
    return [min(at_once, total - start) for start in range(0, total, at_once)]


def _codes(series: Sequence[_Series]) -> list[NDArray[np.int64]]:
    """Return a number for each different value: they may be too large for 64 bits themselves."""
    places: dict[int, int] = {}
    return [
        np.array([places.setdefault(each, len(places)) for each in arm.units], dtype=np.int64)
        for arm in series
    ]


def _copies(series: Sequence[_Series], smooth: Sequence[_Smooth], seed: int) -> list[_Copy]:
    """Look at all pairs of arms, and at each arm beside itself."""
    codes = _codes(series)
    total = sum(each.n for each in series)
    found = []
    for i, j in combinations_with_replacement(range(len(series)), 2):
        alike = None if i == j else _whole_copy(series[i], series[j])
        starts = math.comb(len(series), 2)
        if alike is None:
            length = _longest_stretch(codes[i], codes[j], same=i == j)
            alike = ("stretch", length) if length > 1 else None
            starts = math.comb(total, 2)
        if alike is not None:
            drawn = (_drawn(smooth, i, seed, "first"), _drawn(smooth, j, seed, "second"))
            chance = min(1.0, math.exp(min(0.0, math.log(starts) + _log_chance(*alike, *drawn))))
            found.append(_Copy(alike[0], (series[i].arm, series[j].arm), alike[1], chance))
    return found


def _whole_copy(first: _Series, second: _Series) -> tuple[str, int] | None:
    """Return how one whole arm equals another, and its length."""
    if first.n != second.n or first.n < 2:
        return None
    in_order = {a - b for a, b in zip(first.units, second.units, strict=True)}
    ascending = zip(sorted(first.units), sorted(second.units), strict=True)
    in_size = {a - b for a, b in ascending}
    if len(in_order) == 1:
        return ("identical" if in_order == {0} else "shifted"), first.n
    if len(in_size) == 1:
        return ("permuted" if in_size == {0} else "shifted and permuted"), first.n
    return None


def _longest_stretch(first: NDArray[np.int64], second: NDArray[np.int64], *, same: bool) -> int:
    """Return the most consecutive values of one that are consecutive in the other.

    Args:
        first: codes of one arm's values.
        second: codes of the other's.
        same: whether they are one arm; then the two stretches may not overlap.
    """
    longest = 0
    for offset in range(1 if same else 1 - len(second), len(first)):
        length = min(len(first) - max(offset, 0), len(second) + min(offset, 0))
        one = first[max(offset, 0) :][:length]
        other = second[max(-offset, 0) :][:length]
        breaks = np.flatnonzero(np.concatenate(([True], one != other, [True])))
        run = int(np.diff(breaks).max()) - 1
        longest = max(longest, min(run, offset) if same else run)
    return longest


def _drawn(smooth: Sequence[_Smooth], place: int, seed: int, role: str) -> Floats:
    return smooth[place].draw((_DRAWS,), stream(seed, "copies", place, role))


def _log_chance(kind: str, length: int, first: Floats, second: Floats) -> float:
    """Bound the logarithm of the chance that independent values show this copy at one place.

    All n values are equal with P(equal)^n, and all n differences with at most P(commonest)^(n - 1).
    Any of the n! orders may be the one in which they are.
    """
    if kind.startswith("shifted"):
        commonest = int(np.unique(first - second, return_counts=True)[1].max())
        logarithm = (length - 1) * math.log((commonest + 1) / (_DRAWS + 1))
    else:
        equal = int(np.count_nonzero(first == second))
        logarithm = length * math.log((equal + 1) / (_DRAWS + 1))
    return logarithm + (math.lgamma(length + 1) if kind.endswith("permuted") else 0.0)


def _most_repeated(series: Sequence[_Series]) -> dict[str, int]:
    """Return the values that occur most often, up to five that occur more than once."""
    units = Counter(unit for each in series for unit in each.units)
    texts = {
        unit: text for each in series for unit, text in zip(each.units, each.texts, strict=True)
    }
    return {texts[unit]: count for unit, count in units.most_common(5) if count > 1}


def _detail(
    ties: Sequence[_Ties], flagged: Sequence[_Ties], copies: Sequence[_Copy], outcome: Outcome
) -> str:
    if outcome is Outcome.NOT_TESTABLE:
        return "Values are rounded so coarsely that most are equal by chance: no copy would show."
    sentences = [
        f"{each.observed} pairs of equal values {each.where} arms, where rounding gives "
        f"{each.expected:.1f} (p = {each.p_value:.2g})"
        for each in flagged or ties
    ]
    told = ["; ".join(sentences) + "."]
    shown = [
        f"{' and '.join(dict.fromkeys(each.arms))}: {each.kind}, {each.length} values "
        f"(chance below {each.chance:.1g})"
        for each in sorted(copies, key=lambda copy: copy.chance)[:3]
    ]
    if shown:
        more = f"; and {len(copies) - 3} more" if len(copies) > 3 else ""
        told.insert(0, f"Copies: {'; '.join(shown)}{more}.")
    elif not flagged:
        told.append("That is what rounding gives, and no arm is a copy of another.")
    return " ".join(told)
