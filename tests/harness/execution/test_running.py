"""What a user sees of a study's trials, when they go well and when they do not."""

import json
import math
import shutil
from types import SimpleNamespace

import pytest

from harness import run_study
from harness.errors import SetupError, StudyError
from harness.execution import progress
from harness.store.checks import check_database
from harness.store.exchange import export_rows
from harness.store.schema import State
from harness.store.store import ResultsStore


def count(bench, state):
    return sum(row["state"] == state for row in bench.rows().values())


def test_every_arm_and_seed_is_run_exactly_once(bench):
    bench.run("counted")
    assert bench.executions() == sorted(f"{level} {seed}" for level in (0, 1) for seed in range(4))
    assert count(bench, "complete") == 8


def test_a_second_run_executes_nothing(bench):
    first = bench.run("counted")
    second = bench.run("counted")
    assert len(bench.executions()) == 8
    assert (second.summary.complete, second.summary.already) == (0, 8)
    assert str(first.answer) == str(second.answer)


def test_more_seeds_add_to_what_is_there(bench):
    bench.run("counted", seeds=2)
    bench.run("counted", seeds=5)
    assert len(bench.executions()) == len(set(bench.executions())) == 10


def test_a_trial_that_raises_is_recorded_with_its_traceback_and_the_others_go_on(bench):
    done = bench.run("broken_at_two")
    assert (count(bench, "complete"), count(bench, "failed")) == (6, 2)
    failure = done.answer.failures[0]
    assert failure.error == "RuntimeError: seed two is cursed"
    assert "broken_at_two" in failure.traceback
    assert any("2 trials failed" in caution for caution in done.answer.cautions)


def test_a_failed_trial_is_not_run_again_unless_asked_for(bench):
    bench.run("broken_at_two")
    assert bench.run("broken_at_two").summary.already == 8
    again = bench.run("broken_at_two", retry_failed=True)
    assert (again.summary.failed, again.summary.already) == (2, 6)
    row = next(row for row in export_rows(ResultsStore(bench.db), "bench") if row["seed"] == 2)
    assert [failure["attempt"] for failure in row["failures"]] == [1, 2]


def test_retries_hide_a_passing_fault_and_keep_its_trace(bench):
    bench.run("fails_once", retries=1)
    assert count(bench, "complete") == 8
    for row in export_rows(ResultsStore(bench.db), "bench"):
        assert [failure["error"] for failure in row["failures"]] == [
            "OSError: the file system hiccuped"
        ]
        assert row["attempts"] == 2


def test_without_retries_a_passing_fault_is_a_failure(bench):
    bench.run("fails_once")
    assert count(bench, "failed") == 8


def test_a_worker_that_is_killed_fails_only_the_trial_that_killed_it(bench):
    bench.run("kills_itself_at_two")
    rows = bench.rows()
    assert {key for key, row in rows.items() if row["state"] == "failed"} == {
        ("low", 2),
        ("high", 2),
    }
    assert "worker process died" in rows["low", 2]["error"]


def test_a_trial_that_takes_too_long_fails_even_when_it_swallows_exceptions(bench):
    bench.run("slow_at_two", timeout="2s")
    rows = bench.rows()
    assert rows["low", 2]["state"] == "failed"
    assert "longer than 2 s" in rows["low", 2]["error"]
    assert count(bench, "complete") == 6


def test_one_job_and_two_give_the_same_bits(bench, tmp_path_factory):
    other = type(bench)(tmp_path_factory.mktemp("other"))
    answers = [bench.run("fine", jobs=1).answer, other.run("fine", jobs=2).answer]
    one, two = (answer.frame.sort_values(["arm", "seed"])["score"].tolist() for answer in answers)
    assert one == two


def test_nan_and_infinity_are_problems_of_that_metric_and_never_averaged(bench):
    answer = bench.run("infinite_at_two").answer
    low, high = answer.comparisons.arms
    assert (low.n, low.missing, low.mean) == (3, 1, 1.0)
    assert (high.n, high.missing, high.mean) == (3, 1, 2.0)
    rows = export_rows(ResultsStore(bench.db), "bench")
    assert all(math.isinf(row["metric:other"]) for row in rows)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("wrong_metric", "did not return the metric 'score'"),
        ("no_mapping", "as a mapping of names to numbers"),
        ("text_metric", "'score' is no number"),
        ("leaves", "SystemExit: 3"),
    ],
)
def test_what_is_no_set_of_metrics_is_a_failure_that_says_so(bench, function, words):
    bench.run(function, seeds=1)
    assert all(words in row["error"] for row in bench.rows().values())


def test_metrics_that_were_not_declared_are_refused(bench):
    bench.run("infinite_at_two", seeds=1, metrics=["score"])
    assert all("not among trial.metrics" in row["error"] for row in bench.rows().values())


