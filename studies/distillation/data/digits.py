"""The digits that come with scikit-learn: real images that need no download."""

from functools import cache

import numpy as np

from harness.seeding import stream
from studies.distillation.data.dataset import Augmentation, DataSet
from studies.distillation.data.examples import Examples, channel_statistics
from studies.distillation.data.names import DIGITS
from studies.distillation.splits import stratified_split

CLASS_NAMES = tuple("0123456789")

# The intensity of full ink.
FULL_SCALE = 16


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
    statistics = channel_statistics(pool.images, FULL_SCALE)
    return DataSet(
        name=DIGITS,
        pool=pool,
        test=test,
        class_names=CLASS_NAMES,
        full_scale=FULL_SCALE,
        augmentation=Augmentation(crop_padding=0, horizontal_flip=False),
        mean=statistics.mean,
        deviation=statistics.deviation,
        family="digits",
    )
