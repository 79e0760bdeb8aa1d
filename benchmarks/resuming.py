"""How long ``harness study run`` takes when all trials are finished."""

from collections.abc import Iterator

from benchmarks.commands import program, study_run
from benchmarks.measuring import contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.workload import fill, write_study

TRIALS = 10_000
ROUNDS = 5
TARGET_S = 1.0


def measure(setting: Setting) -> Iterator[Table]:
    """The command, without the page that it builds at its end."""
    from harness.study.loading import load_study

    trials = 400 if setting.quick else TRIALS
    study, db = write_study(setting.folder, trials), setting.folder / "results.db"
    fill(db, load_study(str(study)))
    command = study_run(study, db, "--jobs", "2", "--no-report")
    ours = "harness study run --no-report"
    yield contest(
        f"{trials:,} finished trials",
        Quantity("s"),
        [program(ours, "ours", command, setting.folder)],
        rounds=ROUNDS,
        targets=[Target(ours, "value", TARGET_S)],
        memory=True,
    )


QUESTION = Question(
    "resuming",
    "Running a study that is finished",
    """\
The whole command. Nothing is left to run: it plans the study, finds every trial stored, compares
the arms and prints the answer. Without `--no-report` it would also build the study's page, which
takes longer than all of that: how long is measured below, for very large studies.""",
    measure,
    limit_s=60,
)
