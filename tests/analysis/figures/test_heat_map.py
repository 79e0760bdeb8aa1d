import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis.errors import AnalysisError, NoRunsError, NotNumericError
from analysis.figures import INK, WIDTH_INCHES, heat_map, save_figure
from analysis.figures.colours import text_colour
from analysis.figures.labels import measure
from analysis.presentation.alt_text_sweeps import describe_heat_map

NAMES = {"x": "kd_weight", "y": "temperature", "value": "validation_accuracy"}


@pytest.fixture
def table():
    return pd.DataFrame(
        [[0.95, 0.96, 0.97], [0.951, np.nan, 0.969]], index=[1.5, 4], columns=[0.001, 0.01, 0.5]
    )


def written(figure):
    return {each.get_position(): each.get_text() for each in figure.axes[0].texts}


def test_every_mean_is_written_into_its_cell_with_the_first_row_on_top(table):
    figure = heat_map(table, **NAMES)
    assert written(figure) == {
        (0.5, 0.5): "0.9500",
        (1.5, 0.5): "0.9600",
        (2.5, 0.5): "0.9700",
        (0.5, 1.5): "0.9510",
        (2.5, 1.5): "0.9690",
    }
    axes = figure.axes[0]
    assert axes.get_ylim() == (2, 0)
    assert [each.get_text() for each in axes.get_xticklabels()] == ["0.001", "0.01", "0.5"]
    assert [each.get_text() for each in axes.get_yticklabels()] == ["1.5", "4"]
    assert figure.get_figwidth() == WIDTH_INCHES


def test_digits_can_be_chosen(table):
    assert written(heat_map(table, **NAMES, decimals=2))[0.5, 0.5] == "0.95"


def test_a_cell_without_a_mean_is_hatched_and_said(table):
    figure = heat_map(table, **NAMES)
    (hatched,) = [each for each in figure.axes[0].patches if each.get_hatch()]
    assert hatched.get_xy() == (1, 1)
    assert [each.get_text() for each in figure.legends[0].get_texts()] == ["no mean (1 cell)"]


def test_marked_cells_have_a_frame_and_bold_values(table):
    figure = heat_map(table, **NAMES, marked=table > 0.965)
    frames = [each for each in figure.axes[0].patches if not each.get_hatch()]
    assert [tuple(np.floor(each.get_xy())) for each in frames] == [(2, 0), (2, 1)]
    bold = [each.get_text() for each in figure.axes[0].texts if each.get_fontweight() == "bold"]
    assert bold == ["0.9700", "0.9690"]
    (entry,) = [each for each in figure.legends[0].get_patches() if not each.get_hatch()]
    assert isinstance(entry, Rectangle)
    assert "best, and not told apart from it" in [
        each.get_text() for each in figure.legends[0].get_texts()
    ]


def test_values_are_legible_on_every_colour(table):
    figure = heat_map(table, **NAMES)
    colours = {each.get_text(): each.get_color() for each in figure.axes[0].texts}
    assert colours["0.9500"] == "#ffffff"
    assert colours["0.9700"] == "#000000"
    assert INK not in colours.values()


def test_the_text_takes_the_colour_of_higher_contrast():
    # WCAG 2.1: #767676 is the lightest grey with a ratio of 4.5 to 1 or more to white; against
    # black it has 21 / 4.54 = 4.62, so black is the better of the two by a little.
    assert text_colour((0x76 / 255,) * 3) == "#000000"
    assert text_colour((0x74 / 255,) * 3) == "#ffffff"


def test_values_that_find_no_room_are_left_out_and_that_is_said():
    figure = heat_map(pd.DataFrame(np.random.default_rng(0).random((2, 60))), **NAMES)
    assert not figure.axes[0].texts
    assert "too small" in figure.axes[0].get_title(loc="left")


@pytest.mark.parametrize("columns", [2, 12])
def test_values_stay_inside_their_cells(columns):
    figure = heat_map(pd.DataFrame(np.random.default_rng(0).random((2, columns))), **NAMES)
    texts = measure(figure, figure.axes[0].texts)
    cell = figure.axes[0].get_window_extent().width / columns
    assert len(texts) == 2 * columns
    assert all(each.width < cell for each in texts)


def test_a_table_of_one_value_or_of_none_is_drawn(table):
    assert written(heat_map(table[:1][[0.001]], **NAMES)) == {(0.5, 0.5): "0.95"}
    figure = heat_map(table * np.nan, **NAMES)
    assert not written(figure)
    assert [each.get_text() for each in figure.legends[0].get_texts()] == ["no mean (6 cells)"]


def test_faults_are_told(table):
    with pytest.raises(AnalysisError, match="other rows or columns"):
        heat_map(table, **NAMES, marked=table[:1] > 0)
    with pytest.raises(NotNumericError):
        heat_map(table.astype(str) + "x", **NAMES)
    with pytest.raises(NoRunsError):
        heat_map(table[:0], **NAMES)


def test_hostile_names_stay_as_they_are_and_the_bytes_the_same(table, nasty_arms, tmp_path):
    wide = pd.DataFrame(np.eye(len(nasty_arms)), index=nasty_arms, columns=nasty_arms)
    nasty = nasty_arms[1]
    made = [heat_map(wide, x=nasty, y=nasty, value=nasty, marked=wide > 0) for _ in range(2)]
    assert [each.get_text() for each in made[0].axes[0].get_yticklabels()] == nasty_arms
    first, second = (
        save_figure(each, tmp_path / f"{number}.svg") for number, each in enumerate(made)
    )
    assert first.read_bytes() == second.read_bytes()


def test_the_alternative_text_has_the_extremes_and_where_they_are(table):
    assert describe_heat_map(table, **NAMES) == (
        "Mean validation_accuracy for 2 values of temperature by 3 of kd_weight. Lowest 0.9500 at "
        "temperature = 1.5, kd_weight = 0.001; highest 0.9700 at temperature = 1.5, "
        "kd_weight = 0.5. 1 cell without a mean."
    )
    assert describe_heat_map(table * np.nan, **NAMES).endswith("No cell has a mean.")
