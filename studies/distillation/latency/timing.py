"""How long each of many calls takes: the first apart, then warm-up, then those that count."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Short calls are repeated for longer than their number asks, so that a pause of the operating
# system, which takes milliseconds, meets few of them.
LEAST_MEASURED_S = 0.2
MOST_REPEATS = 10_000

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class CallTimes:
    """How long calls took.

    Attributes:
        first_s: the first one, in seconds.
        times_s: those that count, in seconds, in order.
    """

    first_s: float
    times_s: tuple[float, ...]


def time_calls(
    call: Callable[[], object], *, warmup: int, repeats: int, clock: Clock = time.perf_counter
) -> CallTimes:
    """Call again and again, and take the time of each call.

    After the first call and the warm-up, calls are repeated until there are ``repeats`` of them and
    they took 0.2 s together, or until there are ten thousand. When to stop depends on these
    numbers alone, never on how the times spread. Python's garbage collector waits meanwhile.

    Args:
        call: what is measured; it returns when its work is done.
        warmup: calls whose time is discarded.
        repeats: calls that count, at least, up to ten thousand.
        clock: seconds that only go forward.
    """
    with _no_collection():
        first_s = _time(call, clock)
        for _ in range(warmup):
            call()
        times_s: list[float] = []
        total_s = 0.0
        while len(times_s) < MOST_REPEATS and (
            len(times_s) < repeats or total_s < LEAST_MEASURED_S
        ):
            times_s.append(_time(call, clock))
            total_s += times_s[-1]
    return CallTimes(first_s, tuple(times_s))


def _time(call: Callable[[], object], clock: Clock) -> float:
    started = clock()
    call()
    return clock() - started


@contextmanager
def _no_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
