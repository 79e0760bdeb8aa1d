"""How long the networks take, by blocks removed, and how many times faster that is.

Each trial of the study of latencies is a process of its own. Processes of one number share nothing,
so nothing here pairs them, whatever the study's own page does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis import Comparisons, compare
from analysis.inference.ratio import RatioInterval, ratio_interval
from analysis.inference.samples import samples
from analysis.inference.student_t import MeanInterval, mean_interval
from analysis.presentation.numbers import count_of
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
        speedup: the teacher's mean latency over the network's; None for the teacher, and where the
            teacher was not timed.
    """

    arm: str
    blocks_removed: int
    batch_size: int
    latency: MeanInterval
    speedup: RatioInterval | None


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
    slow = of_arm(answer, METRIC, control, batch)
    has_ratio = arm != control and len(slow) > 0
    speedup = ratio_interval(samples(slow, values), LEVEL) if has_ratio else None
    removed = int(parameter(answer.study, arm, "blocks_removed"))
    return Timed(arm, removed, batch, latency, speedup)


def compared_processes(answer: Answer) -> Comparisons:
    """Compare the networks as the study's protocol asks, but as processes that share nothing.

    Study files have no such design: their trials of one seed are pairs.
    """
    protocol = replace(answer.study.protocol, test="t", treatments={})
    return compare(
        answer.compared,
        protocol,
        block=None,
        within=tuple(answer.study.factors),
        arms=tuple(answer.study.arms),
    )


def circumstances(answer: Answer) -> str:
    """Say on what device and with how many threads the trials ran, as they noted it themselves."""
    told = list(dict.fromkeys(_told(facts) for facts, _ in answer.facts))
    if not told:
        return "The trials noted neither device nor threads."
    return f"Device: {'; '.join(told)}."


def _told(facts: Mapping[str, Any]) -> str:
    device = facts.get("device_name") or facts.get("device") or "not noted"
    threads = facts.get("torch_threads")
    told = "threads not noted" if threads is None else count_of(int(threads), "thread")
    return f"{device}, {told}"
