"""Independent random streams from a seed and a name.

A stream depends on its seed and its name alone: not on the arm, not on which other streams exist,
nor on how many numbers those have given. Two arms with the same seed therefore see the same
initial weights, batches and crops (common random numbers), which is what lets their runs be paired.
"""

from typing import TYPE_CHECKING

from harness.canonical import JSON, digest

# It takes a tenth of a second, and commands that draw nothing need not wait for it.
if TYPE_CHECKING:
    import numpy as np


def stream(seed: JSON, name: str) -> "np.random.Generator":
    """A generator at the beginning of the stream that this seed and this name stand for.

    The two are hashed together as canonical JSON rather than joined as text, so that no pair of
    seed and name can be mistaken for another pair.

    Args:
        seed: the trial's seed, or whatever else identifies the randomness.
        name: what the numbers are for, such as ``init``, ``order`` or ``augment``.
    """
    import numpy as np

    entropy = int(digest("random-stream", [seed, name]), 16)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
