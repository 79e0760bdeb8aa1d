"""How a search of hyperparameters went: its candidates in order, and the best so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.presentation.numbers import count_of, decimals_for, format_number


@dataclass(frozen=True, slots=True)
class SearchHistory:
    """The candidates of one arm.

    Attributes:
        arm: its name.
        scores: the number and the score of every complete candidate, in order.
        pruned: numbers of the candidates that were stopped early.
        failed: numbers of the candidates that failed.
        start: the score of the starting point; None where it has none.
    """

    arm: str
    scores: tuple[tuple[int, float], ...]
    pruned: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    start: float | None = None

    @property
    def last(self) -> int:
        """The largest number of a candidate; 0 without any."""
        return max((0, *self.pruned, *self.failed, *(number for number, _ in self.scores)))

    def best_so_far(self, *, maximizes: bool) -> list[tuple[int, float]]:
        """The number of every complete candidate, with the best score up to it."""
        best = -math.inf if maximizes else math.inf
        found = []
        for number, score in self.scores:
            best = max(best, score) if maximizes else min(best, score)
            found.append((number, best))
        return found


def describe_search_history(
    histories: Sequence[SearchHistory], metric: str, *, maximizes: bool
) -> str:
    """Return an alternative text for `analysis.figures.search_history`."""
    arms = "; ".join(_arm(each, maximizes=maximizes) for each in histories)
    return f"{metric} of every candidate by its number, and the best so far. {arms}."


def _arm(history: SearchHistory, *, maximizes: bool) -> str:
    cut = [
        f"{len(numbers)} {name}"
        for numbers, name in ((history.pruned, "pruned"), (history.failed, "failed"))
        if numbers
    ]
    others = f", {', '.join(cut)}" if cut else ""
    if not history.scores:
        return f"{history.arm}: no complete candidate{others}"
    best = history.best_so_far(maximizes=maximizes)[-1][1]
    first = next(
        number for number, score in history.best_so_far(maximizes=maximizes) if score == best
    )
    shown = format_number(best, decimals_for(None, best))
    count = count_of(len(history.scores), "complete candidate")
    return f"{history.arm}: {count}{others}, the best {shown} at candidate {first}"
