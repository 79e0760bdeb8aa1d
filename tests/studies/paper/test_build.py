"""The document as files, from a database."""

import json

import pytest

from harness.reports.documents import DocumentContext
from harness.store.store import ResultsStore
from studies.paper import build


@pytest.fixture
def few(store, store_results):
    """A database with a few trials of two studies."""
    store_results(store, "mc_seeds", only=lambda spec: spec.seed < 5)
    store_results(store, "overlay", only=lambda spec: spec.seed < 5)
    return store


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_database_gives_the_same_bytes(few, tmp_path):
    built = build(DocumentContext(few, tmp_path / "one"))
    build(DocumentContext(few, tmp_path / "two"))
    assert built.page == tmp_path / "one" / "index.html"
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert "overlay.png" in str(files(tmp_path / "one").keys())


def test_what_was_tables_and_figures_before_is_gone_with_its_results(few, store_results, tmp_path):
    folder = tmp_path / "paper"
    build(DocumentContext(few, folder))
    assert "figures/overlay.pdf" in files(folder)
    with ResultsStore(tmp_path / "other.db") as other:
        store_results(other, "mc_seeds", only=lambda spec: spec.seed < 5)
        build(DocumentContext(other, folder))
    names = set(files(folder))
    assert "figures/monte-carlo-histograms.pdf" in names
    assert not {name for name in names if "overlay" in name}
    assert set(json.loads((folder / "files.json").read_text())) | {"index.html", "files.json"} == (
        names
    )


def test_the_page_is_one_file_that_needs_no_network(few, tmp_path):
    page = build(DocumentContext(few, tmp_path / "paper")).page.read_text(encoding="utf-8")
    for outside in ("<script", "<link", "<img", "<iframe", "@import", 'src="'):
        assert outside not in page
    assert page.count('role="img" aria-label="') == page.count("<svg")


def test_macros_cite_means_and_ps(few, tmp_path):
    folder = build(DocumentContext(few, tmp_path / "paper")).page.parent
    macros = (folder / "macros.tex").read_text(encoding="ascii")
    for name in ("KdIgTestAccuracyMean", "KdIgTestAccuracyP", "KdIgTestAccuracyPAdjustedStatement"):
        assert rf"\newcommand{{\paperMonteCarlo{name}}}" in macros
    assert r"\input{macros}" in (folder / "paper.tex").read_text(encoding="ascii")
