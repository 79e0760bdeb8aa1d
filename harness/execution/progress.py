"""Shows how far a run is: a bar with rate and time left on a terminal, nothing elsewhere."""

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
        self._failed = 0
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

    def finished(self, *, complete: int, failed: int) -> None:
        """Count trials that have just finished."""
        self._failed += failed
        note = f"{self._failed} failed" if self._failed else ""
        self._bar.update(self._task, advance=complete + failed, note=note)

    def say(self, note: str) -> None:
        """Show what the run is waiting for."""
        self._bar.update(self._task, note=note)
