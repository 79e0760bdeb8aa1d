"""The page for those who hear it, print it, or read it in the dark."""

import re
from collections import Counter
from itertools import pairwise

import pytest


@pytest.fixture(scope="module")
def css(full_page):
    return full_page.source.partition("<style>")[2].partition("</style>")[0]


def test_the_language_the_title_and_the_width_are_declared(full_page):
    assert full_page.root.node("html").given["lang"] == "en"
    assert full_page.root.node("title").text == "Is <b> better & bolder?"
    assert "width=device-width" in full_page.root.node("meta", name="viewport").given["content"]


def test_headings_begin_with_the_only_h1_and_leave_no_level_out(full_page):
    levels = [int(each.tag[1]) for each in full_page.nodes("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert set(levels) == {1, 2, 3}
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_table_has_a_caption_and_headers_with_a_scope(full_page):
    tables = list(full_page.nodes("table"))
    assert len(tables) > 20
    for table in tables:
        assert table.children[1].tag == "caption"
        assert table.node("caption").text
        head, *rows = table.nodes("tr")
        assert {cell.given.get("scope") for cell in head.nodes("th")} == {"col"}
        assert not list(head.nodes("td"))
        for row in rows:
            first, *others = row.nodes("th", "td")
            assert (first.tag, first.given["scope"]) == ("th", "row")
            assert {cell.tag for cell in others} == {"td"}
            assert len(others) + 1 == len(list(head.nodes("th")))


def test_every_figure_says_in_words_what_it_shows(full_page):
    figures = list(full_page.nodes("svg"))
    assert len(figures) > 10
    assert all(each.given["role"] == "img" for each in figures)
    assert all(len(each.given["aria-label"]) > 30 for each in figures)
    assert all(each.node("figcaption").text for each in full_page.nodes("figure"))


def test_everything_that_scrolls_can_be_reached_by_key_and_has_a_name(full_page):
    scrolling = [
        each
        for each in full_page.nodes("div", "pre")
        if each.tag == "pre" or "scroll" in each.given.get("class", "").split()
    ]
    for each in scrolling:
        assert each.given["tabindex"] == "0"
        assert each.given["role"] == "region"
        assert each.given["aria-label"].strip()


def test_sections_are_named_by_their_headings(full_page):
    headings = {each.given["id"] for each in full_page.nodes("h2")}
    assert {each.given["aria-labelledby"] for each in full_page.nodes("section")} == headings
    assert full_page.root.node("nav").given["aria-label"] == "Sections"
    assert Counter(each.tag for each in full_page.nodes("main", "header", "footer")) == {
        "main": 1,
        "header": 1,
        "footer": 1,
    }


def test_identifiers_are_there_once_and_every_link_has_its_target(full_page):
    identifiers = Counter(each.given["id"] for each in full_page.nodes() if "id" in each.given)
    assert set(identifiers.values()) == {1}
    links = [
        value
        for node in full_page.nodes()
        for name, value in node.given.items()
        if name in {"href", "xlink:href"}
    ]
    assert all(link.removeprefix("#") in identifiers for link in links)
    used = set(re.findall(r"url\(#([^)]*)\)", full_page.source))
    assert used <= identifiers.keys()


def luminance(colour):
    """Relative luminance of a colour as #rgb or #rrggbb, from 0 to 1 (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lower, higher = sorted([luminance(one), luminance(other)])
    return (higher + 0.05) / (lower + 0.05)


def test_the_contrast_of_known_colours_is_the_known_one():
    # WebAIM's contrast checker: black on white 21:1, #767676 on white 4.54:1.
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)


def colours(css, medium):
    """The colours that hold in a medium: those of the light page, and what it changes of them."""
    light, dark, printed = re.findall(r":root \{([^}]*)\}", css)
    own = {"light": "", "dark": dark, "print": printed}[medium]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", light + own))


@pytest.mark.parametrize("medium", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"),
        ("quiet", "paper"),
        ("accent", "paper"),
        ("ink", "band"),
        ("ink", "caution"),
    ],
)
def test_text_stands_out_from_what_is_behind_it(css, medium, ink, ground):
    known = colours(css, medium)
    assert contrast(known[ink], known[ground]) >= 4.5


@pytest.mark.parametrize("medium", ["light", "dark"])
def test_marks_of_figures_stand_out_from_the_page(full_page, css, medium):
    paper = colours(css, medium)["paper"]
    figures = full_page.source.partition("<main>")[2]
    strokes = set(re.findall(r"stroke: (#[0-9a-f]{6})", figures))
    assert strokes
    assert {each: contrast(each, paper) for each in strokes if contrast(each, paper) < 3} == {}


def test_light_and_dark_name_the_same_colours(css):
    light, dark, _ = re.findall(r":root \{([^}]*)\}", css)
    names = re.findall(r"--([a-z-]+):", light)
    assert re.findall(r"--([a-z-]+):", dark) == names
    assert "prefers-color-scheme: dark" in css
    assert set(re.findall(r"var\(--([a-z-]+)\)", css)) <= set(names)


def test_nothing_but_these_colours_is_used(css):
    rules = re.sub(r":root \{[^}]*\}", "", css)
    assert not re.findall(r"#[0-9a-f]{3,6}\b|rgba?\(", rules)


def test_figures_take_the_page_s_text_colour(full_page):
    figures = full_page.source.partition("<main>")[2]
    assert "currentColor" in figures
    assert not re.findall(r"(fill|stroke): #(000000|1b1b1b)", figures)


def test_print_leaves_out_what_only_a_screen_can_do(css):
    printed = css.partition("@media print")[2]
    assert re.search(r"nav \{[^}]*display: none", printed)
    assert re.search(r"\.scroll, pre \{[^}]*overflow: visible", printed)
    assert re.search(r"figure, tr \{[^}]*break-inside: avoid", printed)
    assert re.search(r"h2, h3 \{[^}]*break-after: avoid", printed)


def test_columns_of_numbers_stand_to_the_right(full_page):
    table = full_page.root.node("div", **{"aria-label": "Comparisons"}).node("table")
    heads = {each.text: each.given.get("class") for each in table.node("thead").nodes("th")}
    assert heads["n"] == heads["difference"] == heads["p corrected"] == "number"
    assert heads["arm"] is heads["reference"] is heads["decision"] is None
