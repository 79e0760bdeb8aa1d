"""Linear mixed models for runs across several data sets or levels.

The models need statsmodels only where the design is not balanced.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.intervals import require_level
from analysis.inference.result import SMALLEST_P
from analysis.many_arms.intercepts import InterceptFit, balanced_fit, general_fit
from analysis.many_arms.layout import Layout, lay_out
from analysis.many_arms.mixed_result import FixedEffect, MixedModelResult
from analysis.runs import LARGEST, arms_in, finite_values, read_runs

FEW_GROUPS = 6
"""Below this many, the variance between groups is hardly known (Gelman & Hill 2007, ch. 12)."""

NO_ERROR = "The model leaves no residual at all: standard errors are 0 and there is no test."
_ATTEMPTS = ("Retrying", "optimization failed", "failed to converge")

NOT_CONVERGED = "The optimiser did not converge: do not report these numbers."


def random_intercept(
    frame: pd.DataFrame, value: str, group: str, *, level: float = 0.95, reml: bool = True
) -> MixedModelResult:
    """Split the variance of a column into that between groups and that within them.

    value = mean + group + residual, both random and normal (Laird & Ware 1982, Biometrics 38,
    963-974).

    Args:
        frame: one row a value, in any order.
        value: column of the values; rows without a finite one are left out and counted.
        group: column that names the group.
        level: confidence level, above 0 and below 1.
        reml: maximise the restricted likelihood, else the likelihood.

    Raises:
        AnalysisError: fewer than two groups, no group with two values, all values equal, or the
            level is impossible; and what `analysis.runs.read_runs` raises.
    """
    require_level(level)
    (runs,) = read_runs(frame, metric=value, arm=group, block=None, within=())
    series = [np.sort(finite_values(runs.series[name])) for name in sorted(runs.series)]
    fit, sizes = one_way_fit([each for each in series if len(each)], reml=reml)
    return _result(
        fit,
        n=sum(sizes),
        missing=len(frame) - sum(sizes),
        groups={group: len(sizes)},
        names=("mean",),
        level=level,
        reml=reml,
    )


def one_way_fit(series: list[Floats], *, reml: bool = True) -> tuple[InterceptFit, list[int]]:
    """Fit a mean and one random intercept; return the fit and the groups' sizes.

    Args:
        series: one array a group, each finite and not empty.
        reml: maximise the restricted likelihood, else the likelihood.

    Raises:
        AnalysisError: as for `random_intercept`.
    """
    sizes = [len(each) for each in series]
    if len(sizes) < 2 or max(sizes) < 2:
        raise AnalysisError(
            "a random intercept needs two groups, and a group with two values; "
            f"sizes given: {sizes}"
        )
    values = np.concatenate(series)
    _require_spread(values)
    if len(set(sizes)) == 1:
        return balanced_fit(np.stack(series), treatments=False, reml=reml), sizes
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return general_fit(values, np.ones((len(values), 1)), groups, None, reml=reml), sizes


def arm_effects_across(
    frame: pd.DataFrame,
    *,
    metric: str,
    arm: str,
    control: str,
    cell: str,
    block: str,
    level: float = 0.95,
    reml: bool = True,
    nouns: Mapping[str, str] | None = None,
) -> MixedModelResult:
    """Estimate the arms' effects over several cells, such as data sets, at once.

    metric = control + arm + cell + block within cell + residual; the last three are random and
    normal. An arm's effect is the same in every cell by assumption: the intervals say how well it
    is known for these cells, and not how it would vary over new ones. Compare the arms within
    each cell before using it.

    Args:
        frame: long form, one row a run, in any order. Runs without a finite value are left out
            and counted.
        metric: column of the metric.
        arm: column that names the arm.
        control: the arm that the others are held against.
        cell: column of the data set or level.
        block: column that says which runs belong together across arms. Equal keys in different
            cells are different blocks.
        level: confidence level, above 0 and below 1.
        reml: maximise the restricted likelihood, else the likelihood.
        nouns: {column: what its groups are called in warnings, in the plural}, for columns whose
            names say nothing to a reader.

    Returns:
        Effects with Wald intervals and p-values from the standard normal, which are too narrow
        and too small when cells and blocks are few. With one cell, or one block a cell, cell and
        block cannot be told apart, and there is one random intercept.

    Raises:
        UnknownArmError: the control has no finite run.
        AnalysisError: there is one arm, too few runs, no spread, or an impossible level; and what
            `analysis.runs.read_runs` raises.
    """
    require_level(level)
    cells = read_runs(frame, metric=metric, arm=arm, block=block, within=[cell])
    order = arms_in(frame, arm)
    layout = lay_out(cells, order, control)
    _require_spread(layout.values)
    fit = _fit(layout, reml=reml)
    names = layout.level_names(cell, block)
    result = _result(
        fit,
        n=len(layout.values),
        missing=len(frame) - len(layout.values),
        groups=dict(zip(names, layout.group_counts, strict=True)),
        names=layout.arms,
        level=level,
        reml=reml,
        nouns=nouns,
    )
    return replace(result, effects=tuple(sorted(result.effects, key=lambda e: order.index(e.name))))


def _fit(layout: Layout, *, reml: bool) -> InterceptFit:
    balanced = layout.balanced()
    if balanced is not None:
        return balanced_fit(balanced, treatments=True, reml=reml)
    design = (layout.arm_codes[:, np.newaxis] == np.arange(len(layout.arms))).astype(np.float64)
    design[:, 0] = 1.0
    return general_fit(layout.values, design, layout.outer, layout.inner, reml=reml)


def _result(
    fit: InterceptFit,
    *,
    n: int,
    missing: int,
    groups: Mapping[str, int],
    names: tuple[str, ...],
    level: float,
    reml: bool,
    nouns: Mapping[str, str] | None = None,
) -> MixedModelResult:
    if "residual" in groups:
        raise AnalysisError("a column is called 'residual', as the residual is: rename it")
    reach = float(special.ndtri(0.5 + level / 2))
    effects = [
        _wald(name, float(estimate), float(error), reach)
        for name, estimate, error in zip(names, fit.coefficients, fit.standard_errors, strict=True)
    ]
    notes = [
        f"There are only {count} {(nouns or {}).get(name, f'groups of {name!r}')}: the variance "
        "between them is hardly known, and Wald intervals are too narrow."
        for name, count in groups.items()
        if count < FEW_GROUPS
    ]
    if not fit.converged:
        notes.append(NOT_CONVERGED)
    if fit.variances[-1] == 0:
        notes.append(NO_ERROR)
    return MixedModelResult(
        n=n,
        missing=missing,
        groups=groups,
        intercept=effects[0],
        effects=tuple(effects[1:]),
        variances=dict(zip((*groups, "residual"), fit.variances, strict=True)),
        level=level,
        reml=reml,
        closed_form=fit.closed_form,
        converged=fit.converged,
        warnings=(*notes, *(f"statsmodels: {each}" for each in _told(fit))),
    )


def _told(fit: InterceptFit) -> tuple[str, ...]:
    """Return what statsmodels warned of, without attempts that failed before one that did not."""
    if not fit.converged:
        return fit.warnings
    return tuple(each for each in fit.warnings if not any(word in each for word in _ATTEMPTS))


def _wald(name: str, estimate: float, error: float, reach: float) -> FixedEffect:
    z = estimate / error if error > 0 else None
    p_value = None if z is None else max(SMALLEST_P, 2 * float(special.ndtr(-abs(z))))
    low, high = estimate - reach * error, estimate + reach * error
    return FixedEffect(name, estimate, error, low, high, z, p_value)


def _require_spread(values: Floats) -> None:
    if len(values) and np.abs(values).max() > LARGEST:
        raise AnalysisError(f"a value lies beyond {LARGEST:g}; use a larger unit")
    if len(values) == 0 or values.min() == values.max():
        raise AnalysisError("all values are equal: there is no variance to split")
