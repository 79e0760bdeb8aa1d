"""The parameters of a measurement of latency."""

from dataclasses import dataclass

from studies.distillation.latency.median import FEWEST_VALUES
from studies.distillation.latency.timing import MOST_REPEATS
from studies.distillation.params import Range, TrialParams, within


@dataclass(frozen=True, slots=True)
class LatencyParams(TrialParams):
    """Which network is measured, and how.

    Attributes:
        dataset: name of the data set whose networks are meant; its images are not looked at.
        blocks_removed: how many of the teacher's last feature blocks are missing; 0 measures the
            teacher.
        batch_size: images that are classified at a time.
        threads: of the processor that compute.
        warmup: calls between the first one, which is kept apart, and those that count.
        repeats: calls that count, at least.
    """

    dataset: str = "digits"
    blocks_removed: int = within(0, Range(0))
    batch_size: int = within(64, Range(1))
    threads: int = within(1, Range(1))
    warmup: int = within(5, Range(0))
    repeats: int = within(30, Range(FEWEST_VALUES, MOST_REPEATS))
