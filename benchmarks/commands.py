"""Whole programs as contestants, above all the command line itself."""

import sys
from pathlib import Path
from typing import Any

from benchmarks.measuring import Contestant
from benchmarks.model import Role


def here(program: str) -> str:
    """The path of a program that is installed beside this interpreter."""
    return str(Path(sys.executable).parent / program)


def study_run(study: str | Path, db: str | Path, *options: str) -> list[str]:
    """``harness study run`` of this study into this database, as it is typed."""
    return [here("harness"), "study", "run", str(study), "--db", str(db), *options]


def program(
    name: str,
    role: Role,
    arguments: list[str],
    folder: str | Path | None = None,
    **of: Any,  # noqa: ANN401
) -> Contestant:
    """A contestant that runs a program from its start to its end, in this folder.

    Args:
        name: as the tables show it.
        role: what it stands for.
        arguments: the program's path and its arguments.
        folder: where it runs; None for where the contestant's process does.
        of: what else a `Contestant` has.
    """
    settings = {"arguments": arguments, "folder": None if folder is None else str(folder)}
    return Contestant(name, role, "benchmarks.programs:command", settings, needs=arguments[0], **of)
