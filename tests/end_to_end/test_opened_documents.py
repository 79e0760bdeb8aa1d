"""What the commands write, opened by the programs that read it: pdfLaTeX and Chromium.

Run by `make test-documents`. A screenshot of every page stays in pytest's folder of the test.
"""

import html
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness import Study
from harness.answer import answer
from harness.outcome import Outcome
from harness.reports.page import build_report
from harness.store.reading import ResultsReader
from harness.store.store import ResultsStore
from harness.study.planning import plan

pytestmark = pytest.mark.documents

HARNESS = [sys.executable, "-c", "from harness.cli import main; main()"]
CONTROL = 'a<b&"c"%_$x$'
NASTY = (
    CONTROL, "a 0", "a'; echo foo", "../x", "naïve", "蒸留,{0} \\frac", "100%,", "--x", "[x]*",
    "tilde~caret^hash#", "<script>alert(1)</script>", "😀", "عربي", "NA", "01", "α=β₁", "\\", "{",
    "é" * 40, "x" * 60,
)  # fmt: skip
CONTROL_ON_PAPER = 'a<b&"c"% $x$'
"""A line stands for the underscore."""
METRIC = "top_1 <acc> & 100 %"
DESKTOP, PHONE = (1280, 900), (390, 844)


def program(*names):
    """Return a program's path; a machine without it fails these tests."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {names} is installed; see .ci/run for the packages"
    return found


@pytest.fixture
def runs(tmp_path):
    """Accuracies of arms with nasty names, one of them missing."""
    rng = np.random.default_rng(0)
    shared = rng.normal(0.9, 0.01, 10)
    frame = pd.DataFrame(
        [
            (arm, f"block {seed} & co_", round(shared[seed] + gain + rng.normal(0, 0.002), 4))
            for place, arm in enumerate(NASTY)
            for seed, gain in enumerate([place / 1000] * 10)
        ],
        columns=["the_arm", "the block", METRIC],
    )
    frame.loc[25, METRIC] = np.nan
    frame.to_csv(tmp_path / "runs.csv", index=False)
    return tmp_path


def compare(folder, *options):
    columns = ("--arm", "the_arm", "--block", "the block", "--metric", METRIC)
    command = [*HARNESS, "analysis", "compare", "runs.csv", *columns, "--control", CONTROL]
    done = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def typeset(document, folder):
    """Run pdfLaTeX over a document, and return its messages and the text of its pages."""
    (folder / "document.tex").write_text(document, encoding="utf-8")
    command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = done.stdout.decode("latin-1")
    assert done.returncode == 0, log[-2000:]
    pages = [program("pdftotext"), "-layout", "document.pdf", "-"]
    return log, subprocess.run(pages, cwd=folder, capture_output=True, check=True).stdout.decode()


class Shown(HTMLParser):
    """The text of a page as a browser has it, and which elements there are."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags = "", set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data


def chromium(page, size, *options):
    command = [program("chromium", "chromium-browser", "google-chrome"), "--headless"]
    command += ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={size[0]},{size[1]}"]
    command += ["--allow-file-access-from-files", "--virtual-time-budget=5000", *options]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, check=True, timeout=120)
    return done.stdout.decode()


def framed(page, size):
    """A page that shows another in a frame of some width, and says how wide that one is.

    A browser's window has a smallest width, which is more than a phone's.
    """
    text = f"""<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe id="f" width="{size[0]}" height="{size[1]}" style="border:0" src="{page.name}"></iframe>
<p id="width"></p><script>
addEventListener("load", () => {{
  const seen = document.getElementById("f").contentDocument.documentElement;
  const scripts = seen.querySelectorAll("script").length;
  document.getElementById("width").textContent =
    `width ${{seen.scrollWidth}} of ${{seen.clientWidth}} scripts ${{scripts}}`;
}});
</script></body>"""
    path = page.with_name(f"framed-{size[0]}-{page.name}")
    path.write_text(text, encoding="utf-8")
    return path


