"""Contestants of the tests: what they do, and how long they say that it took."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from benchmarks.serving import Timed


def scripted(times_s, log=None, mark="", ready=""):
    """Says of its runs that they took these times, one after the other; notes each in a file."""
    left = iter(times_s)

    def note(text):
        if log is not None:
            with Path(log).open("a") as file:
                file.write(text)

    def run():
        note(mark)
        return Timed(next(left), details={"rounds": 1.0})

    note(ready)
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


def saying(wall_s, cpu_s):
    """Says how long it took, by the clock and in processor time."""
    return lambda: Timed(wall_s, cpu_s)


_WORKER = """
import os, sys, time
kept = bytearray(b"x") * (int(sys.argv[2]) * 1_000_000)
for _ in sys.stdin:
    ends = time.process_time() + float(sys.argv[1])
    while time.process_time() < ends:
        pass
    print(flush=True)
    if sys.argv[3] == "ends":
        break
"""

_MIDDLEMAN = """
import subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], stdin=0, stdout=1)
if sys.argv[-1] == "lives":
    sys.exit()
worker.wait()
"""


class _Worker:
    """A process that computes for so long when it is asked to."""

    def __init__(self, seconds, megabytes, ending, *, through=()):
        words = ["-c", *through, _WORKER, str(seconds), str(megabytes), ending]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, *words], **pipes)

    def compute(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


def with_worker(seconds, ending, megabytes=0):
    """Has a worker compute, which lives on, ends, loses its parent, or is killed and left."""
    resident = _Worker(seconds, megabytes, "lives")

    def run():
        if ending == "lives":
            return resident.compute()
        if ending == "ends":
            worker = _Worker(seconds, megabytes, "ends")
            worker.compute()
            return worker.process.wait()
        if ending == "is orphaned":
            worker = _Worker(seconds, megabytes, "lives", through=[_MIDDLEMAN])
            worker.compute()
            return worker.process.wait()
        worker = _Worker(seconds, megabytes, "lives")
        worker.compute()
        left.append(worker)
        return worker.process.kill()

    left = []
    return run


def losing_worker(seconds):
    """Lets a worker that has computed before end in a run, unseen."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    workers = [_Worker(seconds, 0, "lives") for _ in range(2)]
    for each in workers:
        each.compute()

    def run():
        worker = workers.pop()
        worker.process.kill()
        # Where nobody is told of a child's end, it is over when nothing can be waited for.
        with suppress(ChildProcessError):
            os.waitpid(worker.process.pid, 0)

    return run
