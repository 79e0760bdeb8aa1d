"""The process in which one contestant runs: it gets ready, then takes a turn whenever it is asked.

`main` gets ``MODULE:FUNCTION``, settings and names of packages as arguments of the command line. It
reads one line for each turn and answers each with one line of JSON. Only the standard library is
imported here, because a contestant may live in an environment that has nothing of this project.
"""

import importlib
import importlib.metadata
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KIB = 1024
_PROCESS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Timed:
    """What a contestant says of its own run, where the whole call is not what is to be timed.

    Attributes:
        wall_s: how long the work took, in seconds; None to have the call timed as a whole.
        cpu_s: processor time of the work in all its processes, in seconds; None as for ``wall_s``.
        peak_rss_mb: the most memory held, in 10^6 bytes; None for that of this process.
        details: other numbers and words that belong to the figure, by name with its unit.
    """

    wall_s: float | None = None
    cpu_s: float | None = None
    peak_rss_mb: float | None = None
    details: Mapping[str, float | str] = field(default_factory=dict)


Run = Callable[[], object]
"""One run. What it returns is dropped, unless it is a `Timed`."""


def prepared(target: str, settings: Mapping[str, Any]) -> Run:
    """Have ``MODULE:FUNCTION`` get ready with these settings; a function that runs once."""
    module, _, function = target.partition(":")
    run: Run = getattr(importlib.import_module(module), function)(**settings)
    return run


def take_turn(run: Run) -> dict[str, Any]:
    """Run once; seconds of wall and processor time, peak memory in MB, and details."""
    cpu, started = _cpu_s(), time.perf_counter()
    outcome = run()
    wall_s, cpu_s = time.perf_counter() - started, _cpu_s() - cpu
    said = outcome if isinstance(outcome, Timed) else Timed()
    return {
        "wall_s": wall_s if said.wall_s is None else said.wall_s,
        "cpu_s": _first(said.cpu_s, None if said.wall_s is not None else cpu_s),
        "peak_rss_mb": _first(said.peak_rss_mb, _peak_rss_mb()),
        "details": dict(said.details),
    }


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _cpu_s() -> float:
    """Processor time of this process and of all children that have ended, in seconds."""
    return sum(os.times()[:4])


def _peak_rss_mb() -> float:
    """The most memory that this process or one of its children that ended has held, in 10^6 bytes.

    This process's own ``ru_maxrss`` would count what its parent held when it started it.
    """
    lines = _PROCESS.read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * KIB / 1e6


def versions(packages: list[str]) -> dict[str, str]:
    """The installed versions of these packages."""
    return {name: importlib.metadata.version(name) for name in packages}


def main() -> None:
    """Get ready, say so, and take turns until the input ends."""
    # What a contestant or its libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(**content: object) -> None:
        answers.write(json.dumps(content) + "\n")

    try:
        target, settings, packages = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
        run = prepared(target, settings)
        answer(versions=versions(packages))
        for _ in sys.stdin:
            answer(**take_turn(run))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other process has to hear of it
        traceback.print_exc()
        answer(error=f"{type(error).__name__}: {error}".splitlines()[0])
