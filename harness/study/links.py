"""Parameters that an arm takes from a search: ``parameters_from``, and what it led to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from harness.study.parts import Part

if TYPE_CHECKING:
    from harness.study.model import Study

PARAMETERS_FROM = "parameters_from"


@dataclass(frozen=True, slots=True)
class Reference:
    """The arm of a search that an arm takes its parameters from, as a study file writes it.

    Attributes:
        arm: the arm that takes them.
        key: where the study says so.
        study: the search.
        of: the arm of the search: the one that is named, or else the one of the same name.
    """

    arm: str
    key: str
    study: str
    of: str


class Link(Part):
    """Where the searched parameters of an arm came from.

    Attributes:
        arm: the arm that took them.
        study: the search.
        of: the arm of the search.
        search: digest of everything that the search's candidates depend on.
        candidate: number of the winner.
        candidates: how many it was the best of.
        params: the searched parameters that the arm has from there. Where a search began at the
            winner of another one, there is a link to each, and what the later one searched anew is
            not among those of the earlier one.
        metric: what decided.
        mean: its mean over the seeds of the search. It is optimistic, because it was selected.
        sd: its standard deviation; None for a single seed.
        seeds: over how many seeds.
        shared_seeds: how many of them the study runs as well.
        test_selection: whether that search, or one before it, allows selection by a test metric.
        other_settings: shared parameters that the study sets otherwise than the search did, with
            the search's values.
    """

    arm: str
    study: str
    of: str
    search: str
    candidate: int
    candidates: int
    params: dict[str, JsonValue]
    metric: str
    mean: float
    sd: float | None
    seeds: int
    shared_seeds: int
    test_selection: bool = False
    other_settings: dict[str, JsonValue] = Field(default_factory=dict)


def references(study: "Study") -> tuple[Reference, ...]:
    """The arms of a study that take parameters from a search, in the order of the arms.

    What an arm says goes before what ``[params]`` says for all.
    """
    shared = study.params.get(PARAMETERS_FROM)
    found = []
    for arm, own in study.arms.items():
        key = f"arms.{arm}.{PARAMETERS_FROM}" if PARAMETERS_FROM in own else ""
        text = own.get(PARAMETERS_FROM, shared)
        if isinstance(text, str):
            name, _, of = text.partition(":")
            place = key or f"params.{PARAMETERS_FROM}"
            found.append(Reference(arm, place, name, of or arm))
    return tuple(found)


def settings(study: "Study", arm: str) -> dict[str, JsonValue]:
    """All parameters of an arm; a link names the arm that is meant, as two may be written alike."""
    params = {**study.params, **study.arms[arm]}
    for reference in references(study) if PARAMETERS_FROM in params else ():
        if reference.arm == arm:
            params[PARAMETERS_FROM] = [reference.study, reference.of]
    return params


def without_reference(params: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Parameters as a trial has them."""
    return {name: value for name, value in params.items() if name != PARAMETERS_FROM}
