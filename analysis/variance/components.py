"""Variance components of balanced random designs, in closed form.

Every component is a difference of two mean squares over the number of runs that share it (Searle,
Casella & McCulloch 1992, Variance Components, chapters 3 and 4). It is unbiased, and negative now
and then; what is negative is reported as 0, with a note.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.runs import LARGEST
from analysis.variance.intervals import (
    chi_square_interval,
    difference_interval,
    ratio_interval,
    tail_of,
)
from analysis.variance.strata import Stratum, crossed_strata, nested_strata

NEGATIVE = "The estimate of {name!r} is negative ({estimate:.3g}) and set to 0."
NO_RESIDUAL = "The values do not spread beyond their resolution within the groups."
UNBALANCED = "The groups differ in size: estimated by REML, which has no interval here."


@dataclass(frozen=True, slots=True)
class Component:
    """The variance that one source contributes to a single value.

    Attributes:
        name: the source.
        variance: its estimate, in squared units, at least 0.
        low: lower end of its interval; None when there is none.
        high: upper end of it.
        share: variance over the sum of all components, from 0 to 1; None when that sum is 0.
    """

    name: str
    variance: float
    low: float | None = None
    high: float | None = None
    share: float | None = None

    @property
    def sd(self) -> float:
        """Standard deviation, in the metric's unit."""
        return float(np.sqrt(self.variance))


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """All components of a design.

    Attributes:
        shape: of the design: groups by level, and replicates last where there are some. For
            groups of unequal size, (number of groups, number of values).
        mean: of all values.
        components: outermost first, the residual last.
        level: confidence level of the intervals.
        method: "anova" in closed form, or "reml".
        ratio: between over residual variance in a one-way design, at least 0; None elsewhere, or
            when the residual is 0.
        ratio_low: lower end of its exact interval (Searle et al. 1992, section 3.5); None when
            there is none.
        ratio_high: upper end of it.
        notes: what a reader has to know, one sentence each.
    """

    shape: tuple[int, ...]
    mean: float
    components: tuple[Component, ...]
    level: float
    method: Literal["anova", "reml"] = "anova"
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Component:
        for each in self.components:
            if each.name == name:
                return each
        known = ", ".join(repr(each.name) for each in self.components)
        raise AnalysisError(f"there is no component {name!r}; there are: {known}")

    def to_frame(self) -> pd.DataFrame:
        """Return the components, one row each; values are not rounded."""
        names = ("name", "variance", "sd", "low", "high", "share")
        rows = [[getattr(each, name) for name in names] for each in self.components]
        return pd.DataFrame(rows, columns=list(names))


def one_way_components(
    groups: Mapping[str, ArrayLike] | ArrayLike,
    *,
    names: Sequence[str] = ("between", "residual"),
    level: float = 0.95,
) -> VarianceComponents:
    """Split the variance of values into that between groups and that within them.

    Args:
        groups: {group: shape (n,)} or shape (groups, n); finite. Groups of unequal size are
            estimated by REML, which needs statsmodels.
        names: of the two components.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: fewer than two groups, no group with two values, or an argument out of
            range.
    """
    tail_of(level)
    series = list(groups.values()) if isinstance(groups, Mapping) else list(np.asarray(groups))
    arrays = sorted((np.sort(_finite(each, 1)) for each in series), key=lambda each: each.tolist())
    if len({len(each) for each in arrays}) > 1:
        return _by_reml(arrays, names, level)
    values = _finite(np.stack(arrays) if arrays else np.empty((0, 0)), 2)
    between, residual = nested_strata(values)
    found = _components(values, [(between, residual, between.runs)], residual, names, level)
    ratio, low, high = _ratio(between, residual, level)
    return VarianceComponents(
        **found, level=level, shape=values.shape, ratio=ratio, ratio_low=low, ratio_high=high
    )


def nested_components(
    values: ArrayLike,
    *,
    names: Sequence[str] = ("outer", "inner", "residual"),
    level: float = 0.95,
) -> VarianceComponents:
    """Split variance between outer groups, inner groups within these, and replicates.

    Args:
        values: shape (outer, inner, replicates), each at least 2; finite.
        names: of the three components.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: the shape or another argument is out of range. Unbalanced runs have no such
            shape; see `analysis.many_arms.mixed_model` for them.
    """
    array = _finite(values, 3)
    outer, inner, residual = nested_strata(array)
    parts = [(outer, inner, outer.runs), (inner, residual, inner.runs)]
    found = _components(array, parts, residual, names, level)
    return VarianceComponents(**found, level=level, shape=array.shape)


