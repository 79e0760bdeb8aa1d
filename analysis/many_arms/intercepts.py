"""Linear models with nested random intercepts: closed form where balanced, statsmodels elsewhere.

In a balanced design the likelihood factors into one chi-square a stratum (between the outermost
groups, between groups within these, ..., residual), whose expected mean squares do not increase
from the outside in. Pooling neighbours that are out of order gives the maximum exactly (Thompson
1962, Annals of Mathematical Statistics 33, 273-289), where an iterative optimiser stops short of
it, and most of all when a variance is 0.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.many_arms.resolution import is_noise

_NEGLIGIBLE = 1e-7
"""Share of all variance below which the optimiser's estimate of a component is taken for 0."""

Codes = NDArray[np.int64]


class _Fit(Protocol):
    """The part of statsmodels' result that is used; the library has no types of its own."""

    fe_params: ArrayLike
    bse_fe: ArrayLike
    cov_re: ArrayLike
    vcomp: Sequence[float]
    scale: float
    converged: bool


class _Model(Protocol):
    def fit(self, *, reml: bool, method: list[str]) -> _Fit: ...


@dataclass(frozen=True, slots=True, eq=False)
class InterceptFit:
    """A fitted model.

    Attributes:
        coefficients: fixed effects.
        standard_errors: of the fixed effects, in their order, as if the variances were known.
        variances: of the random intercepts, outermost first, and last of the residual; at least 0.
        closed_form: whether no optimiser was needed.
        converged: whether the optimiser said that it had converged; True in closed form.
        warnings: what the optimiser warned of.
    """

    coefficients: Floats
    standard_errors: Floats
    variances: tuple[float, ...]
    closed_form: bool
    converged: bool = True
    warnings: tuple[str, ...] = ()


def balanced_fit(values: Floats, *, treatments: bool, reml: bool) -> InterceptFit:
    """Fit a balanced design exactly.

    Args:
        values: shape (g1, ..., gL, m), finite: every group of a level has the same number of
            groups, or in the last level m runs. L >= 1, g1 >= 2, the others >= 1.
        treatments: True when the m runs of a group are one of each treatment, whose means are
            then fixed effects: the first one's mean, and the others' differences from it. False
            when they are replicates; the one fixed effect is the mean.
        reml: maximise the restricted likelihood, else the likelihood.
    """
    sums, free = _strata(values, treatments=treatments, reml=reml)
    expected = _descending(sums, free)
    inside = [int(np.prod(values.shape[level + 1 :])) for level in range(values.ndim - 1)]
    steps = zip(expected, expected[1:], inside, strict=False)
    variances = (*((outer - inner) / size for outer, inner, size in steps), expected[-1])
    mean_square_error = expected[0] / values.size
    if not treatments:
        coefficients, squares = np.array([values.mean()]), np.array([mean_square_error])
    else:
        arms = values.shape[-1]
        means = values.reshape(-1, arms).mean(axis=0)
        each = expected[-1] * arms / values.size
        coefficients = np.concatenate((means[:1], means[1:] - means[0]))
        squares = np.full(arms, 2 * each)
        squares[0] = mean_square_error + each * (arms - 1) / arms
    return InterceptFit(coefficients, np.sqrt(squares), variances, closed_form=True)


def _strata(values: Floats, *, treatments: bool, reml: bool) -> tuple[list[float], list[int]]:
    """Return each stratum's sum of squares and its number of independent contrasts."""
    sums, free = [], []
    above = values.mean()
    fixed = 1 if reml else 0
    for level in range(values.ndim - 1):
        shape = values.shape[: level + 1]
        means = values.mean(axis=tuple(range(level + 1, values.ndim)))
        size = int(np.prod(values.shape[level + 1 :]))
        sums.append(size * float(((means - above) ** 2).sum()))
        free.append(int(np.prod(shape)) - (fixed if level == 0 else int(np.prod(shape[:-1]))))
        above = means[..., np.newaxis]
    residuals = values - above
    runs = values.shape[-1]
    contrasts = values.size - values.size // runs
    if treatments:
        residuals = residuals - residuals.reshape(-1, runs).mean(axis=0)
        contrasts -= fixed * (runs - 1)
    sums.append(0.0 if is_noise(residuals, values) else float((residuals**2).sum()))
    return sums, [*free, contrasts]


def _descending(sums: Sequence[float], free: Sequence[int]) -> list[float]:
    """Return mean squares, neighbours pooled until none is above the one before it."""
    pools: list[tuple[float, int, int]] = []
    for total, contrasts in zip(sums, free, strict=True):
        pools.append((total, contrasts, 1))
        while len(pools) > 1 and _mean(pools[-1]) >= _mean(pools[-2]):
            inner, outer = pools.pop(), pools.pop()
            pools.append((inner[0] + outer[0], inner[1] + outer[1], inner[2] + outer[2]))
    return [_mean(pool) for pool in pools for _ in range(pool[2])]


def _mean(pool: tuple[float, int, int]) -> float:
    total, contrasts, _ = pool
    return total / contrasts if contrasts else 0.0


def general_fit(
    values: Floats, design: Floats, outer: Codes, inner: Codes | None, *, reml: bool
) -> InterceptFit:
    """Fit any design with statsmodels' MixedLM.

    Args:
        values: shape (n,), finite, not all equal.
        design: shape (n, fixed effects), of full rank.
        outer: shape (n,), the outer group of each run, from 0.
        inner: shape (n,), the group within the outer group, from 0 in each; None for one level.
        reml: maximise the restricted likelihood, else the likelihood.

    Raises:
        AnalysisError: the model could not be fitted.
    """
    # The optimiser's tolerances are made for values of size 1.
    centre, scale = float(values.mean()), float(values.std())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = _model((values - centre) / scale, design, outer, inner)
            fit = model.fit(reml=reml, method=["bfgs", "lbfgs", "powell"])
            errors = np.asarray(fit.bse_fe, dtype=np.float64)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise AnalysisError(
                f"the mixed model could not be fitted ({error}); "
                "there may be too few runs for its groups"
            ) from error
    variances = [float(np.asarray(fit.cov_re)[0, 0]), *map(float, fit.vcomp), float(fit.scale)]
    least = _NEGLIGIBLE * sum(variances)
    coefficients = scale * np.asarray(fit.fe_params, dtype=np.float64)
    # The first fixed effect is an intercept in every design here.
    coefficients[0] += centre
    return InterceptFit(
        coefficients=coefficients,
        standard_errors=scale * errors,
        variances=tuple(scale**2 * each if each > least else 0.0 for each in variances),
        closed_form=False,
        converged=bool(fit.converged),
        warnings=tuple(dict.fromkeys(" ".join(str(each.message).split()) for each in caught)),
    )


def _model(values: Floats, design: Floats, outer: Codes, inner: Codes | None) -> _Model:
    library: Any = import_module("statsmodels.regression.mixed_linear_model")
    if inner is None:
        return cast("_Model", library.MixedLM(values, design, groups=outer))
    members = [inner[outer == code] for code in np.unique(outer)]
    matrices = [(each[:, np.newaxis] == np.unique(each)).astype(np.float64) for each in members]
    columns = [[str(place) for place in range(each.shape[1])] for each in matrices]
    within = library.VCSpec(["inner"], [columns], [matrices])
    model = library.MixedLM(
        values, design, groups=outer, exog_re=np.ones((len(values), 1)), exog_vc=within
    )
    return cast("_Model", model)
