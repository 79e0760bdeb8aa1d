"""The process in which one contestant runs: it gets ready, then takes a turn whenever it is asked.

`main` gets ``MODULE:FUNCTION``, settings and names of packages as arguments of the command line. It
reads one line for each turn and answers each with one line of JSON. Only the standard library is
imported here, because a contestant may live in an environment that has nothing of this project.
"""

import importlib
import importlib.metadata
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.processes import ProcessorTime, adopt_orphans, peak_rss_mb


@dataclass(frozen=True, slots=True)
class Timed:
    """What a contestant says of its own run, where the whole call is not what is to be timed.

    Attributes:
        wall_s: how long the work took, in seconds; None to have the call timed as a whole.
        cpu_s: processor time of the work in all its processes, in seconds; None to have that of the
            call taken, which is not known where ``wall_s`` is of a part of it.
        peak_rss_mb: the most memory that one process held, in 10^6 bytes; None for the largest of
            this one and its descendants.
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
    """Run once; seconds of wall and processor time, peak memory in MB, and details.

    Processor time and memory are those of all processes, also of workers that live on.
    """
    processors, started = ProcessorTime(), time.perf_counter()
    outcome = run()
    wall_s, cpu_s = time.perf_counter() - started, processors.passed_s()
    said = outcome if isinstance(outcome, Timed) else Timed()
    return {
        "wall_s": wall_s if said.wall_s is None else said.wall_s,
        "cpu_s": _first(said.cpu_s, None if said.wall_s is not None else cpu_s),
        "peak_rss_mb": _first(said.peak_rss_mb, peak_rss_mb()),
        "details": dict(said.details),
    }


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def versions(packages: list[str]) -> dict[str, str]:
    """The installed versions of these packages."""
    return {name: importlib.metadata.version(name) for name in packages}


def main() -> None:
    """Get ready, say so, and take turns until the input ends."""
    adopt_orphans()
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
