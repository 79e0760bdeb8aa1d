"""The machine that is measured on: what it is, and whether it is doing other work."""

from dataclasses import dataclass
from typing import Protocol

import psutil

from harness.execution.alone import alone_on_machine
from studies.distillation.latency.measuring import Measurement, Request
from studies.distillation.latency.process import measure_in_fresh_process

# Long enough for two cores to count sixty of the operating system's ticks of 10 ms.
LOOK_S = 0.3
BUSY_SHARE = 0.1

BUSY = (
    f"Other work took more than {BUSY_SHARE:.0%} of the cores' time just before latency was "
    f"measured, so latencies may be too long."
)


class TakesCautions(Protocol):
    """A trial, or the building of an asset."""

    def caution(self, sentence: str) -> None:
        """Keep a sentence that every answer shows."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A measurement and its circumstances.

    Attributes:
        measurement: what was measured.
        busy_before: share of all cores' time, in [0, 1], that other work took just before.
    """

    measurement: Measurement
    busy_before: float


def observe(request: Request, record: TakesCautions) -> Observation:
    """Measure with the machine to oneself, and caution if it was busy nevertheless.

    Args:
        request: what is to be measured.
        record: takes the caution.
    """
    with alone_on_machine():
        busy = busy_share()
        measurement = measure_in_fresh_process(request)
    if busy > BUSY_SHARE:
        record.caution(BUSY)
    return Observation(measurement, busy)


def busy_share() -> float:
    """Share of all cores' time, in [0, 1], that is in use while this process waits a moment."""
    return psutil.cpu_percent(interval=LOOK_S) / 100
