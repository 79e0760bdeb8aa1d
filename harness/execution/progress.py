"""Shows how far a run is: a bar with rate and time left on a terminal, nothing elsewhere."""

from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from harness.store.schema import State


class _Rate(ProgressColumn):
    """Finished trials a second, or a minute when they are slow."""

    def render(self, task: Task) -> Text:
        if task.speed is None:
            return Text("")
        if task.speed >= 1:
            return Text(f"{task.speed:.1f} trials/s")
        return Text(f"{task.speed * 60:.1f} trials/min")


class RunProgress:
    """The progress of one run, on standard error."""

    def __init__(self, study: str, total: int) -> None:
        console = Console(stderr=True)
        self._counts: Counter[State] = Counter()
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(study, total=total, note="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def finished(self, count: Mapping[State, int]) -> None:
        """Count trials that have just finished, by the state in which they did."""
        self._counts.update(count)
        told = (State.FAILED, State.PRUNED)
        note = ", ".join(f"{self._counts[s]} {s}" for s in told if self._counts[s])
        self._bar.update(self._task, advance=sum(count.values()), note=note)

    def say(self, note: str) -> None:
        """Show what the run is waiting for."""
        self._bar.update(self._task, note=note)
