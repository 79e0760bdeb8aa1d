"""What the documents promise is true: programs run, commands exist, links lead somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness import load_study

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
HARNESS = [sys.executable, "-c", "from harness.cli import main; main()"]


def blocks(path, language):
    """The text of every fenced block of a language."""
    # Every odd part stands between two fences, and begins with the language's name.
    for part in path.read_text().split("```")[1::2]:
        name, _, text = part.partition("\n")
        if name == language:
            yield text


def commands():
    for path in DOCUMENTS:
        for block in blocks(path, ""):
            for line in block.splitlines():
                if line.startswith("harness "):
                    yield pytest.param(line.split("#")[0], id=f"{path.name}: {line[:40]}")


def test_the_readmes_program_runs_and_its_assertion_holds(tmp_path):
    (program,) = blocks(ROOT / "README.md", "python")
    (tmp_path / "first.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "first.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "better scored higher than plain in accuracy" in done.stdout


def test_the_readme_begins_with_two_sentences_and_a_program_of_thirty_lines():
    text = (ROOT / "README.md").read_text()
    before, program, *_ = re.split(r"```(?:python)?\n", text, maxsplit=2)
    prose = before.split("\n\n", 1)[1].strip()
    assert len(re.findall(r"[.?!](?:\s|$)", prose)) == 2
    assert len(program.splitlines()) <= 30


def test_the_readmes_study_file_is_valid(tmp_path):
    (study,) = blocks(ROOT / "README.md", "toml")
    (tmp_path / "step_size.toml").write_text(study)
    declared = load_study(tmp_path / "step_size.toml")
    assert set(declared.arms) == {"small_step", "larger_step"}


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_that_is_shown_exists_with_its_options(line):
    words = shlex.split(line)[1:]
    verb = words[:2]
    help_text = subprocess.run(
        [*HARNESS, *verb, "--help"], capture_output=True, text=True, check=True
    ).stdout
    for option in (word for word in words if word.startswith("--")):
        assert option in help_text


def test_the_readmes_commands_on_a_file_of_runs_answer(tmp_path):
    rows = [
        f"{arm},{arm},{seed},{0.9 + 0.01 * place + 0.001 * (seed * 7 % 5)},{10 - place}"
        for place, arm in enumerate(("baseline", "better"))
        for seed in range(8)
    ]
    (tmp_path / "runs.csv").write_text("\n".join(["method,model,seed,accuracy,size", *rows]))
    (block,) = (each for each in blocks(ROOT / "README.md", "") if "runs.csv" in each)
    lines = [line for line in block.splitlines() if "runs.csv" in line]
    assert len(lines) == 2
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        done = subprocess.run(
            [*HARNESS, *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "better" in done.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file) if file else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
            assert anchor in anchors, target
