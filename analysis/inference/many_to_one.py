"""The distribution of the largest of many t statistics that share one control.

All statistics are held against the same control mean and the same pooled spread. Given both they
are independent, which leaves two integrals, whatever the number of arms (Dunnett 1955, Journal of
the American Statistical Association 50, 1096-1121). Sums over a regular grid converge
exponentially for integrands as smooth as these, without random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.inference.grid import Floats

_LOG_NEGLIGIBLE = 42.0
"""Densities below exp(-42) = 6e-19 of their peak are left out."""

_REACH = 9.25
"""The same for a normal deviate, whose density there is exp(-42.8) of its peak."""


@dataclass(frozen=True, slots=True, eq=False)
class ManyToOne:
    """Statistics T_i = (sqrt(1 - b_i^2) Y_i + b_i Z) / S that share the control's Z and a spread S.

    Y_i and Z are independent standard normal deviates, and v S^2 is chi-squared with v degrees of
    freedom, so that T_i is Student's t, and the numerators of T_i and T_j correlate by b_i b_j.

    Attributes:
        loadings: shape (k,), b_i = sqrt(n_i / (n_i + n_control)), from 0 and below 1.
        degrees: degrees of freedom of the pooled spread, above 0.
    """

    loadings: tuple[float, ...]
    degrees: float

    def exceedance(self, bounds: Sequence[float], *, two_sided: bool) -> Floats:
        """Return the chance that the largest statistic exceeds each bound.

        Accurate to about 1e-10, and small values to several digits.

        Args:
            bounds: shape (m,), finite; not below 0 if two-sided.
            two_sided: whether absolute values are meant.

        Returns:
            Shape (m,), each in [0, 1].
        """
        spread, spread_weights = self._spread_nodes()
        shared, shared_weights = self._shared_nodes()
        chances = [
            spread_weights @ self._any_beyond(bound * spread, shared, two_sided) @ shared_weights
            for bound in bounds
        ]
        return np.clip(np.array(chances, dtype=np.float64), 0.0, 1.0)

    def _any_beyond(self, reaches: Floats, shared: Floats, two_sided: bool) -> Floats:
        """Return the chance that any numerator lies beyond a reach, given the control's deviation.

        Computed from the arms' own small chances, so that little is lost where it is small.

        Returns:
            Shape (len(reaches), len(shared)).
        """
        log_none = np.zeros((len(reaches), len(shared)))
        # Arms of one size have one loading, and need one look-up between them.
        for loading, count in zip(*np.unique(self.loadings, return_counts=True), strict=True):
            own = np.sqrt(1.0 - loading**2)
            beyond = special.ndtr((loading * shared - reaches[:, np.newaxis]) / own)
            if two_sided:
                beyond += special.ndtr((-loading * shared - reaches[:, np.newaxis]) / own)
            with np.errstate(divide="ignore"):
                log_none += count * np.log1p(-np.minimum(beyond, 1.0))
        any_beyond: Floats = -np.expm1(log_none)
        return any_beyond

    def _spread_nodes(self) -> tuple[Floats, Floats]:
        """Return values of the estimated spread over the true one, and their weights.

        The density of x = log S is proportional to exp(v (x - exp(2x) / 2)) for v degrees of
        freedom. It falls to exp(-L) of its peak at u = exp(2x) with log u - u = -2L / v - 1,
        which Lambert's W solves on both sides.
        """
        drop = -np.exp(-1.0 - 2.0 * _LOG_NEGLIGIBLE / self.degrees)
        ends = [np.log(-special.lambertw(drop, branch).real) / 2 for branch in (0, -1)]
        step = min(0.08, 0.4 / self.degrees**0.5)
        logs = np.arange(ends[0], ends[1] + step, step)
        weights = np.exp(self.degrees * (logs - (np.exp(2 * logs) - 1) / 2))
        return np.exp(logs), weights / weights.sum()

    def _shared_nodes(self) -> tuple[Floats, Floats]:
        """Return values of the control's deviation, and their normal weights.

        Every arm narrows what the integrand may look like, and a loading close to 1 more so.
        """
        squares = np.square(self.loadings)
        step = 0.8 / (1.0 + float((squares / (1.0 - squares)).sum())) ** 0.5
        shared = np.arange(-_REACH, _REACH + step, step)
        weights = np.exp(-(shared**2) / 2)
        return shared, weights / weights.sum()
