import xml.etree.ElementTree as ET

import pytest

from analysis.errors import AnalysisError
from analysis.figures import WIDTH_INCHES, critical_difference
from analysis.figures.labels import measure
from analysis.presentation.alt_text_curves import describe_critical_difference
from analysis.presentation.svg import to_svg

RANKS = {"student": 4.1, "kd": 2.2, "kd_ig": 1.4, "ig": 3.1, "at": 4.2}


def texts(figure):
    return [each.get_text() for each in figure.axes[0].texts]


def lines(figure, width):
    return [each for each in figure.axes[0].lines if each.get_linewidth() == width]


def arms(figure):
    """The lines that lead from a rank to a name, as (place on the axis, side)."""
    return [
        (line.get_xdata()[0], "left" if line.get_xdata()[2] < line.get_xdata()[0] else "right")
        for line in figure.axes[0].lines
        if len(line.get_xdata()) == 3
    ]


def test_every_arm_stands_at_its_rank_with_the_best_on_the_left():
    figure = critical_difference(RANKS, 1.1, [])
    places = sorted(place for place, _ in arms(figure))
    ranks = sorted(RANKS.values())
    scale = (places[-1] - places[0]) / (ranks[-1] - ranks[0])
    assert scale > 0
    assert places == pytest.approx([places[0] + scale * (rank - ranks[0]) for rank in ranks])
    assert [side for _, side in sorted(arms(figure))] == ["left"] * 3 + ["right"] * 2
    assert "average rank (best on the left)" in texts(figure)
    assert {"1.40", "2.20", "3.10", "4.10", "4.20", *RANKS} <= set(texts(figure))
    assert figure.get_figwidth() == WIDTH_INCHES


def test_the_critical_difference_is_drawn_to_scale():
    figure = critical_difference(RANKS, 1.1, [], note="Nemenyi")
    places = dict(zip(sorted(RANKS.values()), sorted(x for x, _ in arms(figure)), strict=True))
    one_rank = (places[4.2] - places[1.4]) / 2.8
    bar = next(each for each in lines(figure, 1.4) if each.get_ydata()[0] == each.get_ydata()[1])
    assert bar.get_xdata()[1] - bar.get_xdata()[0] == pytest.approx(1.1 * one_rank)
    assert {"critical difference 1.1", "Nemenyi"} <= set(texts(figure))


def test_bars_join_the_groups_and_never_lie_on_each_other():
    groups = [["kd", "kd_ig"], ["ig", "kd"], ["at", "student", "ig"], ["at"]]
    figure = critical_difference(RANKS, None, groups)
    bars = lines(figure, 4)
    assert len(bars) == 3
    assert not any("critical" in each for each in texts(figure))
    spans = [(each.get_ydata()[0], *each.get_xdata()) for each in bars]
    for level, low, high in spans:
        others = [each for each in spans if each[0] == level and each != (level, low, high)]
        assert all(high < other[1] or other[2] < low for other in others)


def test_a_difference_longer_than_the_axis_is_cut_and_told():
    figure = critical_difference({"a": 1.4, "b": 1.6}, 3.0, [["a", "b"]])
    assert any("longer than the axis" in each for each in texts(figure))


@pytest.mark.parametrize("arms", [1, 2, 20])
def test_names_stay_inside_the_figure_and_off_the_lines(arms, nasty_arms):
    wide = ["W" * 60, "蒸留" * 20, *nasty_arms, *(f"arm_{each}" for each in range(20))][:arms]
    ranks = {name: 1.0 + place for place, name in enumerate(wide)}
    figure = critical_difference(ranks, 1.0, [wide])
    names = [each for each in figure.axes[0].texts if each.get_va() == "center"]
    assert len(names) == arms
    boxes = measure(figure, names)
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= 0
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_names_are_never_read_as_formulas(nasty_arms):
    ranks = {name: 1.0 + place for place, name in enumerate(nasty_arms)}
    root = ET.fromstring(to_svg(critical_difference(ranks, None, [])))
    shown = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert set(nasty_arms) <= shown


@pytest.mark.parametrize(
    ("ranks", "difference", "cliques", "message"),
    [
        ({}, 1.0, [], "at least one arm"),
        ({"a": 1.0, "b": 3.0}, 1.0, [], "allowed: 1 to 2"),
        ({"a": float("nan")}, 1.0, [], "allowed: 1 to 1"),
        ({"a": 1.0, "b": 2.0}, 0.0, [], "above 0"),
        ({"student": 1.0, "b": 2.0}, 1.0, [["studnt", "b"]], "Did you mean 'student'"),
    ],
)
def test_what_cannot_be_is_refused(ranks, difference, cliques, message):
    with pytest.raises(AnalysisError, match=message):
        critical_difference(ranks, difference, cliques)


def test_the_alternative_text_has_the_ranks_and_the_groups():
    words = describe_critical_difference(RANKS, 1.1, [["kd", "kd_ig"], ["at"]])
    assert "best first: kd_ig 1.40, kd 2.20" in words
    assert "critical difference is 1.1" in words
    assert words.endswith("Not told apart: kd_ig, kd.")
