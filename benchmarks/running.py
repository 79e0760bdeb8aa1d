"""Measures questions one after the other, each in a process of its own and within its time."""

import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from benchmarks.conditions import begin, conditions
from benchmarks.measuring import ROOT
from benchmarks.model import Question, Setting, Table
from benchmarks.questions import questions
from benchmarks.records import SCHEMA, Record, as_json, table_of

ENDING_S = 15.0
"""How long a question that is stopped may take for ending what it has started."""

_CHILD = "import sys; from benchmarks.running import child; child(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one question.

    Attributes:
        record: what was measured, perhaps not all of it; None where nothing was.
        fault: why it is not all; None where it is.
    """

    record: Record | None
    fault: str | None


def run_question(question: Question, *, quick: bool, limit_s: float) -> Measured:
    """Measure one question; what is finished when its time is over is kept.

    Args:
        question: what to measure.
        quick: whether small work is enough, to see that it runs.
        limit_s: how long it may take, in seconds.
    """
    beginning = begin()
    files = ROOT / "artifacts"
    files.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=files) as folder:
        tables, fault = _tables(question, folder, quick=quick, limit_s=limit_s)
    if not tables and fault is not None:
        return Measured(None, fault)
    found = conditions(beginning)
    return Measured(Record(SCHEMA, question.name, found, tuple(tables), fault), fault)


def _tables(
    question: Question, folder: str, *, quick: bool, limit_s: float
) -> tuple[list[Table], str | None]:
    """The tables that a process of its own prints, and why they are not all."""
    arguments = [question.name, folder, *(["quick"] if quick else [])]
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    started = time.perf_counter()
    with process, _stopped_after(process, limit_s):
        assert process.stdout is not None
        tables = [table_of(line) for line in process.stdout]
    if process.returncode == 0:
        return tables, None
    if time.perf_counter() - started >= limit_s:
        return tables, f"stopped after {limit_s:.0f} s, before all was measured"
    return tables, "broke down before all was measured"


@contextmanager
def _stopped_after(process: subprocess.Popen[str], limit_s: float) -> Iterator[None]:
    """Have a process end when its time is over, and kill it if it does not."""
    clocks = [
        threading.Timer(limit_s, process.terminate),
        threading.Timer(limit_s + ENDING_S, process.kill),
    ]
    for clock in clocks:
        clock.start()
    try:
        yield
    finally:
        for clock in clocks:
            clock.cancel()


def child(name: str, folder: str, *options: str) -> None:
    """Measure a question in this process, and print each table as one line of JSON.

    What else is printed goes to standard error.
    """
    signal.signal(signal.SIGTERM, _end)
    output, sys.stdout = sys.stdout, sys.stderr
    question = named([name])[0]
    if question.check is not None:
        question.check()
    for table in question.measure(Setting("quick" in options, Path(folder))):
        print(as_json(table, indent=None), file=output, flush=True)


def _end(_signal: int, _frame: FrameType | None) -> None:
    # Not the default: whatever the contestants have started has to be ended as well.
    sys.exit(128 + signal.SIGTERM)


def named(names: Sequence[str]) -> list[Question]:
    """The questions of these names.

    Raises:
        ValueError: naming those that there are.
    """
    known = {question.name: question for question in questions()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names]
