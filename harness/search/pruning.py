"""Decides inside a worker whether a trial of a search goes on, with Optuna's median pruner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.search.optuna_study import Direction


# Told of every report, its step and its metrics; true when the trial is to stop.
StopRule = Callable[[int, Mapping[str, float]], bool]


@dataclass(frozen=True, slots=True)
class Pruning:
    """By what a trial is measured while it runs.

    Attributes:
        metric: the metric whose reports decide.
        direction: which values are better.
        startup: how many complete trials there must be before one is pruned.
        warmup_steps: steps from 0 at which no trial is pruned.
        curves: this metric by step, of the complete trials of the same arm and seed whose
            candidates came in earlier batches. What runs beside this trial is not among them, or
            the outcome would depend on which is faster.
    """

    metric: str
    direction: "Direction"
    startup: int
    warmup_steps: int
    curves: tuple[Mapping[int, float], ...]

    def rule(self) -> "StopRule | None":
        """What decides at each report; None where nothing can be pruned."""
        if not self.curves or len(self.curves) < self.startup:
            return None
        return _median_rule(self)


def _median_rule(pruning: Pruning) -> StopRule:
    # Optuna takes most of a second to import, which only trials that may be pruned wait for.
    from optuna.pruners import MedianPruner
    from optuna.trial import TrialState

    from harness.search.optuna_study import frozen, quiet, study_in_memory

    pruner = MedianPruner(pruning.startup, pruning.warmup_steps)
    with quiet():
        rivals = [frozen(TrialState.COMPLETE, value=0.0, curve=curve) for curve in pruning.curves]
        study = study_in_memory(pruning.direction, rivals)
    reported: dict[int, float] = {}

    def stops(step: int, metrics: Mapping[str, float]) -> bool:
        if pruning.metric not in metrics:
            return False
        reported[step] = float(metrics[pruning.metric])
        return bool(pruner.prune(study, frozen(TrialState.RUNNING, curve=reported)))

    return stops
