"""The statistics pages of docs/ run: each program, each command, and each line that they show."""

import contextlib
import io
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main
from harness.store.schema import State

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("analysis_command", "answer", "audit", "choosing_a_test", "datasets", "figures", "seeds")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MACRO = re.compile(r"\\(harness[A-Za-z]+)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the page at which it begins."""

    language: str
    text: str
    line: int


def blocks(page):
    text = (DOCS / f"{page}.md").read_text()
    return [
        Block(found[1], found[2], text[: found.start()].count("\n") + 1)
        for found in _FENCE.finditer(text)
    ]


def run_program(block):
    """Run a block as a program of its own; return what it prints."""
    program = compile(block.text, f"line {block.line}", "exec")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(program, {"__name__": "__main__"})
    return printed.getvalue()


def sessions(block):
    """Yield each command of a console block with the output shown below it."""
    text = block.text.replace("\\\n", " ")
    for session in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = session.partition("\n")
        yield command, shown


def run_command(command):
    """Run `harness ...`; return its exit status and all that a terminal would show."""
    name, *arguments = shlex.split(command)
    assert name == "harness", command
    with (
        io.StringIO() as screen,
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
    ):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        return left.value.code, screen.getvalue()


def lines_of(text):
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def shows(shown, output):
    """Whether output is what is shown; `...` stands for any text in a line, or for any lines."""
    patterns = [
        r"[\s\S]*" if line == "..." else ".*".join(map(re.escape, line.split("...")))
        for line in lines_of(shown).splitlines()
    ]
    return re.fullmatch("\n".join(patterns), lines_of(output)) is not None


def assert_shown(shown, output, what):
    assert shows(shown, output), f"{what}\n--- the page shows\n{shown}\n--- it is\n{output}"


def run_block(block, before, printed, folder):
    """Run one block; return what it prints, if it is a program."""
    where = f"line {block.line}"
    if block.language == "python":
        return run_program(block)
    if block.language == "text":
        assert before == "python", f"{where}: no program stands before this output"
        assert_shown(block.text, printed, where)
    elif block.language == "toml":
        name, _, _ = block.text.partition("\n")
        (folder / name.removeprefix("# ")).write_text(block.text)
    elif block.language == "console":
        for command, shown in sessions(block):
            status, output = run_command(command)
            # An audit ends with 1 where a claim does not hold.
            found = 1 if command.startswith("harness audit") else 0
            assert status == (2 if "Error: " in shown else found), output
            assert_shown(shown, output, f"{where}: {command}")
    elif block.language == "latex":
        written = "".join(each.read_text() for each in folder.rglob("*-macros.tex"))
        for name in _MACRO.findall(block.text):
            assert f"\\newcommand{{\\{name}}}" in written, f"{where}: \\{name} is not defined"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_a_page_runs_and_gives_what_is_shown(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    before, printed = "", ""
    for block in blocks(page):
        printed = run_block(block, before, printed, tmp_path)
        before = block.language


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is_so_that_none_is_left_untested(page):
    known = {"python", "text", "console", "latex", "toml"}
    assert {block.language for block in blocks(page)} <= known


def test_an_ellipsis_stands_for_anything_and_nothing_else_does():
    assert shows("a\n...\nd", "a\nb\nc\nd")
    assert shows("p = ...", "p = 0.03  ")
    assert not shows("a ...", "a b\nc")
    assert not shows("a\nd", "a\nb\nd")
    assert not shows("p = 0.03", "p = 0.04")


def test_every_state_of_a_trial_is_explained():
    explained = re.findall(r"^\| `(\w+)` \|", (DOCS / "results.md").read_text(), re.MULTILINE)
    assert explained == [str(state) for state in State]


def keys_of(value, path=""):
    """Yield the path of every value of a document; names that users choose are left out."""
    if isinstance(value, dict) and value and not path.endswith(("cell", "treatments")):
        for key, each in value.items():
            yield from keys_of(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for each in value:
            yield from keys_of(each, f"{path}[]")
    elif value not in (None, []) or path.rpartition(".")[2] not in _WHOLES:
        yield path


# Null or empty where they do not apply; their keys are listed in their place.
_WHOLES = {"omnibus", "friedman", "nemenyi", "anova", "welch"}
_WHOLES |= {"posterior", "across", "model", "factorial", "result"}

# Things of one kind have the same keys, which the page lists once.
_KINDS = (
    (r"(comparisons\[\]\.tests)\.\w+", r"\1.TEST"),
    (r"(comparisons\[\]\.effect_size\w*)\.\w+", r"\1.EFFECT"),
    (r"(omnibus\[\])\.(anova|welch)\b", r"\1.ANOVA"),
    (r"(result\.effects\[\])\.sign_flip\b", r"\1.t"),
    (r"(across\.model)\.intercept\b", r"\1.effects[]"),
)


def generic(path):
    for kind, name in _KINDS:
        path = re.sub(kind, name, path)
    return path


def listed_keys():
    """Return the keys in the first column of the tables that follow the heading on JSON."""
    _, _, rest = (DOCS / "answer.md").read_text().partition("## The keys of the JSON document\n")
    section = rest.partition("\n## ")[0]
    prefix = ""
    for line in section.splitlines():
        if heading := re.match(r"### .*`(.+)`", line):
            prefix = f"{heading[1]}."
        elif line.startswith("### "):
            prefix = ""
        elif line.startswith("| `"):
            first = line.split(" | ")[0]
            yield from (prefix + key for key in re.findall(r"`([^`]+)`", first))


def runs_in_a_file(path):
    rows = ["arm,level,seed,run,accuracy"]
    for place, arm in enumerate(("plain", "kd", "ig", "kd_ig")):
        for run in range(8):
            accuracy = 0.9 + 0.01 * place + 0.001 * (run * 7 % (5 + place))
            rows.append(f"{arm},{run // 4},{run % 4},{run},{accuracy}")
    path.write_text("\n".join(rows))


def test_the_page_lists_every_key_of_the_json_document_and_no_other(tmp_path):
    runs_in_a_file(tmp_path / "runs.csv")
    command = f"harness analysis compare {tmp_path / 'runs.csv'} --metric accuracy --format json"
    command += " --control plain --smallest-effect 0.01"
    found = set()
    treatments = " --treatment kd=kd,kd_ig --treatment ig=ig,kd_ig"
    for design in ("", f" --block run{treatments}", " --block seed --within level"):
        status, output = run_command(command + design)
        assert status == 0
        document = output[output.index("{") :]  # a note on standard error may come first
        found |= {generic(path) for path in keys_of(json.loads(document))}
    assert set(listed_keys()) == found
