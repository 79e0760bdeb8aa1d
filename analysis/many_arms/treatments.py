"""The combinations of treatments that a factorial experiment runs, and their signs."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, combinations

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.runs import LARGEST

MOST_TREATMENTS = 10
"""More would need over a thousand combinations."""

Combination = AbstractSet[str] | tuple[bool, ...]
"""The treatments that are on, or whether each is, in the order of the treatments."""


def checked_treatments(treatments: Sequence[str]) -> tuple[str, ...]:
    """Return the names of treatments; AnalysisError unless they are 1 to 10 different ones."""
    names = tuple(treatments)
    if not 1 <= len(names) <= MOST_TREATMENTS or len(set(names)) < len(names):
        raise AnalysisError(
            f"a factorial needs 1 to {MOST_TREATMENTS} different treatments; given: {names}"
        )
    return names


def runs_and_signs(
    values: Mapping[Combination, ArrayLike], names: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Return the runs and the signs of all combinations, in one order.

    Args:
        values: the runs of each combination, shape (blocks,).
        names: the k treatments.

    Returns:
        Runs of shape (2^k, blocks), and signs of shape (2^k, k), 1 where a treatment is on and -1
        where it is off.

    Raises:
        AnalysisError: a combination is missing, unknown or given twice; the series differ in
            length, are empty or not finite.
    """
    by_set: dict[frozenset[str], Floats] = {}
    for combination, series in values.items():
        on = _switched_on(combination, names)
        if on in by_set:
            raise AnalysisError(f"the combination {_shown(on, names)} is given twice")
        by_set[on] = np.asarray(series, dtype=np.float64)
    subsets = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    wanted = [frozenset(each) for each in subsets]
    if missing := [_shown(each, names) for each in wanted if each not in by_set]:
        raise AnalysisError(
            f"a factorial of {len(names)} treatments needs all {len(wanted)} combinations; "
            f"missing: {', '.join(missing)}"
        )
    _require_series(by_set, names)
    signs = [[1.0 if name in on else -1.0 for name in names] for on in wanted]
    return np.stack([by_set[on] for on in wanted]), np.array(signs)


def _switched_on(combination: Combination, names: tuple[str, ...]) -> frozenset[str]:
    if isinstance(combination, tuple):
        if len(combination) != len(names) or not all(
            isinstance(each, bool | np.bool_) for each in combination
        ):
            raise AnalysisError(
                f"the combination {combination!r} needs {len(names)} bools, one a treatment"
            )
        return frozenset(name for name, on in zip(names, combination, strict=True) if on)
    on = frozenset(combination)
    if not on <= set(names):
        raise AnalysisError(f"the combination {combination!r} is no set of treatments {names}")
    return on


def _require_series(by_set: Mapping[frozenset[str], Floats], names: tuple[str, ...]) -> None:
    shapes = {each.shape for each in by_set.values()}
    if len(shapes) > 1 or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        sizes = ", ".join(f"{_shown(on, names)}: {each.shape}" for on, each in by_set.items())
        raise AnalysisError(
            f"every combination needs one value for each of the same blocks; shapes: {sizes}"
        )
    for on, series in by_set.items():
        if not np.isfinite(series).all() or np.abs(series).max() > LARGEST:
            raise AnalysisError(
                f"the combination {_shown(on, names)} holds a value that is not finite or beyond "
                f"{LARGEST:g}; drop that block everywhere, and say so"
            )


def _shown(on: frozenset[str], names: tuple[str, ...]) -> str:
    return " + ".join(name for name in names if name in on) or "none of them"
