"""``python -m benchmarks``: measure, keep the results, print them, write the page."""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.conditions import machine
from benchmarks.model import Question
from benchmarks.page import write_page
from benchmarks.questions import questions
from benchmarks.records import Record, save
from benchmarks.running import named, run_question
from benchmarks.terminal import printed

ALL_LIMIT_S = 14.5 * 60
GPU_LIMIT_S = 7.5 * 60
LEAST_S = 5.0
"""With less time left a question is not begun."""


def main() -> int:
    """Measure what the command line asks for; 1 where something could not be measured."""
    asked = _arguments()
    if asked.page:
        print(write_page())
        return 0
    try:
        chosen = named(asked.names) if asked.names else _all(gpu=asked.gpu)
    except ValueError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    needs_gpu = asked.gpu or any(question.needs_gpu for question in chosen)
    if needs_gpu and machine().gpu is None:
        print("benchmarks: no GPU is at hand (nvidia-smi finds none)", file=sys.stderr)
        return 2
    limit_s = GPU_LIMIT_S if asked.gpu else ALL_LIMIT_S
    keep = not (asked.quick or asked.no_save)
    measured, faults = _measure(chosen, limit_s, quick=asked.quick, keep=keep)
    if measured:
        print(printed(measured))
    for fault in faults:
        print(f"Not measured: {fault}", file=sys.stderr)
    if keep:
        print(f"\n{write_page()}")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="questions; all by default")
    parser.add_argument("--gpu", action="store_true", help="those that need a GPU")
    parser.add_argument("--quick", action="store_true", help="small work; results are not kept")
    parser.add_argument("--no-save", action="store_true", help="results are not kept")
    parser.add_argument("--page", action="store_true", help="only write the page again")
    return parser.parse_args()


def _all(*, gpu: bool) -> list[Question]:
    return [question for question in questions() if question.needs_gpu == gpu]


def _measure(
    chosen: Sequence[Question], limit_s: float, *, quick: bool, keep: bool
) -> tuple[list[tuple[Question, Record]], list[str]]:
    """Measure these questions within this time; what was measured, and what was not."""
    measured: list[tuple[Question, Record]] = []
    faults: list[str] = []
    ends = time.monotonic() + limit_s
    for question in chosen:
        left_s = ends - time.monotonic()
        if left_s < LEAST_S:
            faults.append(f"{question.name}: the time for all was over")
            continue
        print(f"{question.title} ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        found = run_question(question, quick=quick, limit_s=min(question.limit_s, left_s))
        print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        if found.fault is not None:
            faults.append(f"{question.name}: {found.fault}")
        if found.record is not None:
            measured.append((question, found.record))
            if keep:
                save(found.record)
    return measured, faults


if __name__ == "__main__":
    sys.exit(main())
