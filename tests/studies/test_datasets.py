import dataclasses

import numpy as np
import pytest

from studies.distillation.datasets import load_dataset


def test_digits_are_the_real_images_in_a_pool_and_a_test_set_of_the_stated_sizes(data):
    assert data.pool.images.shape == (1437, 1, 8, 8)
    assert data.test.images.shape == (360, 1, 8, 8)
    assert data.pool.images.max() == data.full_scale == 16


def test_pool_and_test_set_together_are_every_digit_once(data):
    from sklearn.datasets import load_digits

    bunch = load_digits()
    everything = np.concatenate([data.pool.images, data.test.images]).reshape(-1, 64)
    ordered = np.lexsort(everything.T)
    expected = bunch.data.astype(np.uint8)
    assert np.array_equal(everything[ordered], expected[np.lexsort(expected.T)])


def test_the_test_set_has_the_classes_in_the_pool_s_proportions(data):
    pool, test = (np.bincount(part.labels) / len(part.labels) for part in (data.pool, data.test))
    assert np.abs(pool - test).max() < 1 / len(data.test.labels)


def test_the_digest_sees_pixels_labels_and_their_order(data):
    pool = data.pool
    swapped = pool.take(np.r_[1, 0, 2 : len(pool.labels)])
    brighter = dataclasses.replace(pool, images=pool.images + np.uint8(1))
    relabelled = dataclasses.replace(pool, labels=9 - pool.labels)
    digests = {part.digest() for part in (pool, swapped, brighter, relabelled)}
    assert len(digests) == 4
    assert pool.digest() == pool.take(np.arange(len(pool.labels))).digest()


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(ValueError, match=r"digit5[\s\S]*nearest: digits"):
        load_dataset("digit5")
