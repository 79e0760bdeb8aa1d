"""What is weighed against what: the study's Pareto analysis."""

from collections.abc import Iterator, Sequence

from analysis.figures import pareto_front
from analysis.pareto import ParetoFront, pareto
from analysis.pareto.text import rows, sentences
from analysis.presentation.alt_text_pareto import describe_pareto_front
from analysis.presentation.svg import to_svg
from harness.answer import Answer
from harness.reports.blocks import Findings, Paragraph, Picture, Section, Table

_DECADES = 30.0
"""Above this ratio of largest to smallest mean, an axis is logarithmic."""


def sections(answer: Answer) -> Iterator[Section]:
    """The section on trade-offs, if the study declares objectives that its trials return."""
    settings = answer.study.pareto
    if settings is None:
        return
    absent = [name for name in settings.objectives if name not in answer.compared]
    if absent:
        text = f"No trial has returned {', '.join(absent)}, so nothing can be weighed yet."
        yield Section("pareto", "Trade-offs", (Paragraph(text),))
        return
    front = pareto(
        answer.compared, settings.objectives, configuration=("arm", *answer.study.factors)
    )
    objectives = list(settings.objectives)
    pairs = [(objectives[0], other) for other in objectives[1:]]
    yield Section(
        "pareto",
        "Trade-offs",
        (
            Findings(tuple((each, ()) for each in sentences(front))),
            *(Paragraph(f"Note: {each}") for each in front.warnings),
            Table(
                "Configurations",
                "Means of every objective with their intervals. The probability is the share of "
                "bootstrap samples of the seeds in which a configuration is on the front.",
                rows(front),
            ),
            *(_picture(front, x, y) for x, y in pairs),
        ),
    )


def _picture(front: ParetoFront, x: str, y: str) -> Picture:
    means = [each.means[x].mean for each in front.configurations if each.n]
    figure = pareto_front(front, x, y, log_x=_spans_decades([m for m in means if m is not None]))
    return Picture(
        to_svg(figure, describe_pareto_front(front)),
        f"{y} against {x}. Filled marks are on the front by their means; a ring is the knee.",
    )


def _spans_decades(means: Sequence[float]) -> bool:
    return bool(means) and min(means) > 0 and max(means) / min(means) > _DECADES
