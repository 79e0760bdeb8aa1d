"""The replication Bayes factor: whether a re-run fits the original's effect better than none."""

import math


def replication_bayes_factor(
    original: float, original_error: float, replication: float, replication_error: float
) -> float:
    """Return how much better "no effect" predicts the replication than the original does.

    Below 1 it speaks for the original's effect, above 1 for none. Under "no effect" the
    replication estimate is normal around 0 with its own variance; under the original's effect it
    is normal around the original estimate with the sum of both variances, the original's posterior
    under a flat prior. The idea is Verhagen & Wagenmakers' (2014, Journal of Experimental
    Psychology: General 143, 1457-1475); the normal form is in Pawel & Held (2022, Journal of the
    Royal Statistical Society B 84, 879-911).

    Args:
        original: the original estimate, finite.
        original_error: its standard error in the same unit, above 0.
        replication: the replication estimate, finite.
        replication_error: its standard error, above 0.

    Returns:
        Between 0 and infinity, which stands for what is beyond floating-point numbers.
    """
    none = -((replication / replication_error) ** 2) / 2 - math.log(replication_error)
    spread = math.hypot(original_error, replication_error)
    some = -(((replication - original) / spread) ** 2) / 2 - math.log(spread)
    try:
        return math.exp(none - some)
    except OverflowError:
        return math.inf
