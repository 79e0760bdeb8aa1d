"""Runs trials in worker processes, and runs them again."""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Study, run_study
from harness.audit.rerun import execution as rerun_execution
from harness.audit.rerun.environment import Difference
from harness.audit.rerun.rerunning import rerun_trials
from harness.audit.rerun.text import sentences
from harness.errors import InputError, RunInterrupted, SetupError
from harness.running import run_search
from harness.store.reading import ResultsReader
from harness.study.loading import load_study

HERE = Path(__file__).parent
SEARCH_TRIALS = HERE.parent / "search" / "trials.py"
PROGRAM = """\
import json, random, sys
random.seed(int(sys.argv[1]))
print(json.dumps({"score": random.random()}))
"""


class Bench:
    """A folder with a database of finished trials, and what their re-runs are told to do."""

    def __init__(self, folder):
        self.folder = folder
        self.db = folder / "results.db"
        shutil.copy(HERE / "rerun_functions.py", folder / "trials.py")

    def study(self, *, function="main", seeds=4, **changes):
        trial = {"function": f"trials.py:{function}", **changes.pop("trial", {})}
        return Study(
            **{
                "name": "bench",
                "trial": {key: value for key, value in trial.items() if value is not None},
                "seeds": {"count": seeds} if isinstance(seeds, int) else seeds,
                "params": {"level": 0, "folder": str(self.folder), "pid": os.getpid()},
                "arms": {"low": {}, "high": {"level": 1}},
                "protocol": {"metric": "score", "direction": "maximize", "control": "low"},
                "source": self.folder / "bench.toml",
                **changes,
            }
        )

    def run(self, **study):
        return run_study(self.study(**study), db=self.db, artifacts=self.folder, jobs=2)

    def rerun(self, *told, sample=2, seed=0, jobs=1, **study):
        (self.folder / "tell").write_text(" ".join(told))
        with ResultsReader(self.db) as store:
            return rerun_trials(
                self.study(**study),
                store,
                sample=sample,
                seed=seed,
                jobs=jobs,
                artifacts=self.folder,
            )

    def content(self):
        """The bytes of the database file, and every row of every table."""
        with sqlite3.connect(f"file:{self.db}?immutable=1", uri=True) as connection:
            rows = list(connection.iterdump())
        connection.close()
        return hashlib.sha256(self.db.read_bytes()).hexdigest(), rows


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Eight finished trials; nothing here may change them."""
    made = Bench(tmp_path_factory.mktemp("bench"))
    made.run()
    return made


@pytest.fixture
def fresh(tmp_path):
    return Bench(tmp_path)


def outcomes(report):
    return [str(each.outcome) for each in report.findings()]


def metric(trial, name):
    return next(each for each in trial.metrics if each.metric == name)


DECLARED = {"trial": {"deterministic": True}}


def test_the_same_code_gives_the_same_bits_in_all_that_was_kept(bench):
    report = bench.rerun(sample=8, jobs=2)
    assert len(report.trials) == report.complete == 8
    assert report.identical
    assert not report.deterministic_differs
    for trial in report.trials:
        assert (trial.predictions, trial.curves, trial.failed) == (True, True, False)
        by_name = {each.metric: each for each in trial.metrics}
        assert str(by_name["score"].agreement) == "bit_identical"
        assert str(by_name["wall_s"].agreement) == "measured_time"
        assert not by_name["wall_s"].identical
        assert by_name["pid_apart"].rerun == 1.0
    assert outcomes(report) == ["pass"] * 8


@pytest.mark.parametrize("told", ["nothing", "drift", "raise"])
def test_the_database_is_the_same_file_with_the_same_rows_whatever_the_rerun_gives(bench, told):
    before = bench.content()
    bench.rerun(told)
    assert bench.content() == before
    # Nor is anything kept beside it that a later reader would take in.
    assert [each.name for each in bench.folder.glob("results.db*")] == ["results.db"]


def test_a_planted_nondeterminism_breaks_a_declared_determinism(bench):
    report = bench.rerun("drift", **DECLARED)
    assert report.deterministic_differs
    assert outcomes(report) == ["fail", "fail"]
    detail = report.findings()[0].detail
    assert "determinism was declared, but the re-run differs (score " in detail
    # The number of workers is recorded, and is another one here.
    assert "The environments differ in jobs." in detail
    assert report.trials[0].differing == ("score", "learning curves")


def test_without_a_declaration_a_small_drift_is_within_the_spread_of_the_arm(bench):
    report = bench.rerun("drift")
    assert not report.deterministic_differs
    assert not report.identical
    assert outcomes(report) == ["pass", "pass"]
    score = metric(report.trials[0], "score")
    assert str(score.agreement) == "within_tolerance"
    assert 0 < score.difference < 1e-5
    assert score.finding.values["n_original"] == 3


def test_a_large_drift_is_outside(bench):
    report = bench.rerun("far")
    assert outcomes(report) == ["flag", "flag"]
    score = metric(report.trials[0], "score")
    assert str(score.agreement) == "outside_tolerance"
    assert score.difference == pytest.approx(1000)


def test_a_number_that_became_nan_is_outside(bench):
    (other,) = (each for each in bench.rerun("nan", sample=1).trials[0].metrics if each.differs)
    assert (other.metric, str(other.agreement)) == ("other", "outside_tolerance")
    assert other.document()["rerun"] == "nan"


def test_a_metric_that_is_no_longer_returned_is_missing(bench):
    report = bench.rerun("fewer", sample=1, **DECLARED)
    assert report.trials[0].differing == ("other",)
    assert report.deterministic_differs
    (found,) = bench.rerun("fewer", sample=1).findings()
    assert "only the original has this metric" in found.detail
    assert found.outcome == "flag"


def test_other_predictions_or_curves_break_a_declared_determinism_too(bench):
    report = bench.rerun("predictions", "curve", sample=1, **DECLARED)
    assert report.trials[0].differing == ("predictions", "learning curves")
    assert report.deterministic_differs
    (found,) = bench.rerun("predictions", sample=1).findings()
    assert found.outcome == "pass"
    assert "other predictions" in found.detail


def test_a_trial_that_fails_now_is_reported_with_its_error(bench):
    report = bench.rerun("raise", **DECLARED)
    assert len(report.failures) == 2
    assert report.trials[0].error == "RuntimeError: the data are gone"
    assert report.deterministic_differs
    assert outcomes(report) == ["flag", "flag"]
    assert not bench.rerun("raise", sample=1).deterministic_differs


def test_time_limits_hold_as_in_any_run(bench):
    report = bench.rerun("hang", sample=1, trial={"timeout": 0.5})
    assert report.trials[0].error == "TrialTimeoutError: the trial took longer than 0.5 s"


def test_a_trial_that_kills_its_worker_is_blamed_alone(bench):
    report = bench.rerun("die", sample=1)
    assert "its worker process died" in report.trials[0].error


def test_what_the_trial_notes_is_part_of_the_environment(bench):
    report = bench.rerun("facts", sample=1, jobs=2)
    assert report.identical
    (difference,) = report.trials[0].environment
    assert difference.document() == {"part": "facts.threads", "original": 1, "rerun": 2}


def test_an_asset_is_used_again_and_one_that_was_built_anew_is_named(fresh):
    fresh.run(function="with_asset", seeds=1)
    assert fresh.rerun(function="with_asset", sample=1, jobs=2).trials[0].environment == ()
    (built,) = (each for each in (fresh.folder / "assets").iterdir() if len(each.name) == 64)
    shutil.rmtree(built)
    (difference,) = fresh.rerun(function="with_asset", sample=1, jobs=2).trials[0].environment
    assert difference.part.startswith("assets.study_file_trials._numbers ")
    assert difference.original != difference.rerun


def test_with_how_many_others_a_trial_ran_is_no_part_of_the_environment(fresh):
    fresh.run(function="batched")
    # The batch form wants one worker, whatever the user asked for, the first time and now.
    assert fresh.rerun(function="batched", sample=1, jobs=3).trials[0].environment == ()


def test_other_code_is_named(fresh):
    fresh.run(seeds=1)
    with (fresh.folder / "trials.py").open("a") as file:
        file.write("# another line\n")
    (difference,) = fresh.rerun(sample=1, seeds=1, jobs=2).trials[0].environment
    assert difference.part == "trial_source"


def test_other_code_leads_and_other_bits_are_then_no_broken_determinism(fresh):
    fresh.run(seeds=1, **DECLARED)
    source = fresh.folder / "trials.py"
    source.write_text(source.read_text().replace("else 1.0", "else 2.0"))
    report = fresh.rerun(sample=1, seeds=1, jobs=2, **DECLARED)
    (found,) = report.findings()
    assert found.outcome == "flag"
    assert found.detail.startswith(
        "The code of the trial is not what ran (trial_source differs): trial "
    )
    assert "(other 1.0 → 2.0)" in found.detail
    assert "determinism was declared" not in found.detail
    assert found.values["code_changed"]
    # It differs all the same.
    assert report.deterministic_differs
    document = report.document()
    assert document["code_changed"]
    assert document["trials"][0]["code_changed"]
    said = list(sentences(report))
    assert said[0].startswith("The code of the trial is not what ran (trial_source differs): ")
    assert not any("does not hold here" in each for each in said)


@pytest.mark.parametrize(("told", "outcome"), [("nothing", "pass"), ("raise", "flag")])
def test_other_code_leads_whatever_the_rerun_gives(fresh, told, outcome):
    fresh.run(seeds=1)
    with (fresh.folder / "trials.py").open("a") as file:
        file.write("# another line\n")
    (found,) = fresh.rerun(told, sample=1, seeds=1).findings()
    assert found.outcome == outcome
    assert found.detail.startswith("The code of the trial is not what ran")


def test_code_of_which_nothing_is_known_is_not_called_changed(bench):
    trial = bench.rerun(sample=1).trials[0]
    unknown = replace(trial, environment=(Difference("trial_source", None, "x"),))
    assert not unknown.code_changed
    assert replace(trial, environment=(Difference("trial_source", "y", "x"),)).code_changed


def test_programs_run_again_alone_on_the_machine(fresh, monkeypatch):
    # A lock of this test's own: other work on this machine may hold the real one.
    monkeypatch.setenv("TMPDIR", str(fresh.folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (fresh.folder / "program.py").write_text(PROGRAM)
    command = [sys.executable, "program.py", "{seed}"]
    study = {"trial": {"function": None, "command": command, "alone": True}, "seeds": 2}
    fresh.run(**study)
    report = fresh.rerun(sample=4, jobs=2, **study)
    assert report.identical
    assert len(report.trials) == 4
    assert {each.trial for each in report.trials} == stored(fresh)
    assert report.trials[0].environment == ()


def stored(bench):
    with ResultsReader(bench.db) as store:
        return set(store.stored("bench"))


def test_trials_that_vary_one_source_are_held_against_their_like(fresh):
    seeds = {"count": 4, "sources": {"luck": ["noise"]}}
    fresh.run(seeds=seeds)
    report = fresh.rerun("drift", sample=100, seeds=seeds)
    others = {
        each.source: metric(each, "score").finding.values["n_original"] for each in report.trials
    }
    # The held seed's trial of a source would be the ordinary one, so a source has one run less.
    assert others == {"all": 3, "luck": 2}


def test_a_search_and_a_study_of_its_winners_run_again(tmp_path):
    shutil.copy(SEARCH_TRIALS, tmp_path / "trials.py")
    text = '[trial]\nfunction = "trials.py:bowl"\ndeterministic = true\n[params]\nlevel = 0\n'
    protocol = '[protocol]\nmetric = "val"\ndirection = "maximize"\ncontrol = "plain"\n'
    (tmp_path / "search.toml").write_text(
        f'name = "search"\n{text}[seeds]\ncount = 2\n[arms.plain]\n[arms.two]\nx = 0.9\n'
        '[search]\ntrials = 3\nmetric = "val"\nstartup = 2\n'
        f"[search.space]\nx = {{ low = 0.0, high = 1.0 }}\n{protocol}"
    )
    (tmp_path / "final.toml").write_text(
        f'name = "final"\n{text}[seeds]\nvalues = [10, 11]\n[arms.plain]\n[arms.two]\n'
        f'parameters_from = "search"\n{protocol}'
    )
    search, final = (load_study(tmp_path / f"{name}.toml") for name in ("search", "final"))
    db = tmp_path / "results.db"
    run_search(search, db=db, artifacts=tmp_path, jobs=2)
    run_study(final, db=db, artifacts=tmp_path, jobs=2)
    with ResultsReader(db) as store:
        for study, least in ((search, 4), (final, 4)):
            report = rerun_trials(study, store, sample=100, artifacts=tmp_path, jobs=2)
            assert report.complete >= least
            assert report.identical
            assert not report.deterministic_differs


def test_a_study_whose_function_cannot_be_imported_any_more_is_refused(fresh):
    fresh.run(seeds=1)
    (fresh.folder / "trials.py").write_text("import no_such_module\ndef main(p, s, t): ...\n")
    with pytest.raises(SetupError, match="no_such_module"):
        fresh.rerun(sample=1, seeds=1)


def test_an_interrupt_does_not_speak_of_stored_trials(bench, monkeypatch):
    def interrupted(*_args, **_options):
        raise RunInterrupted(1, 2)

    monkeypatch.setattr(rerun_execution, "run_missing", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bench.rerun()


def test_without_a_database_nothing_is_complete(bench):
    with pytest.raises(InputError, match="none can be run again"):
        rerun_trials(bench.study(), None, sample=1)


def test_the_document_is_json_with_stable_keys(bench):
    document = bench.rerun("nan", sample=1).document()
    json.loads(json.dumps(document, allow_nan=False))
    assert list(document) == [
        "study",
        "changes",
        "deterministic",
        "seed",
        "sample",
        "complete",
        "code_changed",
        "bit_identical",
        "deterministic_differs",
        "trials",
        "findings",
    ]
    assert list(document["trials"][0]["metrics"][0]) == [
        "metric",
        "original",
        "rerun",
        "agreement",
        "bit_identical",
        "difference",
        "relative_difference",
        "distance_from_other_runs",
        "tolerance",
        "other_runs",
    ]
