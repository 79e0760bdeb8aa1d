"""Images with labels in a fixed order, and the digests that tell one content from another."""

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

# Images counted at once; bincount widens each byte to eight.
_COUNTED_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Examples:
    """Images with their labels, in a fixed order; nobody changes them in place.

    Attributes:
        images: ``(n, channels, height, width)``, raw intensities.
        labels: ``(n,)``, classes counted from 0.
    """

    images: Pixels
    labels: Labels

    def take(self, positions: npt.NDArray[np.int64]) -> "Examples":
        """The examples at these positions, in this order."""
        return Examples(self.images[positions], self.labels[positions])

    def sample_digests(self) -> Pixels:
        """SHA-256 of each image's pixels and label, in order; shape ``(n, 32)``."""
        return self._sample_digests

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the shape and of all pixels and labels in order."""
        shape = ",".join(map(str, self.images.shape)).encode()
        return hashlib.sha256(shape + b";" + self._sample_digests.tobytes()).hexdigest()

    @cached_property
    def _sample_digests(self) -> Pixels:
        # Kept: a trial asks with every signal that it loads, and 50,000 images take 0.6 s.
        labels = self.labels.astype("<i8")
        digests = [
            hashlib.sha256(image.tobytes() + label.tobytes()).digest()
            for image, label in zip(self.images, labels, strict=True)
        ]
        return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 32)


@dataclass(frozen=True, slots=True)
class ChannelStatistics:
    """How bright the images are, on the scale [0, 1]; one number a channel.

    Attributes:
        mean: of all intensities of the channel.
        deviation: their standard deviation, divided by n.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def channel_statistics(images: Pixels, full_scale: int) -> ChannelStatistics:
    """Mean and standard deviation of each channel over all images and positions.

    Sums are of whole numbers, so the result depends on no order of summation: with ``S = Σx``,
    ``Q = Σx²`` and the full scale ``f``, the mean is ``S / (n·f)`` and the deviation is
    ``√(n·Q − S²) / (n·f)``.

    Args:
        images: ``(n, channels, height, width)``, not empty.
        full_scale: the intensity that stands for 1.0.
    """
    counts = np.zeros((images.shape[1], 256), dtype=np.int64)
    for begin in range(0, len(images), _COUNTED_AT_ONCE):
        part = images[begin : begin + _COUNTED_AT_ONCE]
        for channel in range(images.shape[1]):
            counts[channel] += np.bincount(part[:, channel].ravel(), minlength=256)
    moments = [_moments([int(count) for count in row], full_scale) for row in counts]
    return ChannelStatistics(tuple(each[0] for each in moments), tuple(each[1] for each in moments))


def _moments(counts: list[int], full_scale: int) -> tuple[float, float]:
    n = sum(counts)
    first = sum(count * value for value, count in enumerate(counts))
    second = sum(count * value * value for value, count in enumerate(counts))
    return first / (n * full_scale), math.sqrt(n * second - first * first) / (n * full_scale)
