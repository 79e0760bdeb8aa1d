"""Shows how far a run is: a bar with rate and time left on a terminal, now and then a log line."""

import sys
import time
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

# A log tells how far a run is about twice a minute.
_LINE_EVERY_S = 30.0


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
        self._study, self._total = study, total
        self._logs = not console.is_terminal
        self._told_at = time.monotonic()
        self._told: set[str] = set()
        self._apart: dict[str, list[int]] = {}
        self._counts: Counter[State] = Counter()
        self._ended = ""
        self._waiting = ""
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            disable=self._logs,
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
        for why, trials in self._apart.items():
            if len(trials) > 1:
                self.tell(
                    f"this happened {len(trials)} times, to {sum(trials)} trials in all: {why}"
                )

    def finished(self, count: Mapping[State, int]) -> None:
        """Count trials that have just finished, by the state in which they did.

        What the run was waiting for is over then, unless it is said anew.
        """
        self._waiting = ""
        self._counts.update(count)
        told = (State.FAILED, State.PRUNED)
        self._ended = ", ".join(f"{self._counts[s]} {s}" for s in told if self._counts[s])
        self._bar.update(self._task, advance=sum(count.values()), note=self._note)

    def waits(self, for_what: str) -> None:
        """Show what the run is waiting for; an empty text when it goes on."""
        self._waiting = f"waiting for {for_what}" if for_what else ""
        self._bar.update(self._task, note=self._note)

    @property
    def _note(self) -> str:
        return ", ".join(filter(None, (self._ended, self._waiting)))

    def tick(self) -> None:
        """Tell a log how far the run is, if it was not told lately; to be called all the time.

        Also while no trial finishes: from a silent log nobody can tell whether the run goes on.
        """
        if time.monotonic() - self._told_at >= _LINE_EVERY_S:
            self._told_at = time.monotonic()
            note = f" ({self._note})" if self._note else ""
            self.log(f"{self._counts.total()} of {self._total} trials are finished{note}")

    def log(self, sentence: str) -> None:
        """Say what a terminal shows without words."""
        if self._logs:
            sys.stderr.write(f"{self._study}: {sentence}\n")

    def apart(self, trials: int, why: str) -> None:
        """Say that trials run by themselves, because what they ran in together ended badly.

        The first time at once; if it happens again, at the end of the run how often.
        """
        self.tell(f"each of {trials} trials runs by itself: {why}", why)
        self._apart.setdefault(why, []).append(trials)

    def tell(self, sentence: str, matter: str | None = None) -> None:
        """Say something that is to stay readable, once however often it happens.

        Args:
            sentence: what is said.
            matter: what it is about, if other sentences say the same.
        """
        matter = sentence if matter is None else matter
        if matter not in self._told:
            self._told.add(matter)
            text = f"{self._study}: {sentence}"
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
