"""What a search found as tables and sentences, for terminals and for the page."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from analysis.presentation.numbers import MISSING, decimals_for, format_number
from analysis.presentation.text_table import aligned, printable
from harness.search.judging import CandidateState, JudgedCandidate

if TYPE_CHECKING:
    from harness.search.answer import ArmFound, SearchAnswer

Row = tuple[str, ...]


def search_text(answer: "SearchAnswer") -> str:
    """The answer as plain text."""
    lines = [answer.study.title or answer.study.name, "", heading(answer), ""]
    lines += [aligned(arm_rows(answer)), ""]
    lines += [printable(sentence(found)) for found in answer.arms]
    lines += ["", *(f"Note: {printable(caution)}" for caution in answer.cautions)]
    lines += ["", next_step(answer)]
    return "\n".join(lines).rstrip()


def heading(answer: "SearchAnswer") -> str:
    """What was searched for, and how, in one line."""
    search = answer.arms[0].search
    settings, seeds = search.settings, len(answer.study.seeds.all())
    better = "higher" if search.direction == "maximize" else "lower"
    number = f"{seeds} seeds" if seeds != 1 else "1 seed"
    pruner = f", {settings.pruner} pruner" if settings.pruner != "none" else ""
    return printable(
        f"{settings.metric} ({better} is better), mean over {number}; sampler {settings.sampler}"
        f"{pruner}, {settings.at_once} candidates at once"
    )


def arm_rows(answer: "SearchAnswer") -> tuple[Row, ...]:
    """The table of arms, its header first."""
    header = ("arm", "candidates", "complete", "pruned", "failed", "starting point", "best", "gain")
    return (header, *(_arm_row(found) for found in answer.arms))


def _arm_row(found: "ArmFound") -> Row:
    states = found.states
    shown = [states[state] for state in _SHOWN]
    gain = format_number(found.gain, _decimals(found.winner)) if found.gain is not None else MISSING
    return (
        found.arm,
        f"{found.tried} of {found.search.budget}",
        *map(str, shown),
        score(found.start),
        score(found.winner),
        gain,
    )


_SHOWN = (CandidateState.COMPLETE, CandidateState.PRUNED, CandidateState.FAILED)


def score(candidate: JudgedCandidate | None) -> str:
    """Mean, standard deviation and number of seeds of a candidate."""
    if candidate is None or candidate.mean is None:
        return MISSING
    decimals = _decimals(candidate)
    spread = MISSING if candidate.sd is None else format_number(candidate.sd, decimals)
    return f"{format_number(candidate.mean, decimals)} ± {spread} (n = {len(candidate.values)})"


def _decimals(candidate: JudgedCandidate | None) -> int:
    if candidate is None or candidate.mean is None:
        return 0
    error = None if candidate.sd is None else candidate.sd / len(candidate.values) ** 0.5
    return decimals_for(error, candidate.mean)


def sentence(found: "ArmFound") -> str:
    """What was found for an arm, in one sentence."""
    if not found.search.space:
        return f"{found.arm}: nothing of it is searched, so it has one candidate."
    if found.winner is None:
        return f"{found.arm}: no candidate is complete."
    return (
        f"{found.arm}: candidate {found.winner.number} is the best of "
        f"{found.states[CandidateState.COMPLETE]}: {assignments(found.winner.params)}."
    )


def assignments(params: Mapping[str, JsonValue]) -> str:
    """Parameters as they are written in a study file."""
    return ", ".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in params.items()
    )


def next_step(answer: "SearchAnswer") -> str:
    """What to do with it."""
    if not answer.is_finished:
        return "To go on, run the search again for all its arms."
    name = answer.study.name
    return (
        "These scores were selected, so no arm is better than another by them. To compare the "
        f'winners, write parameters_from = "{name}" into [params] of a study with other seeds, '
        "and run that."
    )
