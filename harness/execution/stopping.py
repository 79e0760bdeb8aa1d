"""Ctrl-C and requests to terminate, noted while a run goes on."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class StopRequest:
    """Whether the user wants a run to end."""

    made: bool = False


@contextmanager
def noted_stop() -> Iterator[StopRequest]:
    """Have Ctrl-C and a request to terminate noted instead of obeyed.

    An exception could come between a result and its place in the database.
    """
    request = StopRequest()

    def note(_signal: int, _frame: FrameType | None) -> None:
        request.made = True

    # Python lets only the main thread set handlers; elsewhere the program decides for itself.
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, note) for number in numbers]
    try:
        yield request
    finally:
        for number, old in zip(numbers, previous, strict=True):
            signal.signal(number, old)
