import numpy as np
import pytest
from scipy import stats

from analysis.errors import MissingColumnError, NotNumericError
from analysis.figures import histograms, save_figure
from analysis.figures.histograms import bin_edges
from analysis.figures.labels import measure
from analysis.presentation.alt_text_images import describe_histograms

NAMES = {"arm": "arm", "metric": "accuracy"}


@pytest.fixture
def frame(accuracies):
    return accuracies(["student", "kd", "kd_ig"], n=60)


def lines_of(axes):
    return {each.get_color() + str(each.is_dashed()): each for each in axes.lines}


def test_every_run_is_in_a_bin_and_all_arms_have_the_same_bins(frame):
    axes_of = histograms(frame, **NAMES).axes
    assert [sum(bar.get_height() for bar in axes.patches) for axes in axes_of] == [60, 60, 60]
    starts = [[bar.get_x() for bar in axes.patches] for axes in axes_of]
    assert starts[0] == starts[1] == starts[2]


def test_the_curve_is_the_normal_density_at_the_height_of_the_histogram(frame):
    axes = histograms(frame, **NAMES).axes[0]
    values = frame.accuracy[frame.arm == "student"]
    (curve,) = [each for each in axes.lines if len(each.get_xdata()) > 2]
    width = axes.patches[0].get_width()
    density = stats.norm(values.mean(), values.std(ddof=1)).pdf(curve.get_xdata())
    assert np.allclose(curve.get_ydata(), 60 * width * density)


def test_mean_and_median_are_marked_and_told_apart_without_colour(frame):
    axes = histograms(frame, **NAMES).axes[1]
    values = frame.accuracy[frame.arm == "kd"]
    marks = {
        each.is_dashed(): each.get_xdata()[0] for each in axes.lines if len(each.get_xdata()) == 2
    }
    assert marks == {False: pytest.approx(values.mean()), True: pytest.approx(values.median())}


def test_the_title_has_n_and_the_moments(frame):
    frame.loc[(frame.arm == "kd") & (frame.seed == 3), "accuracy"] = np.inf
    values = frame.accuracy[(frame.arm == "kd") & (frame.seed != 3)]
    title = histograms(frame, **NAMES).axes[1].get_title(loc="left")
    assert title.startswith("kd: n = 59 (1 not finite)\n")
    assert title.endswith(
        f"mean {values.mean():.5f}, median {values.median():.5f}, sd {values.std():.5f}"
    )


def test_every_bin_holds_as_many_possible_values_as_the_others():
    # Accuracies on 360 images lie on a grid of 1/360; a bin of 2.5 steps would hold 2 or 3.
    right = np.random.default_rng(0).binomial(360, 0.95, size=(4, 30))
    edges = bin_edges([each / 360 for each in right])
    steps = np.diff(edges) * 360
    assert np.allclose(steps, np.rint(steps))
    assert np.allclose((edges * 360) % 1, 0.5)
    assert edges[0] * 360 < right.min()
    assert right.max() < edges[-1] * 360


def test_the_width_is_that_of_freedman_and_diaconis_for_values_on_no_grid():
    values = np.random.default_rng(1).normal(size=1000)
    low, high = np.quantile(values, (0.25, 0.75))
    width = np.diff(bin_edges([values]))[0]
    assert width == pytest.approx(2 * (high - low) / 10, rel=1e-4)


def test_an_arm_with_one_run_equal_runs_or_none_is_drawn(long_form):
    frame = long_form({"one": [0.5], "equal": [0.5, 0.5, 0.5], "none": [np.nan]})
    axes_of = histograms(frame, **NAMES).axes
    assert [axes.get_title(loc="left").split("\n")[0] for axes in axes_of] == [
        "one: n = 1, value 0.5",
        "equal: n = 3",
        "none: n = 0 (1 not finite)",
    ]
    assert [each.get_text() for each in axes_of[2].texts] == ["no finite values"]


def test_of_very_many_arms_the_figure_says_how_many_are_drawn(long_form):
    figure = histograms(long_form({f"arm_{k}": [k, k + 1.0] for k in range(26)}), **NAMES)
    assert len(figure.axes) == 24
    assert figure._suptitle.get_text() == "24 of 26 arms shown"


def test_faults_are_told_as_everywhere_else(frame):
    with pytest.raises(MissingColumnError):
        histograms(frame, arm="arm", metric="loss")
    with pytest.raises(NotNumericError):
        histograms(frame.assign(accuracy="high"), **NAMES)


def test_hostile_names_stay_as_they_are_and_nothing_lies_on_the_legend(long_form, nasty_arms):
    figure = histograms(long_form({each: [0.1, 0.2, 0.4] for each in nasty_arms}), **NAMES)
    titles = [axes.get_title(loc="left").partition(":")[0] for axes in figure.axes]
    assert titles == nasty_arms
    (legend,) = measure(figure, figure.legends)
    for box in measure(figure, [axes.xaxis.label for axes in figure.axes if axes.get_xlabel()]):
        assert box.y0 >= legend.y1


def test_the_order_of_rows_changes_no_byte(frame, tmp_path):
    shuffled = frame.sort_values("seed", ascending=False).sort_values(
        "arm", key=lambda each: each.map(["student", "kd", "kd_ig"].index), kind="stable"
    )
    first = save_figure(histograms(frame, **NAMES), tmp_path / "a.svg").read_bytes()
    second = save_figure(histograms(shuffled, **NAMES), tmp_path / "b.svg").read_bytes()
    assert first == second


def test_the_alternative_text_has_the_moments(frame):
    values = frame.accuracy[frame.arm == "kd"]
    words = describe_histograms(frame, **NAMES)
    assert f"kd: 60 runs, mean {values.mean():.5f}, standard deviation {values.std():.5f}" in words