def test_what_trials_print_does_not_reach_standard_output(bench, capfd):
    bench.run("talks")
    output, errors = capfd.readouterr()
    assert output == ""
    assert "must not reach" in errors


def test_learning_curves_predictions_and_facts_are_kept(bench):
    bench.run("fine", seeds=1)
    row = export_rows(ResultsStore(bench.db), "bench")[0]
    assert row["learning_curve"][0][:2] == [0, "loss"]
    assert row["predictions"]["examples"] == 2
    assert row["facts"] == {"threads": 1, "batch_trials": 1}


def test_an_asset_is_built_once_for_all_trials_and_linked_to_each(bench):
    bench.run("with_asset")
    assert (bench.folder / "assets" / "builds").read_text() == "built\n"
    rows = export_rows(ResultsStore(bench.db), "bench")
    assert len({row["assets"][0]["digest"] for row in rows}) == 1
    assert all(row["state"] == "complete" for row in rows)


def test_a_damaged_asset_stops_the_run_and_spoils_no_trial(bench):
    bench.run("with_asset", seeds=1)
    (numbers,) = (bench.folder / "assets").glob("*/numbers.txt")
    numbers.write_text("1 2 3")
    with pytest.raises(SetupError, match=r"numbers\.txt is not the file that was built"):
        bench.run("with_asset", seeds=2)
    assert count(bench, "failed") == 0


def test_a_function_that_is_not_there_is_refused_before_anything_runs(bench):
    with pytest.raises(StudyError, match="nearest: fine"):
        bench.run("fin")
    with pytest.raises(StudyError, match="does not take what a trial is called with"):
        bench.run("two_arguments")
    assert bench.rows() == {}


def test_the_environment_names_code_packages_and_threads(bench):
    bench.run("fine", seeds=1)
    ((environment, trials),) = bench.run("fine", seeds=1).answer.environments
    assert trials == 2
    assert environment["threads_per_job"] == 1
    assert environment["packages"]["numpy"]
    assert json.dumps(environment)


@pytest.mark.parametrize("name", ["seed", "arm", " ", 5])
def test_a_metric_cannot_have_a_name_that_hides_a_column_or_shows_nothing(bench, name):
    bench.run("metric_called", seeds=1, params={"metric_name": name})
    assert all("MetricsError" in row["error"] for row in bench.rows().values())


def test_a_trial_that_swallows_even_its_timeout_has_failed(bench):
    bench.run("deaf_at_two", timeout="2s")
    assert {key for key, row in bench.rows().items() if row["state"] == "failed"} == {
        ("low", 2),
        ("high", 2),
    }


def test_an_asset_that_was_built_again_and_came_out_different_is_told(bench):
    bench.run("with_fleeting_asset", seeds=2)
    shutil.rmtree(bench.folder / "assets")
    answer = bench.run("with_fleeting_asset", seeds=4).answer
    assert any("built again between these trials" in caution for caution in answer.cautions)
    with ResultsStore(bench.db) as store:
        results = check_database(store.database, bench.folder / "assets")
    assert [fault for result in results for fault in result.faults] == []


def test_check_compares_an_asset_with_what_the_trials_used(bench):
    bench.run("with_fleeting_asset", seeds=1)
    shutil.rmtree(bench.folder / "assets")
    other = ResultsStore(bench.folder / "other.db")
    run_study(
        bench.study("with_fleeting_asset", seeds=1),
        db=bench.folder / "other.db",
        artifacts=bench.folder,
        jobs=1,
    )
    with ResultsStore(bench.db) as store, other:
        faults = [
            fault
            for result in check_database(store.database, bench.folder / "assets")
            for fault in result.faults
        ]
    assert len(faults) == 1
    assert "not the one that trials were run with" in faults[0]


def test_two_files_of_one_name_do_not_share_assets(bench, tmp_path_factory):
    other = type(bench)(tmp_path_factory.mktemp("other"))
    text = (other.folder / "trials.py").read_text()
    (other.folder / "trials.py").write_text(text + "\n\nVERSION = 2\n")
    for each in (bench, other):
        run_study(each.study("with_asset", seeds=1), db=each.db, artifacts=bench.folder, jobs=1)
    digests = {
        row["assets"][0]["digest"]
        for each in (bench, other)
        for row in export_rows(ResultsStore(each.db), "bench")
    }
    assert len(digests) == 2


def test_an_edited_trial_function_is_told_when_nothing_is_run_and_when_results_mix(bench):
    bench.run("fine", seeds=2)
    path = bench.folder / "trials.py"
    path.write_text(path.read_text().replace('params["level"] + noise', "5 + noise"))
    unchanged = bench.run("fine", seeds=2).answer
    assert any("has changed since 4 of them ran" in caution for caution in unchanged.cautions)
    mixed = bench.run("fine", seeds=4).answer
    assert any("ran on 2 states of the code" in caution for caution in mixed.cautions)
    assert any("The first run had 2 seeds, and there are 4 now" in each for each in mixed.cautions)


