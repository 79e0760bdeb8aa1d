"""Writes study files: a first one for a newcomer, and any study as TOML."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import InputError, Problem
from harness.study.model import NAME_PATTERN

_STUDY = """\
# A study asks one question: is an arm better than the control, by how much, and how surely?
# `harness study run {name}` runs what is missing and answers it.
name  = "{name}"
title = "Does a larger step find the minimum sooner?"

[trial]
function = "{name}.py:main"     # main(params, seed, trial) in the file beside this one
timeout  = "10min"

[seeds]
count = 12                      # every arm is run with the seeds 0 to 11; equal seeds are paired

[params]                        # what all arms share
steps = 30
step_size = 0.02

[arms.baseline]                 # the control: nothing but the shared parameters

[arms.larger_step]              # an arm says what it changes
step_size = 0.05

[protocol]                      # fixed before the first trial; a later change is shown
metric     = "loss"
direction  = "minimize"
control    = "baseline"
test       = "permutation"
correction = "holm"
alpha      = 0.05
smallest_effect = 0.01          # differences below this do not matter to you
"""

_FUNCTION = '''\
"""The trial function of the study {name}: replace it by your training."""


def main(params, seed, trial):
    """Minimise a noisy quadratic; the same seed gives every arm the same start and noise."""
    position = trial.rng("init").normal(size=10)
    noise = trial.rng("noise")
    for step in range(params["steps"]):
        gradient = 2 * position + noise.normal(scale=0.1, size=10)
        position = position - params["step_size"] * gradient
        trial.report(step, loss=float(position @ position))
    return {{"loss": float(position @ position)}}
'''


def begin_study(name: str, folder: Path | None = None) -> tuple[Path, Path]:
    """Write a study file and a trial function that run as they are.

    Args:
        name: the study's name.
        folder: where ``studies/`` is or is made; the current folder by default.

    Raises:
        InputError: if the name cannot name a study and a Python file, or a file is there already.
    """
    if not re.fullmatch(NAME_PATTERN, name) or not name.isidentifier():
        remedy = "use letters, digits and _, beginning with a letter"
        raise InputError(Problem("cannot name a study and its file", "", repr(name), (), remedy))
    home = (folder or Path.cwd()) / "studies"
    texts = {
        home / f"{name}.toml": _STUDY.format(name=name),
        home / f"{name}.py": _FUNCTION.format(name=name),
    }
    for path in texts:
        if path.exists():
            problem = Problem(f"{path} is there already", remedy="choose another name")
            raise InputError(problem)
    home.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    study_file, function_file = texts
    return study_file, function_file


def as_toml(definition: Mapping[str, Any]) -> str:
    """A study's definition as the text of a study file; values of None are left out."""
    plain = {key: value for key, value in definition.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in definition.items() if isinstance(value, Mapping)}
    lines = _assignments(plain)
    for key, table in tables.items():
        lines += _table(key, table)
    return "\n".join(lines) + "\n"


def _table(path: str, table: Mapping[str, Any]) -> list[str]:
    nested = path == "arms"
    if not nested:
        return ["", f"[{path}]", *_assignments(table)] if table else []
    lines: list[str] = []
    for key, value in table.items():
        lines += ["", f"[{path}.{_key(key)}]", *_assignments(value)]
    return lines


def _assignments(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _text(text: str) -> str:
    # TOML escapes as JSON does, save that it takes no surrogate pairs and no bare DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_assignments(value)) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    # JSON's numbers and truth values are TOML's as well.
    return _text(value) if isinstance(value, str) else json.dumps(value)
