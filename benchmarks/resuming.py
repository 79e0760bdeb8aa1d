"""How long ``harness study run`` takes when all trials are finished."""

from collections.abc import Iterator

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.programs import here
from benchmarks.workload import fill, write_study

TRIALS = 10_000
ROUNDS = 5
TARGET_S = 1.0


def measure(setting: Setting) -> Iterator[Table]:
    """The command as it is typed, and without the page that it builds at its end."""
    from harness.study.loading import load_study

    trials = 400 if setting.quick else TRIALS
    study, db = write_study(setting.folder, trials), setting.folder / "results.db"
    fill(db, load_study(str(study)))
    words = [here("harness"), "study", "run", str(study), "--db", str(db), "--jobs", "2"]
    commands = {
        "harness study run --no-report": [*words, "--no-report"],
        "harness study run": words,
    }
    yield contest(
        f"{trials:,} finished trials",
        Quantity("s"),
        [
            Contestant(
                name,
                "ours",
                "benchmarks.programs:command",
                {"arguments": arguments, "folder": str(setting.folder)},
            )
            for name, arguments in commands.items()
        ],
        rounds=ROUNDS,
        targets=[Target("harness study run --no-report", "value", TARGET_S)],
        memory=True,
    )


QUESTION = Question(
    "resuming",
    "Running a study that is finished",
    """\
Whole commands. Nothing is left to run: the command plans the study, finds every trial stored,
compares the arms and prints the answer; without `--no-report` it also builds the study's page.""",
    measure,
    limit_s=200,
)
