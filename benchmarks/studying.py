"""How long a whole study takes: `mc_seeds`, from nothing, by the command that a user types."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.commands import study_run
from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Role, Setting, Table, Target
from benchmarks.serving import Timed

ARMS, SEEDS, EPOCHS, IMAGES = 8, 20, 10, 1149
ROUNDS = 3
TARGET_S = 60.0


def study(folder: str, seeds: int, options: list[str]) -> Callable[[], Timed]:
    """Run the study in an empty folder, with a database and assets of its own."""

    def run() -> Timed:
        empty = mkdtemp(dir=folder)
        database = f"sqlite:///{Path(empty) / 'results.db'}"
        of = ["--seeds", str(seeds), "--no-report", *options]
        command = study_run("mc_seeds", database, *of)
        started = time.perf_counter()
        shown = subprocess.run(command, cwd=empty, check=True, capture_output=True)
        trained = ARMS * seeds * EPOCHS * IMAGES
        return Timed(
            details={
                "images_per_s": round(trained / (time.perf_counter() - started)),
                "sha256_of_the_answer": hashlib.sha256(shown.stdout).hexdigest()[:12],
            }
        )

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """The study as it is run, and its trials one by one."""
    seeds = 2 if setting.quick else SEEDS
    ours = "harness study run mc_seeds"

    def contestant(name: str, role: Role, *options: str) -> Contestant:
        return Contestant(
            name,
            role,
            "benchmarks.studying:study",
            {"folder": str(setting.folder), "seeds": seeds, "options": list(options)},
            packages=("torch",),
        )

    yield contest(
        f"8 arms × {seeds} seeds on digits, two cores, until the answer is shown",
        Quantity("s"),
        [
            contestant(ours, "ours"),
            contestant("the same, --batch off", "variant", "--batch", "off"),
        ],
        rounds=1 if setting.quick else ROUNDS,
        targets=[Target(ours, "value", TARGET_S)],
    )


QUESTION = Question(
    "studying",
    "A whole study",
    """\
The command is run in an empty folder: programs start, the teacher is trained, its logits,
attention and maps are computed, 160 students are trained, validated after every epoch and tested,
everything is stored, and the answer is shown. With `--batch off` students are trained one by one.
The last column tells answers apart: equal ones are the same text, to the last digit.""",
    measure,
    limit_s=180,
)
