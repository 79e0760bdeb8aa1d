"""How long the page of ``mc_seeds`` takes."""

from collections.abc import Iterator

from benchmarks.commands import here, program
from benchmarks.measuring import ROOT, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.workload import Results, fill

ROUNDS = 3
TARGET_S = 10.0

AS_TRIALS_LEAVE_IT = Results(
    metrics=(
        "test_accuracy",
        "validation_accuracy",
        "train_loss",
        "parameters",
        "compression_factor",
        "multiply_adds",
        "weights_mb",
    ),
    curves=("train_loss", "validation_accuracy"),
    steps=10,
    examples=360,
)


def measure(setting: Setting) -> Iterator[Table]:
    """The whole command."""
    from harness.study.loading import load_study

    study, db = ROOT / "studies" / "mc_seeds.toml", setting.folder / "results.db"
    trials = fill(db, load_study(str(study)), AS_TRIALS_LEAVE_IT)
    words = [here("harness"), "report", "build", str(study), "--db", str(db)]
    yield contest(
        f"mc_seeds, {trials} trials",
        Quantity("s"),
        [
            program(
                "harness report build mc_seeds",
                "ours",
                [*words, "--to", str(setting.folder / "reports")],
            )
        ],
        rounds=1 if setting.quick else ROUNDS,
        targets=[Target("harness report build mc_seeds", "value", TARGET_S)],
        memory=True,
    )


QUESTION = Question(
    "reporting",
    "Building a report",
    """\
The whole command, with every table and figure of the page in all their formats. Its trials have
drawn results of the kinds and sizes that real ones have: seven metrics, two learning curves of ten
epochs, and which of 360 test images were right.""",
    measure,
    limit_s=60,
)
