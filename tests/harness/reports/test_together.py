"""All arms at once, all levels, and treatments on the page."""

import pytest


def estimate_of(page, label, arm):
    header, *rows = page.root.table(label)
    return float(next(row for row in rows if row[0] == arm)[header.index("estimate")])


def test_ranks_are_listed_from_the_best_and_their_means_are_right(full_page, full_answer):
    found, _ = full_answer
    wide = found.compared[found.compared["depth"] == 1].pivot(
        index="seed", columns="arm", values="score"
    )
    expected = wide.round(9).rank(axis="columns", ascending=False).mean()
    rows = full_page.root.table("Average ranks")[1:]
    shown = {row[0]: float(row[1]) for row in rows}
    assert shown == pytest.approx(expected.to_dict(), abs=0.005)
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)


def test_every_level_has_its_tests_ranks_and_diagram(full_page):
    section = full_page.section("all-arms")
    assert [each.text for each in section.nodes("h3")] == ["depth = 1", "depth = 2"]
    assert len(list(section.nodes("svg"))) == 2
    assert "over 8 complete blocks." in section.text
    assert "over 7 complete blocks, 1 incomplete one left out." in section.text


def test_the_main_effect_of_a_treatment_is_the_difference_of_means(full_page, full_answer):
    found, _ = full_answer
    runs = found.compared[found.compared["depth"] == 1].set_index("arm")["score"]
    on, off = runs.loc[["kd", "kd_ig"]].mean(), runs.loc[["plain", "ig"]].mean()
    assert estimate_of(full_page, "Effects of treatments", "KD") == pytest.approx(
        on - off, abs=0.0005
    )


def test_an_interaction_is_half_the_difference_of_the_effects(full_page, full_answer):
    found, _ = full_answer
    mean = found.compared[found.compared["depth"] == 1].groupby("arm")["score"].mean()
    expected = ((mean["kd_ig"] - mean["ig"]) - (mean["kd"] - mean["plain"])) / 2
    assert estimate_of(full_page, "Effects of treatments", "KD × IG") == pytest.approx(
        expected, abs=0.0005
    )


def test_effects_are_said_to_be_corrected_for_their_number(full_page):
    assert "p is corrected over all 3 effects" in full_page.section("treatments").text


def test_without_treatments_there_is_no_section_on_them(declare, page_of):
    page = page_of(declare(["a", "b", "c"]))
    assert "All arms at once" in page.titles
    assert "What each treatment does" not in page.titles
    assert "Over all levels" not in page.titles


def test_treatments_without_a_complete_block_have_no_effect(declare, page_of, outcome):
    def one_arm_fails(spec):
        if spec.arm == "b":
            return outcome(spec, state="failed", metrics={}, error="no")
        return outcome(spec)

    protocol = {
        "metric": "score",
        "direction": "maximize",
        "control": "a",
        "treatments": {"B": ["b", "bc"], "C": ["c", "bc"]},
    }
    page = page_of(declare(["a", "b", "c", "bc"], protocol=protocol), outcome=one_arm_fails)
    assert "No block has a finite value in every arm" in page.section("treatments").text


def test_the_effect_over_all_levels_is_the_mean_effect_where_all_have_run(full_page, full_answer):
    found, _ = full_answer
    section = full_page.section("all-levels")
    header, *rows = section.table("Effects over all levels")
    assert header[1:3] == ["effect against plain", "90 % interval"]
    assert [row[0] for row in rows] == ["kd", "ig", "kd_ig"]
    mean = found.compared.groupby("arm")["score"].mean()
    assert float(rows[0][1]) == pytest.approx(mean["kd"] - mean["plain"], abs=0.0015)
    assert "A linear mixed model of 63 runs, 2 combinations of levels, 16 blocks" in section.text
    assert "There are only 2 combinations of levels: the variance between them" in section.text


def test_two_arms_at_several_levels_have_an_effect_over_all_of_them(declare, page_of):
    page = page_of(declare(["a", "b"], factors={"depth": [1, 2, 3]}))
    assert "All arms at once" not in page.titles
    (row,) = page.section("all-levels").table("Effects over all levels")[1:]
    assert (row[0], float(row[1])) == ("b", 1.0)


def test_a_model_that_cannot_be_fitted_says_why(declare, page_of, outcome):
    page = page_of(
        declare(["a", "b"], factors={"depth": [1, 2]}),
        outcome=lambda spec: outcome(spec, metrics={"score": 1.0}),
    )
    assert "No model can be fitted over all levels:" in page.section("all-levels").text
