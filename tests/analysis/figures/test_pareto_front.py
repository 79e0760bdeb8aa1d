import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.figures import WIDTH_INCHES, pareto_front
from analysis.figures.labels import measure
from analysis.pareto import pareto
from analysis.presentation.alt_text_pareto import describe_pareto_front
from analysis.presentation.svg import to_svg


def runs_of(centres, n=6, spread=0.01):
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, x + rng.normal(0, spread), y + rng.normal(0, spread))
        for arm, (x, y) in centres.items()
        for seed in range(n)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "size", "score"])


CENTRES = {"small": (1, 1), "middle": (2, 4), "large": (8, 5), "bad": (7, 2)}


@pytest.fixture(scope="module")
def front():
    return pareto(runs_of(CENTRES), {"size": "minimize", "score": "maximize"}, resamples=100)


def markers(figure):
    return {
        (line.get_xdata()[0], line.get_ydata()[0]): line
        for line in figure.axes[0].lines
        if line.get_marker() == "o" and line.get_markeredgewidth() == 1.1
    }


def staircase(figure):
    line = next(each for each in figure.axes[0].lines if each.get_zorder() == 1)
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def texts(figure):
    return [each.get_text() for each in figure.axes[0].texts]


def test_every_configuration_stands_at_its_means_filled_if_it_is_on_the_front(front):
    drawn = markers(pareto_front(front))
    for each in front.configurations:
        marker = drawn[each.means["size"].mean, each.means["score"].mean]
        assert (marker.get_markerfacecolor() != "none") == each.on_front
    assert len(drawn) == 4


def test_intervals_are_drawn_both_ways(front):
    spans = [
        (tuple(line.get_xdata()), tuple(line.get_ydata()))
        for line in pareto_front(front).axes[0].lines
        if line.get_linewidth() == 0.9
    ]
    for each in front.configurations:
        size, score = each.means["size"], each.means["score"]
        assert ((size.low, size.high), (score.mean, score.mean)) in spans
        assert ((size.mean, size.mean), (score.low, score.high)) in spans


def test_a_markers_area_grows_with_the_probability(front):
    figure = pareto_front(front)
    sizes = {
        name: markers(figure)[
            front.configuration(name).means["size"].mean,
            front.configuration(name).means["score"].mean,
        ].get_markersize()
        for name in CENTRES
    }
    assert front.configuration("bad").probability_on_front == 0
    assert sizes["bad"] < sizes["small"] == sizes["large"]
    labels = [each.get_text() for each in figure.legends[0].get_texts()]
    assert "P(front) = 0.5" in labels
    assert "mean, 95 % interval" in labels


@pytest.mark.parametrize("across", ["minimize", "maximize"])
@pytest.mark.parametrize("upward", ["minimize", "maximize"])
def test_the_staircase_is_the_border_of_what_is_dominated(across, upward):
    found = pareto(runs_of(CENTRES), {"size": across, "score": upward}, resamples=10)
    figure = pareto_front(found)
    steps = staircase(figure)
    for (x, y), (other_x, other_y) in pairwise(steps):
        assert x == other_x or y == other_y
        # Just behind the middle of each step something dominates, just before it nothing does.
        middle = np.array([(x + other_x) / 2, (y + other_y) / 2])
        better = np.array([-1 if across == "minimize" else 1, -1 if upward == "minimize" else 1])
        means = np.array([[e.means["size"].mean, e.means["score"].mean] for e in found.front])

        def dominated(point, means=means, better=better):
            return bool(((means - point) * better >= 0).all(axis=1).any())

        assert dominated(middle - better * 1e-6)
        assert not dominated(middle + better * 1e-6)
    assert set(steps) >= {(e.means["size"].mean, e.means["score"].mean) for e in found.front}
    (left, right), (bottom, top) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    ends = {steps[0][0], steps[-1][0]} & {left, right}, {steps[0][1], steps[-1][1]} & {bottom, top}
    assert all(ends)


def test_the_knee_has_a_ring(front):
    figure = pareto_front(front)
    knee = front.configuration(front.knee)
    ring = next(each for each in figure.axes[0].lines if each.get_markeredgewidth() == 1.6)
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (
        knee.means["size"].mean,
        knee.means["score"].mean,
    )
    assert "knee" in [each.get_text() for each in figure.legends[0].get_texts()]


def test_axes_say_the_direction_and_names_stand_beside_their_points(front):
    figure = pareto_front(front)
    assert figure.axes[0].get_xlabel() == "size (lower is better)"
    assert figure.axes[0].get_ylabel() == "score (higher is better)"
    assert set(texts(figure)) == set(CENTRES)
    assert figure.get_figwidth() == WIDTH_INCHES
    swapped = pareto_front(front, "score", "size")
    assert swapped.axes[0].get_xlabel() == "score (higher is better)"


