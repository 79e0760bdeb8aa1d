"""How far a long computation is, on standard error: nothing at first, then a line now and then."""

import sys
import time
from collections.abc import Callable

FIRST_AFTER_S = 5.0
EVERY_S = 30.0


class Telling:
    """Tells how far one computation is that is done part after part.

    Workers have no terminal of their own, and the run's bar may stand on the one they share; so it
    is whole lines, and few of them.

    Args:
        what: what is computed, e.g. ``attribution maps``.
        total: how much there is to do.
        unit: what ``total`` counts, e.g. ``images``.
    """

    def __init__(self, what: str, total: int, unit: str) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._finished = 0
        self._started_s = time.monotonic()
        self._next_s = self._started_s + FIRST_AFTER_S

    def part(self, size: int) -> Callable[[int], None]:
        """A function to be told how much of the next part is finished; all of it in the end."""
        before = self._finished
        self._finished += size
        return lambda done: self._tell(before + done)

    def _tell(self, done: int) -> None:
        now = time.monotonic()
        if now < self._next_s or done >= self._total:
            return
        self._next_s = now + EVERY_S
        left_s = (now - self._started_s) * (self._total - done) / done
        share = f"{done} of {self._total} {self._unit}, about {_duration(left_s)} left"
        sys.stderr.write(f"{self._what}: {share}\n")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes > 1 else f"{seconds:.0f} s"
