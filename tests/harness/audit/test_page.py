"""An audit as a page: complete, self-contained, and unharmed by any name."""

import re
from html.parser import HTMLParser

import pytest

from harness.audit.page import as_html

VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})


class Page(HTMLParser):
    """A page as a list of its elements and its text; refuses elements that are not closed."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.words, self.open = source, [], [], []
        self.feed(source)
        assert not self.open
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def given(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.fixture
def page(file):
    return Page(as_html(file.check()))


def test_a_page_has_every_verdict_every_claim_and_the_evidence(file):
    file.claim("value", 'arm = "fast"\nvalue = "91.00"\ndata = "runs"')
    page = Page(as_html(file.check()))
    assert page.given("aria-labelledby") == ["verdicts", "claim-1", "claim-2", "evidence"]
    identifiers = page.given("id")
    assert len(set(identifiers)) == len(identifiers)
    assert {link.removeprefix("#") for link in page.given("href")} == set(identifiers)


def test_the_overview_has_the_verdict_and_the_recomputed_effect(page):
    assert "C1 reproduced, with caveats 1.000 [0.968 to 1.032] Fast beats base." in page.text
    assert "by our runs" not in page.text


def test_a_page_fetches_nothing(page):
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
    assert all(link.startswith("#") for link in page.given("href"))
    assert not page.given("src")
    assert not re.findall(r"https?:|@import|url\((?!#)", page.source)
    assert page.source.startswith("<!doctype html>\n<html lang=")


def test_the_same_audit_gives_the_same_bytes(file):
    assert as_html(file.check()) == as_html(file.check())


@pytest.mark.parametrize("name", ["<script>x</script>", '"><b>', "a & b", "{{ 7 * 7 }}", "&lt;"])
def test_any_name_is_shown_as_it_is(file, name):
    quoted = name.replace('"', '\\"')
    for old in ('"fast"', '"C1"', '"P1"', '"A paper"', '"Fast beats base."'):
        file.text = file.text.replace(old, f'"{quoted}"')
    file.replace('family = "all"', f'note = "{quoted}"')
    file.replace('file = "runs.csv"', f'file = "runs.csv"\nnote = "{quoted}"')
    entry = '"' + name.replace('"', '""') + '"'
    file.rows(file.runs.read_text().replace("fast", entry))
    page = Page(as_html(file.check()))
    assert not {tag for tag, _ in page.elements} & {"b", "script"}
    assert page.text.count(name) >= 8


def test_a_study_that_has_not_run_is_said_once_and_quietly(file):
    page = Page(as_html(file.with_study().check()))
    assert "By runs of this database: no runs yet" in page.text
    claim = page.text.partition("By runs of this database")[2].partition("What the claims")[0]
    assert claim.count("harness study run") == 1
