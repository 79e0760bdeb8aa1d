"""Measuring in a process of its own, so that no measurement depends on what ran before it.

A process that has computed keeps threads, generated code and freed memory: its first call of
another network is a warm one, and what that network needs is hidden in what is there already.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict

from studies.distillation.latency.measuring import Measurement, Request, measure
from studies.distillation.latency.timing import CallTimes

_PROGRAM = "studies.distillation.latency"
_LONGEST_ERROR = 2000


def measure_in_fresh_process(request: Request) -> Measurement:
    """Start a process, have it measure, and read what it measured.

    Raises:
        RuntimeError: if the process fails, with the end of what it said.
    """
    done = subprocess.run(  # noqa: S603 - this project's own program
        [sys.executable, "-m", _PROGRAM],
        input=json.dumps(asdict(request)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"the process that measures ended with status {done.returncode}: "
            f"{done.stderr.strip()[-_LONGEST_ERROR:]}"
        )
    return _read(done.stdout.splitlines()[-1])


def answer_request(text: str) -> str:
    """What the process does: measure what is asked for as JSON, and answer with JSON."""
    return json.dumps(asdict(measure(Request(**json.loads(text)))))


def _read(text: str) -> Measurement:
    answer = json.loads(text)
    calls = CallTimes(answer["calls"]["first_s"], tuple(answer["calls"]["times_s"]))
    return Measurement(calls, answer["peak_memory_bytes"])
