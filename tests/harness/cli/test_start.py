"""How the command line starts, explains itself, and refuses."""

import subprocess
import sys

import pytest

VERBS = [("study", verb) for verb in ("list", "show", "plan", "run", "status", "new")] + [
    *(("results", verb) for verb in ("list", "show", "export", "import")),
    ("report", "build"),
    *(("db", verb) for verb in ("info", "check", "upgrade")),
]

HEAVY = {"numpy", "pandas", "sqlalchemy", "optuna", "torch", "pydantic", "matplotlib", "rich"}
NEEDED_BY_TRIALS = {
    *("numpy", "pandas", "filelock", "joblib", "rich"),
    "sqlalchemy.dialects.postgresql",
}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["study", "--help"], ["study", "plan", "--help"]]
)
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


def test_a_study_that_nothing_is_left_of_is_answered_without_what_only_trials_need(tmp_path):
    code = (
        "import sys\n"
        "from harness.cli import main\n"
        "try:\n"
        "    main(['study', 'run', 'step.toml', '--no-report'])\n"
        "except SystemExit as end:\n"
        "    assert end.code in (None, 0), end\n"
        f"print(sorted({NEEDED_BY_TRIALS!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    (tmp_path / "step.toml").write_text(
        'name = "step"\n[trial]\nfunction = "step.py:train"\n[seeds]\ncount = 2\n'
        "[arms.one]\n[arms.two]\nsize = 2\n[params]\nsize = 1\n"
        '[protocol]\nmetric = "loss"\ndirection = "minimize"\ncontrol = "one"\n'
    )
    (tmp_path / "step.py").write_text(
        "def train(params, seed, trial):\n    return {'loss': params['size'] + seed}\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert said[1].stdout == said[0].stdout
    assert "numpy" in said[0].stderr.splitlines()[-1]
    assert said[1].stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_with_an_example(harness, verb):
    said = harness(*verb, "--help")
    assert said.status == 0
    assert f"Example:  harness {' '.join(verb)}" in " ".join(said.output.split("\n")).replace(
        "  harness", "  harness"
    )


def test_a_mistyped_noun_or_verb_gets_the_nearest_one(harness):
    assert "Did you mean 'study'?" in harness("stduy").errors
    assert "Did you mean 'run'?" in harness("study", "rnu").errors
    assert harness("stduy").status == 2


def test_an_unknown_option_is_wrong_usage(harness):
    said = harness("study", "run", "x", "--job", "3")
    assert said.status == 2
    assert "--jobs" in said.errors


def test_the_version_is_the_packages(harness):
    from importlib.metadata import version

    assert version("harness") in harness("--version").output
