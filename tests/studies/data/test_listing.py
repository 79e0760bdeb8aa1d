import os
import re

import pytest

from studies.distillation.data import DataError
from studies.distillation.data.class_map import CLASS_MAP
from studies.distillation.data.listing import list_images


@pytest.fixture
def root(tmp_path):
    return tmp_path / "photos"


def put(root, *names):
    """Files of these names; listing looks at no content."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(listing, part):
    return [image.relative for image in listing.parts[part]]


def refusal(root):
    with pytest.raises(DataError) as caught:
        list_images(str(root))
    return str(caught.value)


def test_images_of_a_divided_folder_are_listed_by_part_class_and_name(root):
    put(root, "train/dog/2.png", "train/dog/10.png", "train/cat/a.JPG", "test/cat/b.jpeg")
    listing = list_images(str(root))
    assert names(listing, "train") == ["train/cat/a.JPG", "train/dog/10.png", "train/dog/2.png"]
    assert names(listing, "test") == ["test/cat/b.jpeg"]
    assert listing.class_names == ("cat", "dog")


@pytest.mark.parametrize("part", ["val", "validation"])
def test_a_validation_part_is_the_test_part_where_there_is_no_test(root, part):
    put(root, "train/cat/a.png", f"{part}/cat/b.png")
    assert names(list_images(str(root)), "test") == [f"{part}/cat/b.png"]


def test_a_test_part_counts_before_a_validation_part(root):
    put(root, "train/cat/a.png", "test/cat/b.png", "val/cat/c.png")
    listing = list_images(str(root))
    assert names(listing, "test") == ["test/cat/b.png"]
    assert listing.unused == ("val",)


def test_a_part_that_the_class_map_ignores_is_not_told_as_unused(root):
    put(root, "train/cat/a.png", "test/cat/b.png", "val/cat/c.png")
    (root / "classes.toml").write_text('ignore = ["val"]')
    assert list_images(str(root)).unused == ()


def test_a_folder_without_parts_is_undivided_even_with_a_class_called_train(root):
    put(root, "plane/a.png", "train/b.png", "test/c.png")
    listing = list_images(str(root))
    assert names(listing, "undivided") == ["plane/a.png", "test/c.png", "train/b.png"]
    assert listing.class_names == ("plane", "test", "train")


def test_what_operating_systems_leave_behind_is_ignored(root):
    litter = (".DS_Store", "Thumbs.db", "desktop.ini", "._a.png", ".git/config")
    put(root, "cat/a.png", "dog/b.png", *litter, *(f"cat/{name}" for name in litter))
    put(root, "__MACOSX/cat/a.png", "README.md")
    assert names(list_images(str(root)), "undivided") == ["cat/a.png", "dog/b.png"]


def test_the_path_may_be_relative_or_begin_at_home(root, monkeypatch):
    put(root, "cat/a.png", "dog/b.png")
    monkeypatch.chdir(root.parent)
    monkeypatch.setenv("HOME", str(root.parent))
    fingerprints = {list_images(each).fingerprint for each in (str(root), "photos", "~/photos")}
    assert len(fingerprints) == 1


def test_links_to_files_and_folders_are_followed(root, tmp_path):
    put(tmp_path, "elsewhere/1.png", "single.png")
    put(root, "cat/a.png")
    (root / "cat/linked.png").symlink_to(tmp_path / "single.png")
    (root / "dog").symlink_to(tmp_path / "elsewhere")
    listing = list_images(str(root))
    assert names(listing, "undivided") == ["cat/a.png", "cat/linked.png", "dog/1.png"]


def test_names_of_any_script_are_kept_and_one_name_in_two_spellings_is_one_class(root):
    put(root, "train/chó/ảnh.png", "test/cho\u0301/1.png", "train/猫/1.png", "train/a 'b\"/1.png")
    assert list_images(str(root)).class_names == ("a 'b\"", "chó", "猫")


def test_a_missing_folder_is_told_with_the_place_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "photos") in refusal("photos")


def test_a_file_is_no_image_folder(tmp_path):
    put(tmp_path, "photos")
    assert "this is no folder" in refusal(tmp_path / "photos")


def test_a_folder_without_class_folders_is_refused_with_the_layouts(root):
    root.mkdir()
    message = refusal(root)
    assert "no class folders" in message
    assert "PATH/train/CLASS/IMAGE" in message


def test_images_outside_of_class_folders_are_named(root):
    put(root, "cat/a.png", "dog/a.png", "lost.png")
    assert "outside of any class folder\n  given:   lost.png" in refusal(root)


def test_a_part_of_images_without_class_folders_is_refused(root):
    put(root, "train/cat/a.png", "test/0001.png", "test/0002.png")
    assert "test/0001.png, test/0002.png" in refusal(root)


def test_an_empty_part_is_refused(root):
    put(root, "train/cat/a.png")
    (root / "test").mkdir()
    assert "test: there are no class folders" in refusal(root)


def test_a_class_without_an_image_is_named(root):
    put(root, "train/cat/a.png", "test/cat/a.png", "test/dog/.hidden")
    assert "hold no image\n  given:   test/dog" in refusal(root)


def test_a_class_that_only_the_test_part_has_is_named(root):
    put(root, "train/cat/a.png", "test/cat/a.png", "test/dog/a.png")
    assert "test/dog: this class has no images to train on" in refusal(root)


def test_a_class_that_only_the_training_part_has_is_kept(root):
    put(root, "train/cat/a.png", "train/dog/a.png", "test/cat/a.png")
    assert list_images(str(root)).class_names == ("cat", "dog")


def test_a_training_part_without_a_test_part_is_refused(root):
    put(root, "train/cat/a.png")
    assert "no test part\n  allowed: test, val, validation" in refusal(root)


def test_two_parts_that_may_both_be_meant_are_refused(root):
    put(root, "train/cat/a.png", "val/cat/b.png", "validation/cat/c.png")
    assert "which of these is the test part?\n  given:   val, validation" in refusal(root)


def test_a_folder_beside_the_parts_is_refused(root):
    put(root, "train/cat/a.png", "test/cat/b.png", "extra/cat/c.png")
    assert "no part of the data set\n  given:   extra" in refusal(root)


def test_files_that_are_no_images_are_named_the_first_ten_and_their_number(root):
    put(root, "dog/a.png", *(f"cat/{number:02}.txt" for number in range(12)))
    message = refusal(root)
    assert "cat/00.txt, " in message
    assert "cat/09.txt, … (12 in all)" in message
    assert "cat/10.txt" not in message
    assert ".jpeg, .jpg" in message


def test_a_folder_inside_of_a_class_folder_is_named(root):
    put(root, "cat/a.png", "cat/more/b.png")
    assert "inside of class folders\n  given:   cat/more" in refusal(root)


def test_links_that_lead_nowhere_or_in_a_circle_are_named(root):
    put(root, "cat/a.png")
    (root / "cat/gone.png").symlink_to(root / "nothing.png")
    (root / "cat/circle.png").symlink_to(root / "cat/circle.png")
    assert "links lead nowhere\n  given:   cat/circle.png, cat/gone.png" in refusal(root)


def test_a_pipe_is_no_image_whatever_its_name(root):
    put(root, "cat/a.png")
    os.mkfifo(root / "cat/b.png")
    assert "cat/b.png" in refusal(root)


def test_all_faults_are_told_at_once(root):
    put(root, "cat/a.png", "cat/b.txt", "lost.png", "dog/deep/c.png")
    message = refusal(root)
    for name in ("cat/b.txt", "lost.png", "dog/deep", "hold no image"):
        assert name in message


def test_a_folder_whose_name_is_no_text_cannot_be_a_class_and_is_shown_escaped(root):
    put(root, "cat/a.png")
    os.mkdir(os.fsencode(root) + b"/\xff")  # noqa: PTH102 - no text, so no path
    message = refusal(root)
    assert r"\udcff: this folder's name cannot be the name of a class" in message


def test_a_file_whose_name_is_no_text_is_an_image_like_others(root):
    put(root, "cat/a.png")
    os.close(os.open(os.fsencode(root) + b"/cat/\xff.png", os.O_CREAT))
    assert len(list_images(str(root)).parts["undivided"]) == 2


def test_the_fingerprint_follows_every_change_that_makes_other_images(root):
    put(root, "cat/a.png", "cat/b.png", "dog/c.png")
    path = root / "cat/a.png"
    seen = [list_images(str(root)).fingerprint]
    assert list_images(str(root)).fingerprint == seen[0]

    def changed():
        seen.append(list_images(str(root)).fingerprint)
        return len(set(seen)) == len(seen)

    path.write_bytes(b"longer")
    assert changed()
    os.utime(path, ns=(1, 1))
    assert changed()
    path.rename(root / "cat/d.png")
    assert changed()
    put(root, CLASS_MAP)
    (root / CLASS_MAP).write_text('[classes]\ncat = "chat"\ndog = "chien"\n')
    assert changed()
    (root / CLASS_MAP).unlink()
    (root / "train").mkdir()
    (root / "cat").rename(root / "train/cat")
    (root / "dog").rename(root / "train/dog")
    put(root, "test/cat/c.png")
    assert changed()


def test_other_content_of_the_same_size_with_the_time_set_back_has_another_fingerprint(root):
    put(root, "cat/a.png")
    path = root / "cat/a.png"
    os.utime(path, ns=(1, 1))
    before = list_images(str(root))
    path.write_bytes(b"y")
    changed_ns = path.stat().st_ctime_ns
    while changed_ns == before.parts["undivided"][0].changed_ns:  # clocks of files tick slowly
        os.utime(path, ns=(1, 1))
        changed_ns = path.stat().st_ctime_ns
    os.utime(path, ns=(1, 1))
    after = list_images(str(root))
    (image,) = after.parts["undivided"]
    assert (image.size_bytes, image.modified_ns) == (1, 1)
    assert before.fingerprint != after.fingerprint


def test_exchanged_class_folders_have_another_fingerprint(root):
    put(root, "cat/a.png", "dog/a.png")
    before = list_images(str(root)).fingerprint
    for old, new in (("cat", "x"), ("dog", "cat"), ("x", "dog")):
        (root / old).rename(root / new)
    assert list_images(str(root)).fingerprint != before


def test_folders_that_the_class_map_ignores_are_no_parts_and_no_classes(root):
    put(root, "train/cat/a.png", "train/junk/x.txt", "test/cat/b.png", "extra/c.txt")
    (root / CLASS_MAP).write_text('ignore = ["junk", "extra"]\n')
    listing = list_images(str(root))
    assert listing.class_names == ("cat",)
    assert re.fullmatch(r"[0-9a-f]{64}", listing.fingerprint)
