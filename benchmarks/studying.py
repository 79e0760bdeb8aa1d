"""How long a whole study takes: `mc_seeds`, from nothing, by the command that a user types."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.programs import here
from benchmarks.serving import Timed

ARMS, SEEDS, EPOCHS, IMAGES = 8, 20, 10, 1149
TARGET_S = 60.0


def study(folder: str, arguments: list[str], seeds: int) -> Callable[[], Timed]:
    """Run the study in an empty folder, with a database and assets of its own."""

    def run() -> Timed:
        empty = mkdtemp(dir=folder)
        database = f"sqlite:///{Path(empty) / 'results.db'}"
        of = ["--seeds", str(seeds), "--db", database, "--no-report", *arguments]
        started = time.perf_counter()
        shown = subprocess.run(
            [here("harness"), "study", "run", "mc_seeds", *of],
            cwd=empty,
            env=os.environ,
            check=True,
            capture_output=True,
        )
        wall_s = time.perf_counter() - started
        trained = ARMS * seeds * EPOCHS * IMAGES
        return Timed(
            wall_s=wall_s,
            details={
                "images_per_s": round(trained / wall_s),
                "sha256_of_the_answer": hashlib.sha256(shown.stdout).hexdigest()[:12],
            },
        )

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """The study as it is run, and its trials one by one."""
    seeds = 2 if setting.quick else SEEDS

    def of(name: str, role: str, *arguments: str) -> Contestant:
        return Contestant(
            name,
            "ours" if role == "ours" else "variant",
            "benchmarks.studying:study",
            {"folder": str(setting.folder), "arguments": list(arguments), "seeds": seeds},
            packages=("torch",),
        )

    ours = "harness study run mc_seeds"
    yield contest(
        f"8 arms × {seeds} seeds on digits, two cores, until the answer is shown",
        Quantity("s"),
        [of(ours, "ours"), of("the same, --batch off", "variant", "--batch", "off")],
        rounds=1,
        targets=[Target(ours, "value", TARGET_S)],
    )


QUESTION = Question(
    "studying",
    "A whole study",
    """\
The command is run in an empty folder: programs start, the teacher is trained, its logits,
attention and maps are computed, 160 students are trained, validated after every epoch and tested,
everything is stored, and the answer is shown. The last column tells answers apart: they are the
same text where it is equal, whichever trials were trained together.""",
    measure,
    limit_s=200,
)
