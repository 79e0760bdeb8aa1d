import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, MissingColumnError, NotNumericError, RepeatedBlockError
from analysis.figures import WIDTH_INCHES, learning_curves
from analysis.figures.labels import measure
from analysis.inference.student_t import mean_interval
from analysis.presentation.alt_text_curves import describe_learning_curves
from analysis.presentation.curves import summarise_curves


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, step, 0.9 - 0.5 * 0.8**step + rng.normal(0, 0.01))
        for arm in ("student", "kd")
        for seed in range(5)
        for step in range(12)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "accuracy"])


def curves_of(figure):
    return [each for each in figure.axes[0].lines if each.get_linewidth() == 1.5]


def legend_of(figure):
    return [each.get_text() for each in figure.legends[0].get_texts()]


def test_means_are_drawn_at_their_values(frame):
    figure = learning_curves(frame, "accuracy")
    for line, (_, rows) in zip(curves_of(figure), frame.groupby("arm", sort=False), strict=True):
        means = rows.groupby("step")["accuracy"].mean()
        assert np.allclose(line.get_xdata(), means.index)
        assert np.allclose(line.get_ydata(), means)
    assert figure.get_figwidth() == WIDTH_INCHES


def test_the_band_is_the_t_interval_of_the_mean_at_each_step(frame):
    curve = summarise_curves(frame, "accuracy", level=0.9)[1]
    values = frame[(frame.arm == "kd") & (frame.step == 3)]["accuracy"]
    expected = mean_interval(values, 0.9)
    assert curve.band[3] == pytest.approx((expected.low, expected.high))
    figure = learning_curves(frame, "accuracy", level=0.9)
    assert "band: 90 % interval of the mean" in figure.axes[0].get_ylabel()
    vertices = figure.axes[0].collections[1].get_paths()[0].vertices
    at_three = vertices[vertices[:, 0] == 3][:, 1]
    assert (at_three.min(), at_three.max()) == pytest.approx((expected.low, expected.high))


def test_the_band_can_be_a_standard_deviation_and_says_so(frame):
    curve = summarise_curves(frame, "accuracy", kind="sd")[0]
    values = frame[(frame.arm == "student") & (frame.step == 0)]["accuracy"]
    low, high = curve.band[0]
    assert (high - low) / 2 == pytest.approx(values.std(ddof=1))
    figure = learning_curves(frame, "accuracy", kind="sd")
    assert "one standard deviation" in figure.axes[0].get_ylabel()


def test_a_single_run_has_no_band_and_the_axis_promises_none(frame):
    figure = learning_curves(frame[frame.seed == 0], "accuracy")
    assert not figure.axes[0].collections
    assert figure.axes[0].get_ylabel() == "mean accuracy"
    assert legend_of(figure) == ["student (1 run)", "kd (1 run)"]


def test_runs_that_stop_early_or_break_are_counted(frame):
    broken = frame.copy()
    broken.loc[(broken.arm == "kd") & (broken.seed == 1) & (broken.step > 5), "accuracy"] = np.nan
    broken = broken[~((broken.arm == "kd") & (broken.seed == 2) & (broken.step > 8))]
    assert legend_of(learning_curves(broken, "accuracy")) == [
        "student (5 runs)",
        "kd (3 to 5 runs)",
    ]
    assert summarise_curves(broken, "accuracy")[1].missing == 6


def test_no_band_is_drawn_across_steps_without_one(frame):
    some = frame[~((frame.arm == "kd") & (frame.seed > 0) & frame.step.isin([4, 5]))]
    stretches = list(summarise_curves(some, "accuracy")[1].banded_stretches())
    assert [steps for steps, _ in stretches] == [[0, 1, 2, 3], [6, 7, 8, 9, 10, 11]]


def test_an_arm_without_finite_values_keeps_its_place_in_the_legend(frame):
    frame.loc[frame.arm == "kd", "accuracy"] = np.inf
    assert legend_of(learning_curves(frame, "accuracy"))[1] == "kd (no finite values)"


