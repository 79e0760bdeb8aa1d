"""Data sets of images behind one interface, each with a test split that never changes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from harness.errors import Problem
from harness.seeding import stream
from studies.distillation.splits import stratified_split


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Images with their labels, in a fixed order.

    Attributes:
        images: ``(n, channels, height, width)``, raw intensities.
        labels: ``(n,)``, classes counted from 0.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    def take(self, positions: npt.NDArray[np.int64]) -> "Examples":
        """The examples at these positions, in this order."""
        return Examples(self.images[positions], self.labels[positions])

    def sample_digests(self) -> npt.NDArray[np.uint8]:
        """SHA-256 of each image's pixels and label, in order; shape ``(n, 32)``."""
        labels = self.labels.astype("<i8")
        digests = [
            hashlib.sha256(image.tobytes() + label.tobytes()).digest()
            for image, label in zip(self.images, labels, strict=True)
        ]
        return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 32)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the shape and of all pixels and labels in order."""
        shape = ",".join(map(str, self.images.shape)).encode()
        return hashlib.sha256(shape + b";" + self.sample_digests().tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Which random changes keep an image's class.

    Attributes:
        crop_padding: pixels of zero padding on each side before a crop of the original size.
        horizontal_flip: whether half of the images are mirrored.
    """

    crop_padding: int
    horizontal_flip: bool


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """A data set with its fixed split into a training pool and a test set.

    Attributes:
        name: what a study calls it.
        pool: what may be trained and validated on.
        test: what is looked at once, after training.
        classes: number of classes.
        full_scale: the intensity that stands for 1.0; images are in ``[0, full_scale]``.
        augmentation: the random changes that suit these images.
        mean: of the pool's intensities on the scale [0, 1], one a channel.
        deviation: their standard deviation, one a channel.
        family: the network family that is made for these images.
    """

    name: str
    pool: Examples
    test: Examples
    classes: int
    full_scale: int
    augmentation: Augmentation
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    family: str

    def with_crop_padding(self, pixels: int) -> "DataSet":
        """The same data set with crops that shift its images by at most this many pixels."""
        return replace(self, augmentation=replace(self.augmentation, crop_padding=pixels))


@cache
def digits() -> DataSet:
    """The 1,797 handwritten digits of 8×8 pixels that come with scikit-learn.

    Intensities are 0 to 16. The pool holds 1,437 images and the test set 360. Digits are not
    mirrored, because a mirrored digit is another shape, and not cropped unless a study asks for it,
    because they fill their images: a crop cuts strokes off.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    examples = Examples(
        images=bunch.images.astype(np.uint8)[:, np.newaxis],
        labels=bunch.target.astype(np.int64),
    )
    split = stratified_split(examples.labels, 0.8, stream("digits", "test-split"))
    pool, test = examples.take(split.chosen), examples.take(split.rest)
    intensities = pool.images / 16
    return DataSet(
        name="digits",
        pool=pool,
        test=test,
        classes=10,
        full_scale=16,
        augmentation=Augmentation(crop_padding=0, horizontal_flip=False),
        mean=(float(intensities.mean()),),
        deviation=(float(intensities.std()),),
        family="digits",
    )


DATA_SETS: dict[str, Callable[[], DataSet]] = {"digits": digits}


def load_dataset(name: str) -> DataSet:
    """The data set of this name.

    Raises:
        ValueError: if there is none; the message lists all names and the nearest one.
    """
    if name not in DATA_SETS:
        problem = Problem("no such data set", "dataset", repr(name), tuple(DATA_SETS))
        raise ValueError("\n".join(problem.lines()))
    return DATA_SETS[name]()
