from itertools import pairwise

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.figures import WIDTH_INCHES, Picture, image_grid, save_figure
from analysis.figures.colours import SCALE
from analysis.figures.images import enlarged
from analysis.figures.labels import measure
from analysis.presentation.alt_text_images import describe_image_grid

GREY = np.array([[0.0, 1.0], [0.25, 0.5]])
BYTES = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20


def drawn(axes):
    """The picture's own pixels, taken back out of the enlarged image."""
    image = np.asarray(axes.images[0].get_array())
    step = len(image) // 2
    return image[step // 2 :: step, step // 2 :: step]


def grid(*cells, **options):
    names = {"titles": [f"column {k}" for k in range(len(cells))], "row_names": ["row"]}
    return image_grid([cells], **{**names, **options})


def test_grey_pictures_are_grey_and_coloured_ones_keep_their_colours():
    axes = grid(GREY, BYTES).axes
    assert np.allclose(drawn(axes[0]), GREY[..., np.newaxis].repeat(3, axis=2))
    assert np.allclose(drawn(axes[1]), BYTES / 255)


def test_every_pixel_becomes_a_square_of_one_colour():
    image = np.random.default_rng(0).random((8, 8, 3))
    large = enlarged(image)
    assert large.shape == (256, 256, 3)
    assert np.array_equal(large[::32, ::32], image)
    assert np.array_equal(large[31::32, 31::32], image)
    figure = grid(GREY)
    assert figure.axes[0].images[0].get_interpolation() == "none"


def test_maps_of_one_scale_share_a_key(tmp_path):
    maps = [Picture(GREY * k, is_map=True, low=0, high=2) for k in (1, 2)]
    figure = grid(GREY, *maps, map_label="share of the largest attribution")
    assert np.allclose(drawn(figure.axes[1])[0, 1], SCALE(0.5)[:3])
    key = figure.axes[-1]
    assert key.get_xlim() == (0, 2)
    assert key.get_xlabel() == "share of the largest attribution"
    assert figure.axes[1].get_xlabel() == ""


def test_maps_with_scales_of_their_own_state_them():
    figure = grid(Picture(GREY, is_map=True), Picture(GREY * 3, is_map=True, note="kd"))
    assert [axes.get_xlabel() for axes in figure.axes[:2]] == ["0 to 1", "kd, 0 to 3"]
    assert "each from its smallest (0) to its largest (1)" in figure.axes[-1].get_xlabel()
    assert np.allclose(drawn(figure.axes[1])[0, 1], SCALE(1.0)[:3])


def test_a_constant_map_and_an_empty_cell_are_drawn():
    figure = grid(Picture(np.zeros((2, 2)), is_map=True), None)
    assert len(figure.axes[0].images) == 1
    assert [each.get_text() for each in figure.axes[1].texts] == ["–"]


def test_names_may_be_empty():
    assert len(grid(GREY, titles=[""], row_names=[""]).axes) == 1


def test_pictures_alone_have_no_key():
    assert len(grid(GREY, BYTES).axes) == 2


def test_rows_and_columns_are_named(nasty_arms):
    figure = image_grid([[GREY] * 2] * len(nasty_arms), titles=nasty_arms[:2], row_names=nasty_arms)
    assert [axes.get_title() for axes in figure.axes[:2]] == nasty_arms[:2]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == nasty_arms
    assert figure.get_figwidth() == WIDTH_INCHES
    for box in measure(figure, figure.axes):
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width


@pytest.mark.parametrize("columns", [1, 3, 10, 14])
def test_titles_notes_and_key_lie_inside_the_figure_and_apart(columns):
    cell = Picture(GREY, is_map=True, note="kd")
    other = Picture(GREY * 2, is_map=True)
    titles = ["two\nlines", *["a rather long class name"] * (columns - 1)]
    figure = image_grid(
        [[cell] * columns, [other] * columns], titles=titles, row_names=["a", "b\nb " * 9]
    )
    boxes = measure(figure, [each.title for each in figure.axes[:columns]])
    boxes += measure(figure, [each.xaxis.label for each in figure.axes])
    for box in boxes:
        assert 0 <= box.x0 <= box.x1 <= figure.bbox.width
        assert 0 <= box.y0 <= box.y1 <= figure.bbox.height
    for left, right in pairwise(boxes[:columns]):
        assert left.x1 <= right.x0
    notes, key = boxes[columns:-1], figure.axes[-1].get_window_extent()
    assert min(box.y0 for box in notes) > key.y1


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_same_images_give_the_same_bytes(tmp_path, suffix):
    made = [grid(GREY, BYTES, Picture(GREY, is_map=True)) for _ in range(2)]
    first, second = (
        save_figure(each, tmp_path / f"{number}{suffix}") for number, each in enumerate(made)
    )
    assert first.read_bytes() == second.read_bytes()


def test_faults_are_told():
    with pytest.raises(AnalysisError, match="at least one row"):
        image_grid([], titles=["a"], row_names=[])
    with pytest.raises(AnalysisError, match="'row' has 1 cells, and there are 2 titles"):
        grid(GREY, titles=["a", "b"])
    with pytest.raises(AnalysisError, match="1 rows and 2 names"):
        grid(GREY, row_names=["a", "b"])
    with pytest.raises(AnalysisError, match=r"\(2, 2, 4\) is no image"):
        grid(np.zeros((2, 2, 4)))
    with pytest.raises(AnalysisError, match=r"allowed: \(h, w\)"):
        grid(Picture(BYTES, is_map=True))
    with pytest.raises(AnalysisError, match="missing or infinite"):
        grid(GREY * np.nan)


def test_the_alternative_text_says_what_the_rows_and_columns_are():
    words = describe_image_grid(["image", "map\ns = 1"], ["class 3"])
    assert words == "A grid of images. Columns: image, map s = 1. Rows: class 3."