def test_no_name_covers_another_or_leaves_the_axes(nasty_arms):
    names = [*nasty_arms, *(f"arm_{each}" for each in range(13))]
    centres = {name: (place % 7, place**0.5) for place, name in enumerate(names)}
    found = pareto(runs_of(centres), {"size": "minimize", "score": "maximize"}, resamples=10)
    figure = pareto_front(found)
    assert set(texts(figure)) == set(names)
    for each in figure.axes[0].texts:
        # The words alone, without the thin line to the point.
        each.arrow_patch = None
    boxes = measure(figure, figure.axes[0].texts)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    inside = figure.axes[0].get_window_extent().padded(1)
    assert all(inside.contains(*each.min) and inside.contains(*each.max) for each in boxes)


def test_points_for_whose_names_there_is_no_room_are_counted():
    centres = {f"configuration {each}": (each / 1e6, 1) for each in range(60)}
    found = pareto(runs_of(centres, n=1), {"size": "minimize", "score": "maximize"})
    figure = pareto_front(found)
    shown = len(texts(figure))
    assert 0 < shown < 60
    assert figure.legends[0].get_title().get_text() == f"{60 - shown} points not named"


def test_levels_name_the_points_when_several_columns_do():
    frame = pd.concat(runs_of({"a": (k, k)}).assign(k=k) for k in (3, 5))
    goals = {"size": "minimize", "score": "maximize"}
    figure = pareto_front(pareto(frame, goals, configuration=("arm", "k"), resamples=10))
    assert set(texts(figure)) == {"a, 3", "a, 5"}
    assert figure.legends[0].get_title().get_text() == "names: arm, k"


def test_configurations_without_runs_are_told_and_not_drawn():
    frame = runs_of({"a": (1, 1), "b": (2, 2)})
    frame.loc[frame.arm == "b", "size"] = np.nan
    found = pareto(frame, {"size": "minimize", "score": "maximize"}, resamples=10)
    figure = pareto_front(found)
    assert texts(figure) == ["a"]
    assert "1 configuration without" in figure.legends[0].get_title().get_text()


def test_nothing_to_draw_is_a_figure_without_points():
    frame = runs_of({"a": (np.nan, 1)})
    figure = pareto_front(pareto(frame, {"size": "minimize", "score": "maximize"}))
    assert texts(figure) == []


def test_an_axis_can_be_logarithmic_with_plain_numbers():
    frame = runs_of({"a": (2, 1), "b": (40, 2), "c": (1100, 3)}, spread=0.001)
    goals = {"size": "maximize", "score": "minimize"}
    figure = pareto_front(pareto(frame, goals, resamples=10), log_x=True)
    figure.draw_without_rendering()
    assert figure.axes[0].get_xscale() == "log"
    labels = [each.get_text() for each in figure.axes[0].get_xticklabels()]
    assert "100" in labels
    assert not any("$" in each for each in labels)
    with pytest.raises(AnalysisError, match="leave log_x out"):
        pareto_front(pareto(runs_of({"a": (-2, 1)}), goals, resamples=10), log_x=True)


def test_more_than_two_objectives_have_no_staircase(front):
    frame = runs_of(CENTRES).assign(cost=1.0)
    goals = {"size": "minimize", "score": "maximize", "cost": "minimize"}
    figure = pareto_front(pareto(frame, goals, resamples=10), "cost", "score")
    assert not any(each.get_zorder() == 1 for each in figure.axes[0].lines)


def test_an_unknown_objective_is_refused_with_the_nearest(front):
    with pytest.raises(AnalysisError, match="Did you mean 'score'"):
        pareto_front(front, "size", "scor")
    with pytest.raises(AnalysisError, match="both 'size'"):
        pareto_front(front, "size", "size")


def test_text_stays_text_and_the_bytes_are_the_same(front, nasty_arms):
    assert to_svg(pareto_front(front)) == to_svg(pareto_front(front))
    centres = {name: (place, place) for place, name in enumerate(nasty_arms)}
    found = pareto(runs_of(centres), {"size": "minimize", "score": "maximize"}, resamples=10)
    root = ET.fromstring(to_svg(pareto_front(found)))
    shown = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert set(nasty_arms) <= shown


def test_the_alternative_text_has_the_front_and_its_numbers(front):
    words = describe_pareto_front(front)
    assert "On the front by their means: small, middle, large." in words
    assert "middle: 6 runs, size 1.99" in words
    assert "the knee of the front" in words
    assert "dominated, on the front in a share of 0.00" in words
