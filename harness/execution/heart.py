"""The heartbeat of a run, by which other processes see that it goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from harness.store.store import ResultsStore, Run

_HEARTBEAT_S = 10.0


@contextmanager
def beating_heart(store: ResultsStore, run: Run) -> Iterator[None]:
    """Beat while the run goes on."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(_HEARTBEAT_S):
            try:
                store.heartbeat(run)
            except DBAPIError:
                # One missed beat is harmless, and the dispatcher meets a lasting fault itself.
                continue

    thread = threading.Thread(target=beat, name="harness-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
