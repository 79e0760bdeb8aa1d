import numpy as np
import pytest

from harness.seeding import stream
from studies.distillation.data import DataError, open_dataset, open_evaluation_set
from studies.distillation.data.corrupted import corrupt


def nearest_mean_accuracy(data, examples):
    """How often an image is nearest to the mean of its own class in the pool."""
    means = np.stack([data.pool.images[data.pool.labels == c].mean(0) for c in range(10)])
    distances = ((examples.images[:, None] - means[None]) ** 2).sum((2, 3, 4))
    return (distances.argmin(1) == examples.labels).mean()


def test_corrupted_digits_are_the_test_digits_in_their_order(assets):
    data = open_dataset("digits", assets)
    examples = open_evaluation_set("digits_corrupted", data.class_names, assets)
    assert np.array_equal(examples.labels, data.test.labels)
    assert examples.images.shape == data.test.images.shape
    assert examples.images.dtype == np.uint8
    assert examples.images.max() <= 16
    assert (examples.images != data.test.images).any((1, 2, 3)).all()


def test_corrupted_digits_are_hard_and_not_hopeless(assets):
    data = open_dataset("digits", assets)
    examples = open_evaluation_set("digits_corrupted", data.class_names, assets)
    clean, corrupted = (nearest_mean_accuracy(data, each) for each in (data.test, examples))
    assert clean > 0.88
    assert 0.25 < corrupted < 0.5


def test_each_image_moves_by_one_pixel_and_what_it_leaves_is_zero(monkeypatch):
    monkeypatch.setattr("studies.distillation.data.corrupted.LOWEST_CONTRAST", 1.0)
    monkeypatch.setattr("studies.distillation.data.corrupted.NOISE_DEVIATION", 0.0)
    images = np.zeros((200, 1, 8, 8), dtype=np.uint8)
    images[:, 0, 3, 4] = 16
    images[:, 0, :, 0] = 5
    moved = corrupt(images, stream(1, "corruption"))
    places = {tuple(map(int, np.argwhere(image[0] == 16)[0])) for image in moved}
    assert places == {(2, 4), (4, 4), (3, 3), (3, 5)}
    left = moved[(moved[:, 0, 3, 3] == 16)][0, 0]
    assert (left[:, 7] == 0).all()
    down = moved[(moved[:, 0, 4, 4] == 16)][0, 0]
    assert down[:, 0].tolist() == [0] + [5] * 7


def test_contrast_and_noise_have_the_stated_size():
    images = np.full((4000, 1, 8, 8), 8, dtype=np.uint8)
    centre = corrupt(images, stream(2, "corruption"))[:, 0, 2:6, 2:6].astype(float)
    # 8 · u with u uniform in [0.5, 1]: 6 on average, from 4 to 8; rounding adds 1/12 to 2².
    assert centre.mean() == pytest.approx(6, abs=0.1)
    assert centre.mean((1, 2)).std() == pytest.approx(np.sqrt(4 / 3 + (4 + 1 / 12) / 16), abs=0.05)
    assert centre.var((1, 2), ddof=1).mean() == pytest.approx(4 + 1 / 12, rel=0.05)


def test_a_data_set_s_own_name_gives_its_test_set(assets):
    data = open_dataset("digits", assets)
    examples = open_evaluation_set("digits", data.class_names, assets)
    assert examples.digest() == data.test.digest()


def test_labels_follow_the_names_of_classes_and_not_their_order(assets):
    data = open_dataset("digits", assets)
    examples = open_evaluation_set("digits", data.class_names[::-1], assets)
    assert np.array_equal(examples.labels, 9 - data.test.labels)
    assert np.array_equal(examples.images, data.test.images)


def test_the_test_part_of_a_divided_folder_is_evaluated_on(photos, assets):
    photos({"train/cat": 3, "train/dog": 3, "test/dog": 2})
    examples = open_evaluation_set("imagefolder:photos", ["bird", "dog", "cat"], assets)
    assert examples.labels.tolist() == [1, 1]


def test_all_images_of_an_undivided_folder_are_evaluated_on_however_few_they_are(photos, assets):
    photos({"truck": 1, "bird": 2})
    examples = open_evaluation_set("imagefolder:photos", ["airplane", "bird", "truck"], assets)
    assert examples.labels.tolist() == [1, 1, 2]
    assert examples.images.shape == (3, 3, 32, 32)


def test_a_single_class_can_be_evaluated_on(photos, assets):
    photos({"truck": 2})
    assert open_evaluation_set("imagefolder:photos", ["truck"], assets).labels.tolist() == [0, 0]


def test_classes_that_the_model_does_not_know_are_refused_with_the_nearest(photos, assets):
    photos({"truck": 1, "aeroplane": 1, "zebra": 1})
    with pytest.raises(DataError) as caught:
        open_evaluation_set("imagefolder:photos", ("airplane", "truck"), assets)
    message = str(caught.value)
    assert "aeroplane: the model knows no such class" in message
    assert "nearest: airplane" in message
    assert "zebra: the model knows no such class" in message
    assert "classes.toml" in message
