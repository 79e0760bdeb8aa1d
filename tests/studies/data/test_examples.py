import dataclasses

import numpy as np
import pytest

from studies.distillation.data import Examples, open_dataset
from studies.distillation.data.examples import channel_statistics


@pytest.fixture
def examples():
    images = np.random.default_rng(1).integers(0, 256, (6, 3, 4, 4), dtype=np.uint8)
    return Examples(images, np.array([0, 1, 2, 0, 1, 2]))


def test_the_digest_sees_the_order_one_label_and_one_pixel(examples):
    one_pixel, one_label = examples.images.copy(), examples.labels.copy()
    one_pixel[3, 1, 2, 2] ^= 1
    one_label[5] = 1
    others = [
        examples.take(np.array([1, 0, 2, 3, 4, 5])),
        examples.take(np.arange(5)),
        dataclasses.replace(examples, images=one_pixel),
        dataclasses.replace(examples, labels=one_label),
        dataclasses.replace(examples, images=examples.images.reshape(6, 3, 2, 8)),
    ]
    assert len({part.digest() for part in (examples, *others)}) == 6
    assert examples.take(np.arange(6)).digest() == examples.digest()


def test_a_data_set_has_another_digest_when_pool_and_test_set_are_exchanged(assets):
    data = open_dataset("digits", assets)
    exchanged = dataclasses.replace(data, pool=data.test, test=data.pool)
    permuted = dataclasses.replace(data, test=data.test.take(np.arange(360)[::-1]))
    assert len({each.digest() for each in (data, exchanged, permuted)}) == 3


def test_mean_and_deviation_of_a_hand_made_image():
    # Channel one: 0, 0, 255, 255. Channel two: 51 everywhere. Channel three: 0, 102, 204, 204.
    image = np.array([[0, 0, 255, 255], [51, 51, 51, 51], [0, 102, 204, 204]], dtype=np.uint8)
    found = channel_statistics(image.reshape(1, 3, 2, 2), full_scale=255)
    assert found.mean == (0.5, 0.2, 0.5)
    # Of 0, .4, .8, .8: mean .5, mean square (.16 + .64 + .64) / 4 = .36, variance .11.
    assert found.deviation == (0.5, 0.0, pytest.approx(0.11**0.5, abs=1e-15))


def test_mean_and_deviation_are_of_all_images_however_many_are_counted_at_once():
    images = np.random.default_rng(2).integers(0, 256, (2500, 3, 2, 3), dtype=np.uint8)
    found = channel_statistics(images, full_scale=255)
    np.testing.assert_allclose(found.mean, (images / 255).mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(found.deviation, (images / 255).std((0, 2, 3)), rtol=1e-12)
