"""How long the networks take, by blocks removed: what sizes and compression both show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.inference.student_t import MeanInterval, mean_interval
from harness.answer import Answer
from studies.paper.tables import Values, values_of
from studies.paper.words import parameter

BATCH = "batch_size"
METRIC = "latency_ms"
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Timed:
    """One network at one batch size.

    Attributes:
        arm: the arm of the study of latencies.
        blocks_removed: 0 for the teacher.
        batch_size: images a call.
        latency: of a call in milliseconds: over trials where there are several, and otherwise the
            interval that one trial gives for its own calls.
        speedup: the teacher's latency over the network's, from trials of the same seed; None for
            the teacher, and where there is no such pair.
    """

    arm: str
    blocks_removed: int
    batch_size: int
    latency: MeanInterval
    speedup: MeanInterval | None


def timed(answer: Answer) -> tuple[Timed, ...]:
    """Every network of a study of latencies that has been timed, batch size by batch size."""
    return tuple(
        _timed(answer, arm, batch)
        for batch in batch_sizes(answer)
        for arm in answer.study.arms
        if len(of_arm(answer, METRIC, arm, batch))
    )


def batch_sizes(answer: Answer) -> tuple[int, ...]:
    """The batch sizes that were timed, in the study's order."""
    levels = answer.study.factors.get(BATCH, (answer.study.params.get(BATCH, 1),))
    return tuple(int(level) for level in levels if isinstance(level, int | float))


def of_arm(answer: Answer, metric: str, arm: str, batch: int) -> Values:
    """The values of a metric of one network at one batch size."""
    return values_of(answer.compared, metric, **_place(answer, arm, batch))


def _place(answer: Answer, arm: str, batch: int) -> dict[str, object]:
    place: dict[str, object] = {"arm": arm}
    return {**place, BATCH: batch} if BATCH in answer.study.factors else place


def _timed(answer: Answer, arm: str, batch: int) -> Timed:
    values = of_arm(answer, METRIC, arm, batch)
    latency = mean_interval(values, LEVEL)
    low, high = (of_arm(answer, f"latency_{end}_ms", arm, batch) for end in ("low", "high"))
    if latency.n == 1 and len(low) == len(high) == 1:
        latency = MeanInterval(1, latency.mean, None, None, float(low[0]), float(high[0]))
    control = answer.study.protocol.control
    speedup = None if arm == control else _ratio(answer, (control, arm), batch)
    removed = int(parameter(answer.study, arm, "blocks_removed"))
    return Timed(arm, removed, batch, latency, speedup)


def _ratio(answer: Answer, arms: Sequence[str], batch: int) -> MeanInterval | None:
    """The mean ratio of two arms' latencies over the seeds that both were timed with."""
    frame = answer.compared
    if BATCH in answer.study.factors:
        frame = frame[frame[BATCH] == batch]
    slow, fast = (frame[frame["arm"] == arm].set_index("seed")[METRIC] for arm in arms)
    ratios = (slow / fast).to_numpy(dtype=np.float64)
    ratios = ratios[np.isfinite(ratios)]
    return mean_interval(ratios, LEVEL) if len(ratios) else None
