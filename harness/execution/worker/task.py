"""What a worker is told of a trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.canonical import JSON
from harness.execution.worker.functions import FunctionPath
from harness.search.pruning import Pruning
from harness.study.sources import Seeding


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker needs to know of a trial.

    Attributes:
        digest: the trial's identity.
        params: its parameters.
        seed: its seed.
        function: the function to call, or None.
        command: the program to run instead.
        folder: where a program runs.
        timeout_s: seconds after which the attempt has failed, or None.
        required_metrics: metrics without which the trial has failed.
        declared_metrics: the only metrics that it may return, or None.
        reserved_metrics: names that a metric may not have, because they name something else.
        assets: folder of the shared assets.
        seeding: which streams follow the seed; None when all do.
        alone: whether it waits until no other such trial runs on this machine.
        pruning: by what a search measures it while it runs; None when nothing may stop it.
    """

    digest: str
    params: Mapping[str, JSON]
    seed: int
    function: FunctionPath | None
    command: tuple[str, ...] | None
    folder: Path
    timeout_s: float | None
    required_metrics: tuple[str, ...]
    declared_metrics: tuple[str, ...] | None
    reserved_metrics: frozenset[str]
    assets: Path
    seeding: Seeding | None = None
    alone: bool = False
    pruning: Pruning | None = None

    @property
    def base_seed(self) -> int:
        """The seed of whatever is not varied alone."""
        return self.seed if self.seeding is None else self.seeding.held

    @property
    def varied(self) -> dict[str, int]:
        """The streams that are varied alone, each with its seed."""
        return {} if self.seeding is None else dict.fromkeys(self.seeding.streams, self.seed)
