import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, MissingColumnError
from analysis.figures import save_figure, trade_off
from analysis.presentation.alt_text_sweeps import describe_trade_off

NAMES = {"x": "parameters", "y": "test_accuracy"}


@pytest.fixture
def points():
    rows = [
        (cost, 0.9 + gain - 0.1 * (cost == 2000), arm, f"k={k}", 10)
        for arm, gain in (("student", 0.0), ("kd", 0.01))
        for cost, k in ((500000, 5), (2000, 17))
    ]
    frame = pd.DataFrame(rows, columns=["cost", "mean", "arm", "label", "n"])
    return frame.assign(low=frame["mean"] - 0.004, high=frame["mean"] + 0.004)


def lines_of(figure):
    return {
        each.get_label(): each.get_xydata().tolist()
        for each in figure.axes[0].lines
        if each.get_marker() != "None"
    }


def test_every_arm_is_a_line_through_its_means_by_ascending_cost(points):
    assert lines_of(trade_off(points, **NAMES)) == {
        "student (10 runs)": [[2000, 0.8], [500000, 0.9]],
        "kd (10 runs)": [[2000, pytest.approx(0.81)], [500000, pytest.approx(0.91)]],
    }


def test_every_mean_has_its_interval(points):
    axes = trade_off(points, **NAMES).axes[0]
    drawn = [each.get_segments()[0].tolist() for each in axes.collections]
    expected = [
        [[cost, pytest.approx(low)], [cost, pytest.approx(high)]]
        for arm in ("student", "kd")
        for cost, low, high in points[points.arm == arm]
        .sort_values("cost")[["cost", "low", "high"]]
        .itertuples(index=False)
    ]
    assert drawn == expected


def test_a_label_that_arms_share_stands_once_at_the_highest_point(points):
    texts = {each.get_text(): each.xy for each in trade_off(points, **NAMES).axes[0].texts}
    assert texts == {
        "k=5": (500000, pytest.approx(0.91)),
        "k=17": (2000, pytest.approx(0.81)),
    }


def test_labels_at_costs_of_their_own_stand_at_each_point(points):
    apart = points.assign(cost=points.cost * np.where(points.arm == "kd", 2, 1))
    texts = [each.get_text() for each in trade_off(apart, **NAMES).axes[0].texts]
    assert sorted(texts) == ["k=17", "k=17", "k=5", "k=5"]


def test_points_without_a_label_have_none(points):
    assert len(trade_off(points.assign(label=""), **NAMES).axes[0].texts) == 0


def test_points_without_a_mean_are_counted(points):
    points.loc[0, "mean"] = np.inf
    figure = trade_off(points, **NAMES)
    assert figure.legends[0].get_title().get_text() == "1 point without a mean"


def test_faults_are_told(points):
    with pytest.raises(AnalysisError, match="'parameters' has a value of 0"):
        trade_off(points.assign(cost=0), **NAMES)
    with pytest.raises(MissingColumnError, match="'cost'"):
        trade_off(points.drop(columns="cost"), **NAMES)


def test_the_axis_can_be_linear_and_a_cost_of_zero_stands_on_it(points):
    axes = trade_off(points.assign(cost=points.cost - 2000), **NAMES, log_x=False).axes[0]
    assert axes.get_xscale() == "linear"
    assert trade_off(points, **NAMES).axes[0].get_xscale() == "log"


def test_hostile_names_stay_as_they_are_and_the_bytes_the_same(points, nasty, tmp_path):
    named = points.assign(arm=points.arm.replace("kd", nasty), label=nasty)
    figure = trade_off(named, x=nasty, y=nasty)
    assert f"{nasty} (10 runs)" in lines_of(figure)
    first = save_figure(figure, tmp_path / "a.svg").read_bytes()
    assert first == save_figure(trade_off(named, x=nasty, y=nasty), tmp_path / "b.svg").read_bytes()


def test_the_alternative_text_has_every_point(points):
    words = describe_trade_off(points, **NAMES)
    assert "student: k=17 0.8000 (0.7960 to 0.8040), 10 runs at 2000, k=5" in words
    assert words.startswith("Mean test_accuracy against parameters along each arm.")
