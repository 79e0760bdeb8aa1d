"""Ends a trial, or a batch of them, whose time is over."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# How long after its timeout a trial that does not come back from compiled code is given before its
# process is ended.
GRACE_S = 10.0


class TrialTimeoutError(BaseException):
    """A trial took longer than its study allows; no ``except Exception`` of a trial hides it."""


@contextmanager
def time_limit(timeout_s: float | None) -> Iterator[None]:
    """Raise inside the trial when its time is over; end the process if that does not help.

    Args:
        timeout_s: the time, in seconds; None for no limit.

    Raises:
        TrialTimeoutError: also after the fact, of a trial that swallowed it.
    """
    if timeout_s is None:
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise TrialTimeoutError(_too_long(timeout_s))

    # Compiled code that never returns to Python cannot be interrupted by a signal handler.
    last_resort = threading.Timer(timeout_s + GRACE_S, os._exit, args=(1,))
    last_resort.daemon = True
    last_resort.start()
    started = time.perf_counter()
    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        # First what must not be left behind: the alarm may still go off within this block.
        last_resort.cancel()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, previous)
    # A trial that swallowed the exception came to an end, but not in time.
    if time.perf_counter() - started > timeout_s:
        raise TrialTimeoutError(_too_long(timeout_s))


def _too_long(timeout_s: float) -> str:
    return f"the trial took longer than {timeout_s:g} s"
