"""Searches on the command line."""

import json
import shutil
from pathlib import Path

import pytest

TRIALS = Path(__file__).parents[1] / "search" / "trials.py"

SEARCH = """\
name = "search"
title = "Which x?"
[trial]
function = "trials.py:bowl"
[seeds]
count = 2
[params]
level = 0
[arms.plain]
[arms.two]
x = 0.9
y = 1
[search]
trials = 6
metric = "val"
startup = 3
at_once = 3
warmup_steps = 1
[search.space]
x = { low = 0.0, high = 1.0 }
y = { values = [1, 2, 3, 4] }
[protocol]
metric = "val"
direction = "maximize"
control = "plain"
"""

FINAL = """\
name = "final"
[trial]
function = "trials.py:bowl"
[seeds]
values = [10, 11]
[params]
level = 0
[arms.plain]
[arms.two]
parameters_from = "search"
[protocol]
metric = "val"
direction = "maximize"
control = "plain"
"""


def declare(folder):
    studies = folder / "studies"
    studies.mkdir()
    shutil.copy(TRIALS, studies)
    (studies / "search.toml").write_text(SEARCH)
    (studies / "final.toml").write_text(FINAL)
    return folder


@pytest.fixture
def folder(tmp_path):
    return declare(tmp_path)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A folder in which a search has been run."""
    import subprocess
    import sys

    folder = declare(tmp_path_factory.mktemp("searched"))
    command = [sys.executable, "-c", "from harness.cli import main; main()", "study", "run"]
    done = subprocess.run(
        [*command, "search"], cwd=folder, check=True, capture_output=True, text=True
    )
    (folder / "said").write_text(done.stdout)
    return folder


def listed(said):
    assert said.status == 0, said.errors
    return json.loads(said.output)


def test_a_plan_shows_arms_budgets_and_trials_left(harness, folder):
    said = harness("study", "plan", "search", "--format", "json")
    assert listed(said) == [
        {"arm": "plain", "searched": "nothing", "candidates": 1, "finished": 0, "trials left": 2},
        {"arm": "two", "searched": "x, y", "candidates": 6, "finished": 0, "trials left": 12},
    ]
    assert "At most 14 trials are to be run" in said.errors


def test_a_run_answers_and_builds_a_page(searched):
    said = (searched / "said").read_text()
    assert "candidates  complete  pruned  failed" in said
    assert "it is optimistic, and so is its gain" in said
    assert 'write parameters_from = "search"' in said
    page = (searched / "artifacts" / "reports" / "search" / "index.html").read_text()
    assert "Candidates of two" in page
    assert "complete candidates" in page
    assert "best so far" in page


def test_status_tells_candidates_and_the_best(harness, searched):
    plain, two = listed(harness("study", "status", "search", "--format", "json", folder=searched))
    assert (plain["complete"], two["open"]) == (1, 0)
    assert two["complete"] + two["pruned"] == 6
    assert two["with"].startswith("x = 0.")


def test_a_finished_search_has_nothing_left(harness, searched):
    said = harness("study", "plan", "search", folder=searched)
    assert "At most 0 trials are to be run" in said.errors
    again = harness("study", "run", "search", "--no-report", folder=searched)
    assert "Nothing to run: all 14 trials were there already." in again.errors


def test_candidates_are_among_the_results_with_what_was_searched(harness, searched):
    rows = listed(harness("results", "list", "search", "--format", "json", folder=searched))
    assert len(rows) == 14
    assert {tuple(row["levels"]) for row in rows} == {(), ("x", "y")}
    assert {row["state"] for row in rows} <= {"complete", "pruned"}


def test_a_search_travels_with_its_trials(harness, searched, tmp_path):
    """Candidates follow from the trials, so an exported search is there without running one."""
    runs = tmp_path / "runs.csv"
    assert harness("results", "export", "search", "--to", runs, folder=searched).status == 0
    there = declare(tmp_path)
    assert harness("results", "import", runs, folder=there).status == 0
    said = harness("study", "run", "search", "--no-report", folder=there)
    assert said.output == (searched / "said").read_text().partition("\nReport:")[0].rstrip() + "\n"
    assert "Nothing to run" in said.errors


def test_a_page_of_a_search_is_built_from_the_database(harness, searched, tmp_path):
    said = harness("report", "build", "search", "--to", tmp_path / "pages", folder=searched)
    assert said.status == 0, said.errors
    page = searched / "artifacts" / "reports" / "search" / "index.html"
    assert (tmp_path / "pages" / "search" / "index.html").read_text() == page.read_text()


@pytest.mark.parametrize("verb", ["compare", "pareto", "variance"])
def test_the_scores_of_a_search_are_not_compared(harness, searched, verb):
    said = harness("analysis", verb, "search", folder=searched)
    assert said.status == 2
    assert "its best scores were selected, so a comparison of them would flatter" in said.errors
    assert 'write parameters_from = "search"' in said.errors
    assert "Traceback" not in said.errors


def test_a_study_shows_what_its_arms_took_from_a_search(harness, searched):
    said = harness("study", "show", "final", folder=searched)
    assert said.status == 0, said.errors
    assert "[arms.two]\nx = 0." in said.output
    assert "# two has x = 0." in said.output
    definition = listed(harness("study", "show", "final", "--format", "json", folder=searched))
    assert definition["links"][0]["params"] == definition["arms"]["two"]


def test_a_study_is_shown_as_written_before_its_search_has_been_run(harness, folder):
    said = harness("study", "show", "final")
    assert said.status == 0
    assert 'parameters_from = "search"' in said.output
    assert "Shown as it is written, without the winners of its search" in said.errors


def test_a_study_that_is_shown_as_written_says_why_without_guessing(harness, folder):
    file = folder / "studies" / "final.toml"
    file.write_text(FINAL.replace('"search"', '"search:tow"'))
    said = harness("study", "show", "final")
    assert "the search 'search' has no such arm" in said.errors
    assert "no winners yet" not in said.errors


def test_after_some_arms_of_a_search_nothing_wrong_is_advised(harness, folder):
    said = harness("study", "run", "search", "--arms", "plain", "--no-report")
    assert said.status == 0, said.errors
    assert "To go on, run the search again for all its arms." in said.output


@pytest.mark.parametrize("verb", ["plan", "run", "status"])
def test_a_study_cannot_run_before_its_search(harness, folder, verb):
    said = harness("study", verb, "final")
    assert said.status == 2
    assert "remedy:  run `harness study run search`" in said.errors


def test_a_study_with_winners_is_run_and_compared(harness, searched):
    said = harness("study", "run", "final", folder=searched)
    assert said.status == 0, said.errors
    assert "Note: two has x = 0." in said.output
    page = (searched / "artifacts" / "reports" / "final" / "index.html").read_text()
    assert "Parameters from searches" in page
    assert harness("analysis", "compare", "final", folder=searched).status == 0


def test_a_failed_trial_ends_a_search_with_status_1_and_a_pruned_one_does_not(harness, folder):
    file = folder / "studies" / "search.toml"
    file.write_text(SEARCH.replace("trials.py:bowl", "trials.py:faulty").replace("y = 1\n", ""))
    file.write_text(file.read_text().replace("y = { values = [1, 2, 3, 4] }\n", ""))
    said = harness("study", "run", "search", "--no-report")
    assert said.status == 1
    assert "cannot win" in said.output
    assert left_of_two(harness, folder) == 0
    again = left_of_two(harness, folder, "--retry-failed")
    rows = harness("results", "list", "search", "--state", "failed", "--format", "json").output
    assert again == len(json.loads(rows)) > 0


def left_of_two(harness, folder, *options):
    """How many trials a plan says are left of the arm that is searched."""
    rows = listed(harness("study", "plan", "search", "--format", "json", *options))
    return next(row["trials left"] for row in rows if row["arm"] == "two")
