"""Whether runs look normal: Lilliefors' test, for a mean and a spread that are not known before.

The Kolmogorov-Smirnov distance to the normal distribution with the sample's own mean and deviation
is smaller than to one that was fixed in advance, so its p comes from a table of its own (Lilliefors
1967, Journal of the American Statistical Association 62, 399-402).
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats

LARGEST_TABLED_P = 0.99
"""Above it, and below 0.001, the table of p ends, and p stands at its end."""

SMALLEST_TABLED_P = 0.001

_FEWEST = 4
_TOO_FEW = f"Lilliefors' test needs {_FEWEST} runs or more."
_NO_SPREAD = "All runs have the same value, so that no distribution can be fitted to them."


@dataclass(frozen=True, slots=True)
class NormalityResult:
    """Lilliefors' test of one arm's runs.

    Attributes:
        n: runs.
        statistic: D, the largest distance between the runs' distribution and the normal one with
            their mean and deviation, in (0, 1); None when the test is undefined.
        p_value: interpolated in the table of simulated critical values, from 0.001 to 0.99, where
            the table ends; None when the test is undefined. A large p does not show normality.
        warning: why the test is undefined; None when it is not.
    """

    n: int
    statistic: float | None = None
    p_value: float | None = None
    warning: str | None = None

    @property
    def is_at_the_tables_end(self) -> bool:
        """Whether p is only known to lie at or beyond an end of the table."""
        return self.p_value is not None and not (
            SMALLEST_TABLED_P < self.p_value < LARGEST_TABLED_P
        )


def lilliefors(values: ArrayLike) -> NormalityResult:
    """Test whether runs come from a normal distribution of any mean and deviation.

    Args:
        values: shape (n,), finite, in any order; n may be 0.

    Raises:
        AnalysisError: the values are not one-dimensional or not finite.
    """
    array: Floats = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if np.ndim(values) != 1 or not np.isfinite(array).all():
        raise AnalysisError("Lilliefors' test needs one series of finite values")
    n = len(array)
    if n < _FEWEST:
        return NormalityResult(n, warning=_TOO_FEW)
    if array[0] == array[-1]:
        return NormalityResult(n, warning=_NO_SPREAD)
    library: Any = import_module("statsmodels.stats.diagnostic")
    statistic, p_value = library.lilliefors(array, dist="norm", pvalmethod="table")
    # The ends of the table come out with errors of the last bit.
    tabled = min(LARGEST_TABLED_P, max(SMALLEST_TABLED_P, float(p_value)))
    return NormalityResult(n, float(statistic), tabled)
