"""Alignment: what it cost that the released code paired images with other images' signals."""

from collections.abc import Iterator, Mapping

from analysis import Comparisons
from analysis.figures import differences
from analysis.presentation.alt_text import describe_differences
from analysis.results import Comparison
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from harness.study.model import Study
from studies.paper.material import Material
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import comparison_table
from studies.paper.words import about_runs, level, tested

PAIRING, CROPPING = "signal_alignment", "overlay_follows_crop"
_AS_RELEASED = "as_released"

_MEANINGS = {
    PAIRING: "what it costs (below zero) or gains that images meet other images' signals",
    CROPPING: "what it costs or gains that an image's own map is not cropped with it",
    "": "what the teacher's help gains or costs beside the reference, and nothing of the pairing",
}


def make(answer: Answer, results: Comparisons, _: Material) -> Iterator[Item]:
    """Yield the comparisons that the study declares, and their figure."""
    meanings = _row_meanings(answer.study, results)
    caption = f"Alignment of the teacher's signals with their images. {meanings}"
    yield PaperTable("alignment", comparison_table(answer, results, "alignment", caption))
    yield from (Words(f"{results.sentence(each)}") for each in results.comparisons if each.n > 0)
    if results.comparisons:
        yield PaperFigure(
            "alignment-differences",
            differences(results),
            f"Each declared difference with its paired {level(results)} interval, not corrected. "
            f"{meanings} {about_runs(answer, results)} {tested(results)}",
            describe_differences(results),
        )


def _row_meanings(study: Study, results: Comparisons) -> str:
    """Say of every declared difference what it is about, one sentence a kind."""
    rows: dict[str, list[str]] = {kind: [] for kind in _MEANINGS}
    for each in results.comparisons:
        rows[_kind(study, each)].append(f"{each.arm} − {each.reference}")
    return " ".join(
        f"{', '.join(dict.fromkeys(rows[kind]))}: {meaning}."
        for kind, meaning in _MEANINGS.items()
        if rows[kind]
    )


def _kind(study: Study, row: Comparison) -> str:
    """In what the two arms differ: the pairing (and with it the cropping), the cropping, or else.

    A difference counts as one of the pairing where the arm alone is as released.
    """
    arm, reference = (_params(study, name) for name in (row.arm, row.reference))
    differing = {
        name for name in arm.keys() | reference.keys() if arm.get(name) != reference.get(name)
    }
    if not differing <= {PAIRING, CROPPING}:
        return ""
    return PAIRING if arm.get(PAIRING) == _AS_RELEASED else CROPPING


def _params(study: Study, arm: str) -> Mapping[str, object]:
    return {**study.params, **study.arms[arm]}


PART = Part("alignment", "Signals as released", "alignment", of_comparisons(make))
