"""Digits that were shifted, faded and made noisy: what a model meets outside of its training set.

For digits it is what the ImageNet subset is for CIFAR-10 in Hernandez et al. 2025: other images of
the same classes, on which a model that was trained on the clean ones is tested.
"""

from functools import cache

import numpy as np

from harness.seeding import stream
from studies.distillation.data.digits import FULL_SCALE, digits
from studies.distillation.data.examples import Examples, Pixels
from studies.distillation.data.names import DIGITS_CORRUPTED

# Rows and columns by which an image may move: up, down, left, right.
DIRECTIONS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])

LOWEST_CONTRAST = 0.5
NOISE_DEVIATION = 2.0


@cache
def digits_corrupted() -> Examples:
    """The 360 test digits in their order, each corrupted; labels are digits from 0 to 9.

    Each image is shifted by one pixel up, down, left or right, with zeros where it leaves a gap;
    its intensities are multiplied by a factor drawn uniformly from 0.5 to 1; normal noise with a
    standard deviation of 2 (of 16) is added to each pixel; the result is rounded and clipped to
    0 … 16. All of it is drawn from one stream, so the set is the same for every trial.
    """
    clean = digits().test
    return Examples(corrupt(clean.images, stream(DIGITS_CORRUPTED, "corruption")), clean.labels)


def corrupt(images: Pixels, rng: np.random.Generator) -> Pixels:
    """Shift, fade and add noise.

    Args:
        images: ``(n, 1, height, width)``, intensities from 0 to 16.
        rng: the stream to draw from.
    """
    moves = DIRECTIONS[rng.integers(len(DIRECTIONS), size=len(images))]
    shifted = np.stack([_shift(image, move) for image, move in zip(images, moves, strict=True)])
    contrast = rng.uniform(LOWEST_CONTRAST, 1.0, size=(len(images), 1, 1, 1))
    noise = rng.normal(scale=NOISE_DEVIATION, size=images.shape)
    return np.clip(np.rint(contrast * shifted + noise), 0, FULL_SCALE).astype(np.uint8)


def _shift(image: Pixels, move: np.ndarray) -> Pixels:
    height, width = image.shape[1:]
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    top, left = 1 - move
    return padded[:, top : top + height, left : left + width]
