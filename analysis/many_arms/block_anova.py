"""Analysis of variance of arms that ran once in every block."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.inference.grid import Floats
from analysis.many_arms.anova import NO_SPREAD, Anova, f_tail
from analysis.many_arms.matching import Matched, matched_arms
from analysis.many_arms.resolution import is_noise, scaled_series, unscaled_square

ONE_BLOCK = "A single block has no error to hold the arms against."


def block_anova(values: Matched, arms: Sequence[str] | None = None) -> Anova:
    """Test equal means of arms that ran once in every block, with and without sphericity.

    The plain p is right when all differences of two arms have one variance (randomised complete
    blocks; Fisher 1935, The Design of Experiments). Where they may not, read `p_corrected`
    (Box 1954, Annals of Mathematical Statistics 25, 484-498; Greenhouse & Geisser 1959,
    Psychometrika 24, 95-112).

    Args:
        values: matched arms, see `analysis.many_arms.matching.matched_arms`.
        arms: names of the columns of a matrix.

    Raises:
        AnalysisError: see `matched_arms`.
    """
    matched = matched_arms(values, arms)
    n, k = matched.values.shape
    (scaled,), exponent = scaled_series([matched.values])
    centred = scaled - scaled.mean()
    by_arm, by_block = centred.mean(axis=0), centred.mean(axis=1)
    residuals = centred - by_arm - by_block[:, np.newaxis]
    treatment, blocks = n * float((by_arm**2).sum()), k * float((by_block**2).sum())
    error = float((residuals**2).sum())
    warning = None
    if n == 1:
        warning = ONE_BLOCK
    elif is_noise(residuals, scaled):
        warning, error = NO_SPREAD, 0.0
    undefined = Anova(
        name="blocks",
        arms=matched.arms,
        n=(n,) * k,
        means=tuple(float(each) for each in matched.values.mean(axis=0)),
        treatment_ss=unscaled_square(treatment, exponent),
        error_ss=unscaled_square(error, exponent),
        block_ss=unscaled_square(blocks, exponent),
        warning=warning,
    )
    if warning:
        return undefined
    degrees = (k - 1, (k - 1) * (n - 1))
    statistic = treatment / degrees[0] / (error / degrees[1])
    epsilon = _epsilon(residuals)
    return replace(
        undefined,
        statistic=statistic,
        degrees=degrees,
        p_value=f_tail(statistic, *degrees),
        epsilon=epsilon,
        p_corrected=f_tail(statistic, epsilon * degrees[0], epsilon * degrees[1]),
    )


def _epsilon(residuals: Floats) -> float:
    """Return (trace S)^2 / ((k - 1) trace S^2), S being the double-centred covariance matrix."""
    spread = residuals.T @ residuals
    k = len(spread)
    epsilon = float(np.trace(spread) ** 2 / ((k - 1) * (spread**2).sum()))
    return min(1.0, max(1 / (k - 1), epsilon))
