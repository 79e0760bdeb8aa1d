"""The answer, the arms, the comparisons, and the way from each to its trials."""

import pytest

from analysis.presentation.wording import TEST_NAMES
from harness.reports.sections import results


def test_the_answer_has_one_sentence_a_comparison_with_its_notes(full_page, full_answer):
    found, _ = full_answer
    sentences = [each.text for each in full_page.section("answer").nodes("li")]
    assert len(sentences) == len(found.comparisons.comparisons) == 6
    for said, each in zip(sentences, found.comparisons.comparisons, strict=True):
        assert said.startswith(found.comparisons.sentence(each))
        assert all(f"Note: {note}" in said for note in each.warnings)


def leads_to(page, cell):
    """What the link in a cell leads to."""
    target = cell.node("a").given["href"].removeprefix("#")
    return next(each for each in page.nodes() if each.given.get("id") == target)


def rows_of(page, label):
    return list(page.root.node("div", **{"aria-label": label}).node("tbody").nodes("tr"))


def test_every_arm_leads_to_its_trials(full_page, full_answer):
    found, _ = full_answer
    rows = rows_of(full_page, "Arms")
    assert len(rows) == 4 * 2
    for row in rows:
        arm = row.node("th").text
        target = leads_to(full_page, row.node("th"))
        assert target.node("summary").text == f"{arm}: 44 finished trials"
        stored = {name[:12] for name in found.frame.loc[found.frame["arm"] == arm, "trial"]}
        assert {each.text for each in target.nodes("th")} >= stored


def test_every_comparison_leads_to_its_pairs(full_page, full_answer):
    found, _ = full_answer
    rows = rows_of(full_page, "Comparisons")
    for row, each in zip(rows, found.comparisons.comparisons, strict=True):
        target = leads_to(full_page, row.node("th"))
        assert target.node("summary").text == f"The pairs of {each.label}"


def test_pairs_are_the_stored_values_and_their_trials(full_page, full_answer):
    found, _ = full_answer
    header, *rows = full_page.root.table("Pairs of kd against plain (depth = 2)")
    assert header == ["seed", "kd", "plain", "difference", "trial", "its reference"]
    frame = found.compared[found.compared["depth"] == 2].set_index(["arm", "seed"])
    assert [row[0] for row in rows] == [str(seed) for seed in range(8)]
    for seed, value, reference, difference, trial, other in rows:
        ours, theirs = frame.loc[("kd", int(seed))], frame.loc[("plain", int(seed))]
        assert float(value) == ours["score"]
        assert float(reference) == theirs["score"]
        assert float(difference) == ours["score"] - theirs["score"]
        assert (trial, other) == (ours["trial"][:12], theirs["trial"][:12])
    mean = sum(float(row[3]) for row in rows) / 8
    assert mean == pytest.approx(found.comparison("kd", depth=2).difference)


def test_a_pair_without_a_value_says_that_there_is_none(full_page):
    *_, last = full_page.root.table("Pairs of ig against plain (depth = 2)")
    assert last[:2] == ["7", "none"]
    assert last[3] == "none"
    assert "nan" not in full_page.section("comparisons").text


def test_with_very_many_comparisons_each_leads_to_its_arm(
    full_answer, full_page, monkeypatch, read
):
    found, _ = full_answer
    monkeypatch.setattr(results, "_MOST_PAIRED_TABLES", 5)
    section = results.comparisons_section(found, found.comparisons)
    assert section.blocks[0].links == tuple(f"trials-of-arm-{place}" for place in (1, 2, 3)) * 2
    assert not any("The pairs of" in getattr(each, "summary", "") for each in section.blocks)


def test_of_very_many_pairs_the_first_are_shown_and_the_line_says_so(full_answer, monkeypatch):
    found, _ = full_answer
    monkeypatch.setattr(results, "_MOST_PAIRS", 3)
    section = results.comparisons_section(found, found.comparisons)
    first, *_ = [each for each in section.blocks if "The pairs of" in getattr(each, "summary", "")]
    (table,) = first.blocks
    assert first.summary.endswith(", the first 3 of 8 shown")
    assert [row[0] for row in table.rows] == ["seed", "0", "1", "2"]


def test_every_test_is_shown_and_the_declared_one_is_marked(full_page, full_answer):
    found, _ = full_answer
    header, *rows = full_page.root.table("Tests")
    for each in found.comparisons.comparisons:
        own = [row for row in rows if row[0] == each.label]
        assert [row[1] for row in own] == [TEST_NAMES[test.name] for test in each.tests]
        assert [row[header.index("decides")] for row in own].count("yes") == 1
        decides = next(row for row in own if row[-1] == "yes")
        assert decides[1] == TEST_NAMES["sign_flip"]


def test_effects_and_intervals_are_shown_for_every_comparison(full_page, full_answer):
    found, _ = full_answer
    labels = [each.label for each in found.comparisons.comparisons]
    effects = full_page.root.table("Effect sizes")[1:]
    assert list(dict.fromkeys(row[0] for row in effects)) == labels
    intervals = full_page.root.table("Intervals")
    assert [row[0] for row in intervals[1:]] == labels
    assert intervals[0][-3:] == ["P(worse)", "P(equivalent)", "P(better)"]


def test_no_interval_is_shown_at_another_level_than_the_protocol_s(full_page):
    for key in ("answer", "arms", "comparisons"):
        assert "90 %" in full_page.section(key).text
        assert "95 %" not in full_page.section(key).text
