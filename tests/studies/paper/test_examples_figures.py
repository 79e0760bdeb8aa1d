from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from analysis.figures import save_figure
from harness.errors import InputError
from studies.illustrations import Illustrations
from studies.paper.examples_figures import (
    attention_figure,
    describe_attention,
    describe_maps,
    maps_figure,
)

NAMES = ("a 0", 'a<b&"c"%_$x$', "../x")


def illustrations(images):
    return Illustrations("digits", NAMES, 16, "the first", 5, 50, {"pool": images})


@pytest.fixture
def images(shown):
    """Makes images of which the teacher mistakes the second one."""
    return partial(
        shown,
        teacher_predictions=np.array([0, 2, 2]),
        student_predictions=np.arange(3),
        logit_gains=np.full(3, 5, dtype=np.float32),
        completeness_errors=np.full(3, 0.25, dtype=np.float32),
    )


@pytest.fixture
def examples(images):
    return illustrations(images())


def pixels(axes):
    image = np.asarray(axes.images[0].get_array())
    step = len(image) // 8
    return image[::step, ::step]


def names(figure, columns):
    top = [axes.get_title() for axes in figure.axes[:columns]]
    return top, [axes.get_ylabel() for axes in figure.axes[:-1:columns]]


def test_every_image_has_a_column_with_its_maps_and_overlays(examples):
    figure = maps_figure(examples)
    titles, rows = names(figure, 3)
    assert titles == [NAMES[0], f"{NAMES[1]}\nteacher: {NAMES[2]}", NAMES[2]]
    assert rows == ["image", "map (s = 1)", "map (s = 2)", "overlay (s = 1)", "overlay (s = 2)"]
    images = examples.sets["pool"]
    assert np.allclose(pixels(figure.axes[1])[..., 0], images.images[1, 0] / 16)
    assert np.allclose(pixels(figure.axes[9])[..., 2], images.overlays[0, 0, 0])
    assert figure.axes[-1].get_xlim() == (0, 1)


def test_colour_images_keep_their_colours(images):
    colourful = images(channels=3)
    figure = maps_figure(illustrations(colourful))
    assert np.allclose(pixels(figure.axes[0]), np.moveaxis(colourful.images[0] / 16, 0, -1))


def test_every_arm_has_a_row_beside_the_teacher_with_its_distance(examples):
    images = examples.sets["pool"]
    near = illustrations(replace(images, student_attention=images.teacher_attention + 0.5))
    figure = attention_figure({"student": examples, "at": near})
    distance = np.square(images.student_attention - images.teacher_attention).mean()
    assert names(figure, 3)[1] == [
        "image",
        "teacher",
        f"student\nMSE {distance:.2g}",
        "at\nMSE 0.25",
    ]


def test_all_attention_maps_have_one_scale(examples):
    images = examples.sets["pool"]
    figure = attention_figure({"student": examples})
    highest = max(images.teacher_attention.max(), images.student_attention.max())
    assert figure.axes[-1].get_xlim() == (0, pytest.approx(highest))


def test_a_student_that_diverged_has_no_maps_and_that_is_said(examples):
    images = examples.sets["pool"]
    lost = illustrations(replace(images, student_attention=images.student_attention * np.nan))
    figure = attention_figure({"student": examples, "at": lost})
    assert names(figure, 3)[1][-1] == "at\ndiverged"
    assert [each.get_text() for each in figure.axes[9].texts] == ["–"]


def test_trials_that_show_other_images_or_another_teacher_are_not_drawn_together(examples):
    images = examples.sets["pool"]
    for what in ("images", "teacher_attention"):
        other = illustrations(replace(images, **{what: getattr(images, what) + 1}))
        with pytest.raises(InputError, match=r"(?s)arms\.at: its .* differ .*'student'"):
            attention_figure({"student": examples, "at": other})


def test_a_set_that_is_not_shown_is_named(examples):
    with pytest.raises(InputError, match=r"(?s)no such set is shown.*test.*pool"):
        maps_figure(examples, "test")
    with pytest.raises(InputError, match="at least one arm"):
        attention_figure({})


@pytest.mark.parametrize("draw", [maps_figure, lambda each: attention_figure({"kd": each})])
def test_the_same_examples_give_the_same_bytes(examples, draw, tmp_path):
    first, second = (save_figure(draw(examples), tmp_path / f"{k}.svg") for k in range(2))
    assert first.read_bytes() == second.read_bytes()


def test_the_alternative_texts_say_what_is_shown_and_how_exact_it_is(examples):
    words = describe_maps(examples)
    assert "Rows: image, map (s = 1)" in words
    assert "by 0.25 logits on average, of 5." in words
    assert "Rows: image, teacher, kd MSE" in describe_attention({"kd": examples})
