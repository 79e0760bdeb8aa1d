import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from harness.assets import AssetBuild, AssetStore
from harness.errors import AssetError
from studies.distillation.data import DataError, folder_asset, open_dataset
from studies.distillation.data.folder_asset import build_images

DIVIDED = {"train/cat": 6, "train/dog": 4, "test/cat": 2, "test/dog": 1}


def pixels(path):
    return np.asarray(Image.open(path)).transpose(2, 0, 1)


def only_asset(trial):
    (asset,) = trial.assets.values()
    return asset


def test_a_divided_folder_is_a_data_set_with_its_parts(photos, assets):
    root = photos(DIVIDED)
    data = open_dataset("imagefolder:photos", assets)
    assert (data.name, data.family, data.class_names) == (
        "imagefolder:photos",
        "cifar",
        ("cat", "dog"),
    )
    assert data.pool.labels.tolist() == [0] * 6 + [1] * 4
    assert data.test.labels.tolist() == [0, 0, 1]
    assert data.pool.images.shape == (10, 3, 32, 32)
    assert np.array_equal(data.pool.images[7], pixels(root / "train/dog/001.png"))
    assert np.array_equal(data.test.images[2], pixels(root / "test/dog/000.png"))
    assert (data.augmentation.crop_padding, data.augmentation.horizontal_flip) == (4, True)
    np.testing.assert_allclose(data.mean, (data.pool.images / 255).mean((0, 2, 3)))


def test_a_fifth_of_each_class_of_an_undivided_folder_is_the_test_set(photos, assets):
    photos({"cat": 10, "dog": 5, "hen": 15})
    data = open_dataset("imagefolder:photos", assets)
    assert np.bincount(data.pool.labels).tolist() == [8, 4, 12]
    assert np.bincount(data.test.labels).tolist() == [2, 1, 3]
    everything = np.concatenate([data.pool.images, data.test.images])
    assert len({image.tobytes() for image in everything}) == 30


def test_the_division_depends_on_the_images_alone(photos, new_trial):
    root = photos({"cat": 10, "dog": 10})
    first = open_dataset("imagefolder:photos", new_trial())
    root.rename(root.with_name("moved"))
    moved = open_dataset("imagefolder:moved", new_trial())
    assert moved.digest() == first.digest()


def test_images_are_decoded_once_for_all_processes(photos, new_trial, monkeypatch):
    photos(DIVIDED)
    first, again = new_trial(), new_trial()
    before = open_dataset("imagefolder:photos", first)
    monkeypatch.setattr(folder_asset, "decode", None)
    assert open_dataset("imagefolder:photos", again).digest() == before.digest()
    assert only_asset(again) == only_asset(first)


