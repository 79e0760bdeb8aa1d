"""What a paper takes from the page."""

from analysis.publication.comparisons import publication_table
from harness.reports.sections.publication import _label


def texts(page):
    return {each.given["aria-label"]: each.text for each in page.section("paper").nodes("pre")}


def test_the_table_is_there_in_latex_and_markdown_and_its_values_as_macros(full_page, full_answer):
    found, _ = full_answer
    table = publication_table(found.comparisons, found.compared, label="tab:page")
    assert texts(full_page) == {
        "LaTeX": " ".join(table.to_latex().split()),
        "LaTeX macros": " ".join(table.macros().split()),
        "Markdown": " ".join(table.to_markdown().split()),
    }


def test_its_numbers_are_those_of_the_page(full_page):
    markdown = texts(full_page)["Markdown"]
    header, *rows = full_page.root.table("Comparisons")
    for row in rows:
        assert row[header.index("difference")].replace("-", "−") in markdown


def test_the_command_for_the_figures_names_the_study(full_page):
    assert "harness analysis compare page --to paper" in full_page.section("paper").text


def test_names_become_labels_that_latex_can_have():
    assert _label("mc_seeds") == "mc-seeds"
    assert _label("naïve 100%") == "na-ve-100-"
