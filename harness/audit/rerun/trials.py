"""One trial beside its re-run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.audit.rerun.environment import Difference, environment_differences
from harness.audit.rerun.execution import Execution
from harness.audit.rerun.metrics import (
    MetricComparison,
    compare_metric,
    is_measured_time,
    same_bits,
)
from harness.canonical import JSON
from harness.study.planning import TrialSpec

TRIAL_SOURCE = "trial_source"
"""The part of the environment that is the digest of the files that a trial runs."""


@dataclass(frozen=True, slots=True)
class TrialComparison:
    """A trial and its re-run, part by part.

    Attributes:
        trial: its digest.
        arm: its arm.
        seed: its seed.
        source: the source of variance that it varies; ``all`` for an ordinary trial.
        levels: its factor levels, or what its candidate has of what is searched.
        deterministic: whether the study declares that its trials give the same bits again.
        metrics: every metric of either, those of the original first; none where the re-run failed.
        predictions: whether the saved predictions are the same; None where there are none.
        curves: whether the learning curves are the same, measured times aside; None where there
            are none.
        environment: what differs between the environments.
        error: what the re-run raised; None unless it failed.
        original_s: how long the original took, in seconds.
        rerun_s: how long the re-run took, in seconds.
    """

    trial: str
    arm: str
    seed: int
    source: str
    levels: Mapping[str, JSON]
    deterministic: bool
    metrics: tuple[MetricComparison, ...]
    predictions: bool | None
    curves: bool | None
    environment: tuple[Difference, ...]
    error: str | None
    original_s: float | None
    rerun_s: float | None

    @property
    def failed(self) -> bool:
        """Whether the trial, which was complete, fails now."""
        return self.error is not None

    @property
    def differing(self) -> tuple[str, ...]:
        """What is not the original's, to the last bit; measured times do not count."""
        return (*(each.metric for each in self.metrics if each.differs), *self.differing_series)

    @property
    def differing_series(self) -> tuple[str, ...]:
        """What is kept beside the metrics and is not the original's."""
        kept = {"predictions": self.predictions, "learning curves": self.curves}
        return tuple(name for name, same in kept.items() if same is False)

    @property
    def identical(self) -> bool:
        """Whether the re-run gave all that the original gave, to the last bit."""
        return not self.failed and not self.differing

    @property
    def code_changed(self) -> bool:
        """Whether the files that the trial runs are known not to be those that ran."""
        return any(
            each.part == TRIAL_SOURCE and None not in {each.original, each.rerun}
            for each in self.environment
        )

    @property
    def label(self) -> str:
        """What a reader finds the trial by."""
        return f"trial {self.trial[:12]} (arm {self.arm}, seed {self.seed})"

    def document(self) -> dict[str, Any]:
        """The comparison as JSON has it; these keys stay."""
        return {
            "trial": self.trial,
            "arm": self.arm,
            "seed": self.seed,
            "source": self.source,
            "levels": dict(self.levels),
            "state": "failed" if self.failed else "complete",
            "error": self.error,
            "bit_identical": self.identical,
            "code_changed": self.code_changed,
            "differing": list(self.differing),
            "metrics": [each.document() for each in self.metrics],
            "predictions_identical": self.predictions,
            "curves_identical": self.curves,
            "environment_differences": [each.document() for each in self.environment],
            "original_s": self.original_s,
            "rerun_s": self.rerun_s,
        }


def compare_trial(
    spec: TrialSpec,
    original: Execution,
    rerun: Execution,
    others: Sequence[Mapping[str, float]],
    *,
    deterministic: bool,
) -> TrialComparison:
    """Hold a re-run against the original.

    Args:
        spec: the trial.
        original: what is stored of it.
        rerun: what it gave now.
        others: the metrics of the other complete runs of its arm, with equal factor levels.
        deterministic: whether the study declares its trials deterministic.
    """
    failed = rerun.state != "complete"
    names = dict.fromkeys((*original.metrics, *rerun.metrics)) if not failed else {}
    metrics = tuple(
        compare_metric(
            name,
            original.metrics.get(name),
            rerun.metrics.get(name),
            [each[name] for each in others if name in each],
        )
        for name in names
    )
    saved = original.predictions is not None or rerun.predictions is not None
    return TrialComparison(
        trial=spec.digest,
        arm=spec.arm,
        seed=spec.seed,
        source=spec.source,
        levels=spec.levels,
        deterministic=deterministic,
        metrics=metrics,
        predictions=original.predictions == rerun.predictions if saved and not failed else None,
        curves=None if failed else _same_curves(original.curve, rerun.curve),
        environment=environment_differences(original, rerun),
        error=rerun.error or ("it ended without a result" if failed else None),
        original_s=original.duration_s,
        rerun_s=rerun.duration_s,
    )


def _same_curves(
    first: Mapping[tuple[str, int], float], second: Mapping[tuple[str, int], float]
) -> bool | None:
    points = [point for point in {**first, **second} if not is_measured_time(point[0])]
    if not points:
        return None
    return all(
        point in first and point in second and same_bits(first[point], second[point])
        for point in points
    )
