"""What a reader must know before believing what a search found, one sentence each."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.presentation.numbers import count_of
from harness.cautions import commonest_errors, link_cautions, test_selection, trial_cautions
from harness.search.judging import CandidateState
from harness.store.schema import State

if TYPE_CHECKING:
    from harness.search.answer import SearchAnswer


def search_cautions(answer: "SearchAnswer") -> tuple[str, ...]:
    """Every caution that applies to a search, the gravest first."""
    return (
        *test_selection(answer.trials),
        *_unfinished(answer),
        *_optimistic(answer),
        *_failed(answer),
        *_never_pruned(answer),
        *_repeated(answer),
        *_unequal(answer),
        *link_cautions(answer.study),
        *trial_cautions(answer.trials),
    )


def _unfinished(answer: "SearchAnswer") -> Iterator[str]:
    if not answer.is_finished:
        yield (
            f"Interim: only {answer.tried} of {answer.budget} candidates are finished; the best "
            "may change."
        )


def _optimistic(answer: "SearchAnswer") -> Iterator[str]:
    most = max((found.states[CandidateState.COMPLETE] for found in answer.arms), default=0)
    if most > 1:
        yield (
            f"The best is the best of up to {most} candidates, selected by the very scores shown: "
            "it is optimistic, and so is its gain over the starting point. Fresh seeds tell what "
            "is left of it."
        )


def _failed(answer: "SearchAnswer") -> Iterator[str]:
    failed = answer.trials.states.get(State.FAILED, 0)
    if failed:
        yield (
            f"{count_of(failed, 'trial')} failed, and a candidate with a failed trial cannot win. "
            f"`harness results list {answer.study.name} --state failed` names each; "
            f"--retry-failed tries again. {commonest_errors(answer.trials)}"
        )
    metric = answer.arms[0].search.settings.metric
    without = sum(
        candidate.state is CandidateState.FAILED and State.FAILED not in candidate.states
        for found in answer.arms
        for candidate in found.candidates
    )
    if without:
        yield (
            f"{count_of(without, 'candidate')} had no finite {metric} for every seed, and cannot "
            "win."
        )


def _never_pruned(answer: "SearchAnswer") -> Iterator[str]:
    settings = answer.arms[0].search.settings
    finished = [
        candidate
        for found in answer.arms
        for candidate in found.candidates
        if candidate.state is not CandidateState.OPEN
    ]
    if settings.pruner == "none" or not finished:
        return
    if not any(curve for candidate in finished for curve in candidate.curves):
        yield (
            f"No trial reported {settings.metric} while it ran, so none could be pruned: "
            f"`trial.report(step, {settings.metric}=…)` reports it."
        )


def _unequal(answer: "SearchAnswer") -> Iterator[str]:
    """Grids of other sizes: the best of more candidates is higher by chance alone."""
    budgets = {found.arm: found.search.budget for found in answer.arms if found.search.space}
    if len({*budgets.values()}) > 1:
        shown = ", ".join(f"{arm}: {count}" for arm, count in budgets.items())
        yield (
            f"The arms had different numbers of candidates ({shown}). An arm with more of them is "
            "tuned harder, and its best is more optimistic."
        )


def _repeated(answer: "SearchAnswer") -> Iterator[str]:
    repeated = Counter(
        {
            found.arm: len(found.candidates) - found.different
            for found in answer.arms
            if len(found.candidates) > found.different
        }
    )
    if repeated:
        shown = ", ".join(f"{arm}: {count}" for arm, count in repeated.items())
        yield (
            f"Some candidates repeat earlier ones, because their space has few values ({shown}). "
            "Their trials ran once."
        )
