"""The page of a study: complete, self-contained, and unharmed by any name."""

import re

import pytest
from markupsafe import escape

from harness.answer import answer
from harness.reports.page import build_report, render, report_folder
from harness.reports.templating import code_spans
from harness.trial import CurvePoint, Predictions

NASTY = ["a 0", 'a"=0"', "a'; echo foo", "../x", "<b>bold</b>", "100%", "naïve", "$x$", "a & b"]
KEYS = [
    "answer",
    "arms",
    "comparisons",
    "all-arms",
    "all-levels",
    "treatments",
    "pareto",
    "curves",
    "examples",
    "variance",
    "power",
    "best-of-n",
    "paper",
    "protocol",
    "trials",
    "environment",
    "again",
]


@pytest.fixture(scope="module")
def small(declare, page_of):
    return page_of(declare(["a", "b"]))


def test_a_page_of_everything_has_every_section_and_leads_to_each(full_page):
    assert [each.given["aria-labelledby"] for each in full_page.nodes("section")] == KEYS
    links = [each.given["href"] for each in full_page.root.node("nav").nodes("a")]
    assert links == [f"#{key}" for key in KEYS]


def test_a_small_study_has_no_sections_without_content(small):
    assert small.titles == [
        "Answer",
        "Arms",
        "Comparisons",
        "Where the variance comes from",
        "Best of n",
        "For a paper",
        "Protocol",
        "Trials",
        "Environment",
        "Doing it again",
    ]


def test_it_holds_the_answer_the_trials_and_the_environment(small):
    assert "b scored higher than a in score by" in small.text
    assert "numpy 9.9" in small.text
    assert "1.05" in small.section("trials").text


@pytest.mark.parametrize("which", ["small", "full_page"])
def test_the_page_fetches_nothing(which, request):
    page = request.getfixturevalue(which)
    assert not list(page.nodes("script", "link", "iframe", "img", "object", "embed", "base"))
    addresses = [
        value
        for node in page.nodes()
        for name, value in node.given.items()
        if name in {"src", "href", "xlink:href", "srcset", "action", "data"}
    ]
    assert addresses
    assert all(value.startswith("#") for value in addresses)
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page.source)
    assert not re.findall(r"https?:|@import|url\((?!#)", without_names)


def test_any_arm_name_is_shown_as_it_is(declare, page_of, outcome):
    def kept(spec):
        return outcome(
            spec,
            curve=(CurvePoint(0, "<loss>", 1.0), CurvePoint(1, "<loss>", 0.5)),
            predictions=Predictions.pack([spec.seed % 2 == 0, True, spec.params["number"] > 3]),
        )

    page = page_of(declare(NASTY), outcome=kept)
    for key in ("arms", "comparisons", "all-arms", "curves", "examples", "best-of-n", "trials"):
        text = page.section(key).text
        for name in NASTY:
            # What the control is held against is said once, in a heading.
            assert name in text or (name == NASTY[0] and key in {"comparisons", "examples"})
    assert "<loss>" in page.section("curves").text
    assert "Is <b> better & bolder?" in page.root.node("h1").text
    assert not list(page.nodes("b"))


def test_the_same_trials_give_the_same_bytes(full_answer, full_page):
    assert render(*full_answer) == full_page.source


def test_a_study_without_results_says_so(declare, page_of):
    page = page_of(declare(["a", "b"]), only=[])
    assert page.titles == ["Answer", "Protocol", "Trials", "Environment", "Doing it again"]
    assert "there is nothing to compare" in page.text
    assert "only 0 of 12 trials are finished" in page.text
    assert "No trial has run yet." in page.text


def test_an_arm_without_results_does_not_hide_the_others(declare, page_of):
    text = page_of(declare(["a", "b", "c"]), only=["b", "c"]).text
    assert "cannot be compared" in text
    assert "only 12 of 18 trials are finished" in text


def test_one_seed_is_enough_for_a_page(declare, page_of):
    page = page_of(declare(["a", "b", "c"], seeds={"count": 1}))
    assert "a single pair leaves every difference possible" in page.text
    assert "best-of-n" not in [each.given["aria-labelledby"] for each in page.nodes("section")]


def test_factors_have_a_panel_and_rows_of_their_own(full_page):
    assert "4 arms × 2 levels of depth × 8 seeds" in full_page.root.node("header").text
    for key in ("answer", "comparisons", "all-arms", "treatments", "curves", "examples"):
        assert "depth = 1" in full_page.section(key).text
        assert "depth = 2" in full_page.section(key).text


def test_a_changed_study_has_a_folder_of_its_own(declare):
    plain = declare(["a", "b"])
    changed = plain.model_copy(update={"changes": ("--seeds", "3")})
    assert report_folder(plain).name == "page"
    assert re.fullmatch(r"page-[0-9a-f]{8}", report_folder(changed).name)


def test_a_failed_build_leaves_the_old_page(declare, stored, tmp_path, monkeypatch):
    store = stored(declare(["a", "b"]), tmp_path)
    found = answer(declare(["a", "b"]), store)
    page = build_report(found, store, tmp_path / "report")
    before = page.read_bytes()
    monkeypatch.setattr("harness.reports.page.render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_report(found, store, tmp_path / "report")
    assert page.read_bytes() == before
    names = sorted(path.name for path in (tmp_path / "report").iterdir())
    assert names == ["built_from.json", "index.html"]


def test_what_stands_between_backticks_is_set_as_code_and_escaped():
    assert code_spans("run `harness db check` & `a <b>`.") == (
        "run <code>harness db check</code> &amp; <code>a &lt;b&gt;</code>."
    )


@pytest.mark.parametrize("text", ["", "plain", "one ` alone", "``", "`\n`", "<i>"])
def test_a_text_without_a_pair_of_backticks_is_only_escaped(text):
    assert code_spans(text) == escape(text)


def test_no_backtick_is_left_on_the_page(full_page):
    assert "`" not in full_page.root.text
    commands = [each.text for each in full_page.root.nodes("code")]
    assert any(each.startswith("harness results export") for each in commands)