def photograph(page, size):
    """Take a screenshot of a page at a width, and return what lies beyond that width."""
    frame = framed(page, size)
    picture = page.with_name(f"{page.stem}-{size[0]}.png")
    shown = chromium(frame, size, "--dump-dom")
    chromium(frame, size, f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000
    width, allowed, scripts = map(
        int, re.search(r"width (\d+) of (\d+) scripts (\d+)", shown).groups()
    )
    assert scripts == 0
    return width - allowed


def test_the_latex_that_a_command_prints_compiles_and_stays_inside_the_page(runs):
    table = compare(runs, "--format", "latex")
    assert table.isascii()
    preamble = "\\documentclass{article}\\usepackage{booktabs}"
    log, text = typeset(f"{preamble}\\begin{{document}}{table}\\end{{document}}", runs)
    assert "Missing character" not in log
    assert "Overfull" not in log
    for said in (CONTROL_ON_PAPER, "../x", "100%,", "<script>alert(1)</script>", "U+84B8", "01"):
        assert said in text


def test_everything_that_a_paper_takes_compiles_together(runs):
    compare(runs, "--to", "paper")
    folder = runs / "paper"
    figures = sorted(path.name for path in folder.glob("*.pdf"))
    assert len(figures) >= 3
    shown = "\n\n".join(f"\\includegraphics[width=\\linewidth]{{{name}}}" for name in figures)
    log, text = typeset(
        "\\documentclass{article}\\usepackage{booktabs,graphicx}\n"
        "\\input{comparisons-macros.tex}\n\\begin{document}\n\\input{comparisons.tex}\n"
        f"{shown}\n\\end{{document}}",
        folder,
    )
    assert "Missing character" not in log
    assert "100%," in text


@pytest.mark.parametrize("block", ["the block", None], ids=["paired", "unpaired"])
@pytest.mark.parametrize(
    "values",
    [[0.5], [0.5, 0.5], [0.1, 0.2], [np.nan] * 3, [0.1, np.inf, 0.3, 0.4]],
    ids=["one run", "two equal runs", "two runs", "no value", "an infinity"],
)
def test_degenerate_runs_compile_too(values, block, tmp_path):
    rows = [(arm, seed, value) for arm in NASTY[:3] for seed, value in enumerate(values)]
    frame = pd.DataFrame(rows, columns=["the_arm", "the block", METRIC])
    frame.to_csv(tmp_path / "runs.csv", index=False)
    columns = ("--arm", "the_arm", *(("--block", block) if block else ()), "--metric", METRIC)
    command = [*HARNESS, "analysis", "compare", "runs.csv", *columns, "--control", CONTROL]
    done = subprocess.run(
        [*command, "--format", "latex"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    preamble = "\\documentclass{article}\\usepackage{booktabs}"
    _, text = typeset(f"{preamble}\\begin{{document}}{done.stdout}\\end{{document}}", tmp_path)
    assert CONTROL_ON_PAPER in text


def test_a_browser_shows_the_page_that_a_command_prints_and_runs_nothing(runs):
    page = runs / "printed.html"
    page.write_text(compare(runs, "--format", "html"), encoding="utf-8")
    shown = Shown(chromium(page, DESKTOP, "--dump-dom"))
    assert "script" not in shown.tags
    for name in (*NASTY, METRIC):
        assert name in shown.text
    assert photograph(page, DESKTOP) <= 0


def test_a_browser_shows_the_page_that_a_command_writes(runs):
    compare(runs, "--to", "paper")
    page = runs / "paper" / "comparisons.html"
    shown = Shown(chromium(page, DESKTOP, "--dump-dom"))
    assert "script" not in shown.tags
    for name in (*NASTY, METRIC):
        assert name in shown.text
    assert photograph(page, DESKTOP) <= 0


def test_a_browser_shows_every_figure_that_a_command_writes(runs):
    compare(runs, "--to", "paper")
    for figure in sorted((runs / "paper").glob("*.svg")):
        page = figure.with_suffix(".figure.html")
        page.write_text(f'<meta charset="utf-8">{figure.read_text(encoding="utf-8")}', "utf-8")
        shown = Shown(chromium(page, DESKTOP, "--dump-dom"))
        assert "svg" in shown.tags
        assert "script" not in shown.tags
        assert "../x" in shown.text


def outcome(spec):
    if spec.arm == "naïve" and spec.seed == 2:
        values = {
            "state": "failed",
            "metrics": {},
            "error": "ValueError: <b>&\\$ %",
            "traceback": "",
        }
    else:
        rng = np.random.default_rng([spec.seed, spec.params["number"]])
        score = 0.9 + 0.002 * spec.params["number"] + rng.normal(0, 0.003)
        values = {"state": "complete", "metrics": {METRIC: score, "ms": 5 + score * spec.seed}}
    return Outcome(
        **{
            "digest": spec.digest,
            "started_at": 0.0,
            "duration_s": 1.0,
            "curve": (),
            "predictions": None,
            "assets": (),
            "facts": {},
            **values,
        }
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a study whose arms have nasty names, one of whose trials failed."""
    folder = tmp_path_factory.mktemp("report")
    study = Study(
        name="nasty",
        title="Is <b>bold</b> & 100 % better_?",
        trial={"function": "nowhere:function"},
        seeds={"count": 6},
        params={"depth": 1},
        arms={arm: {"number": number} for number, arm in enumerate(NASTY)},
        protocol={
            "metric": METRIC,
            "direction": "maximize",
            "control": CONTROL,
            "smallest_effect": 0.005,
        },
        pareto={"objectives": {METRIC: "maximize", "ms": "minimize"}},
    )
    store = ResultsStore(folder / "results.db")
    specs = plan(study)
    store.add_planned(study, specs)
    run = store.begin_run(study, {"packages": {"numpy": "9.9"}, "threads_per_job": 1})
    store.claim(run, [spec.digest for spec in specs])
    store.record(run, [outcome(spec) for spec in specs])
    with ResultsReader(str(folder / "results.db")) as reader:
        return Path(build_report(answer(study, reader), reader, folder / "page"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_studys_report_fits_into_a_screen_whatever_its_arms_are_called(size, report):
    assert photograph(report, size) <= 0


def test_a_studys_report_shows_every_name_and_runs_nothing(report):
    shown = Shown(chromium(report, DESKTOP, "--dump-dom"))
    assert "script" not in shown.tags
    for name in (*NASTY, METRIC, "Is <b>bold</b> & 100 % better_?", "ValueError: <b>&\\$ %"):
        assert name in shown.text
    assert html.escape("<script>alert(1)</script>") in report.read_text(encoding="utf-8")
