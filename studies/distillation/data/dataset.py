"""What every data set offers, wherever its images come from."""

from dataclasses import dataclass, replace
from typing import Protocol

from harness.assets import Asset, Builder
from harness.canonical import JSON, digest
from studies.distillation.data.examples import Examples, channel_statistics


class AssetSource(Protocol):
    """Gives shared assets: a trial does, and so does the build of another asset."""

    def asset(self, builder: Builder, **key: JSON) -> Asset:
        """The asset that this builder makes of this key."""
        ...


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
        class_names: what each label stands for, in the order of the labels.
        full_scale: the intensity that stands for 1.0; images are in ``[0, full_scale]``.
        augmentation: the random changes that suit these images.
        mean: of the pool's intensities on the scale [0, 1], one a channel.
        deviation: their standard deviation, one a channel.
        family: the network family that is made for these images: ``digits`` (8×8 pixels, one
            channel) or ``cifar`` (32×32 pixels, three channels).
    """

    name: str
    pool: Examples
    test: Examples
    class_names: tuple[str, ...]
    full_scale: int
    augmentation: Augmentation
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    family: str

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def with_crop_padding(self, pixels: int) -> "DataSet":
        """The same data set with crops that shift its images by at most this many pixels."""
        return replace(self, augmentation=replace(self.augmentation, crop_padding=pixels))

    def digest(self) -> str:
        """Digest of pool and test set: of every pixel, every label and their order."""
        return digest("data-set", [self.pool.digest(), self.test.digest()])


def cifar_like(name: str, pool: Examples, test: Examples, class_names: tuple[str, ...]) -> DataSet:
    """A data set of 32×32 colour images, trained on as Hernandez et al. 2025 train on CIFAR-10.

    Args:
        name: what a study calls it.
        pool: ``(n, 3, 32, 32)``, from which mean and deviation are taken.
        test: ``(m, 3, 32, 32)``.
        class_names: what each label stands for.
    """
    statistics = channel_statistics(pool.images, full_scale=255)
    return DataSet(
        name=name,
        pool=pool,
        test=test,
        class_names=class_names,
        full_scale=255,
        augmentation=Augmentation(crop_padding=4, horizontal_flip=True),
        mean=statistics.mean,
        deviation=statistics.deviation,
        family="cifar",
    )
