import os

import numpy as np
import pytest

from studies.distillation.data import DataError, cifar10, open_dataset

RECORDS = 20
FILES = (*cifar10.POOL_FILES, *cifar10.TEST_FILES)


def records(number):
    """Twenty records, two of each class; each file has other pixels."""
    pixels = np.random.default_rng(number).integers(0, 256, (RECORDS, 3072), dtype=np.uint8)
    labels = np.tile(np.arange(10, dtype=np.uint8), 2)[:, None]
    return np.concatenate([labels, pixels], axis=1)


@pytest.fixture
def folder(here, monkeypatch):
    """The files of a CIFAR-10 with twenty records each, where they are looked for."""
    monkeypatch.setattr(cifar10, "RECORDS_PER_FILE", RECORDS)
    folder = here / "artifacts" / "data" / cifar10.FOLDER
    folder.mkdir(parents=True)
    for number, name in enumerate(FILES):
        records(number).tofile(folder / name)
    return folder


def refusal(assets):
    with pytest.raises(DataError) as caught:
        open_dataset("cifar10", assets)
    return str(caught.value)


def test_five_files_are_the_pool_and_one_is_the_test_set(folder, assets):
    data = open_dataset("cifar10", assets)
    assert data.pool.images.shape == (100, 3, 32, 32)
    assert data.test.images.shape == (20, 3, 32, 32)
    assert data.class_names[0] == "airplane"
    assert data.class_names[9] == "truck"
    assert (data.name, data.family, data.full_scale) == ("cifar10", "cifar", 255)
    assert (data.augmentation.crop_padding, data.augmentation.horizontal_flip) == (4, True)


def test_a_record_is_a_label_and_then_the_red_green_and_blue_plane(folder, assets):
    stored = records(0)
    stored[7, 1:] = np.r_[np.full(1024, 10), np.arange(1024) % 32, np.arange(1024) // 32]
    stored.tofile(folder / FILES[0])
    data = open_dataset("cifar10", assets)
    red, green, blue = data.pool.images[7]
    assert data.pool.labels[7] == stored[7, 0] == 7
    assert (red == 10).all()
    assert (green == np.arange(32)[None, :]).all()
    assert (blue == np.arange(32)[:, None]).all()


def test_the_files_are_read_in_the_order_of_their_numbers(folder, assets):
    data = open_dataset("cifar10", assets)
    for number in range(5):
        first = data.pool.images[number * RECORDS].ravel()
        assert np.array_equal(first, records(number)[0, 1:])
    assert np.array_equal(data.test.images[0].ravel(), records(5)[0, 1:])


def test_a_data_folder_of_one_s_own_is_named_by_an_environment_variable(
    folder, assets, here, monkeypatch
):
    folder.parent.rename(here / "elsewhere")
    monkeypatch.setenv("HARNESS_DATA", str(here / "elsewhere"))
    assert len(open_dataset("cifar10", assets).test.labels) == 20


def test_where_it_is_not_there_the_command_that_fetches_it_is_told(here, assets):
    message = refusal(assets)
    assert "CIFAR-10 is not there" in message
    assert "python -m studies.distillation.data fetch cifar10" in message


def test_truncated_long_and_missing_files_are_named_with_their_sizes(folder, assets):
    os.truncate(folder / FILES[1], 1000)
    with (folder / FILES[2]).open("ab") as file:
        file.write(b"more")
    (folder / FILES[5]).unlink()
    message = refusal(assets)
    expected = RECORDS * 3073
    assert "data_batch_2.bin: this file is truncated\n  given:   1,000 bytes" in message
    assert f"allowed: {expected:,} bytes" in message
    assert f"data_batch_3.bin: this file is too long\n  given:   {expected + 4:,} bytes" in message
    assert "test_batch.bin: this file is missing" in message
    assert f"remove {folder.relative_to(folder.parents[2])}" in message


@pytest.mark.parametrize("label", [0, 10, 255])
def test_labels_that_are_not_those_of_cifar10_are_refused(folder, assets, label):
    stored = records(5)
    stored[3, 0] = label
    stored.tofile(folder / FILES[5])
    assert "each of the labels 0 to 9 stands 2 times in test_batch.bin" in refusal(assets)


def test_files_full_of_zeros_are_refused(folder, assets):
    np.zeros((RECORDS, 3073), dtype=np.uint8).tofile(folder / FILES[5])
    assert "labels" in refusal(assets)


def test_changed_files_are_read_again(folder, assets):
    before = open_dataset("cifar10", assets)
    records(6).tofile(folder / FILES[5])
    os.utime(folder / FILES[5], ns=(1, 1))
    after = open_dataset("cifar10", assets)
    assert before.pool.digest() == after.pool.digest()
    assert before.test.digest() != after.test.digest()
