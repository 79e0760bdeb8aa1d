"""What `harness analysis` works on: a study's stored trials, or a file of anybody's runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.cli import options
from harness.errors import nearest_match

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
    """Whether what was typed names a file of runs, perhaps of the wrong kind, and not a study."""
    suffix = Path(name).suffix.lower()
    if suffix in {"", ".toml"}:
        return False
    return nearest_match(suffix, _FILE_ENDINGS) is not None or Path(name).is_file()


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
    data: str,
    *,
    arm: str | None,
    block: str | None,
    within: tuple[str, ...],
    db: str | None,
    needs_arms: bool = True,
) -> Runs:
    """Read a file of runs, or a study's finished trials.

    Args:
        data: what was typed.
        arm: column that names the arm; None for "arm".
        block: column that matches runs; None when nothing does.
        within: columns of factors.
        db: where studies' trials are; None for the default.
        needs_arms: whether a file without a column of arms is refused.

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
        column = arm or "arm"
        keys = within if block is None else (block, *within)
        frame = read_frame(Path(name), names=(column,), keys=keys)
        if arm is None and column not in frame.columns and needs_arms:
            known = ", ".join(map(str, frame.columns))
            raise click.UsageError(
                f"Name the column of {name} that holds the arms with --arm. It has: {known}."
            )
        return Runs(name, frame, column, block, within, arm_was_named=arm is not None)
    if arm or block or within:
        raise click.UsageError(
            f"{name} is taken for a study, whose columns are arm, seed and its factors: leave out "
            "--arm, --block and --within. A file ends in " + ", ".join(_FILE_ENDINGS) + "."
        )
    return _study(name, db)


def _study(name: str, db: str | None) -> Runs:
    from harness.answer import answer
    from harness.errors import StoreError
    from harness.store.reading import ResultsReader

    study = options.StudyChoice(name, (), (), None).load()
    with ResultsReader(db) as store:
        found = answer(study, store)
    if found.compared.empty:
        raise StoreError(
            f"The study {name!r} has no finished trials here; `harness study run {name}` runs them."
        )
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


def unused_key(runs: Runs, metric: str) -> str | None:
    """A column that could match runs of different arms, where none was named; None without one.

    It has the same values in two arms or more, each at most once an arm and level.
    """
    if runs.answer is not None or runs.block is not None or runs.arm not in runs.frame.columns:
        return None
    place = [runs.arm, *runs.within]
    for column in map(str, runs.frame.columns):
        if column in {metric, *place} or runs.frame[column].isna().any():
            continue
        if runs.frame.duplicated([*place, column]).any() or runs.frame[column].nunique() < 2:
            continue
        by_arm = runs.frame.groupby(runs.arm, observed=True)[column].agg(frozenset)
        # Metrics differ from arm to arm; a key has the same values in most of them.
        if len(by_arm) > 1 and by_arm.value_counts().iloc[0] > len(by_arm) / 2:
            return column
    return None
