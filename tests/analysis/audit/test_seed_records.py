"""Seeds that are absent, repeated or without effect."""

import pytest

from analysis.audit.seed_records import seeds
from analysis.errors import AnalysisError


def faults(found):
    return found.values["faults"]


def test_distinct_seeds_with_distinct_results_pass():
    runs = {"a": [(1, 0.91), (2, 0.92)], "b": [(1, 0.93), (2, 0.91)]}
    assert seeds(runs).outcome == "pass", "seeds shared by arms make them comparable"


def test_runs_without_seeds_are_flagged_where_none_were_recorded():
    found = seeds({"a": [(None, "91.19"), (None, "90.5")]}, recorded=False)
    assert (found.outcome, faults(found)) == ("flag", ["absent"])
    assert "2 of 2 runs" in found.detail


@pytest.mark.parametrize("recorded", [True, None])
def test_seeds_that_may_exist_are_asked_for(recorded):
    assert seeds({"a": [(None, 0.9)]}, recorded=recorded).outcome == "missing_input"


def test_some_missing_seeds_are_counted():
    found = seeds({"a": [(1, 0.9), (None, 0.8)]})
    assert faults(found) == ["absent"]
    assert found.values["without_seed"] == 1


def test_the_same_seed_with_another_result_is_not_deterministic_and_ordinary_on_gpus():
    found = seeds({"a": [(1, 0.91), (1, 0.92), (2, 0.93)]})
    assert faults(found) == ["not_deterministic"]
    assert "GPU" in found.detail
    assert found.values["not_deterministic"] == ["a: 1"]


def test_the_same_seed_with_the_same_result_is_one_run_counted_twice():
    found = seeds({"a": [(1, "0.910"), (1, "0.91"), (2, "0.93")]})
    assert faults(found) == ["repeated"]
    assert "pseudo-replication" in found.detail


def test_other_seeds_with_one_result_are_not_wired():
    found = seeds({"a": [(1, 0.91), (2, 0.91), (3, 0.91)], "b": [(1, 0.8), (2, 0.9)]})
    assert faults(found) == ["not_wired"]
    assert found.values["not_wired"] == ["a"]


def test_a_single_seed_cannot_be_unwired():
    assert seeds({"a": [(1, 0.91)]}).outcome == "pass"


def test_every_fault_is_told_at_once():
    runs = {
        "a": [(1, 0.5), (1, 0.6), (1, 0.6), (None, 0.4)],
        "b": [("x", 0.5), ("y", 0.5)],
    }
    found = seeds(runs)
    assert faults(found) == ["absent", "not_deterministic", "repeated", "not_wired"]


def test_many_faults_are_cut_short_in_the_sentence_alone():
    found = seeds({"a": [(seed, value) for seed in range(5) for value in (0.1, 0.2)]})
    assert "and 2 more" in found.detail
    assert len(found.values["not_deterministic"]) == 5


def test_nothing_here_is_ever_a_failure():
    assert seeds({"a": [(1, 0.5), (1, 0.6), (2, 0.6)]}, recorded=True).outcome == "flag"


def test_names_may_be_anything(nasty):
    assert nasty in seeds({nasty: [(1, 0.5), (2, 0.5)]}).detail


@pytest.mark.parametrize(
    "runs",
    [
        {},
        {"a": []},
        {"a": [(1, float("nan"))]},
        {"a": [(1, True)]},
        {"a": [(1, "x")]},
        {"a": [(True, 0.5)]},
        {"a": [(1.5, 0.5)]},
    ],
)
def test_what_are_no_runs_is_refused(runs):
    with pytest.raises(AnalysisError):
        seeds(runs)
