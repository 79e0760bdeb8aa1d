"""What a contestant's process does that runs a whole program.

It has to be small: a program's ``ru_maxrss`` is never less than what the process held from which it
was started. `commands` makes such contestants.
"""

import os
import subprocess

from benchmarks.processes import KIB
from benchmarks.serving import Run, Timed


def command(arguments: list[str], folder: str | None = None) -> Run:
    """A contestant that runs this program."""
    return lambda: run_program(arguments, folder)


def run_program(arguments: list[str], folder: str | None = None) -> Timed:
    """Run a program to its end, in this folder.

    Raises:
        RuntimeError: with what it wrote to standard error, if it fails.
    """
    process = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr:
        errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        lines = errors.strip().splitlines()[-3:]
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}: {' '.join(lines)}")
    return Timed(peak_rss_mb=used.ru_maxrss * KIB / 1e6)
