"""How a part of the paper is declared, and what becomes of it when results are missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analysis import Comparisons
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperPart, Words
from studies.paper.material import Found, Material

Make = Callable[[Found, Material], Iterable[Item]]
MakeCompared = Callable[[Answer, Comparisons, Material], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the paper.

    Attributes:
        key: its identifier.
        title: its heading.
        study: the study that it shows.
        make: makes its items; only called when the study has results.
    """

    key: str
    title: str
    study: str
    make: Make


@dataclass(frozen=True, slots=True)
class Assembled:
    """A part as it is shown, and what it lacks; empty for nothing."""

    part: PaperPart
    lacks: str


def of_comparisons(make: MakeCompared) -> Make:
    """Return what makes a part of a study's comparisons; without any it says so."""

    def made(found: Found, material: Material) -> Iterable[Item]:
        answer = found.answer
        if answer is None or answer.comparisons is None:
            metric = "" if answer is None else f" {answer.study.protocol.metric}"
            return (Words(f"No trial has given the metric{metric}: there is nothing to compare."),)
        return make(answer, answer.comparisons, material)

    return made


def assemble(part: Part, material: Material) -> Assembled:
    """Make a part, or say what would make it."""
    found = material.found[part.study]
    items: list[Item] = [Words(found.lacks, is_caution=True)] if found.lacks else []
    items += [Words(each, is_caution=True) for each in found.cautions]
    if found.has_results:
        items += part.make(found, material)
    return Assembled(PaperPart(part.key, part.title, tuple(items)), found.lacks)
