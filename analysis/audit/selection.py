"""Leakage: what was chosen by the test set cannot be measured by it."""

import math
from typing import Literal, get_args

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.maxima import expected_maximum_of_normals
from analysis.errors import AnalysisError

Selection = Literal["validation", "test", "none", "unknown"]
"""By which examples hyperparameters, epochs or checkpoints were chosen; "none": nothing was."""


def leakage(
    selection: Selection,
    *,
    candidates: int | None = None,
    sd: float | None = None,
    gain: float | None = None,
) -> Finding:
    """Judge the declared way of selecting, and say how optimistic selection by the test set is.

    Rule: the best of k candidates by the test set looks better there than it is, by at most
    c_k sd on average, where c_k is the expected maximum of k standard normal values. Equality
    holds for independent candidates that are equally good; candidates that differ, or whose
    results go together, as neighbours on a grid do, are less optimistic, so this is an upper
    bound. Sources: Kapoor & Narayanan 2023, Patterns 4(9); Bouthillier et al. 2021 (MLSys).

    False alarms: none in the flag itself, which rests on a declared fact. Tuning by the test set
    flatters the tuned arms only: an arm that was not tuned keeps an honest accuracy, and arms
    tuned alike are flattered alike.

    Args:
        selection: what the authors declare, or their code shows.
        candidates: k, the number of settings or epochs compared, at least 1.
        sd: standard deviation of one candidate's test result from seed to seed, in the metric's
            unit, at least 0.
        gain: the claimed gain in the same unit, to be held against the optimism.

    Returns:
        `flag` for "test", with the optimism where k and sd are known; `missing_input` for
        "unknown"; `pass` otherwise.

    Raises:
        AnalysisError: the selection is unknown to this check, or a number is impossible.
    """
    if selection not in get_args(Selection):
        allowed = ", ".join(repr(each) for each in get_args(Selection))
        raise AnalysisError(f"the selection is {selection!r}; allowed: {allowed}")
    if sd is not None and not (math.isfinite(sd) and sd >= 0):
        raise AnalysisError(f"the sd is {sd!r}; allowed: finite and at least 0")
    if gain is not None and not math.isfinite(gain):
        raise AnalysisError(f"the gain is {gain!r}; allowed: a finite number")
    factor = None if candidates is None else expected_maximum_of_normals(candidates)
    optimism = None
    if selection == "test" and factor is not None and sd is not None:
        optimism = factor * sd
    outcome, detail = _judged(selection)
    if optimism is not None:
        detail += (
            f" The best of {candidates} candidates with a deviation of {sd:.4g} looks better by up "
            f"to {optimism:.4g} (less where candidates' results are correlated)"
        )
        detail += "." if gain is None else f"; the claimed gain is {gain:.4g}."
    return finding(
        "leakage",
        outcome,
        detail,
        selection=selection,
        candidates=candidates,
        sd=sd,
        expected_maximum=factor,
        optimism=optimism,
        gain=gain,
        gain_within_optimism=None if optimism is None or gain is None else gain <= optimism,
    )


def _judged(selection: Selection) -> tuple[Outcome, str]:
    match selection:
        case "validation":
            return Outcome.PASS, "Selection used validation data, not the test set."
        case "none":
            return Outcome.PASS, "Nothing was selected, so the test set was not used for it."
        case "unknown":
            return (
                Outcome.MISSING_INPUT,
                "Nobody says by which data settings and epochs were selected.",
            )
        case "test":
            return (
                Outcome.FLAG,
                "The test set was used for selection, which flatters the arms selected by it.",
            )
