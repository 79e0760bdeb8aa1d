"""How time and memory of an analysis grow with the number of trials."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Run, Timed
from benchmarks.workload import METRICS, fill, write_study

SIZES = (10_000, 100_000, 1_000_000)
TARGET_US = 60.0
TARGET_MB = 4_000.0
ROUNDS = 3
LINEAR = 0.8
"""A trial may cost a quarter more among a million than among a hundred thousand."""


def analysis(study: str, db: str, folder: str) -> Run:
    """Frame and comparisons from the database, the printed answer, and the page."""
    from harness.answer import answer
    from harness.reports.page import build_report
    from harness.store.reading import ResultsReader
    from harness.study.loading import load_study

    declared = load_study(study)

    def run() -> Timed:
        with ResultsReader(db) as store:
            started = time.perf_counter()
            found = answer(declared, store)
            str(found)
            answered = time.perf_counter()
            build_report(found, store, Path(folder))
            ended = time.perf_counter()
        details = {"frame_and_compare_s": answered - started, "report_s": ended - answered}
        return Timed(details=details)

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """One contestant a size."""
    from harness.study.loading import load_study

    sizes = (400, 4_000) if setting.quick else SIZES
    contestants = []
    for size in sizes:
        study, db = write_study(setting.folder, size), setting.folder / f"{size}.db"
        fill(db, load_study(str(study)))
        work = {"study": str(study), "db": str(db), "folder": str(setting.folder / str(size))}
        contestants.append(
            Contestant(_name(size), "ours", "benchmarks.scaling:analysis", work, size)
        )
    largest, next_largest = _name(sizes[-1]), _name(sizes[-2])
    yield contest(
        f"{METRICS} metrics a trial",
        Quantity("µs a trial", seconds=1e-6),
        contestants,
        rounds=1 if setting.quick else ROUNDS,
        targets=[
            Target(largest, "value", TARGET_US),
            Target(largest, "peak_rss_mb", TARGET_MB),
            Target(largest, "times", LINEAR, against=next_largest),
        ],
        memory=True,
    )


def _name(trials: int) -> str:
    return f"{trials:,} trials"


QUESTION = Question(
    "scaling",
    "Very large studies",
    """\
One process reads the trials of a study of eight arms from an SQLite file as a frame, compares the
arms (10,000 bootstrap samples of up to 125,000 seeds), writes the answer as text and builds the
page. Imports are not timed, their memory counts. Growth is linear where a trial costs the same in
every row. 60 µs a trial are 60 s for a million.""",
    measure,
    limit_s=300,
)
