import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from harness.errors import InputError
from studies.illustrations import Illustrations, ShownImages, read_examples, write_examples


@pytest.fixture
def illustrations(shown):
    """Makes illustrations of these sets; of two drawn ones where none are named."""

    def make(**sets):
        return Illustrations(
            dataset="digits",
            class_names=("naïve", "a 0", '<b>"', "../x"),
            full_scale=16,
            rule="the first",
            attention_block=5,
            attribution_steps=50,
            sets=sets or {"pool": shown(side=2), "test": shown(side=2, seed=1)},
        )

    return make


def test_what_was_written_is_read_again(illustrations):
    written = illustrations()
    read = read_examples(write_examples(written))
    for each in fields(Illustrations):
        if each.name != "sets":
            assert getattr(read, each.name) == getattr(written, each.name)
    assert list(read.sets) == ["pool", "test"]
    for name, own in read.sets.items():
        for each in fields(ShownImages):
            given = getattr(written.sets[name], each.name)
            assert np.array_equal(getattr(own, each.name), given)
            assert getattr(own, each.name).dtype == given.dtype


def test_equal_illustrations_give_equal_bytes(illustrations):
    assert write_examples(illustrations()) == write_examples(illustrations())


def test_what_is_no_such_file_is_refused_in_one_message(illustrations):
    whole = write_examples(illustrations())
    for content in (b"", b"\x00" * 40, whole[:-5], b"\xff" * 8 + b"{}"):
        with pytest.raises(InputError, match="no file of example images"):
            read_examples(content)


def test_arrays_of_other_numbers_of_images_are_refused(illustrations, shown):
    other = shown()
    object.__setattr__(other, "maps", other.maps[:2])
    with pytest.raises(InputError, match=r"pool\.maps has the shape \(2, 8, 8\) for 3 images"):
        read_examples(write_examples(illustrations(pool=other)))


def test_reading_needs_no_torch():
    program = "import sys, studies.illustrations; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
