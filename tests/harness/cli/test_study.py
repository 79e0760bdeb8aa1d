"""``harness study``, as a user types it."""

import csv
import io
import json

import pytest


def test_run_shows_the_answer_and_where_the_report_is(harness, step_size, tmp_path):
    said = harness("study", "run", step_size)
    assert said.status == 0, said.errors
    for word in ("mean ± sd", "best of n", "difference", "95 % interval", "p corrected", "d_z"):
        assert word in said.output
    assert "larger_step scored lower than small_step in loss, which is better" in said.output
    assert said.output.rstrip().endswith("Report: artifacts/reports/step_size/index.html")
    assert (tmp_path / "artifacts/reports/step_size/index.html").exists()


def test_progress_is_quiet_when_nobody_watches(harness, step_size):
    said = harness("study", "run", step_size, "--no-report")
    assert "trials/s" not in said.errors + said.output
    assert "step_size: 36 trials to run, " in said.errors
    assert "36 trials run in" in said.errors


def test_a_second_run_says_that_nothing_was_left_to_do(harness, step_size):
    first = harness("study", "run", step_size, "--no-report")
    second = harness("study", "run", step_size, "--no-report")
    assert "Nothing to run: all 36 trials" in second.errors
    assert first.output == second.output


def test_plan_lists_every_trial_and_what_is_there_already(harness, step_size):
    harness("study", "run", step_size, "--arms", "small_step", "--seeds", "2", "--no-report")
    said = harness("study", "plan", step_size, "--seeds", "3", "--format", "json")
    states = {(row["arm"], row["seed"]): row["state"] for row in json.loads(said.output)}
    assert len(states) == 9
    assert [key for key, state in states.items() if state == "complete"] == [
        ("small_step", 0),
        ("small_step", 1),
    ]


@pytest.fixture
def half_failed(harness, tmp_path):
    """A study that ran, and of whose 24 trials those of odd seeds failed."""
    harness("study", "new", "mine")
    code = "def main(params, seed, trial):\n    return {'loss': 1 / (1 - seed % 2)}\n"
    (tmp_path / "studies/mine.py").write_text(code)
    assert "(12 failed)" in harness("study", "run", "mine", "--no-report").errors
    return "mine"


def test_plan_knows_which_trials_are_tried_again(harness, half_failed):
    assert "0 of 24 trials are to be run" in harness("study", "plan", half_failed).errors
    said = harness("study", "plan", half_failed, "--retry-failed")
    assert "12 of 24 trials are to be run" in said.errors
    assert "1, 3, 5, 7, 9, 11" in said.output
    rows = harness("study", "plan", half_failed, "--retry-failed", "--format", "json").output
    states = [row["state"] for row in json.loads(rows)]
    assert (states.count("planned"), states.count("complete")) == (12, 12)
    again = harness("study", "run", half_failed, "--retry-failed", "--no-report")
    assert "12 trials run" in again.errors


def test_plan_takes_the_options_of_run_and_says_which_change_nothing(harness, step_size):
    plain = harness("study", "plan", step_size)
    said = harness("study", "plan", step_size, "--batch", "3", "--no-report")
    assert (said.status, said.output) == (0, plain.output)
    for option in ("--batch", "--no-report"):
        assert f"{option} changes nothing about a plan" in said.errors
        assert option not in plain.errors
        assert option not in harness("study", "plan", "--help").output
    wrong = harness("study", "plan", step_size, "--batch", "many")
    assert wrong.status == 2
    assert "auto, off, or the largest batch" in wrong.errors


def test_every_option_of_run_is_one_of_plan():
    from harness.cli import study

    assert {option.name for option in study.run.params} <= {
        option.name for option in study.plan.params
    }


def test_a_largest_batch_that_changes_nothing_is_told_of(harness, step_size):
    said = harness("study", "run", step_size, "--seeds", "2", "--batch", "3", "--no-report")
    assert said.status == 0
    assert "--batch 3 has no effect: step_size.py:descend offers no batch form" in said.errors


def test_plan_estimates_the_time_once_something_is_finished(harness, step_size):
    assert "How long that takes is known once" in harness("study", "plan", step_size).errors
    harness("study", "run", step_size, "--seeds", "2", "--no-report")
    said = harness("study", "plan", step_size)
    assert "30 of 36 trials are to be run" in said.errors
    assert "judging by the finished trials" in said.errors
    assert "2-11" in said.output


def test_status_counts_every_cell_in_every_state(harness, step_size):
    harness("study", "run", step_size, "--arms", "small_step,tiny_step", "--no-report")
    said = harness("study", "status", step_size, "--format", "csv")
    rows = {row["arm"]: row for row in csv.DictReader(io.StringIO(said.output))}
    assert rows["small_step"]["complete"] == rows["tiny_step"]["complete"] == "12"
    assert (rows["larger_step"]["planned"], rows["larger_step"]["complete"]) == ("12", "0")


def test_running_some_arms_says_that_the_answer_is_interim(harness, step_size):
    said = harness("study", "run", step_size, "--arms", "larger_step", "--no-report")
    assert said.status == 0, said.errors
    assert "only 12 of 36 trials are finished" in said.output


