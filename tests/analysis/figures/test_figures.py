import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from analysis import MissingColumnError, Protocol, compare
from analysis.figures import MOST_PANELS, WIDTH_INCHES, differences, distributions
from analysis.presentation.alt_text import describe_differences, describe_distributions
from analysis.presentation.svg import to_svg

PROTOCOL = Protocol("accuracy", "maximize", "a", smallest_effect=0.002)


@pytest.fixture(scope="module")
def frame(accuracies):
    return accuracies(["a", "b", "c"])


@pytest.fixture(scope="module")
def results(frame):
    return compare(frame, PROTOCOL)


def texts(svg):
    return [each.text for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_run_is_a_point(frame, results):
    axes = distributions(frame, results).axes[0]
    runs = [line for line in axes.lines if line.get_marker() == "o"]
    drawn = np.sort(np.concatenate([line.get_xdata() for line in runs]))
    assert np.array_equal(drawn, np.sort(frame["accuracy"]))


def test_every_difference_is_drawn_at_its_value_with_a_shape_for_its_decision(results):
    axes = differences(results).axes[0]
    shapes = {"better": "^", "worse": "v", "equivalent": "s", "undecided": "o"}
    drawn = {(m.get_xdata()[0], m.get_marker()) for m in axes.lines if m.get_marker() != "None"}
    assert drawn == {(each.difference, shapes[each.decision]) for each in results.comparisons}


def test_the_same_figure_gives_the_same_bytes(frame, results):
    assert to_svg(distributions(frame, results)) == to_svg(distributions(frame, results))
    assert to_svg(differences(results)) == to_svg(differences(results))


def test_names_are_shown_as_they_are_and_never_as_formulas(accuracies, nasty_arms):
    frame = accuracies(nasty_arms)
    results = compare(frame, Protocol("accuracy", "maximize", nasty_arms[0]))
    shown = texts(to_svg(distributions(frame, results)))
    assert set(nasty_arms) <= set(shown)
    assert set(nasty_arms[1:]) <= set(texts(to_svg(differences(results))))


def test_an_svg_needs_nothing_from_outside_and_takes_the_pages_colour(frame, results):
    svg = to_svg(distributions(frame, results), 'a "quoted" <description>')
    root = ET.fromstring(svg)
    assert root.get("aria-label") == 'a "quoted" <description>'
    assert root.get("role") == "img"
    assert "currentColor" in svg
    assert "<!DOCTYPE" not in svg
    references = [value for each in root.iter() for key, value in each.items() if "href" in key]
    assert all(each.startswith("#") for each in references)


def test_two_figures_can_share_a_page(frame, results):
    def identifiers(svg):
        return {each.get("id") for each in ET.fromstring(svg).iter()} - {None}

    first, second = to_svg(distributions(frame, results)), to_svg(differences(results))
    assert not identifiers(first) & identifiers(second)
    assert all(f'"#{each}"' not in first for each in identifiers(second))


def test_drawing_changes_no_setting(frame, results):
    before = dict(mpl.rcParams)
    to_svg(distributions(frame, results))
    to_svg(differences(results))
    assert dict(mpl.rcParams) == before


def test_each_cell_has_a_panel_up_to_a_limit_that_is_told(accuracies):
    few = pd.concat([accuracies(["a", "b"], n=3).assign(k=k) for k in (3, 5)])
    results = compare(few, PROTOCOL, within=["k"])
    figure = distributions(few, results, within=["k"])
    assert [each.get_title("left") for each in figure.axes] == ["k = 3", "k = 5"]
    assert figure.get_figwidth() == WIDTH_INCHES
    many = pd.concat([accuracies(["a", "b"], n=2).assign(k=k) for k in range(MOST_PANELS + 1)])
    figure = differences(compare(many, PROTOCOL, within=["k"]))
    assert len(figure.axes) == MOST_PANELS
    assert (
        figure.legends[0].get_title().get_text()
        == f"{MOST_PANELS} of {MOST_PANELS + 1} cells shown"
    )


def test_arms_without_values_keep_their_row_and_say_so(long_form):
    frame = long_form({"a": [0.1, 0.2], "b": [np.nan, np.inf], "c": [0.3, np.nan]})
    results = compare(frame, PROTOCOL)
    assert "no finite values" in texts(to_svg(distributions(frame, results)))
    assert "no pairs" in texts(to_svg(differences(results)))


def test_a_missing_column_is_refused_as_compare_does(frame, results):
    with pytest.raises(MissingColumnError):
        distributions(frame, results, block="sede")


def test_the_alternative_text_has_the_numbers(results):
    words = describe_differences(results)
    assert "b against a: " in words
    assert "20 pairs" in words
    assert results.comparison("b").decision in words
    assert "a: 20 runs, mean 0.9" in describe_distributions(results)
