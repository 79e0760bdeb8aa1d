"""What `harness analysis` works on: a study's stored trials, or a file of anybody's runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.cli import options

if TYPE_CHECKING:
    import pandas as pd

    from analysis import Protocol
    from analysis.variance.by_arm import ArmSources
    from harness.answer import Answer

Command = TypeVar("Command", bound=Callable[..., object])

_FILE_ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Runs:
    """Runs in long form, and what their columns are.

    Attributes:
        name: what was typed.
        frame: one row a run.
        arm: column that names the arm.
        arm_was_named: whether the user said so, instead of leaving it at its default.
        block: column that matches runs; None when nothing does.
        within: columns of factors.
        protocol: what was declared; None for a file.
        answer: the study's answer; None for a file.
        arms: a study's arms in its order; None for a file.
        db: where a study's trials are.
    """

    name: str
    frame: "pd.DataFrame"
    arm: str
    block: str | None
    within: tuple[str, ...]
    protocol: "Protocol | None" = None
    answer: "Answer | None" = None
    arms: tuple[str, ...] | None = None
    db: str | None = None
    arm_was_named: bool = False

    def by_source(self, metric: str, level: float) -> "tuple[ArmSources, ...]":
        """A study's variance by source; empty where it declares none."""
        from harness.store.reading import ResultsReader
        from harness.variance import variance_by_source

        if self.answer is None or not self.answer.study.seeds.sources:
            return ()
        with ResultsReader(self.db) as store:
            return variance_by_source(self.answer.study, store, metric, level)


def is_file(name: str) -> bool:
    """Whether what was typed names a file of runs and not a study."""
    return Path(name).suffix.lower() in _FILE_ENDINGS


def columns(command: Callable[..., Any]) -> Callable[..., Any]:
    """--arm, --block, --within and --db: where runs are, and what their columns mean."""
    for option in (
        options.database,
        click.option(
            "--within",
            multiple=True,
            metavar="COLUMN",
            help="Factor inside whose levels arms are compared. May be repeated.",
        ),
        click.option(
            "--block",
            metavar="COLUMN",
            help="Column that matches runs of different arms, such as the seed. "
            "Without it, runs share nothing.",
        ),
        click.option(
            "--arm",
            metavar="COLUMN",
            help="Column that names the arm.  [default: arm]",
        ),
        click.argument("data", metavar="DATA"),
    ):
        command = option(command)
    return command


PLACES = ("data", "arm", "block", "within", "db")
"""The parameters that `columns` gives a verb."""


def load(
    data: str, *, arm: str | None, block: str | None, within: tuple[str, ...], db: str | None
) -> Runs:
    """Read a file of runs, or a study's finished trials.

    Raises:
        click.UsageError: columns were named for a study, whose columns are its own.
        AnalysisError: the file cannot be read.
        HarnessError: there is no such study, or no database.
    """
    name = data
    if is_file(name):
        from analysis.files import read_frame

        if db is not None:
            raise click.UsageError(f"--db is for studies; {name} is a file.")
        frame = read_frame(Path(name))
        return Runs(name, frame, arm or "arm", block, within, arm_was_named=arm is not None)
    if arm or block or within:
        raise click.UsageError(
            f"{name} is taken for a study, whose columns are arm, seed and its factors: leave out "
            "--arm, --block and --within. A file ends in " + ", ".join(_FILE_ENDINGS) + "."
        )
    return _study(name, db)


def _study(name: str, db: str | None) -> Runs:
    from harness.answer import answer
    from harness.store.reading import ResultsReader

    study = options.StudyChoice(name, None, (), None).load()
    found = answer(study, ResultsReader(db))
    return Runs(
        name,
        found.compared,
        "arm",
        "seed",
        tuple(study.factors),
        study.protocol,
        found,
        tuple(study.arms),
        db,
    )
