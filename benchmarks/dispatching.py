"""How long it takes to hand out and record trials that do nothing, beside joblib and Optuna."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands import program, study_run
from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.programs import run_program
from benchmarks.serving import Run
from benchmarks.workload import write_study

TRIALS = 10_000
OPTUNA_TRIALS = 100
JOBS = 2
ROUNDS = 5
TARGET_S = 5.0


def harness(folder: str, trials: int) -> Run:
    """``harness study run`` of a new study, into a database that is not there yet."""
    study = write_study(Path(folder), trials)

    def run() -> object:
        db = Path(tempfile.mkdtemp(dir=folder)) / "results.db"
        return run_program(study_run(study, db, "--jobs", str(JOBS), "--no-report"), folder)

    return run


def joblib_loop(trials: int) -> None:
    """Trials by joblib's processes; nothing is kept."""
    from joblib import Parallel, delayed

    from benchmarks.workload import no_op

    Parallel(n_jobs=JOBS)(delayed(no_op)({}, seed, None) for seed in range(trials))


def measure(setting: Setting) -> Iterator[Table]:
    """Whole programs, from their start to their end, and Optuna's loop alone."""
    trials, of_optuna = (400, 40) if setting.quick else (TRIALS, OPTUNA_TRIALS)
    folder = str(setting.folder)
    loop = [
        sys.executable,
        "-c",
        f"from benchmarks import dispatching as d; d.joblib_loop({trials})",
    ]
    yield contest(
        f"{trials:,} trials that do nothing, {JOBS} jobs",
        Quantity(f"s for {trials:,} trials", of=trials),
        [
            Contestant(
                "harness study run",
                "ours",
                "benchmarks.dispatching:harness",
                {"folder": folder, "trials": trials},
                trials,
                note="The program's start, the study's plan and its answer are part of it.",
            ),
            program(
                "joblib",
                "peer",
                loop,
                amount=trials,
                packages=("joblib",),
                note="A loop in as many processes that keeps no results.",
            ),
            Contestant(
                "Optuna",
                "peer",
                "benchmarks.peers.with_optuna:optimising",
                {"folder": folder, "trials": of_optuna, "jobs": JOBS},
                of_optuna,
                packages=("optuna",),
                note=f"`study.optimize` with {JOBS} threads, random sampling, its storage on "
                f"SQLite; its loop alone, without the program's start, measured with {of_optuna} "
                "trials, and scaled.",
            ),
        ],
        rounds=ROUNDS,
        targets=[Target("harness study run", "value", TARGET_S)],
        memory=True,
    )


QUESTION = Question(
    "dispatching",
    "Dispatching trials",
    """\
Whole programs that run trials which do nothing, and Optuna's loop; harness and Optuna store each
of them in an SQLite file. Eight arms share seeds.""",
    measure,
    limit_s=90,
)
