"""A whole program as a contestant: its wall and processor time, and the most memory of a process.

The process that starts it has to be small: a program's ``ru_maxrss`` is never less than what the
process held from which it was started.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.serving import KIB, Run, Timed


def here(program: str) -> str:
    """The path of a program that is installed beside this interpreter."""
    return str(Path(sys.executable).parent / program)


def installed(program: str) -> bool:
    """Whether there is such a program beside this interpreter."""
    return Path(here(program)).exists()


def run_program(arguments: list[str], folder: str | None = None) -> Timed:
    """Run a program to its end, in this folder.

    Raises:
        RuntimeError: with what it wrote to standard error, if it fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr:
        errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        lines = errors.strip().splitlines()[-3:]
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}: {' '.join(lines)}")
    return Timed(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss * KIB / 1e6)


def command(arguments: list[str], folder: str | None = None) -> Run:
    """A contestant that runs this program."""
    return lambda: run_program(arguments, folder)
