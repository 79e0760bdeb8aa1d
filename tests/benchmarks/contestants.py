"""Contestants of the tests: what they do, and how long they say that it took."""

import sys
from pathlib import Path

from benchmarks.serving import Timed


def scripted(times_s, log=None, mark=""):
    """Says of its runs that they took these times, one after the other; notes each in a file."""
    left = iter(times_s)

    def run():
        if log is not None:
            with Path(log).open("a") as file:
                file.write(mark)
        return Timed(next(left), details={"rounds": 1.0})

    return run


def chatty(words):
    """Prints."""
    return lambda: print(words)


def holding(megabytes):
    """Holds this much memory."""
    kept = []
    return lambda: kept.append(bytearray(b"x") * (megabytes * 1_000_000))


def breaking(when):
    """Breaks down while it gets ready, or when it runs."""

    def run():
        raise ValueError("the disk is full\nand more")

    if when == "ready":
        run()
    return run


def leaving():
    """Ends its process without a word."""
    return lambda: sys.exit(3)
