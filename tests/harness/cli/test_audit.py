"""The command line's audits: verdicts, what they are written as, and what is refused."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from harness.cli import main

HEAVY = {"numpy", "pandas", "sqlalchemy", "optuna", "torch", "pydantic", "matplotlib", "rich"}

CLAIMS = """\
schema = 1
[paper]
id = "P1"
title = "A paper"
[metrics.loss]
unit = "nats"
direction = "minimize"
[data.theirs]
file = "runs.csv"
[[claim]]
id = "C1"
text = "Small steps are better."
kind = "difference"
better = { arm = "small" }
worse = { arm = "large" }
difference = "1.0"
data = "theirs"
[[claim]]
id = "C2"
text = "Twice as many."
kind = "ratio"
numerator = "4"
denominator = "2"
value = "2.0"
"""

RUNS = "arm,loss\n" + "".join(f"large,{2 + run / 100}\nsmall,{1 + run / 100}\n" for run in range(6))

OURS = """\
[data.ours]
study = "bench.toml"
profile = [{profile}]
[[claim]]
"""

STUDY = """\
name = "bench"
[trial]
function = "trials.py:train"
[seeds]
count = 8
[params]
step = 1.0
shift = 0.0
[arms.large]
[arms.small]
step = 0.5
[protocol]
metric = "loss"
direction = "minimize"
control = "large"
[profiles.shifted]
params = { shift = 5.0 }
"""

TRIALS = """\
def train(params, seed, trial):
    return {"loss": params["step"] + params["shift"] + 0.001 * (seed % 3) * params["step"]}
"""


@dataclass(frozen=True)
class Said:
    status: int
    output: str
    errors: str


@pytest.fixture
def audit(tmp_path, monkeypatch, capsys):
    """Run `harness audit` in a folder of its own, without the seconds that a process takes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["audit", *map(str, arguments)])
        said = capsys.readouterr()
        return Said(end.value.code, said.out, said.err)

    return run


@pytest.fixture
def claims(tmp_path):
    """A claims file with the runs that it names."""
    (tmp_path / "runs.csv").write_text(RUNS)
    path = tmp_path / "claims.toml"
    path.write_text(CLAIMS)
    return path


@pytest.fixture
def with_ours(claims):
    """The same with a study whose runs give a second verdict."""

    def change(profile=""):
        text = CLAIMS.replace("[[claim]]\n", OURS.format(profile=profile), 1)
        claims.write_text(
            text.replace('data = "theirs"', 'data = "theirs"\nreplicated_in = "ours"')
        )
        (claims.parent / "bench.toml").write_text(STUDY)
        (claims.parent / "trials.py").write_text(TRIALS)
        return claims

    return change


def test_claims_that_stand_end_with_0_and_say_so_on_standard_output(harness, claims):
    said = harness("audit", "check", claims)
    assert (said.status, said.errors) == (0, "")
    assert "2 claims checked at α = 0.05: 2 as claimed." in said.output


def test_a_claim_that_does_not_stand_ends_with_1(audit, claims):
    claims.write_text(CLAIMS.replace('value = "2.0"', 'value = "9.0"'))
    said = audit("check", claims)
    assert (said.status, said.errors) == (1, "")
    assert "INTERNALLY INCONSISTENT" in said.output
    assert audit("check", claims, "--claim", "C1").status == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('kind = "ratio"', 'kind = "ration"'), "claim[1] (C2).kind: unknown kind of claim"),
        (('"runs.csv"', '"../runs.csv"'), "data.theirs.file: lies outside the claims file's"),
        (('"4"', "4.0"), "claim[1] (C2).numerator: must be given as text"),
        (('"small" }', '"smal" }'), "claim[0] (C1).better.arm: there is no such arm"),
        ((CLAIMS, ""), "this claims file is empty"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_file_that_cannot_be_used_ends_with_2_and_says_why_on_standard_error(
    audit, claims, change, expected
):
    claims.write_text(CLAIMS.replace(*change))
    said = audit("check", claims)
    assert (said.status, said.output) == (2, "")
    assert said.errors.startswith(f"Error: {claims}:\n")
    assert expected in said.errors
    assert "Traceback" not in said.errors


def test_a_mistyped_claim_gets_the_nearest_one(audit, claims):
    said = audit("check", claims, "--claim", "C11")
    assert said.status == 2
    assert "--claim: there is no claim of this id" in said.errors
    assert "nearest: C1" in said.errors


def test_a_file_that_is_not_there_and_a_format_that_is_none_are_wrong_input(audit, tmp_path):
    assert audit("check", "none.toml").status == 2
    assert audit("check").status == 2
    said = audit("check", "none.toml", "--format", "csv")
    assert said.status == 2
    assert "'table', 'json', 'html', 'markdown'" in said.errors


def test_json_html_and_markdown_are_all_of_standard_output(audit, claims):
    said = audit("check", claims, "--format", "json")
    assert [each["verdict"] for each in json.loads(said.output)["claims"]] == [
        "reproduced_with_caveats",
        "arithmetic_ok",
    ]
    assert audit("check", claims, "--format", "html").output.startswith("<!doctype html>")
    said = audit("check", claims, "--format", "markdown")
    assert said.output.startswith("# Audit of P1: A paper\n\n2 claims")
    assert said.errors == ""


def test_a_database_that_is_not_there_is_only_an_error_where_it_was_named(audit, with_ours):
    path = with_ours()
    said = audit("check", path)
    assert (said.status, said.errors) == (0, "")
    assert "By runs of this database: NO RUNS YET" in said.output
    assert "harness study run bench.toml" in " ".join(said.output.split())
    assert not (path.parent / "artifacts").exists()
    said = audit("check", path, "--db", "none.db")
    assert (said.status, said.output) == (2, "")
    assert "--db: there is no such database" in said.errors
    assert "none.db" in said.errors
    assert "Traceback" not in said.errors


def test_runs_of_a_study_give_a_second_verdict_beside_the_first(audit, harness, with_ours):
    path = with_ours()
    assert harness("study", "run", "bench.toml").status == 0
    said = audit("check", path)
    assert said.status == 0
    assert "By runs of this database: REPRODUCED" in said.output
    document = json.loads(audit("check", path, "--format", "json").output)
    (effect,) = document["claims"][0]["replicated"]["effects"]
    assert effect["data"] == "ours"
    assert effect["estimate"] == pytest.approx(0.5, abs=0.01)
    markdown = audit("check", path, "--format", "markdown").output
    assert "| by our runs |" in markdown


def test_a_profile_of_the_command_line_replaces_that_of_the_file(audit, with_ours):
    path = with_ours(profile='"shifted"')
    said = audit("check", path)
    assert "harness study run bench.toml --profile shifted" in " ".join(said.output.split())
    said = audit("check", path, "--profile", "shiftd")
    assert said.status == 2
    assert "--profile: the study bench.toml has no such profile" in said.errors
    assert "nearest: shifted" in said.errors


@pytest.mark.parametrize("arguments", [["audit", "--help"], ["audit", "check", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from harness.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_has_an_example_and_the_exit_statuses(audit):
    said = audit("check", "--help")
    assert said.status == 0
    words = " ".join(said.output.split())
    assert "Example: harness audit check" in words
    assert "Exit status: 0 when every claim stands as it is made" in words
