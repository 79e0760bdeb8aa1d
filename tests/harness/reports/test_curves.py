"""Learning curves on the page."""

import pytest

from harness.reports.sections import curves
from harness.trial import CurvePoint


@pytest.fixture
def section_of(full_answer):
    """Build the section of the full study, counting the figures that are drawn."""

    def build(monkeypatch):
        drawn = []
        monkeypatch.setattr(curves, "to_svg", lambda *_: drawn.append(1) or "<svg></svg>")
        (section,) = curves.sections(*full_answer)
        return section, len(drawn)

    return build


def test_every_metric_has_a_figure_for_every_combination_of_levels(full_page):
    section = full_page.section("curves")
    assert [each.text for each in section.nodes("h3")] == [
        "loss (depth = 1)",
        "loss (depth = 2)",
        "score (depth = 1)",
        "score (depth = 2)",
    ]
    assert len(list(section.nodes("svg"))) == 4
    assert "no step may be chosen by it" in section.text


def test_a_figure_says_of_how_many_runs_its_curves_are(full_page):
    figure = list(full_page.section("curves").nodes("figure"))[1]
    assert "ig (7 runs)" in figure.text
    assert "kd (8 runs)" in figure.text
    assert "at each of 3 steps" in figure.node("figcaption").text


def test_its_alternative_text_has_the_means(full_page, full_answer):
    found, _ = full_answer
    runs = found.compared.query("arm == 'kd' and depth == 1")["score"]
    text = list(full_page.section("curves").nodes("svg"))[2].given["aria-label"]
    assert f"{runs.mean():.2g}" in text


def test_figures_that_are_not_shown_are_not_drawn_either(section_of, monkeypatch):
    monkeypatch.setattr(curves, "_MOST_FIGURES", 3)
    section, drawn = section_of(monkeypatch)
    assert drawn == 3
    assert section.blocks[-1].text == "3 of 4 figures are shown."


def test_without_curves_there_is_no_section(declare, stored, tmp_path):
    from harness.answer import answer

    declared = declare(["a", "b"])
    store = stored(declared, tmp_path)
    assert list(curves.sections(answer(declared, store), store)) == []


def test_a_value_that_is_not_finite_is_left_out_of_the_curve(declare, page_of, outcome):
    def kept(spec):
        last = float("nan") if spec.seed == 2 else 0.5
        return outcome(spec, curve=(CurvePoint(0, "loss", 1.0), CurvePoint(1, "loss", last)))

    page = page_of(declare(["a", "b"]), outcome=kept)
    assert "5 to 6 runs" in page.section("curves").text
