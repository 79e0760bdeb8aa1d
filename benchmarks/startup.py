"""How long the command line takes to start, beside Python alone and beside other command lines."""

import sys
from collections.abc import Iterator

from benchmarks.commands import here, program
from benchmarks.measuring import PEERS_PYTHON, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target

TARGET_S = 0.12
ROUNDS = 11


def measure(setting: Setting) -> Iterator[Table]:
    """Whole programs, started again and again."""
    harness = here("harness")
    ours = {
        "harness --help": [harness, "--help"],
        "harness study plan --help": [harness, "study", "plan", "--help"],
    }
    yield contest(
        "Until help is shown",
        Quantity("s"),
        [
            *(program(name, "ours", arguments) for name, arguments in ours.items()),
            program("python -c pass", "floor", [sys.executable, "-c", "pass"]),
            program("optuna --help", "peer", [here("optuna"), "--help"]),
            program("mlflow --help", "peer", [str(PEERS_PYTHON.with_name("mlflow")), "--help"]),
        ],
        rounds=3 if setting.quick else ROUNDS,
        targets=[Target(name, "value", TARGET_S) for name in ours],
        memory=True,
    )


QUESTION = Question(
    "startup",
    "Starting the command line",
    """\
Programs are started one after the other and show their help. Their files are in the operating
system's cache.""",
    measure,
    limit_s=80,
)
