"""The paper's document in the programs that read it: pdfLaTeX and Chromium.

Run by `make test-documents`. A screenshot of the page stays in pytest's folder of the test.
"""

import json
import re
import shutil
import subprocess

import pytest

from harness.reports.documents import DocumentContext
from studies.paper import build

pytestmark = pytest.mark.documents

NASTY = (
    'a<b&"c"%_$x$', "a 0", "a'; echo foo", "../x", "naïve", "蒸留,{0} \\frac", "100%,", "--x",
    "tilde~caret^hash#", "<script>alert(1)</script>", "😀", "α=β₁", "\\", "é" * 40, "x" * 60,
)  # fmt: skip


def program(*names):
    """Return a program's path; a machine without it fails these tests."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {names} is installed; see .ci/run for the packages"
    return found


def typeset(folder):
    """Run pdfLaTeX over the document; its messages, and the text of its pages."""
    command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):  # labels are known after the first
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        log = done.stdout.decode("latin-1")
        assert done.returncode == 0, log[-2000:]
    pages = [program("pdftotext"), "-layout", "paper.pdf", "-"]
    text = subprocess.run(pages, cwd=folder, capture_output=True, check=True)
    return log, text.stdout.decode()


def assert_sound(log):
    assert "Missing character" not in log
    assert "undefined references" not in log
    for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log):
        assert float(points) < 3, log


def photograph(page, folder):
    """Show a page in Chromium; its elements as they are after loading."""
    command = [
        program("chromium", "chromium-browser", "google-chrome"),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--hide-scrollbars", "--window-size=1100,4000", f"--user-data-dir={folder / 'profile'}"),
    ]
    shot = [*command, f"--screenshot={folder / 'page.png'}", page.as_uri()]
    subprocess.run(shot, capture_output=True, check=True, timeout=120)
    dumped = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, check=True, timeout=120
    )
    return dumped.stdout.decode()


@pytest.fixture(scope="module")
def built(full, tmp_path_factory):
    """The folder of the whole document."""
    folder = tmp_path_factory.mktemp("built") / "paper"
    build(DocumentContext(full, folder))
    return folder


def test_the_whole_document_compiles_and_no_table_leaves_the_page(built):
    log, text = typeset(built)
    assert_sound(log)
    for words in ("Monte Carlo experiment", "Sizes and speed", "Signals as released"):
        assert words in text


def test_every_table_and_figure_is_in_the_compiled_document(built):
    names = json.loads((built / "files.json").read_text())
    source = (built / "paper.tex").read_text()
    for name in names:
        stem, _, ending = name.partition(".")
        if stem.startswith("tables/") and ending == "tex":
            assert rf"\input{{{stem}}}" in source
        if stem.startswith("figures/") and ending == "pdf":
            assert f"{{{stem}}}" in source


def test_a_browser_shows_the_page_and_runs_nothing(built, tmp_path):
    dumped = photograph(built / "index.html", tmp_path)
    assert "<script" not in dumped
    assert dumped.count("<svg") >= 15
    assert dumped.count("<table") >= 20


def arms(**shared):
    return "\n".join(
        f"[arms.{json.dumps(name, ensure_ascii=False)}]\n"
        + "\n".join(f"{key} = {value * (place + 1)}" for key, value in shared.items())
        for place, name in enumerate(NASTY)
    )


def study(name, body, extra=""):
    return (
        f'name = "{name}"\n[trial]\nfunction = "nowhere:function"\n[seeds]\ncount = 6\n'
        f'[params]\ndataset = "<b>&%"\nblocks_removed = 5\n{extra}\n{body}\n'
        '[protocol]\nmetric = "test_accuracy"\ndirection = "maximize"\n'
        f"control = {json.dumps(NASTY[0], ensure_ascii=False)}\n"
    )


@pytest.fixture
def nasty_results(store, store_results, generated, tmp_path, monkeypatch):
    """Studies of the paper whose arms, classes and profiles have nasty names."""
    folder = tmp_path / "studies"
    folder.mkdir()
    factors = "[factors]\nblocks_removed = [1, 2]"
    (folder / "ablation.toml").write_text(study("ablation", arms(kd_weight=0.01)))
    (folder / "mc_seeds.toml").write_text(study("mc_seeds", arms(kd_weight=0.01)))
    (folder / "overlay.toml").write_text(study("overlay", arms(overlay_probability=0.05)))
    (folder / "compression.toml").write_text(
        study("compression", f"{factors}\n{arms(kd_weight=0.01)}")
    )
    (folder / "transfer.toml").write_text(
        study("transfer", arms(kd_weight=0.01), 'transfer_dataset = "../x_{}"')
    )
    monkeypatch.chdir(tmp_path)

    def with_classes(spec):
        found = generated(spec)
        recalls = {
            f"test_transfer_recall_{name}{suffix}": 0.5 + 0.01 * spec.seed
            for name in NASTY
            for suffix in ("", "_teacher_right")
        }
        return found | recalls if spec.study == "transfer" else found

    for name in ("ablation", "mc_seeds", "overlay", "compression", "transfer"):
        store_results(store, name, metrics=with_classes)
    return store


def test_whatever_arms_and_classes_are_called_it_compiles_and_is_shown(nasty_results, tmp_path):
    folder = tmp_path / "paper"
    build(DocumentContext(nasty_results, folder))
    log, _ = typeset(folder)
    assert "Missing character" not in log
    dumped = photograph(folder / "index.html", tmp_path)
    assert "<script" not in dumped
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in dumped
