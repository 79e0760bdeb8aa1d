"""Protocol, trials, environment, and how to get the numbers again."""

import pytest

from harness.canonical import digest
from harness.reports.sections import provenance


def test_the_protocol_s_digest_and_its_change_are_at_the_top(full_page, full_answer):
    found, _ = full_answer
    expected = digest("protocol", found.study.definition()["protocol"])
    header = full_page.root.node("header").text
    assert f"Protocol {expected[:12]} , which was changed once since the first trial" in header
    assert expected in full_page.root.node("footer").text


def test_the_history_says_how_many_trials_were_finished_before_each_protocol(
    full_page, full_answer
):
    found, _ = full_answer
    header, first, second = full_page.root.table("Protocol history")
    assert header[:2] == ["digest", "trials finished when first used"]
    assert (first[1], second[1]) == ("0", "175")
    assert "alpha: 0.05" in first[2]
    assert "alpha from 0.05 to 0.1" in second[2]
    assert second[0] == digest("protocol", found.study.definition()["protocol"])[:12]


def test_a_protocol_that_was_never_changed_is_not_said_to_be(declare, page_of):
    assert "was changed" not in page_of(declare(["a", "b"])).root.node("header").text


def test_the_protocol_of_the_page_is_shown_in_full(full_page):
    rows = dict(full_page.root.table("Protocol"))
    assert rows["alpha"] == "0.1"
    assert rows["smallest_effect"] == "0.05"
    assert rows["treatments"] == "KD: kd, kd_ig, IG: ig, kd_ig"


def test_every_finished_trial_is_listed_with_its_stored_value(full_page, full_answer):
    found, _ = full_answer
    shown = {}
    for arm in found.study.arms:
        header, *rows = full_page.root.table(f"Trials of {arm}")
        assert header == ["trial", "seed", "source", "depth", "score"]
        shown |= {row[0]: row for row in rows}
    assert len(shown) == len(found.frame) == 176
    for row in found.frame.itertuples():
        seed, source, depth, score = shown[row.trial[:12]][1:]
        assert (seed, source, depth) == (str(row.seed), row.source, str(row.depth))
        assert score == ("" if row.score != row.score else repr(row.score))


def test_failed_trials_are_listed_with_their_error(full_page):
    header, row = full_page.root.table("Failed trials")
    assert header == ["trial", "arm", "seed", "error"]
    assert row[1:] == ["ig", "7", "ValueError: <no> & never"]


def test_more_trials_than_a_browser_likes_are_cut_and_counted(full_answer, monkeypatch):
    found, _ = full_answer
    monkeypatch.setattr(provenance, "_MOST_TRIALS", 50)
    *_, first, second, third, _ = provenance.trials_section(found).blocks
    assert first.summary == "plain: 44 finished trials"
    assert second.summary == "kd: 44 finished trials, the first 6 of them shown"
    assert third.summary == "ig: 44 finished trials, the first 0 of them shown"
    assert len(second.blocks[0].rows) == 1 + 6


def test_the_environment_says_how_many_trials_ran_on_it(full_page):
    section = full_page.section("environment")
    assert "176 trials ran on this." in section.text
    assert ["numpy", "9.9"] in section.table("Packages")
    assert section.table("Noted facts")[1] == ["175", '{"device": "cpu"}']


@pytest.mark.parametrize(
    ("deterministic", "promise"),
    [(True, "this gives the same numbers"), (False, "may give other numbers")],
)
def test_doing_it_again_promises_what_the_study_declares(
    declare, stored, tmp_path, deterministic, promise
):
    from harness.answer import answer

    trial = {"function": "nowhere:function", "deterministic": deterministic}
    declared = declare(["a", "b"], trial=trial)
    section = provenance.again_section(answer(declared, stored(declared, tmp_path)))
    assert promise in section.blocks[0].text
    assert section.blocks[1].text == "harness study run page"


def test_what_the_command_line_changed_is_in_the_header_and_in_the_command(full_answer):
    found, _ = full_answer
    changed = found.study.model_copy(update={"changes": ("--arms", "a b")})
    assert provenance._command(changed) == "harness study run page --arms 'a b'"


def test_values_are_shown_as_words():
    assert provenance._text(None) == "not declared"
    assert provenance._text({}) == "none"
    assert provenance._text([("a", "b"), ("c", "d")]) == "a, b, c, d"
