import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from harness.errors import InputError
from studies.illustrations import Illustrations, ShownImages, read_examples, write_examples


def shown(n=3, side=2, channels=1, seed=0):
    rng = np.random.default_rng(seed)

    def floats(*shape):
        return rng.random(shape, dtype=np.float32)

    return ShownImages(
        positions=np.arange(n),
        images=rng.integers(0, 17, (n, channels, 4, 4)).astype(np.uint8),
        labels=np.arange(n),
        teacher_predictions=np.arange(n),
        student_predictions=np.arange(n)[::-1],
        maps=floats(n, 4, 4),
        sharpened=floats(2, n, 4, 4),
        overlays=floats(2, n, channels, 4, 4),
        teacher_attention=floats(n, side, side),
        student_attention=floats(n, side, side),
        logit_gains=floats(n),
        completeness_errors=floats(n),
    )


def illustrations(**sets):
    return Illustrations(
        dataset="digits",
        class_names=("naïve", "a 0", '<b>"', "../x"),
        full_scale=16,
        rule="the first",
        attention_block=5,
        attribution_steps=50,
        sets=sets or {"pool": shown(), "test": shown(seed=1)},
    )


def test_what_was_written_is_read_again():
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


def test_equal_illustrations_give_equal_bytes():
    assert write_examples(illustrations()) == write_examples(illustrations())


def test_what_is_no_such_file_is_refused_in_one_message():
    whole = write_examples(illustrations())
    for content in (b"", b"\x00" * 40, whole[:-5], b"\xff" * 8 + b"{}"):
        with pytest.raises(InputError, match="no file of example images"):
            read_examples(content)


def test_arrays_of_other_numbers_of_images_are_refused():
    other = shown()
    object.__setattr__(other, "maps", other.maps[:2])
    with pytest.raises(InputError, match=r"pool\.maps has the shape \(2, 4, 4\) for 3 images"):
        read_examples(write_examples(illustrations(pool=other)))


def test_reading_needs_no_torch():
    program = "import sys, studies.illustrations; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
