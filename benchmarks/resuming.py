"""How long ``harness study run`` takes when all trials are finished."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

from benchmarks.commands import program, study_run
from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.programs import run_program
from benchmarks.workload import fill, write_study

TRIALS = 10_000
ROUNDS = 5
TARGET_S = 1.0


def answering_anew(arguments: list[str], folder: str) -> Callable[[], object]:
    """The command where it has given no answer yet."""

    def run() -> object:
        rmtree(Path(folder) / "artifacts" / "answers", ignore_errors=True)
        return run_program(arguments, folder)

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """The command as it is typed, without its page, and where results are new."""
    from harness.study.loading import load_study

    trials = 400 if setting.quick else TRIALS
    study, db = write_study(setting.folder, trials), setting.folder / "results.db"
    fill(db, load_study(str(study)))
    # Each in a folder of its own: what one has shown is none of the others' business.
    folders = [setting.folder / name for name in ("page", "plain", "new")]
    for folder in folders:
        folder.mkdir()
    with_page, plain, new = folders
    command = study_run(study, db, "--jobs", "2")
    ours, without = "harness study run", "the same, --no-report"
    yield contest(
        f"{trials:,} finished trials",
        Quantity("s"),
        [
            program(ours, "ours", command, with_page),
            program(without, "variant", [*command, "--no-report"], plain),
            Contestant(
                "answered anew, --no-report",
                "variant",
                "benchmarks.resuming:answering_anew",
                {"arguments": [*command, "--no-report"], "folder": str(new)},
            ),
        ],
        rounds=ROUNDS,
        targets=[Target(ours, "value", TARGET_S), Target(without, "value", TARGET_S)],
        memory=True,
    )


QUESTION = Question(
    "resuming",
    "Running a study that is finished",
    """\
The whole command. Nothing is left to run: it plans the study and finds every trial stored. Where
nothing else has changed either, neither a result nor the study nor the program, it shows the answer
that it gave before, and the page that it built stands; for that it reads everything that the answer
was made from. Answered anew, it compares the arms. How long a page takes is measured below, for
very large studies.""",
    measure,
    limit_s=90,
)
