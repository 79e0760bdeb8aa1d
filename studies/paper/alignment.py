"""Alignment: what it cost that the released code paired images with other images' signals."""

from collections.abc import Iterator

from analysis import Comparisons
from analysis.figures import differences
from analysis.presentation.alt_text import describe_differences
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from studies.paper.material import Material
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import comparison_table
from studies.paper.words import about


def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
    """Yield the comparisons that the study declares, and their figure."""
    caption = (
        "Alignment: each arm with the teacher's signals of its own images, and as the paper's "
        "released code paired them."
    )
    yield PaperTable("alignment", comparison_table(answer, results, "alignment", caption))
    yield from (Words(f"{results.sentence(each)}") for each in results.comparisons if each.n > 0)
    if results.comparisons:
        yield PaperFigure(
            "alignment-differences",
            differences(results),
            "What the released pairing costs (left of zero) or gains: each declared difference "
            f"with its paired interval, not corrected. {about(answer)}",
            describe_differences(results),
        )


PART = Part("alignment", "Signals as released", "alignment", of_comparisons(make))
