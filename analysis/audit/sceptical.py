"""The sceptical p-value: whether a re-run convinces those who doubt the original.

A sceptic holds a normal prior around 0 that is just narrow enough to make the original result no
longer convincing. The sceptical p is the smallest level at which the replication contradicts that
sceptic (Held 2020, Journal of the Royal Statistical Society A 183, 431-448).
"""

import math
from typing import Literal

from scipy import special

Recalibration = Literal["nominal", "golden"]
Sides = Literal[1, 2]

GOLDEN_RATIO = (1 + math.sqrt(5)) / 2


def sceptical_z(original_z: float, replication_z: float, variance_ratio: float) -> float:
    """Return the z-value of the sceptical p, 0 or more.

    Its square z2 solves (zo²/z2 - 1) (zr²/z2 - 1) = c for the root below both squares: with the
    arithmetic mean A and the harmonic mean H of zo² and zr², it is H / 2 at c = 1, and
    (sqrt(A (A + (c - 1) H)) - A) / (c - 1) otherwise (Held 2020).

    Args:
        original_z: the original estimate in standard errors, finite.
        replication_z: the replication estimate in standard errors, finite.
        variance_ratio: c, the original's squared standard error over the replication's, above 0.
    """
    first, second = original_z**2, replication_z**2
    if min(first, second) == 0:
        return 0.0
    mean = (first + second) / 2
    harmonic = first * second / mean
    # This form of the root divides by no c - 1, and loses no digits near c = 1.
    return math.sqrt(
        mean * harmonic / (math.sqrt(mean * (mean + (variance_ratio - 1) * harmonic)) + mean)
    )


def sceptical_p(
    original_z: float,
    replication_z: float,
    variance_ratio: float,
    *,
    sides: Sides = 1,
    recalibration: Recalibration = "golden",
) -> float:
    """Return the sceptical p-value, in [0, 1].

    Args:
        original_z: as `sceptical_z`.
        replication_z: as `sceptical_z`.
        variance_ratio: as `sceptical_z`.
        sides: 1 counts only a replication in the original's direction as success and is held
            against alpha / 2; 2 takes no notice of directions.
        recalibration: "nominal" as in Held 2020, where p is never below either study's own p;
            "golden" multiplies z by the root of the golden ratio, so that an original just
            significant succeeds only where the replication's effect is at least as large (Held,
            Micheloud & Pawel 2022, Annals of Applied Statistics 16, 706-720).
    """
    z = sceptical_z(original_z, replication_z, variance_ratio)
    if recalibration == "golden":
        z *= math.sqrt(GOLDEN_RATIO)
    upper = float(special.ndtr(-z))
    if sides == 2:
        return 2 * upper
    return upper if original_z * replication_z > 0 else 1 - upper
