import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, MissingColumnError, NoRunsError, NotNumericError
from analysis.figures import WIDTH_INCHES, Reference, save_figure, sweep
from analysis.figures.labels import measure
from analysis.presentation.alt_text_sweeps import describe_sweep
from analysis.presentation.points import read_points

NAMES = {"x": "overlay_probability", "y": "test_accuracy"}


@pytest.fixture
def points():
    return pd.DataFrame(
        {
            "x": [0.5, 0.1, 0.9],
            "mean": [0.952, 0.961, 0.94],
            "low": [0.95, 0.959, 0.93],
            "high": [0.954, 0.963, 0.95],
            "n": [20, 20, 18],
        }
    )


def legend_of(figure):
    return [each.get_text() for each in figure.legends[0].get_texts()]


def test_means_stand_at_their_values_by_ascending_x_with_their_intervals(points):
    axes = sweep(points, **NAMES).axes[0]
    (line,) = [each for each in axes.lines if each.get_linewidth() == 1.5]
    assert line.get_xydata().tolist() == [[0.1, 0.961], [0.5, 0.952], [0.9, 0.94]]
    bars = axes.collections[1].get_segments()
    assert [each.tolist() for each in bars] == [
        [[0.1, 0.959], [0.1, 0.963]],
        [[0.5, 0.95], [0.5, 0.954]],
        [[0.9, 0.93], [0.9, 0.95]],
    ]


def test_the_legend_counts_runs_and_the_axis_names_the_interval(points):
    figure = sweep(points, **NAMES, level=0.9)
    assert legend_of(figure) == ["mean (18 to 20 runs)"]
    assert figure.axes[0].get_ylabel() == "mean test_accuracy\nband: 90 % interval of the mean"
    assert figure.get_figwidth() == WIDTH_INCHES


def test_the_reference_is_a_level_line_with_its_interval(points):
    figure = sweep(points, **NAMES, reference=Reference(0.95, 0.948, 0.952, 20, "student"))
    (level,) = [each for each in figure.axes[0].lines if each.get_linewidth() == 1.1]
    assert list(level.get_ydata()) == [0.95, 0.95]
    assert legend_of(figure)[-1] == "student (20 runs)"
    ends = {each.get_ydata()[0] for each in figure.axes[0].lines if each.get_linewidth() == 0.5}
    assert {0.948, 0.952} <= ends


def test_groups_differ_in_more_than_colour_and_are_counted_each(points):
    other = points.assign(group="T = 4", mean=points["mean"] + 0.001, n=5)
    figure = sweep(pd.concat([points.assign(group="T = 2"), other]), **NAMES)
    assert legend_of(figure) == ["T = 2 (18 to 20 runs)", "T = 4 (5 runs)"]
    lines = [each for each in figure.axes[0].lines if each.get_linewidth() == 1.5]
    assert len({(each.get_linestyle(), each.get_marker()) for each in lines}) == 2


def test_a_value_without_a_mean_is_named_and_no_band_crosses_a_gap(points):
    points.loc[points.x == 0.5, "mean"] = np.nan
    figure = sweep(points, **NAMES)
    assert figure.legends[0].get_title().get_text() == "no mean at 0.5"
    points = points.assign(mean=0.95, low=[np.nan, 0.94, 0.94])
    (series,) = read_points(points, across="x", series=None)
    assert [[each.x for each in run] for run in series.banded_stretches()] == [[0.1], [0.9]]


def test_a_single_run_a_value_promises_no_interval(points):
    figure = sweep(points.assign(low=np.nan, high=np.nan, n=1), **NAMES)
    assert figure.axes[0].get_ylabel() == "mean test_accuracy"
    assert legend_of(figure) == ["mean (1 run)"]


def test_faults_are_told(points):
    with pytest.raises(AnalysisError, match=r"has a value of 0, which a logarithmic axis"):
        sweep(points.assign(x=[0, 1, 2]), **NAMES, log_x=True)
    with pytest.raises(AnalysisError, match=r"several rows with x = 0\.5"):
        sweep(pd.concat([points, points[:1]]), **NAMES)
    with pytest.raises(AnalysisError, match="low and high are exchanged"):
        sweep(points.rename(columns={"low": "high", "high": "low"}), **NAMES)
    with pytest.raises(AnalysisError, match="missing or infinite in 1 row"):
        sweep(points.assign(x=[0, 1, np.nan]), **NAMES)
    with pytest.raises(MissingColumnError, match="low"):
        sweep(points.drop(columns="low"), **NAMES)
    with pytest.raises(NotNumericError, match="mean"):
        sweep(points.assign(mean="high"), **NAMES)
    with pytest.raises(NoRunsError):
        sweep(points[:0], **NAMES)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_same_points_in_any_order_give_the_same_bytes(points, tmp_path, suffix):
    first = save_figure(sweep(points, **NAMES, log_x=True), tmp_path / f"a{suffix}")
    second = save_figure(sweep(points[::-1], **NAMES, log_x=True), tmp_path / f"b{suffix}")
    assert first.read_bytes() == second.read_bytes()


def test_hostile_names_stay_as_they_are_and_inside_the_figure(points, nasty):
    frame = pd.concat([points.assign(group=nasty), points.assign(group="long " * 30)])
    figure = sweep(frame, x=nasty, y=nasty, reference=Reference(0.95, name=nasty))
    assert legend_of(figure)[0] == f"{nasty} (18 to 20 runs)"
    assert figure.axes[0].get_xlabel() == nasty
    (box,) = measure(figure, figure.legends)
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width


def test_the_alternative_text_has_every_mean(points):
    words = describe_sweep(points, **NAMES, reference=Reference(0.95, name="student"))
    assert words == (
        "Mean test_accuracy against overlay_probability. at 0.1 0.9610 (0.9590 to 0.9630), "
        "20 runs, at 0.5 0.9520 (0.9500 to 0.9540), 20 runs, at 0.9 0.9400 (0.9300 to 0.9500), "
        "18 runs. student: 0.95."
    )
