"""Documents as files: what is written, what is replaced, what is left alone."""

import csv
import json
import re

import pytest

from analysis.figures import learning_curves
from analysis.publication import PublicationTable
from analysis.publication.columns import Column, number_column, text_column
from analysis.publication.entries import spread_entry
from harness.errors import InputError
from harness.reports.manuscript import Manuscript, PaperFigure, PaperPart, PaperTable, Words
from harness.reports.publishing import publish, render
from harness.reports.skeleton import skeleton

NASTY = ("a 0", 'a"=0"', "a'; echo foo", "../x", "<b>", "100%", "naïve", "蒸留,;", "</script>")


def table(names=("a", "b"), stem="numbers"):
    means = Column("mean", tuple(spread_entry(0.9, 0.01, 2) for _ in names))
    return PaperTable(
        stem,
        PublicationTable(
            (text_column("arm", names), number_column("n", range(len(names))), means),
            caption="What is shown. And how.",
            label=f"tab:{stem}",
            row_names=tuple(names),
        ),
    )


@pytest.fixture
def figure():
    import pandas as pd

    points = pd.DataFrame({"arm": "a", "seed": 0, "step": [0, 1], "score": [0.1, 0.2]})

    def make(stem="curve", caption="A curve."):
        return PaperFigure(stem, learning_curves(points, "score"), caption, "A curve that rises.")

    return make


def document(*items, title="A title"):
    return Manuscript(title, "A lead with `code`.", (PaperPart("one", "One", items),), "doc")


def written(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_document_is_a_page_with_tables_figures_macros_and_a_latex_file(figure, tmp_path):
    page = publish(document(Words("Text."), table(), figure()), tmp_path / "new" / "paper")
    assert page == tmp_path / "new" / "paper" / "index.html"
    assert set(written(page.parent)) == {
        "index.html",
        "files.json",
        "paper.tex",
        "macros.tex",
        *(f"tables/numbers.{ending}" for ending in ("tex", "md", "html", "csv")),
        *(f"figures/curve.{ending}" for ending in ("pdf", "svg", "png")),
    }


def test_the_same_document_gives_the_same_bytes(figure, tmp_path):
    for folder in ("one", "two"):
        publish(document(table(), figure()), tmp_path / folder)
    publish(document(table(), figure()), tmp_path / "two")
    assert written(tmp_path / "one") == written(tmp_path / "two")


def test_files_of_parts_that_are_gone_are_removed_and_others_are_not(figure, tmp_path):
    publish(document(table(), table(stem="old"), figure("old-figure"), figure()), tmp_path)
    (tmp_path / "tables" / "mine.tex").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    publish(document(table(), figure()), tmp_path)
    left = written(tmp_path)
    assert not [name for name in left if "old" in name]
    assert left["tables/mine.tex"] == left["notes.txt"] == b"mine"
    assert "figures/curve.pdf" in left


@pytest.mark.parametrize(
    "listing", ['["../kept", "/kept", "tables/../../kept", 5]', "{}", "no JSON", "[[]]"]
)
def test_a_listing_that_somebody_wrote_removes_nothing(listing, tmp_path):
    folder = tmp_path / "paper"
    folder.mkdir()
    (tmp_path / "kept").write_text("kept")
    (folder / "files.json").write_text(listing)
    publish(document(table()), folder)
    assert (tmp_path / "kept").read_text() == "kept"
    assert "tables/numbers.csv" in json.loads((folder / "files.json").read_text())


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="the document cannot be written"):
        publish(document(table()), tmp_path / "file" / "paper")


def test_the_page_needs_nothing_from_outside_itself(figure):
    page = render(document(Words("Text."), table(), figure()))
    assert not re.search(r"<(script|link|img|iframe)\b", page)
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "@import" not in page
    assert "url(http" not in page


def test_names_that_mean_something_elsewhere_stand_for_themselves(figure, read, tmp_path):
    names = (*NASTY, "`code`")
    shown = document(
        Words(" ".join(NASTY), is_caution=True), table(names), figure(caption=NASTY[4]), title="<b>"
    )
    publish(shown, tmp_path)
    page = read((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert page.root.node("h1").text == "<b>"
    assert [each.text for each in page.nodes("h1", "b")] == ["<b>"]
    cells = [each.text for each in page.nodes("th")]
    assert set(names) <= set(cells)
    assert not list(page.nodes("script"))
    with (tmp_path / "tables" / "numbers.csv").open(encoding="utf-8", newline="") as file:
        assert [row["arm"] for row in csv.DictReader(file)] == list(names)
    for name in ("paper.tex", "macros.tex", "tables/numbers.tex"):
        assert (tmp_path / name).read_text(encoding="ascii")


def test_a_caution_looks_like_one_and_code_like_code(read):
    page = read(render(document(Words("Run `harness db check`.", is_caution=True))))
    caution = page.root.node("section").node("p")
    assert caution.given["class"] == "caution"
    assert [each.text for each in caution.nodes("code")] == ["harness db check"]


def test_every_table_and_figure_has_a_name_for_those_who_hear_the_page(figure, read):
    page = read(render(document(table(), figure())))
    region = page.root.node("div", id="tab-numbers")
    assert region.given["aria-label"] == "What is shown"
    assert page.root.node("svg").given["aria-label"] == "A curve that rises."


def test_the_latex_file_includes_every_table_and_figure(figure):
    text = skeleton(document(Words("50 % of `a_b`."), table(), figure()))
    assert r"\input{macros}" in text
    assert r"\input{tables/numbers}" in text
    assert r"{figures/curve}" in text
    assert r"\caption{A curve.}\label{fig:curve}" in text
    assert r"50~\% of \texttt{a\_\allowbreak{}b}." in text


def test_macros_of_different_tables_have_different_names(tmp_path):
    publish(document(table(), table(stem="numbers-2")), tmp_path)
    names = re.findall(r"\\newcommand\{\\(\w+)\}", (tmp_path / "macros.tex").read_text())
    assert len(names) == len(set(names))
    assert {"docNumbersAMean", "docNumbersTwoAMean"} <= set(names)
