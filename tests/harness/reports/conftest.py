"""Studies with stored trials, and pages as trees that tests can ask questions of."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
import pytest

from harness import Study
from harness.answer import answer
from harness.outcome import Outcome
from harness.reports.page import render
from harness.store.store import ResultsStore
from harness.study.planning import plan
from harness.trial import CurvePoint, Predictions

VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})
EXAMPLES = 60


@dataclass
class Node:
    """An element of a page."""

    tag: str
    given: dict = field(default_factory=dict)
    children: list = field(default_factory=list)

    @property
    def text(self):
        """What a reader sees."""
        if self.tag == "style":
            return ""
        parts = (each if isinstance(each, str) else each.text for each in self.children)
        return " ".join(" ".join(parts).split())

    def nodes(self, *tags):
        """Every element below this one, in the page's order; only those of some tags if named."""
        for each in self.children:
            if isinstance(each, Node):
                if not tags or each.tag in tags:
                    yield each
                yield from each.nodes(*tags)

    def node(self, tag, **given):
        """The first element of a tag with these attributes."""
        return next(
            each
            for each in self.nodes(tag)
            if all(each.given.get(name.rstrip("_")) == value for name, value in given.items())
        )

    def table(self, label):
        """The rows of the table with this label, header first."""
        table = self.node("div", **{"aria-label": label}).node("table")
        return [[cell.text for cell in row.nodes("th", "td")] for row in table.nodes("tr")]


class Page(HTMLParser):
    """A page as a tree; refuses elements that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.source, self.root = text, Node("")
        self.open = [self.root]
        self.feed(text)
        assert self.open == [self.root]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)

    def nodes(self, *tags):
        return self.root.nodes(*tags)

    @property
    def text(self):
        return self.root.node("body").text

    @property
    def titles(self):
        return [each.text for each in self.nodes("h2")]

    def section(self, key):
        return self.root.node("section", **{"aria-labelledby": key})


def _declare(arms, **changes):
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


def _outcome(spec, **changes):
    score = spec.seed * 0.01 + spec.params["number"]
    return Outcome(
        **{
            "digest": spec.digest,
            "state": "complete",
            "started_at": 0.0,
            "duration_s": 1.0,
            "metrics": {"score": score},
            "curve": (),
            "predictions": None,
            "assets": (),
            "facts": {},
            **changes,
        }
    )


def _stored(declared, folder, *, only=None, outcome=_outcome):
    """Store the trials of a study, each with what `outcome` makes of it."""
    store = ResultsStore(folder / "results.db")
    specs = [spec for spec in plan(declared) if only is None or spec.arm in only]
    store.add_planned(declared, specs)
    began = store.begin_run(declared, {"packages": {"numpy": "9.9"}, "threads_per_job": 1})
    store.claim(began, [spec.digest for spec in specs])
    store.record(began, [outcome(spec) for spec in specs])
    return store


@pytest.fixture(scope="session")
def declare():
    """Make a study of some arms; anything about it can be changed."""
    return _declare


@pytest.fixture(scope="session")
def outcome():
    """Make what comes of a trial; its score is the arm's number and a hundredth of the seed."""
    return _outcome


@pytest.fixture(scope="session")
def stored():
    """Store a study's trials in a folder."""
    return _stored


@pytest.fixture(scope="session")
def read():
    """Make a tree of a page."""
    return Page


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """Store a study's trials in a new folder, and give its page."""

    def make(declared, **how):
        store = _stored(declared, tmp_path_factory.mktemp("page"), **how)
        return Page(render(answer(declared, store), store))

    return make


@pytest.fixture(scope="session")
def correct():
    """Which test examples a trial of the full study gets right."""
    return _correct


def _correct(spec):
    """Runs of one seed share half of their luck; a trial of one source has less of its own."""
    shared = np.random.default_rng(spec.seed).random(EXAMPLES)
    place = [spec.seed, spec.params["number"], spec.params["depth"]]
    own = np.random.default_rng(place).random(EXAMPLES)
    weight = {"all": 0.5, "initialisation": 0.9, "order": 0.8}[spec.source]
    skill = 0.5 + 0.1 * (spec.params["number"] % 2) + 0.03 * spec.params["depth"]
    return weight * shared + (1 - weight) * own < skill


def _full_outcome(spec):
    if (spec.arm, spec.seed, spec.params["depth"], spec.source) == ("ig", 7, 2, "all"):
        return _outcome(spec, state="failed", metrics={}, error="ValueError: <no> & never")
    right = _correct(spec)
    score = float(right.mean())
    size = 10.0 * (1 + spec.params["number"])
    curve = tuple(
        CurvePoint(step, metric, sign * score * (step + 1) / 3)
        for step in range(3)
        for metric, sign in (("loss", -1), ("score", 1))
    )
    return _outcome(
        spec,
        metrics={"score": score, "size": size},
        curve=curve,
        predictions=Predictions.pack(right),
        facts={"device": "cpu"},
    )


@pytest.fixture(scope="session")
def full_study():
    """A study with everything that a page can show."""
    return _full_study()


def _full_study(alpha=0.05):
    arms = ("plain", "kd", "ig", "kd_ig")
    return _declare(
        arms,
        seeds={"count": 8, "sources": {"initialisation": ["init"], "order": ["order"]}},
        factors={"depth": [1, 2]},
        pareto={"objectives": {"score": "maximize", "size": "minimize"}},
        protocol={
            "metric": "score",
            "direction": "maximize",
            "control": "plain",
            "alpha": alpha,
            "smallest_effect": 0.05,
            "treatments": {"KD": ["kd", "kd_ig"], "IG": ["ig", "kd_ig"]},
        },
    )


@pytest.fixture(scope="session")
def full_answer(tmp_path_factory):
    """The full study's answer and its store; its protocol was changed after the first trials."""
    folder = tmp_path_factory.mktemp("full")
    store = _stored(_full_study(), folder, outcome=_full_outcome)
    store.begin_run(_full_study(alpha=0.1), {"packages": {"numpy": "9.9"}, "threads_per_job": 1})
    declared = _full_study(alpha=0.1)
    return answer(declared, store), store


@pytest.fixture(scope="session")
def full_page(full_answer):
    """The full study's page."""
    return Page(render(*full_answer))
