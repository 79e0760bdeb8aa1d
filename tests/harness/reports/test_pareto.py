"""Trade-offs on the page."""

import pytest

from harness.reports.sections import pareto as section_of_pareto


def test_the_front_is_that_of_the_means(full_page, full_answer):
    found, _ = full_answer
    header, *rows = full_page.root.table("Configurations")
    means = found.compared.groupby(["arm", "depth"])[["score", "size"]].mean()
    on_front = {row[0] for row in rows if row[header.index("front")] in {"yes", "knee"}}
    for (arm, depth), (score, size) in means.iterrows():
        beaten = (
            (means["score"] >= score)
            & (means["size"] <= size)
            & ((means["score"] > score) | (means["size"] < size))
        ).any()
        assert (f"{arm} (depth = {depth})" in on_front) == (not beaten)
    assert len(rows) == len(means) == 8


def test_every_other_objective_is_drawn_against_the_first(full_page):
    (figure,) = full_page.section("pareto").nodes("figure")
    assert figure.node("figcaption").text.startswith("size against score.")
    assert "knee" in figure.node("svg").given["aria-label"]


def test_without_objectives_there_is_no_section(declare, page_of):
    assert "Trade-offs" not in page_of(declare(["a", "b"])).titles


def test_an_objective_that_no_trial_returned_is_named(declare, page_of):
    objectives = {"score": "maximize", "latency_ms": "minimize"}
    page = page_of(declare(["a", "b"], pareto={"objectives": objectives}))
    assert page.section("pareto").text.endswith(
        "No trial has returned latency_ms, so nothing can be weighed yet."
    )


@pytest.mark.parametrize(
    ("means", "expected"),
    [([1, 31], True), ([1, 29], False), ([0, 100], False), ([-1, 100], False), ([], False)],
)
def test_an_axis_over_decades_is_logarithmic(means, expected):
    assert section_of_pareto._spans_decades(means) is expected


def test_configurations_without_runs_are_shown_as_such(declare, page_of, outcome):
    def two(spec):
        if spec.arm == "c":
            return outcome(spec, state="failed", metrics={}, error="no")
        number = spec.params["number"]
        return outcome(spec, metrics={"score": number + spec.seed, "size": float(number)})

    objectives = {"score": "maximize", "size": "minimize"}
    page = page_of(declare(["a", "b", "c"], pareto={"objectives": objectives}), outcome=two)
    rows = page.root.table("Configurations")[1:]
    assert [row[0] for row in rows] == ["a", "b", "c"]
    assert rows[2][1].startswith("0")