def test_changes_from_the_command_line_make_other_trials(harness, step_size):
    harness("study", "run", step_size, "--seeds", "2", "--no-report")
    said = harness(
        "study", "run", step_size, "--seeds", "2", "--set", "params.steps=5", "--no-report"
    )
    assert "6 trials run" in said.errors
    assert "0 were there already" in said.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "params.stepz=5"], "nearest: steps"),
        (["--set", "params.steps"], "write KEY=VALUE"),
        (["--arms", "smal_step"], "nearest: small_step"),
        (["--profile", "gpu"], "no such profile"),
        (["--seeds", "0"], "--seeds"),
    ],
)
def test_a_wrong_change_is_refused_before_anything_runs(
    harness, step_size, tmp_path, arguments, words
):
    said = harness("study", "run", step_size, *arguments)
    assert said.status == 2
    assert words in said.errors
    assert "Traceback" not in said.errors
    assert said.output == ""
    assert not (tmp_path / "artifacts").exists()


def test_an_unknown_study_gets_the_nearest_name(harness):
    said = harness("study", "run", "mc_sedes")
    assert said.status == 2
    assert "nearest: mc_seeds" in said.errors


def test_show_writes_a_study_file_that_asks_for_the_same_trials(harness, step_size, tmp_path):
    shown = harness("study", "show", step_size).output
    (tmp_path / "copy.toml").write_text(shown)
    (tmp_path / "step_size.py").write_text(step_size.with_suffix(".py").read_text())
    plans = [
        json.loads(harness("study", "plan", study, "--format", "json").output)
        for study in (step_size, "copy.toml")
    ]
    assert plans[0] == plans[1]


def test_a_new_study_runs_as_it_is(harness):
    assert harness("study", "new", "mine").status == 0
    assert "mine" in harness("study", "list").output
    said = harness("study", "run", "mine", "--no-report")
    assert said.status == 0, said.errors
    assert "larger_step scored lower than baseline" in said.output


def test_a_new_study_never_replaces_a_file(harness, tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies/mine.py").write_text("precious")
    said = harness("study", "new", "mine")
    assert said.status == 2
    assert (tmp_path / "studies/mine.py").read_text() == "precious"
    assert not (tmp_path / "studies/mine.toml").exists()


def test_failed_trials_end_with_status_1_and_say_how_to_see_them(harness, tmp_path):
    harness("study", "new", "mine")
    code = "def main(params, seed, trial):\n    raise ValueError('diverged')\n"
    (tmp_path / "studies/mine.py").write_text(code)
    said = harness("study", "run", "mine")
    assert said.status == 1
    assert "harness results list mine --state failed" in said.output
    listing = harness("results", "list", "mine", "--state", "failed", "--format", "csv")
    assert listing.output.count("ValueError: diverged") == 24
    page = (tmp_path / "artifacts/reports/mine/index.html").read_text()
    assert "ValueError: diverged" in page


def test_a_later_change_of_protocol_is_shown(harness, step_size):
    harness("study", "run", step_size, "--no-report")
    said = harness("study", "run", step_size, "--set", "protocol.alpha=0.1", "--no-report")
    assert "The protocol was changed: when 36 trials had finished" in said.output
    assert "alpha from 0.05 to 0.1" in said.output


def test_running_fewer_arms_does_not_shrink_the_correction(harness, step_size):
    said = harness("study", "run", step_size, "--arms", "small_step,tiny_step", "--no-report")
    assert "Holm's correction for 2 comparisons" in said.output


def test_the_page_of_a_changed_study_is_its_own_and_says_how_to_repeat_it(
    harness, step_size, tmp_path
):
    harness("study", "run", step_size)
    page = tmp_path / "artifacts/reports/step_size/index.html"
    before = page.read_bytes()
    said = harness("study", "run", step_size, "--seeds", "3", "--set", "params.steps=5")
    other = tmp_path / said.output.rsplit("Report: ", 1)[1].strip()
    assert page.read_bytes() == before
    assert other != page
    assert "--set params.steps=5 --seeds 3" in other.read_text()
    assert f"harness study run {step_size}" in before.decode()


def test_a_nearly_right_parameter_of_an_arm_is_refused(harness, tmp_path):
    harness("study", "new", "mine")
    path = tmp_path / "studies/mine.toml"
    path.write_text(path.read_text().replace("step_size = 0.05", "step_sise = 0.05"))
    said = harness("study", "run", "mine")
    assert said.status == 2
    assert "looks like a mistyped step_size" in said.errors


def test_arms_that_name_none_are_refused(harness, step_size):
    said = harness("study", "run", step_size, "--arms", ",")
    assert said.status == 2
    assert "at least one arm" in said.errors


def test_why_trials_failed_is_told_in_the_terminal(harness, tmp_path):
    harness("study", "new", "mine")
    code = "def main(params, seed, trial):\n    return {'los': 1.0}\n"
    (tmp_path / "studies/mine.py").write_text(code)
    said = harness("study", "run", "mine", "--no-report")
    assert "24 × MetricsError: the trial did not return the metric 'loss'" in said.output
    assert "nearest: los" in said.output


def test_a_report_that_cannot_be_written_is_one_message(harness, step_size, tmp_path):
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/reports").write_text("in the way")
    said = harness("study", "run", step_size)
    assert said.status == 2
    assert "the report cannot be written" in said.errors
    assert "Traceback" not in said.errors


def test_sources_of_variance_are_a_column_where_they_are_declared(harness, step_size, tmp_path):
    varied = step_size.read_text().replace("[seeds]", '[seeds]\nsources = { start = ["init"] }')
    (tmp_path / "varied.toml").write_text(varied)
    (tmp_path / "step_size.py").write_text(step_size.with_suffix(".py").read_text())
    for verb in ("plan", "status"):
        rows = harness("study", verb, "varied.toml", "--format", "csv").output
        assert {row["source"] for row in csv.DictReader(io.StringIO(rows))} == {"all", "start"}
        assert "source" not in harness("study", verb, step_size, "--format", "csv").output
    assert "start" in harness("study", "plan", "varied.toml").output
