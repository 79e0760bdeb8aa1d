"""Runs a program as a trial: arguments filled in, last line of output read as metrics."""

import json
import string
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from harness.canonical import JSON
from harness.errors import Problem, StudyError
from harness.study.model import Study

_TAIL_LINES = 40


class ProgramError(Exception):
    """A program ended badly, or its last line was no JSON object of metrics."""


def check(study: Study) -> None:
    """Refuse a command with placeholders that no parameter fills, before anything runs.

    Raises:
        StudyError: naming the placeholder and what can be filled in, or the stream of a source of
            variance whose seed the program would not be told.
    """
    _check_sources(study)
    in_every_arm = set.intersection(*(set(own) for own in study.arms.values()))
    known = {"seed", "params", *study.params, *in_every_arm}
    for number, argument in enumerate(study.trial.command or ()):
        for name, _ in _placeholders(argument, study):
            if name not in known:
                raise StudyError(
                    Problem(
                        "no parameter of every arm fills this placeholder",
                        f"trial.command[{number}]",
                        name,
                        tuple(sorted(known)),
                        "write {{ and }} for braces that stand for themselves",
                    ),
                    study.source or "",
                )


def _check_sources(study: Study) -> None:
    if study.trial.command is None:
        return
    told = {
        stream
        for argument in study.trial.command
        for name, stream in _placeholders(argument, study)
        if name == "seed" and stream
    }
    problems = [
        Problem(
            "the command gives the program no seed for this stream, so it could not vary it alone",
            f"seeds.sources.{source}",
            stream,
            tuple(sorted(told)),
            f"add an argument that is or holds {{seed:{stream}}}, the seed of this stream",
        )
        for source, streams in study.seeds.sources.items()
        for stream in streams
        if stream not in told
    ]
    if problems:
        raise StudyError(problems, study.source or "")


def run_program(
    command: Sequence[str],
    params: Mapping[str, JSON],
    seed: int,
    folder: Path,
    varied: Mapping[str, int] | None = None,
) -> Mapping[str, Any]:
    """Run a program once and read its metrics.

    The program is started without a shell, so no parameter can be taken for shell syntax.

    Args:
        command: program and arguments with placeholders.
        params: the trial's parameters.
        seed: the trial's seed.
        folder: where the program runs.
        varied: streams that have a seed of their own; ``{seed:NAME}`` stands for it.

    Raises:
        ProgramError: with the end of its error output, if it fails or prints no metrics.
    """
    arguments = [_filled(argument, params, seed, varied or {}) for argument in command]
    # Files, because a pipe stays open as long as any process that the program left behind.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - the study's author names the program
            arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        try:
            status = process.wait()
        except BaseException:
            _kill_tree(process.pid)
            process.wait()
            raise
        said, complained = _text(output), _text(errors)
    if status != 0:
        raise ProgramError(f"{arguments} ended with status {status}.\n{_tail(complained)}")
    return _metrics(arguments, said, complained)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")


def _placeholders(argument: str, study: Study) -> list[tuple[str, str]]:
    """Every placeholder with what stands in it after a colon, which is empty for most."""
    try:
        parts = string.Formatter().parse(argument)
        return [(name, detail or "") for _, name, detail, _ in parts if name is not None]
    except ValueError as error:
        problem = Problem(f"its braces do not match ({error})", "trial.command", argument)
        raise StudyError(problem, study.source or "") from None


def _filled(argument: str, params: Mapping[str, JSON], seed: int, varied: Mapping[str, int]) -> str:
    parts = []
    for text, name, detail, _ in string.Formatter().parse(argument):
        parts.append(text)
        if name is not None:
            parts.append(_written(name, params, varied.get(detail or "", seed)))
    return "".join(parts)


def _written(name: str, params: Mapping[str, JSON], seed: int) -> str:
    """A value as a command line wants it: text as it is, everything else as JSON."""
    if name == "seed":
        return str(seed)
    value = dict(params) if name == "params" else params[name]
    return value if isinstance(value, str) else json.dumps(value)


def _metrics(arguments: Sequence[str], output: str, errors: str) -> Mapping[str, Any]:
    lines = output.strip().splitlines()
    last = lines[-1] if lines else ""
    try:
        metrics = json.loads(last)
    except ValueError:
        metrics = None
    if not isinstance(metrics, dict):
        raise ProgramError(
            f"the last line that {arguments} printed is no JSON object of metrics, such as "
            f'{{"accuracy": 0.93}}: {last[:200]!r}\n{_tail(errors)}'
        )
    return metrics


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_TAIL_LINES:])


def _kill_tree(pid: int) -> None:
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