def test_what_a_fatal_error_leaves_finished_is_stored(bench):
    bench.run("with_asset", seeds=1)
    (numbers,) = (bench.folder / "assets").glob("*/numbers.txt")
    numbers.write_text("1 2 3")
    with pytest.raises(SetupError):
        bench.run("with_asset", seeds=3)
    assert count(bench, "complete") == 2
    assert count(bench, "running") == 0


def test_what_trials_and_their_assets_caution_against_is_part_of_the_answer(bench):
    found = bench.run("doubts").answer
    assert [each for each in found.cautions if "busy" in each or "faint" in each] == [
        "2 of 8 trials: The machine was busy.",
        "The map is faint.",
    ]
    assert found.facts == (({"batch_trials": 1, "threads": 1}, 8),)


def test_what_a_trial_attaches_is_kept_with_it(bench):
    bench.run("doubts")
    with ResultsStore(bench.db) as store:
        for (_, seed), row in bench.rows().items():
            assert store.attachment(row["trial"], "raw.bin") == bytes([seed])


def test_a_worker_that_holds_its_data_is_kept(bench):
    bench.run("grows", seeds=2, jobs=1)
    assert len({row["metrics"]["pid"] for row in bench.rows().values()}) == 1


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until its ``now`` is moved, in seconds."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def told(capsys):
    """What a log was told since the last time."""
    return capsys.readouterr().err.splitlines()


def test_a_log_is_told_now_and_then_how_far_a_run_is(clock, capsys):
    with progress.RunProgress("bench", 8) as shown:
        for clock.now in (10.0, 20.0, 31.0, 40.0):
            shown.finished({State.COMPLETE: 1, State.FAILED: clock.now == 20.0})
            shown.tick()
    assert told(capsys) == ["bench: 4 of 8 trials are finished (1 failed)"]


def test_a_log_is_told_that_a_run_goes_on_while_no_trial_has_finished(clock, capsys):
    with progress.RunProgress("bench", 8) as shown:
        for clock.now in (29.0, 31.0, 32.0, 60.0, 62.0):
            shown.tick()
        assert told(capsys) == ["bench: 0 of 8 trials are finished"] * 2


def test_a_log_is_told_what_a_run_waits_for_as_long_as_it_does(clock, capsys):
    with progress.RunProgress("bench", 8) as shown:
        shown.finished({State.FAILED: 1})
        for clock.now, what in ((40.0, "2 trials elsewhere"), (80.0, "")):
            shown.waits(what)
            shown.tick()
    assert told(capsys) == [
        "bench: 1 of 8 trials are finished (1 failed, waiting for 2 trials elsewhere)",
        "bench: 1 of 8 trials are finished (1 failed)",
    ]


def test_what_a_run_waits_for_is_over_when_something_has_finished(clock, capsys):
    with progress.RunProgress("bench", 8) as shown:
        shown.waits("the first batch of 4 trials")
        clock.now = 40.0
        shown.tick()
        shown.finished({State.COMPLETE: 4})
        clock.now = 80.0
        shown.tick()
    assert told(capsys) == [
        "bench: 0 of 8 trials are finished (waiting for the first batch of 4 trials)",
        "bench: 4 of 8 trials are finished",
    ]


def test_what_happens_again_is_told_at_once_and_at_the_end_how_often(capsys):
    fault = "their batch ended in ValueError: odd"
    with progress.RunProgress("bench", 80) as shown:
        for trials in (16, 16, 12):
            shown.apart(trials, fault)
        shown.apart(16, "its worker died")
        assert told(capsys) == [
            f"bench: each of 16 trials runs by itself: {fault}",
            "bench: each of 16 trials runs by itself: its worker died",
        ]
    assert told(capsys) == [f"bench: this happened 3 times, to 44 trials in all: {fault}"]


def test_a_run_says_at_its_start_what_it_is_about_to_do(bench, capfd):
    bench.run("fine", seeds=1)
    assert told(capfd) == ["bench: 2 trials to run, 2 workers"]
    bench.run("fine", seeds=2, jobs=1)
    assert told(capfd) == ["bench: 2 trials to run, 1 worker"]
    bench.run("fine", seeds=2)
    assert told(capfd) == []


def test_a_run_that_waits_tells_so(bench, capfd, monkeypatch):
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    bench.run("counted", seeds=1, jobs=1, params={"sleep_s": 1.2})
    assert told(capfd)[1] == "bench: 0 of 2 trials are finished"
