"""Random numbers for comparisons: streams that depend on what they are for, and on nothing else."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from analysis.inference.bootstrap import resample_weights
from analysis.inference.paired import Floats

_MOST_WEIGHTS = 20_000_000
"""Numbers in a matrix of weights, 160 MB; beyond, an interval of a mean needs no bootstrap."""


def stream(seed: int, *key: object) -> np.random.Generator:
    """Return a generator that depends on the seed and the key alone.

    Args:
        seed: seed of the whole analysis.
        key: what the numbers are for, made of what JSON can write.
    """
    text = json.dumps([seed, *key]).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text).digest()[:16]))


@dataclass(slots=True)
class Resampler:
    """Bootstrap samples that comparisons of the same size share.

    Two comparisons of n pairs see the same resampled positions, so that a matrix is drawn once for
    all; and each sees the same ones whatever else is compared.

    Attributes:
        seed: seed of the whole analysis.
        resamples: number of bootstrap samples.
    """

    seed: int
    resamples: int
    _known: dict[tuple[int, str], Floats] = field(default_factory=dict)

    def weights(self, n: int, role: str) -> Floats | None:
        """Return weights of shape (resamples, n) whose rows sum to 1; None when n is too large.

        Args:
            n: size of the sample.
            role: what it is; samples that are drawn independently have different roles.
        """
        if n * self.resamples > _MOST_WEIGHTS:
            return None
        if (n, role) not in self._known:
            rng = stream(self.seed, "bootstrap", n, role)
            self._known[n, role] = resample_weights(n, self.resamples, rng)
        return self._known[n, role]
