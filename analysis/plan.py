"""What all comparisons of one call have in common."""

from dataclasses import dataclass

from analysis.drawing import Resampler
from analysis.protocol import Protocol

_MOST_FLIPS = 100_000
_MOST_WORK = 100_000_000
_FEWEST_FLIPS = 999
_MOST_RANK_DRAWS = 10_000
_FEWEST_RANK_DRAWS = 499


@dataclass(frozen=True, slots=True)
class Plan:
    """Protocol, random numbers and the size of the family.

    Attributes:
        protocol: what was declared.
        seed: seed of the whole analysis.
        family_size: how many comparisons share the correction.
        resampler: bootstrap samples.
        power: the power at which an effect counts as detectable, above 0 and below 1.
    """

    protocol: Protocol
    seed: int
    family_size: int
    resampler: Resampler
    power: float = 0.8

    @property
    def strictest_alpha(self) -> float:
        """The level that the smallest p of the family has to reach, in (0, 1)."""
        if self.protocol.correction == "none" and self.protocol.test != "dunnett":
            return self.protocol.alpha
        return self.protocol.alpha / max(1, self.family_size)

    def flips(self, n: int) -> int:
        """How many random arrangements a Monte Carlo test of n values draws.

        100,000, and fewer for more than 1,000 values, where each costs more and where p hardly
        depends on them any longer.
        """
        return max(_FEWEST_FLIPS, min(_MOST_FLIPS, _MOST_WORK // max(1, n)))

    def rank_draws(self, n: int) -> int:
        """How many random orders within blocks a test of n ranks draws: 10,000, and fewer for many.

        Beyond 10,000 ranks the chi-square distribution says the same.
        """
        return max(_FEWEST_RANK_DRAWS, min(_MOST_RANK_DRAWS, _MOST_WORK // max(1, n)))