def crossed_components(
    values: ArrayLike,
    *,
    names: Sequence[str] = ("rows", "columns", "interaction", "residual"),
    level: float = 0.95,
) -> VarianceComponents:
    """Split variance between rows, columns, their interaction and replicates.

    Args:
        values: shape (rows, columns) or (rows, columns, replicates), each at least 2; finite.
            Without replicates the interaction cannot be told from the residual and is part of
            it: its name is not used.
        names: of the four components.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: the shape or another argument is out of range.
    """
    array = _finite(values, 3 if np.ndim(values) == 3 else 2)
    rows, columns, interaction, residual = crossed_strata(array)
    parts = [(rows, interaction, rows.runs), (columns, interaction, columns.runs)]
    if array.ndim == 3:
        parts.append((interaction, residual, interaction.runs))
    elif len(names) == 4:
        names = (*names[:2], names[3])
    found = _components(array, parts, residual, names, level)
    return VarianceComponents(**found, level=level, shape=array.shape)


class _Found(TypedDict):
    mean: float
    components: tuple[Component, ...]
    notes: tuple[str, ...]


def _components(
    values: Floats,
    parts: Sequence[tuple[Stratum, Stratum, int]],
    residual: Stratum,
    names: Sequence[str],
    level: float,
) -> _Found:
    """Return a component for each (mean square, the one below it, runs that share it)."""
    if len(names) != len(parts) + 1 or len(set(names)) < len(names):
        raise AnalysisError(f"{len(parts) + 1} components need different names; given: {names}")
    found, notes = [], []
    for name, (own, below, runs) in zip(names, parts, strict=False):
        estimate = (own.mean_square - below.mean_square) / runs
        ends = difference_interval(
            (own.mean_square, own.degrees), (below.mean_square, below.degrees), level
        )
        if estimate < 0:
            notes.append(NEGATIVE.format(name=name, estimate=estimate))
        spread = own.mean_square > 0 or below.mean_square > 0
        low, high = (end / runs for end in ends)
        found.append(
            Component(name, max(0.0, estimate), low if spread else None, high if spread else None)
        )
    if residual.mean_square > 0:
        low, high = chi_square_interval(residual.mean_square, residual.degrees, level)
        found.append(Component(names[-1], residual.mean_square, low, high))
    else:
        found.append(Component(names[-1], 0.0))
        notes.append(NO_RESIDUAL)
    return {
        "mean": float(values.mean()),
        "components": _with_shares(found),
        "notes": tuple(notes),
    }


def _with_shares(components: Sequence[Component]) -> tuple[Component, ...]:
    total = sum(each.variance for each in components)
    if total == 0:
        return tuple(components)
    return tuple(replace(each, share=each.variance / total) for each in components)


def _ratio(
    between: Stratum, residual: Stratum, level: float
) -> tuple[float | None, float | None, float | None]:
    if residual.mean_square == 0:
        return None, None, None
    f = between.mean_square / residual.mean_square
    ends = ratio_interval(f, between.degrees, residual.degrees, level)
    ratio, low, high = (max(0.0, (each - 1) / between.runs) for each in (f, *ends))
    return ratio, low, high


def _by_reml(arrays: Sequence[Floats], names: Sequence[str], level: float) -> VarianceComponents:
    from analysis.many_arms.mixed_model import one_way_fit

    if len(names) != 2:
        raise AnalysisError(f"two components need two names; given: {names}")
    fit, sizes = one_way_fit([each for each in arrays if len(each)])
    found = [Component(name, v) for name, v in zip(names, fit.variances, strict=True)]
    return VarianceComponents(
        shape=(len(sizes), sum(sizes)),
        mean=float(fit.coefficients[0]),
        components=_with_shares(found),
        level=level,
        method="reml",
        ratio=found[0].variance / found[1].variance if found[1].variance else None,
        notes=(UNBALANCED, *(f"statsmodels: {each}" for each in fit.warnings)),
    )


def _finite(values: ArrayLike, dimensions: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    least = 1 if dimensions == 1 else 2
    if array.ndim != dimensions or min(array.shape, default=0) < least:
        raise AnalysisError(
            f"this design needs {dimensions} dimension(s) of at least {least}; "
            f"shape given: {array.shape}"
        )
    if not np.isfinite(array).all() or np.abs(array).max() > LARGEST:
        raise AnalysisError(f"variances need finite values up to {LARGEST:g}")
    return array
