"""Analysis of variance of several arms' means.

Like every omnibus test it says that some arms differ and never which ones. `one_way` and
`welch_anova` are for runs that share nothing; for runs matched by block there is
`analysis.many_arms.block_anova`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.result import SMALLEST_P
from analysis.many_arms.resolution import is_noise, scaled_series, unscaled_square
from analysis.runs import LARGEST

NO_SPREAD = "The runs do not spread about the means at all: F is undefined."
ONE_RUN_EACH = "No arm has more than one run: there is no spread to hold the means against."
TOO_FEW_RUNS = "Welch's test needs two runs or more of every arm, and a spread in each."


@dataclass(frozen=True, slots=True)
class Anova:
    """An F test of equal means.

    Attributes:
        name: which analysis it is.
        arms: k >= 2 names.
        n: runs of each arm.
        means: mean of each arm, in the metric's unit.
        statistic: F, at least 0; None when it is undefined, as everything below then is unless
            it says otherwise.
        degrees: of freedom of the numerator, k - 1, and of the denominator, not necessarily whole.
        p_value: in (0, 1].
        treatment_ss: sum of squares between arms, in squared units; None for Welch's test only.
        error_ss: sum of squares of the error; None for Welch's test only.
        block_ss: sum of squares between blocks; None unless the runs are matched.
        epsilon: Greenhouse and Geisser's estimate of how far the runs are from sphericity, from
            1 / (k - 1) to 1; None unless the runs are matched.
        p_corrected: p with both degrees of freedom multiplied by epsilon.
        warning: why the test is undefined; None when it is not.
    """

    name: Literal["one_way", "welch", "blocks"]
    arms: tuple[str, ...]
    n: tuple[int, ...]
    means: tuple[float, ...]
    statistic: float | None = None
    degrees: tuple[float, float] | None = None
    p_value: float | None = None
    treatment_ss: float | None = None
    error_ss: float | None = None
    block_ss: float | None = None
    epsilon: float | None = None
    p_corrected: float | None = None
    warning: str | None = None

    @property
    def partial_eta_squared(self) -> float | None:
        """Share of treatment in treatment + error (Cohen 1973), from 0 to 1; None without both."""
        if self.statistic is None or self.treatment_ss is None or self.error_ss is None:
            return None
        return self.treatment_ss / (self.treatment_ss + self.error_ss)


class _Described(TypedDict):
    arms: tuple[str, ...]
    n: tuple[int, ...]
    means: tuple[float, ...]


def one_way(groups: Mapping[str, ArrayLike]) -> Anova:
    """Test equal means of independent runs with one variance (Fisher 1925, Statistical Methods).

    Args:
        groups: {arm: shape (n,), n >= 1, finite}, two arms or more.

    Raises:
        AnalysisError: fewer than two arms, an arm without runs, or a value not finite.
    """
    series = _series(groups)
    scaled, exponent = scaled_series(series.values())
    sizes, means = _sizes(scaled), np.array([each.mean() for each in scaled])
    within = [each - mean for each, mean in zip(scaled, means, strict=True)]
    total = int(sizes.sum())
    grand = float(np.concatenate(scaled).mean())
    treatment = float((sizes * (means - grand) ** 2).sum())
    error = float(sum((each**2).sum() for each in within))
    degrees = (len(scaled) - 1, total - len(scaled))
    warning = None
    if degrees[1] == 0:
        warning = ONE_RUN_EACH
    elif is_noise(np.concatenate(within), np.concatenate(scaled)):
        warning, error = NO_SPREAD, 0.0
    statistic = None if warning else treatment / degrees[0] / (error / degrees[1])
    return Anova(
        name="one_way",
        **_described(series),
        statistic=statistic,
        degrees=None if warning else degrees,
        p_value=None if statistic is None else f_tail(statistic, *degrees),
        treatment_ss=unscaled_square(treatment, exponent),
        error_ss=unscaled_square(error, exponent),
        warning=warning,
    )


def welch_anova(groups: Mapping[str, ArrayLike]) -> Anova:
    """Test equal means of independent runs whose variances may differ.

    Welch 1951, On the Comparison of Several Mean Values (Biometrika 38, 330-336). With two arms it
    is Welch's t-test, F = t^2.

    Args:
        groups: {arm: shape (n,), n >= 1, finite}, two arms or more.

    Raises:
        AnalysisError: fewer than two arms, an arm without runs, or a value not finite.
    """
    series = _series(groups)
    scaled, _ = scaled_series(series.values())
    described = _described(series)
    if any(len(each) < 2 or _has_no_spread(each) for each in scaled):
        return Anova(name="welch", **described, warning=TOO_FEW_RUNS)
    k, sizes = len(scaled), _sizes(scaled)
    means = np.array([each.mean() for each in scaled])
    weights = sizes / np.array([each.var(ddof=1) for each in scaled])
    shares = weights / weights.sum()
    pooled = float((shares * means).sum())
    between = float((weights * (means - pooled) ** 2).sum()) / (k - 1)
    doubt = float(((1 - shares) ** 2 / (sizes - 1)).sum())
    statistic = between / (1 + 2 * (k - 2) * doubt / (k * k - 1))
    degrees = (k - 1, (k * k - 1) / (3 * doubt))
    return Anova(
        name="welch",
        **described,
        statistic=statistic,
        degrees=degrees,
        p_value=f_tail(statistic, *degrees),
    )


def _has_no_spread(scaled: Floats) -> bool:
    # Beside an arm of far larger values, squares of this one's may all be 0.
    return is_noise(scaled - scaled.mean(), scaled) or scaled.var(ddof=1) == 0.0


def f_tail(statistic: float, numerator: float, denominator: float) -> float:
    """Return the p-value of an F statistic, in (0, 1].

    Args:
        statistic: F, at least 0.
        numerator: its degrees of freedom, above 0, not necessarily whole.
        denominator: its degrees of freedom, above 0, not necessarily whole.
    """
    return max(SMALLEST_P, float(special.fdtrc(numerator, denominator, statistic)))


def _series(groups: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    series = {arm: np.asarray(each, dtype=np.float64) for arm, each in groups.items()}
    if len(series) < 2:
        raise AnalysisError(f"an analysis of variance needs two arms; given: {tuple(series)}")
    for arm, each in series.items():
        if each.ndim != 1 or len(each) == 0:
            raise AnalysisError(
                f"the arm {arm!r} needs one series of at least one value; shape: {each.shape}"
            )
        if not np.isfinite(each).all() or np.abs(each).max() > LARGEST:
            raise AnalysisError(
                f"the arm {arm!r} holds a value that is not finite or beyond {LARGEST:g}; "
                "exclude it, and say so, or use a larger unit"
            )
    return {arm: np.sort(each) for arm, each in series.items()}


def _sizes(series: list[Floats]) -> Floats:
    return np.array([len(each) for each in series], dtype=np.float64)


def _described(series: Mapping[str, Floats]) -> _Described:
    return {
        "arms": tuple(series),
        "n": tuple(len(each) for each in series.values()),
        "means": tuple(float(each.mean()) for each in series.values()),
    }
