"""How many seeds, and the best of n, on the page."""

import pytest

from harness.answer import answer
from harness.reports.blocks import Paragraph, Unfold
from harness.reports.sections import planning


def test_seeds_are_planned_for_the_declared_effect_at_the_corrected_level(full_page):
    section = full_page.section("power")
    assert "a difference of 0.05 in score with a probability of 80 % in each of 6" in section.text
    caption = section.node("figcaption").text
    assert caption.startswith("Power against the number of pairs for ig against plain (depth = 1)")
    assert "alpha 0.0166667" in section.text


def test_the_spread_is_that_of_the_differences(full_page, full_answer):
    found, _ = full_answer
    header, *rows = full_page.root.table("Seeds needed")
    for row, each in zip(rows, found.comparisons.comparisons, strict=True):
        runs = found.compared[found.compared["depth"] == dict(each.cell)["depth"]]
        wide = runs.pivot(index="seed", columns="arm", values="score")
        expected = (wide[each.arm] - wide["plain"]).std(ddof=1)
        assert float(row[header.index("sd")]) == pytest.approx(expected, rel=0.005)
        assert row[header.index("pilot pairs")] == str(each.n)


def test_the_sentence_names_the_largest_number(full_page):
    header, *rows = full_page.root.table("Seeds needed")
    largest = max(int(row[header.index("seeds")]) for row in rows)
    assert f"{largest} seeds an arm are enough" in full_page.section("power").text


def test_without_an_effect_that_matters_nothing_is_planned(declare, page_of):
    assert "How many seeds" not in page_of(declare(["a", "b"])).titles


def test_the_best_of_one_is_the_mean_and_that_of_all_the_best(full_page, full_answer):
    found, _ = full_answer
    figure = next(full_page.section("best-of-n").nodes("svg"))
    runs = found.compared.query("arm == 'plain' and depth == 1")["score"]
    words = figure.given["aria-label"]
    assert f"plain: {runs.mean():.6g} at k = 1, {runs.max():.6g} at k = 8;" in words
    assert "no result" in full_page.section("best-of-n").text


def test_combinations_that_are_not_shown_are_counted_and_not_computed(
    declare, stored, tmp_path, monkeypatch
):
    declared = declare(["a", "b"], factors={"depth": [1, 2, 3]})
    store = stored(declared, tmp_path)
    found = answer(declared, store)
    made = []
    once = planning.expected_best
    monkeypatch.setattr(planning, "_MOST_PANELS", 2)
    monkeypatch.setattr(
        planning, "expected_best", lambda *given, **named: made.append(1) or once(*given, **named)
    )
    monkeypatch.setattr(planning, "to_svg", lambda *_: "<svg></svg>")
    (section,) = planning.sections(found, found.comparisons)
    assert len(made) == 2 * 2
    assert Paragraph("2 of 3 combinations of levels are shown.") in section.blocks
    assert [each.summary for each in section.blocks if isinstance(each, Unfold)] == [
        "Expected best of k runs (depth = 1)",
        "Expected best of k runs (depth = 2)",
    ]


def test_with_very_many_runs_no_curve_is_drawn_and_the_page_says_why(full_answer, monkeypatch):
    found, _ = full_answer
    monkeypatch.setattr(planning, "_MOST_RUNS", 7)
    (section,) = (s for s in planning.sections(found, found.comparisons) if s.key == "best-of-n")
    assert [type(each).__name__ for each in section.blocks] == ["Paragraph", "Paragraph"]
    assert "for up to 8 runs of an arm: with more than 7" in section.blocks[1].text
