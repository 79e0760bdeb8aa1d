import pytest

from analysis.errors import AnalysisError
from analysis.figures import WIDTH_INCHES, best_of_n
from analysis.presentation.alt_text_curves import describe_best_of_n

CURVES = {
    "student": [(2, 0.92, 0.91, 0.93), (1, 0.9, 0.89, 0.91), (3, 0.925, 0.915, 0.935)],
    "kd": [(1, 0.91, None, None), (2, 0.915, None, None)],
}


def test_expected_values_and_bands_are_drawn_in_the_order_of_k():
    axes = best_of_n(CURVES, "accuracy").axes[0]
    lines = [each for each in axes.lines if each.get_linewidth() == 1.5]
    assert [list(each.get_xdata()) for each in lines] == [[1, 2, 3], [1, 2]]
    assert list(lines[0].get_ydata()) == [0.9, 0.92, 0.925]
    assert len(axes.collections) == 1
    vertices = axes.collections[0].get_paths()[0].vertices
    assert sorted(set(vertices[vertices[:, 0] == 2][:, 1])) == [0.91, 0.93]
    assert axes.figure.get_figwidth() == WIDTH_INCHES


def test_axes_say_what_is_shown():
    axes = best_of_n(CURVES, "accuracy", level=0.9).axes[0]
    assert axes.get_ylabel() == "expected best accuracy of k\nband: 90 % interval"
    assert axes.get_xlabel() == "k, number of runs"
    bare = best_of_n({"kd": CURVES["kd"]}, "accuracy").axes[0]
    assert bare.get_ylabel() == "expected best accuracy of k"


def test_names_are_in_the_legend(nasty_arms):
    figure = best_of_n({name: [(1, 0.5, None, None)] for name in nasty_arms}, "accuracy")
    assert [each.get_text() for each in figure.legends[0].get_texts()] == nasty_arms


def test_no_arm_and_an_arm_without_points_are_refused():
    for curves in ({}, {"a": []}):
        with pytest.raises(AnalysisError, match="needs an arm"):
            best_of_n(curves, "accuracy")


def test_the_alternative_text_has_the_first_and_the_last_value():
    words = describe_best_of_n(CURVES, "accuracy")
    assert "student: 0.9 at k = 1, 0.925 at k = 3; kd: 0.91 at k = 1, 0.915 at k = 2." in words
