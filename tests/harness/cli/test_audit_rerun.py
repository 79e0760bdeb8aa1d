"""``harness audit rerun``, in this process."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness import cli
from harness.cli.audit_rerun import rerun
from harness.errors import HarnessError, exit_status

FUNCTIONS = Path(__file__).parents[1] / "audit" / "rerun_functions.py"

STUDY = """\
name = "small"
[trial]
function = "rerun_functions.py:main"
[seeds]
count = 3
[params]
folder = "{folder}"
level = 0
pid = 0
[arms."a <b>, 100%"]
[arms.high]
level = 1
[protocol]
metric = "score"
direction = "maximize"
control = "high"
[profiles.other]
params = {{ depth = 5 }}
"""


@dataclass(frozen=True)
class Said:
    status: int
    output: str
    errors: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which a small study has been run."""
    made = tmp_path_factory.mktemp("small")
    (made / "studies").mkdir()
    shutil.copy(FUNCTIONS, made / "studies")
    (made / "studies" / "small.toml").write_text(STUDY.format(folder=made))
    command = [sys.executable, "-c", "from harness.cli import main; main()", "study", "run"]
    subprocess.run(
        [*command, "small", "--no-report"], cwd=made, check=True, capture_output=True, text=True
    )
    return made


@pytest.fixture
def said(folder, monkeypatch, capfd):
    """Run the command in that folder, with re-runs that are told to do something."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments, told=""):
        (folder / "tell").write_text(told)
        capfd.readouterr()
        words = ["small", "--jobs", "1", *arguments]
        try:
            status = rerun.main(args=words, standalone_mode=False)
        except HarnessError as error:
            # As `harness` itself shows it.
            status = cli._explain(error)
        written = capfd.readouterr()
        return Said(status, written.out, written.err)

    return run


DECLARED = ("--set", "trial.deterministic=true")


def test_a_table_shows_every_metric_of_every_trial_that_was_drawn(said):
    done = said("--sample", "2")
    assert done.status == 0, done.errors
    assert done.output.count("bit-identical") == 6
    assert done.output.count("measured time, only reported") == 2
    assert "2 of 6 complete trials of small were run again (seed 0)." in done.output
    assert "2 of 2 gave the same to the last bit." in done.output


def test_a_broken_determinism_ends_with_status_1(said):
    done = said(*DECLARED, told="drift")
    assert done.status == 1
    assert "declares its trials deterministic, which does not hold here" in done.output
    assert "has other learning curves than the original" in done.output


def test_changed_code_is_said_before_anything_else_and_ends_with_1(
    said, folder, tmp_path, monkeypatch
):
    said("--sample", "1")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    monkeypatch.chdir(copy)
    functions = copy / "studies" / FUNCTIONS.name
    functions.write_text(functions.read_text().replace("else 1.0", "else 2.0"))
    words = ["small", "--jobs", "1", "--sample", "1", *DECLARED]
    runner = CliRunner()
    done = runner.invoke(rerun, words, standalone_mode=False)
    assert done.return_value == 1
    sentences = [line for line in done.output.splitlines() if line.endswith(".")]
    assert sentences[0].startswith("The code of the trial is not what ran (trial_source differs): ")
    assert "does not hold here" not in done.output
    done = runner.invoke(rerun, [*words, "--format", "json"], standalone_mode=False)
    document = json.loads(done.stdout)
    assert (done.return_value, document["code_changed"]) == (1, True)
    assert [each["outcome"] for each in document["findings"]] == ["flag"]


def test_the_same_drift_without_a_declaration_ends_with_status_0(said):
    done = said("--sample", "1", told="drift")
    assert done.status == 0
    assert "within tolerance" in done.output
    assert "The spread between seeds sets it" in done.output


def test_a_kept_determinism_ends_with_status_0(said):
    assert said("--sample", "1", *DECLARED).status == 0


def test_a_trial_that_fails_now_ends_with_status_1_and_its_error(said):
    done = said("--sample", "1", told="raise")
    assert done.status == 1
    assert "fails now: RuntimeError: the data are gone" in done.output
    assert "Traceback" not in done.output


def test_the_environments_are_compared(said):
    done = said("--sample", "1", "--jobs", "3", told="facts")
    assert "Environment of all: differs from the original's in\n" in done.output
    assert "  facts.threads: 1 → 2" in done.output


def test_json_is_all_that_standard_output_has(said):
    done = said("--sample", "2", "--seed", "5", "--format", "json", told="drift")
    document = json.loads(done.output)
    assert (document["study"], document["seed"], document["complete"]) == ("small", 5, 6)
    assert len(document["trials"]) == 2
    again = json.loads(said("--sample", "2", "--seed", "5", "--format", "json").output)
    assert [each["trial"] for each in again["trials"]] == [
        each["trial"] for each in document["trials"]
    ]
    assert again["bit_identical"]


def test_a_profile_without_finished_trials_is_refused_with_the_command(said):
    done = said("--profile", "other")
    assert done.status == 2
    assert done.output == ""
    assert "run `harness study run small --profile other` first" in done.errors


def test_without_a_database_the_command_is_named(said, tmp_path):
    done = said("--db", str(tmp_path / "none.db"))
    assert done.status == 2
    assert "run `harness study run small` first" in done.errors
    assert not (tmp_path / "none.db").exists()


def test_an_unknown_study_has_a_nearest_match(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(HarnessError, match="nearest: small") as refused:
        rerun.main(args=["smal"], standalone_mode=False)
    assert exit_status(refused.value) == 2


def test_its_help_needs_nothing_heavy():
    code = (
        "import sys, harness.cli.audit_rerun\n"
        "print(sorted({'numpy', 'pandas', 'sqlalchemy', 'optuna', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
