"""The answer as a paper prints it."""

from collections.abc import Iterator

from analysis import Comparisons
from analysis.publication.comparisons import publication_table
from harness.answer import Answer
from harness.reports.blocks import Code, Paragraph, Section, Unfold


def sections(answer: Answer, results: Comparisons) -> Iterator[Section]:
    """The table in LaTeX and Markdown, and its values as macros."""
    if not results.comparisons:
        return
    table = publication_table(results, answer.compared, label=f"tab:{_label(answer.study.name)}")
    name = answer.study.name
    yield Section(
        "paper",
        "For a paper",
        (
            Paragraph(
                f"`harness analysis compare {name} --to paper` writes these tables, the figures as "
                "PDF, SVG and PNG, and every value as a LaTeX macro, so that a text never has to "
                "repeat a number."
            ),
            Unfold("Table in LaTeX (booktabs)", (Code(table.to_latex(), "LaTeX"),)),
            Unfold("Values as LaTeX macros", (Code(table.macros(), "LaTeX macros"),)),
            Unfold("Table in Markdown", (Code(table.to_markdown(), "Markdown"),)),
        ),
    )


def _label(name: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in name)