def test_arms_differ_in_dashes_and_markers_and_not_by_colour_alone():
    rows = [(f"arm_{k}", 0, step, k + step) for k in range(6) for step in range(3)]
    frame = pd.DataFrame(rows, columns=["arm", "seed", "step", "loss"])
    figure = learning_curves(frame, "loss")
    looks = {(each.get_linestyle(), each.get_marker()) for each in curves_of(figure)}
    assert len(looks) == 6
    assert len({each.get_color() for each in curves_of(figure)}) == 6


def many(names, steps=3):
    rows = [(name, 0, step, k + step) for k, name in enumerate(names) for step in range(steps)]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "loss"])


def test_more_than_six_arms_have_a_panel_each_with_the_control_dashed_in_the_others():
    names = [f"arm_{k}" for k in range(8)]
    figure = learning_curves(many(names), "loss", control="arm_3")
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"{n}\n1 run" for n in names]
    for place, axes in enumerate(figure.axes):
        (own,) = [line for line in axes.lines if line.get_linewidth() == 1.5]
        assert np.allclose(own.get_ydata(), place + np.arange(3))
        others = [line for line in axes.lines if line is not own]
        assert len(others) == (place != 3)
        for line in others:
            assert np.allclose(line.get_ydata(), 3 + np.arange(3))
            assert line.is_dashed()
        assert axes.get_ylim() == figure.axes[0].get_ylim()
    assert legend_of(figure) == ["mean of arm_3, the control"]


@pytest.mark.parametrize("control", [None, "arm_99"])
def test_without_a_control_the_panels_have_one_line_each(control):
    figure = learning_curves(many([f"arm_{k}" for k in range(7)]), "loss", control=control)
    assert [len(axes.lines) for axes in figure.axes] == [1] * 7
    assert figure.legends == []


def test_the_foot_of_every_column_of_panels_names_the_steps():
    figure = learning_curves(many([f"arm_{k}" for k in range(7)]), "loss")
    assert [axes.get_xlabel() for axes in figure.axes] == [""] * 4 + ["step"] * 3


def test_nothing_lies_outside_the_figure_of_panels_and_nothing_on_the_legend(nasty_arms):
    names = [*nasty_arms, "long " * 30]
    figure = learning_curves(many(names), "loss", control=names[0])
    (legend,) = measure(figure, figure.legends)
    (label,) = measure(figure, [figure._supylabel])
    assert label.x0 >= 0
    assert legend.y0 >= 0
    for axes in figure.axes:
        (box,) = measure(figure, [axes])
        assert box.y0 >= legend.y1
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width


def test_of_very_many_arms_the_figure_says_how_many_are_drawn():
    figure = learning_curves(many([f"arm_{k}" for k in range(26)]), "loss")
    assert len(figure.axes) == 24
    assert figure._suptitle.get_text() == "24 of 26 arms shown"


def test_the_legend_lies_inside_the_figure_and_below_the_axes(nasty_arms):
    names = [*nasty_arms[:5], "long " * 30]
    figure = learning_curves(many(names), "loss")
    (box,) = measure(figure, figure.legends)
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y0 >= 0
    assert figure.axes[0].get_window_extent().height > 200
    assert {f"{name} (1 run)" for name in nasty_arms[:5]} <= set(legend_of(figure))


def test_the_order_of_rows_changes_nothing(frame):
    shuffled = frame.sample(frac=1, random_state=1)
    ours = {each.arm: each for each in summarise_curves(frame, "accuracy")}
    assert ours == {each.arm: each for each in summarise_curves(shuffled, "accuracy")}


def test_faults_are_told_as_everywhere_else(frame):
    with pytest.raises(MissingColumnError, match="step column 'epoch'"):
        learning_curves(frame, "accuracy", step="epoch")
    with pytest.raises(NotNumericError):
        learning_curves(frame.assign(accuracy="high"), "accuracy")
    with pytest.raises(RepeatedBlockError, match="step = 0"):
        learning_curves(pd.concat([frame, frame]), "accuracy")
    with pytest.raises(AnalysisError, match="allowed: interval, sd"):
        learning_curves(frame, "accuracy", kind="range")
    with pytest.raises(AnalysisError, match="above 0 and below 1"):
        learning_curves(frame, "accuracy", level=95)


def test_the_alternative_text_has_the_last_means(frame):
    words = describe_learning_curves(summarise_curves(frame, "accuracy"), "accuracy")
    assert "95 % interval of the mean" in words
    assert "kd (5 runs): 0.8" in words
