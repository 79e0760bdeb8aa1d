"""Where the variance comes from, on the page."""

import numpy as np
import pytest

from harness.answer import answer
from harness.reports.blocks import Findings, Paragraph
from harness.reports.sections import variance
from harness.trial import Predictions


def test_the_spread_of_a_source_is_that_of_its_runs_and_of_the_held_one(full_page, full_answer):
    found, _ = full_answer
    runs = found.frame.query("arm == 'plain' and depth == 1")
    rows = {row[0]: row for row in full_page.root.table("Variance of plain by source")[1:]}
    assert list(rows) == ["initialisation", "order", "test examples", "all"]
    for source in ("initialisation", "order"):
        own = runs[(runs["source"] == source) | ((runs["source"] == "all") & (runs["seed"] == 0))]
        assert rows[source][1] == str(len(own)) == "8"
        assert float(rows[source][2]) == pytest.approx(own["score"].std(ddof=1), rel=0.005)
    whole = runs[runs["source"] == "all"]["score"].std(ddof=1)
    assert float(rows["all"][2]) == pytest.approx(whole, rel=0.005)


def test_test_examples_are_a_source_with_binomial_variance(full_page, full_answer):
    found, _ = full_answer
    runs = found.compared.query("arm == 'plain' and depth == 1")["score"]
    row = full_page.root.table("Variance of plain by source")[3]
    expected = np.sqrt((runs * (1 - runs)).mean() / 60)
    assert float(row[2]) == pytest.approx(expected, rel=0.02)


def test_every_arm_and_level_has_its_own_table(full_page):
    labels = [
        each.given["aria-label"]
        for each in full_page.section("variance").nodes("div")
        if "aria-label" in each.given
    ]
    assert labels == [f"Variance of {arm} by source" for arm in ("plain", "kd", "ig", "kd_ig")] * 2


def test_what_pairing_gains_is_said_for_every_level(full_page):
    first, second, *_ = [each.text for each in full_page.section("variance").nodes("li")]
    assert "the runs of one seed have a negative correlation in score (depth = 1), -0.01" in first
    assert "(depth = 2)" in second


@pytest.fixture
def section(declare, stored, outcome, tmp_path):
    """The section on variance of a study of two arms with what its trials gave."""

    def build(arms=("a", "b"), only=None, score=None, **changes):
        declared = declare(list(arms), **changes)

        def scored(spec):
            return outcome(spec) if score is None else outcome(spec, metrics={"score": score(spec)})

        store = stored(declared, tmp_path, only=only, outcome=scored)
        found = answer(declared, store)
        return next(variance.sections(found, found.comparisons, store), None)

    return build


def said(section):
    return [
        text for each in section.blocks if isinstance(each, Findings) for text, _ in each.sentences
    ]


def test_what_all_arms_share_by_seed_is_all_of_the_variance(section):
    (text,) = said(section())
    assert text.startswith("Over 6 blocks and 2 arms, 100 % of the variance of score is common")
    assert "leaves a difference 0.00 times the variance" in text


def test_a_metric_without_variance_says_so(section):
    (text,) = said(section(score=lambda _: 1.0))
    assert text == "score does not vary at all within its arms."


def test_one_arm_alone_has_nothing_to_share(section):
    assert section(only=["a"]) is None


SOURCES = {"count": 3, "sources": {"initialisation": ["init"]}}


def test_a_source_that_moves_nothing_is_said_to(section):
    texts = said(section(seeds=SOURCES, score=lambda spec: spec.seed * (spec.source == "all")))
    assert texts[1:] == [f"{arm}: none of the sources measured moves score at all." for arm in "ab"]


def test_sources_without_runs_are_not_said_to_move_nothing(declare, stored, tmp_path):
    declared = declare(["a", "b"], seeds=SOURCES)
    store = stored(declared.model_copy(update={"seeds": declare(["a", "b"]).seeds}), tmp_path)
    found = answer(declared, store)
    (section,) = variance.sections(found, found.comparisons, store)
    assert not any("moves score at all" in text for text in said(section))
    assert any("runs enough" in text for text in said(section))


def test_a_study_whose_held_seed_has_not_run_says_that_no_source_has(declare, stored, tmp_path):
    declared = declare(
        ["a", "b"], seeds={"values": [1, 2, 9], "held": 9, "sources": SOURCES["sources"]}
    )
    plain = declare(["a", "b"], seeds={"values": [1, 2]})
    store = stored(plain, tmp_path)
    found = answer(declared, store)
    (section,) = variance.sections(found, found.comparisons, store)
    assert [each.text for each in section.blocks if isinstance(each, Paragraph)] == [
        "No trial that varies one source alone has finished yet."
    ]


def test_a_source_called_as_test_examples_are_stops_no_page(declare, page_of, outcome):
    def kept(spec):
        bits = np.random.default_rng([spec.seed, spec.source == "all"]).random(20) < 0.5
        score = {"score": float(bits.mean())}
        return outcome(spec, metrics=score, predictions=Predictions.pack(bits))

    seeds = {"count": 4, "sources": {"test examples": ["split"]}}
    page = page_of(declare(["a", "b"], seeds=seeds), outcome=kept)
    rows = page.root.table("Variance of a by source")
    assert [row[0] for row in rows[1:]] == ["test examples", "all"]
    assert rows[1][1] == "4"