def test_another_process_reads_the_same_data_set(photos, new_trial, here):
    photos(DIVIDED)
    data = open_dataset("imagefolder:photos", new_trial())
    program = (
        "from pathlib import Path\n"
        "from harness.assets import AssetStore\n"
        "from harness.trial import Trial\n"
        "from studies.distillation.data import open_dataset, folder_asset\n"
        "folder_asset.decode = None\n"
        "trial = Trial({}, 1, AssetStore(Path('assets')))\n"
        "print(open_dataset('imagefolder:photos', trial).digest())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == data.digest(), done.stderr


def test_the_asset_notes_how_many_images_it_holds_and_their_digests(photos, assets):
    photos(DIVIDED)
    data = open_dataset("imagefolder:photos", assets)
    facts = only_asset(assets).facts
    assert facts["images"] == {"train": {"cat": 6, "dog": 4}, "test": {"cat": 2, "dog": 1}}
    assert facts["content"] == {"train": data.pool.digest(), "test": data.test.digest()}


def test_a_changed_pixel_makes_another_asset_and_another_data_set(photos, new_trial):
    root = photos(DIVIDED)
    first, second = new_trial(), new_trial()
    before = open_dataset("imagefolder:photos", first)
    image = Image.open(root / "train/cat/003.png")
    image.putpixel((5, 5), tuple(value ^ 1 for value in image.getpixel((5, 5))))
    image.save(root / "train/cat/003.png")
    after = open_dataset("imagefolder:photos", second)
    assert only_asset(first).digest != only_asset(second).digest
    assert np.flatnonzero((before.pool.images != after.pool.images).any((1, 2, 3))).tolist() == [3]
    assert before.pool.digest() != after.pool.digest()


def test_exchanged_class_folders_make_another_data_set(photos, new_trial):
    root = photos({"train/cat": 4, "train/dog": 4, "test/cat": 1, "test/dog": 1})
    before = open_dataset("imagefolder:photos", new_trial())
    for old, new in (("cat", "x"), ("dog", "cat"), ("x", "dog")):
        (root / "train" / old).rename(root / "train" / new)
    after = open_dataset("imagefolder:photos", new_trial())
    assert np.array_equal(before.pool.images[:4], after.pool.images[4:])
    assert before.pool.digest() != after.pool.digest()


def test_two_folders_with_the_same_names_never_share_an_asset(photos, new_trial):
    first, second = photos({"cat": 5, "dog": 5}, "a"), photos({"cat": 5, "dog": 5, "hen": 5}, "b")
    for path in (second / "hen").iterdir():
        path.unlink()
    (second / "hen").rmdir()
    for root in (first, second):
        for path in root.rglob("*.png"):
            os.utime(path, ns=(1, 1))
    ours, theirs = (open_dataset(f"imagefolder:{name}", new_trial()) for name in "ab")
    assert ours.pool.digest() != theirs.pool.digest()


def test_the_class_map_names_and_joins_classes(photos, new_trial):
    root = photos({"n1": 5, "n2": 5, "n3": 5, "n4": 5})
    text = 'ignore = ["n4"]\n[classes]\nn1 = "dog"\nn2 = "cat"\nn3 = "dog"\n'
    (root / "classes.toml").write_text(text)
    data = open_dataset("imagefolder:photos", new_trial())
    assert data.class_names == ("cat", "dog")
    assert np.bincount(data.pool.labels).tolist() == [4, 8]
    (root / "classes.toml").write_text(text.replace('"cat"', '"fox"'))
    assert open_dataset("imagefolder:photos", new_trial()).class_names == ("dog", "fox")


def test_a_damaged_asset_is_refused(photos, new_trial):
    photos(DIVIDED)
    first = new_trial()
    open_dataset("imagefolder:photos", first)
    path = only_asset(first).path / folder_asset.IMAGES
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(AssetError, match="is not the file that was built"):
        open_dataset("imagefolder:photos", new_trial())


def test_files_that_cannot_be_read_are_named_the_first_ten_and_their_number(photos, assets):
    root = photos({"train/cat": 14, "train/dog": 1, "test/cat": 1})
    for number in range(12):
        (root / f"train/cat/{number:03}.png").write_bytes(b"no image")
    with pytest.raises(DataError) as caught:
        open_dataset("imagefolder:photos", assets)
    message = str(caught.value)
    assert "12 files cannot be read as images" in message
    assert "train/cat/000.png: UnidentifiedImageError" in message
    assert "train/cat/009.png" in message
    assert "train/cat/010.png" not in message
    assert "… and 2 more" in message


def test_a_folder_that_changes_while_it_is_read_is_refused(photos, assets, monkeypatch):
    root, decode = photos(DIVIDED), folder_asset.decode

    def decode_while_somebody_writes(path):
        (root / "train/cat/new.png").write_bytes(b"half an im")
        return decode(path)

    monkeypatch.setattr(folder_asset, "decode", decode_while_somebody_writes)
    with pytest.raises(DataError, match="changed while it was read"):
        open_dataset("imagefolder:photos", assets)


def test_images_cannot_be_built_from_another_listing_than_the_key_says(photos, here):
    photos(DIVIDED)
    with pytest.raises(DataError, match="changed"):
        AssetStore(here / "assets").get(
            build_images, folder="photos", fingerprint="0" * 64, version=1
        )


def test_a_single_class_is_nothing_to_train_on(photos, assets):
    photos({"cat": 6})
    with pytest.raises(DataError, match="single class"):
        open_dataset("imagefolder:photos", assets)


def test_classes_too_small_to_be_divided_are_named_with_what_would_do(photos, assets):
    photos({"cat": 4, "dog": 5, "hen": 1})
    with pytest.raises(DataError) as caught:
        open_dataset("imagefolder:photos", assets)
    message = str(caught.value)
    assert "cat: too few images" in message
    assert "given:   4\n  allowed: at least 5" in message
    assert "hen" in message
    assert "dog" not in message


def test_an_asset_that_is_built_from_images_names_them_as_its_input(photos, here):
    photos(DIVIDED)

    store = AssetStore(here / "assets")
    asset = store.get(teacher_of_photos)
    (images,) = (each for each in store.used.values() if each.builder.endswith("build_images"))
    assert asset.inputs == (images.digest,)
    assert json.loads((asset.path / "size").read_text()) == 10


def teacher_of_photos(build: AssetBuild) -> None:
    data = open_dataset("imagefolder:photos", build)
    (build.path / "size").write_text(str(len(data.pool.labels)))


def test_lossless_images_of_the_right_size_are_cautioned_against_by_nobody(photos, assets):
    photos(DIVIDED)
    open_dataset("imagefolder:photos", assets)
    assert only_asset(assets).cautions == ()


def test_lossy_and_resized_images_are_cautioned_against_with_their_number(photos, assets):
    root = photos(DIVIDED)
    for path in sorted(root.rglob("*.png"))[:3]:
        Image.open(path).save(path.with_suffix(".jpg"))
        path.unlink()
    Image.new("RGB", (40, 32)).save(root / "train/cat/wide.webp")
    open_dataset("imagefolder:photos", assets)
    lossy, unknown, resized = only_asset(assets).cautions
    assert lossy == (
        "3 of the 14 images of imagefolder:photos are compressed by JPEG, which is lossy: "
        "accuracies cannot be compared with those on lossless images; differences between arms are "
        "real."
    )
    assert unknown.startswith("1 of the 14 images of imagefolder:photos are compressed by WebP")
    assert resized.startswith("1 of the 14 images of imagefolder:photos were cropped or resized")


def test_a_folder_of_jpeg_files_alone_is_a_lossy_copy_whatever_its_name(here, assets):
    for label in ("cat", "dog"):
        folder = here / "a\nb" / label
        folder.mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (32, 32), (number, 9, 9)).save(folder / f"{number}.jpg")
    open_dataset("imagefolder:a\nb", assets)
    (caution,) = only_asset(assets).cautions
    assert caution.startswith("The images of imagefolder:a")
