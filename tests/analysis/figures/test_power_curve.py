import pytest

from analysis.errors import AnalysisError
from analysis.figures import WIDTH_INCHES, power_curve
from analysis.presentation.alt_text_curves import describe_power_curve

POINTS = [(20, 0.81), (5, 0.3), (10, 0.55), (40, 0.98)]


def texts(figure):
    return [each.get_text() for each in figure.axes[0].texts]


def test_points_are_drawn_at_their_values_whatever_their_order():
    axes = power_curve(POINTS).axes[0]
    assert list(axes.lines[0].get_xdata()) == [5, 10, 20, 40]
    assert list(axes.lines[0].get_ydata()) == [0.3, 0.55, 0.81, 0.98]
    assert axes.figure.get_figwidth() == WIDTH_INCHES


def test_target_need_effect_and_alpha_are_told():
    figure = power_curve(
        POINTS, target=0.8, seeds_needed=20, smallest_effect=0.005, metric="accuracy", alpha=0.05
    )
    axes = figure.axes[0]
    assert axes.get_title("left") == "power to find a difference of 0.005 in accuracy, alpha 0.05"
    assert texts(figure) == ["target 80 %", "20 pairs needed"]
    assert (20, 0.8) in [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines[1:]]


def test_a_target_out_of_reach_is_told():
    assert texts(power_curve(POINTS[:2], target=0.95)) == [
        "target 95 %, not reached by any number shown"
    ]


def test_one_point_and_no_target_make_a_figure_with_whole_ticks():
    figure = power_curve([(5, 0.3)], target=None)
    figure.draw_without_rendering()
    labels = [each.get_text() for each in figure.axes[0].get_xticklabels()]
    assert "5" in labels
    assert all(each.isdigit() for each in labels)


def test_a_wide_range_of_sizes_is_logarithmic_with_plain_numbers():
    figure = power_curve([(n, 0.5) for n in (5, 50, 500, 5000)])
    figure.draw_without_rendering()
    assert figure.axes[0].get_xscale() == "log"
    labels = [each.get_text() for each in figure.axes[0].get_xticklabels()]
    assert "1000" in labels
    assert not any("$" in each for each in labels)


@pytest.mark.parametrize(
    ("points", "target", "message"),
    [
        ([], 0.8, "at least one point"),
        ([(0, 0.5)], 0.8, "impossible"),
        ([(5, 1.5)], 0.8, "impossible"),
        ([(5, float("nan"))], 0.8, "impossible"),
        ([(5, 0.5)], 80, "above 0 and below 1"),
    ],
)
def test_what_cannot_be_is_refused(points, target, message):
    with pytest.raises(AnalysisError, match=message):
        power_curve(points, target=target)


def test_the_alternative_text_has_the_ends_and_the_need():
    words = describe_power_curve(POINTS, target=0.8, seeds_needed=20)
    assert "0.30 with 5 pairs, 0.98 with 40 pairs" in words
    assert words.endswith("80 % takes 20 pairs.")
