"""The page of a study: complete, self-contained, and unharmed by any name."""

import re
from html.parser import HTMLParser

import pytest

from harness import Study
from harness.answer import answer
from harness.outcome import Outcome
from harness.reports.page import build_report, render
from harness.store.store import ResultsStore
from harness.study.planning import plan

NASTY = ["a 0", 'a"=0"', "a'; echo foo", "../x", "<b>bold</b>", "100%", "naïve", "$x$", "a & b"]


class Page(HTMLParser):
    """Collects what a reader sees and what a browser would fetch."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, text):
        super().__init__()
        self.open, self.fetched, self.words, self.headings = [], [], [], []
        self.images = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"script", "link", "iframe", "img"}:
            self.fetched.append((tag, given))
        self.fetched += [
            (name, value)
            for name, value in attrs
            if name in {"src", "href", "xlink:href"} and not str(value).startswith("#")
        ]
        if tag == "svg":
            self.images.append(given)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings.append((self.open[-1], data.strip()))


def study(arms, **changes):
    return Study(
        **{
            "name": "page",
            "title": "Is <b> better & bolder?",
            "trial": {"function": "nowhere:function"},
            "seeds": {"count": 6},
            "params": {"depth": 1},
            "arms": {arm: {"number": number} for number, arm in enumerate(arms)},
            "protocol": {"metric": "score", "direction": "maximize", "control": arms[0]},
            **changes,
        }
    )


def plain_outcome(spec):
    score = spec.seed * 0.01 + spec.params["number"]
    return Outcome(spec.digest, "complete", 0.0, 1.0, {"score": score}, (), None, (), {})


def run(declared, path, *, only=None, outcome=plain_outcome):
    """Store the trials of a study, each with what `outcome` makes of it."""
    store = ResultsStore(path / "results.db")
    specs = [spec for spec in plan(declared) if only is None or spec.arm in only]
    store.add_planned(declared, specs)
    began = store.begin_run(declared, {"packages": {"numpy": "9.9"}, "threads_per_job": 1})
    store.claim(began, [spec.digest for spec in specs])
    store.record(began, [outcome(spec) for spec in specs])
    return store


def rendered(declared, path, **how):
    store = run(declared, path, **how)
    return render(answer(declared, store), store)


def words(page):
    return " ".join(" ".join(page.words).split())


def test_the_page_fetches_nothing(tmp_path):
    page = Page(rendered(study(["a", "b"]), tmp_path))
    assert page.fetched == []
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", render_text(tmp_path))


def render_text(path):
    store = ResultsStore(path / "results.db")
    return render(answer(study(["a", "b"]), store), store)


def test_it_holds_the_answer_the_protocol_the_trials_and_the_environment(tmp_path):
    page = Page(rendered(study(["a", "b"]), tmp_path))
    assert [name for level, name in page.headings if level == "h2"] == [
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
    text = words(page)
    assert "b scored higher than a in score by" in text
    assert "numpy 9.9" in text
    assert "1.05" in text


def test_every_figure_has_an_alternative_text(tmp_path):
    page = Page(rendered(study(["a", "b"]), tmp_path))
    assert len(page.images) == 3
    assert all(image["role"] == "img" and image["aria-label"] for image in page.images)


def test_any_arm_name_is_shown_as_it_is(tmp_path):
    page = Page(rendered(study(NASTY), tmp_path))
    text = words(page)
    for name in NASTY:
        assert name in text
    assert "Is <b> better & bolder?" in text


def test_the_same_trials_give_the_same_bytes(tmp_path):
    first = rendered(study(["a", "b"]), tmp_path)
    assert render_text(tmp_path) == first


def test_a_study_without_results_says_so(tmp_path):
    page = Page(rendered(study(["a", "b"]), tmp_path, only=[]))
    assert "there is nothing to compare" in words(page)
    assert "only 0 of 12 trials are finished" in words(page)


def test_an_arm_without_results_does_not_hide_the_others(tmp_path):
    text = words(Page(rendered(study(["a", "b", "c"]), tmp_path, only=["b", "c"])))
    assert "cannot be compared" in text
    assert "only 12 of 18 trials are finished" in text


def test_factors_have_a_panel_and_rows_of_their_own(tmp_path):
    declared = study(["a", "b"], factors={"depth": [1, 2, 3]})
    text = words(Page(rendered(declared, tmp_path)))
    assert "× 3 levels of depth" in text
    assert "(depth = 3)" in text


def test_a_failed_build_leaves_the_old_page(tmp_path, monkeypatch):
    store = run(study(["a", "b"]), tmp_path)
    found = answer(study(["a", "b"]), store)
    page = build_report(found, store, tmp_path / "report")
    before = page.read_bytes()
    monkeypatch.setattr("harness.reports.page.render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_report(found, store, tmp_path / "report")
    assert page.read_bytes() == before
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["index.html"]
