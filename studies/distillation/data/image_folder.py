"""Any folder of images as a data set."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from harness.errors import Problem
from harness.seeding import stream
from studies.distillation.data.dataset import AssetSource, DataSet, cifar_like
from studies.distillation.data.errors import DataError
from studies.distillation.data.examples import Examples
from studies.distillation.data.folder_asset import FolderImages, images_asset, read_images
from studies.distillation.data.listing import TEST, TRAIN, UNDIVIDED
from studies.distillation.splits import stratified_split

POOL_FRACTION = 0.8

# With fewer, a fifth of a class may be no image.
FEWEST_TO_DIVIDE = 5


def image_folder(name: str, folder: str, assets: AssetSource) -> DataSet:
    """The data set that a folder holds.

    A folder without parts is divided: a fifth of each class, drawn from a stream that its content
    alone determines, becomes the test set.

    Args:
        name: what the study calls it.
        folder: where it is, as it was typed.
        assets: keeps the decoded images.

    Raises:
        DataError: if the folder or a file of it cannot be used, or it does not hold enough images
            or classes to train and to test on.
    """
    return _dataset(name, folder, images_asset(folder, assets))


# An asset's folder is named by what it was built from, so another content is another entry; a
# process seldom needs more than what it trains on.
@lru_cache(maxsize=2)
def _dataset(name: str, folder: str, asset: Path) -> DataSet:
    images = read_images(asset)
    if len(images.class_names) < 2:
        what = "there is a single class, so there is nothing to tell apart"
        raise DataError(Problem(what, given=images.class_names[0]), folder)
    if UNDIVIDED in images.parts:
        pool, test = _divide(folder, images)
    else:
        pool, test = images.parts[TRAIN], images.parts[TEST]
    return cifar_like(name, pool, test, images.class_names)


def _divide(folder: str, images: FolderImages) -> tuple[Examples, Examples]:
    everything = images.parts[UNDIVIDED]
    counts = np.bincount(everything.labels)
    what, enough = "too few images to set a fifth of them aside", f"at least {FEWEST_TO_DIVIDE}"
    problems = [
        Problem(what, name, str(count), (enough,))
        for name, count in zip(images.class_names, counts, strict=True)
        if count < FEWEST_TO_DIVIDE
    ]
    if problems:
        remedy = "add images, or lay out PATH/train and PATH/test"
        raise DataError(
            [*problems, Problem("The test set is a fifth of each class.", remedy=remedy)], folder
        )
    rng = stream(everything.digest(), "test-split")
    split = stratified_split(everything.labels, POOL_FRACTION, rng)
    return everything.take(split.chosen), everything.take(split.rest)
