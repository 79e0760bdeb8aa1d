"""What the command line tells about data sets."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.assets import Asset, AssetStore, Builder
from harness.canonical import JSON
from harness.running import DEFAULT_ARTIFACTS
from studies.distillation.data.cifar10 import FETCH, FOLDER, data_folder, require_files
from studies.distillation.data.errors import DataError
from studies.distillation.data.examples import Examples, Pixels
from studies.distillation.data.listing import list_images
from studies.distillation.data.names import (
    CIFAR10,
    DIGITS,
    DIGITS_CORRUPTED,
    IMAGE_FOLDER,
    folder_of,
)
from studies.distillation.data.opening import open_dataset


@dataclass(frozen=True, slots=True)
class _SharedAssets:
    """The assets that studies share, for a command that is no trial."""

    store: AssetStore

    def asset(self, builder: Builder, **key: JSON) -> Asset:
        return self.store.get(builder, **key)


def known_datasets() -> list[dict[str, str]]:
    """One row a name: whether it is there, what it may be used for, and what it is."""
    rows = (
        (DIGITS, "yes", "train, evaluate", "1,797 digits of 8×8 pixels, from scikit-learn"),
        (CIFAR10, _cifar10_ready(), "train, evaluate", "60,000 colour images of 32×32 pixels"),
        (f"{IMAGE_FOLDER}PATH", "", "train, evaluate", "any folder with a folder for each class"),
        (DIGITS_CORRUPTED, "yes", "evaluate", "the test digits, shifted, faded and noisy"),
    )
    return [dict(zip(("name", "ready", "use", "what"), row, strict=True)) for row in rows]


def _cifar10_ready() -> str:
    folder = data_folder() / FOLDER
    if not folder.exists():
        return f"no: {FETCH}"
    try:
        require_files(folder)
    except DataError:
        return "damaged"
    return "yes"


def describe(name: str) -> dict[str, Any]:
    """What a data set holds.

    Raises:
        DataError: if it cannot be opened.
    """
    dataset = open_dataset(name, _SharedAssets(AssetStore(DEFAULT_ARTIFACTS / "assets")))
    channels, height, width = dataset.pool.images.shape[1:]
    parts = dataset.pool, dataset.test
    pool, test = (np.bincount(part.labels, minlength=dataset.classes) for part in parts)
    return {
        "name": name,
        "family": dataset.family,
        "pool_images": len(dataset.pool.labels),
        "test_images": len(dataset.test.labels),
        "unused_folders": _unused_folders(name),
        "test_images_in_pool": shared_images(dataset.pool, dataset.test),
        "width": width,
        "height": height,
        "channels": channels,
        "full_scale": dataset.full_scale,
        "mean": dataset.mean,
        "deviation": dataset.deviation,
        "digest": dataset.digest(),
        "classes": [
            {"class": each, "pool": int(in_pool), "test": int(in_test)}
            for each, in_pool, in_test in zip(dataset.class_names, pool, test, strict=True)
        ],
    }


def _unused_folders(name: str) -> list[str]:
    """Folders of an image folder that belong to no part; none for other data sets."""
    folder = folder_of(name)
    return [] if folder is None else list(list_images(folder).unused)


def shared_images(pool: Examples, test: Examples) -> int:
    """How many test images have exactly the pixels of some pool image, whatever their labels."""
    known = {_pixels_digest(image) for image in pool.images}
    return sum(_pixels_digest(image) in known for image in test.images)


def _pixels_digest(image: Pixels) -> bytes:
    return hashlib.sha256(image.tobytes()).digest()
