"""Finds what a trial runs: a function by import path, a function in a file, or a program."""

import ast
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.assets import STUDY_FILE_MODULE
from harness.errors import Problem, SetupError, StudyError
from harness.study.model import Study

TrialFunction = Callable[..., Mapping[str, float]]

SIGNATURE = "def {name}(params, seed, trial) -> dict of metrics"


@dataclass(frozen=True, slots=True)
class FunctionPath:
    """Where a trial function is.

    Attributes:
        module: dotted module, or the path of a file.
        name: the function's name in it.
        file: the file, when the function is named by one.
    """

    module: str
    name: str
    file: Path | None


def locate(study: Study) -> FunctionPath:
    """Where the study's trial function is; a file is looked for beside the study file."""
    module, _, name = (study.trial.function or "").rpartition(":")
    if not module.endswith(".py"):
        return FunctionPath(module, name, None)
    folder = study.source.parent if study.source is not None else Path.cwd()
    return FunctionPath(module, name, folder / module)


def check(study: Study) -> None:
    """Refuse a study whose function is not there, before anything runs and without importing it.

    Raises:
        StudyError: if the module or file does not exist, or defines no such function, or that
            function does not take ``(params, seed, trial)``.
    """
    if study.trial.function is None:
        return
    where = locate(study)
    source = where.file if where.file is not None else _module_file(where.module, study)
    if source is None:
        return
    if not source.is_file():
        raise _refusal(study, f"there is no file {source}")
    _check_definition(study, where, source)


def source_digest(study: Study) -> str | None:
    """SHA-256 over the files that a study runs: its function's file, or its program's.

    None when nothing can be read; what those files import is not looked at.
    """
    if study.trial.function is not None:
        where = locate(study)
        files = [where.file or _module_file(where.module, study)]
    else:
        folder = study.source.parent if study.source is not None else Path.cwd()
        files = [folder / argument for argument in study.trial.command or ()]
    content = hashlib.sha256()
    readable = [file for file in files if file is not None and file.is_file()]
    for file in readable:
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest() if readable else None


def load(where: FunctionPath) -> TrialFunction:
    """Import the function.

    Raises:
        SetupError: if importing fails.
    """
    try:
        module = _load_file(where.file) if where.file else importlib.import_module(where.module)
        function: TrialFunction = getattr(module, where.name)
    except Exception as error:
        message = f"The trial function {where.module}:{where.name} cannot be imported: "
        raise SetupError(message + f"{type(error).__name__}: {error}") from error
    return function


def _load_file(file: Path) -> Any:  # noqa: ANN401 - a module's content is its own
    """Import a file as a module, once; modules beside it can be imported by it."""
    # The name is part of the address of assets that the file's builders build, so it must not
    # depend on where the file lies, nor differ between processes. Files of the same name in two
    # folders therefore share it, and the one that is asked for takes it.
    name = f"{STUDY_FILE_MODULE}{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    imported = sys.modules.get(name)
    if imported is not None and imported.__file__ == spec.origin:
        return imported
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        # What is half imported must not be found by the next trial.
        del sys.modules[name]
        raise
    return module


def _module_file(module: str, study: Study) -> Path | None:
    """The source file of a module, or None when it has none that can be read."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise _refusal(study, f"the module {module} cannot be found ({error})") from None
    if spec is None:
        raise _refusal(study, f"there is no module {module} in this Python environment")
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _check_definition(study: Study, where: FunctionPath, source: Path) -> None:
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise _refusal(study, f"{source} cannot be read as Python ({error})") from None
    names = _defined_names(tree)
    if where.name not in names and "*" not in names:
        raise StudyError(
            Problem(
                f"{source} defines no such function",
                "trial.function",
                where.name,
                tuple(sorted(n for n, node in names.items() if isinstance(node, ast.FunctionDef))),
            ),
            study.source or "",
        )
    node = names.get(where.name)
    if isinstance(node, ast.FunctionDef) and not _takes_three(node.args):
        raise _refusal(study, f"{where.name} does not take what a trial is called with")


def _defined_names(tree: ast.Module) -> dict[str, ast.stmt]:
    """Every name that a module binds at its top level, with the statement that binds it."""
    names: dict[str, ast.stmt] = {}
    for node in _top_level(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update({(alias.asname or alias.name): node for alias in node.names})
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update({t.id: node for t in targets if isinstance(t, ast.Name)})
    return names


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, also those under `if`, `try` and `with`."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from _top_level(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _top_level(handler.body)


def _takes_three(arguments: ast.arguments) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    enough = len(positional) >= 3 or arguments.vararg is not None
    return required <= 3 and enough


def _refusal(study: Study, what: str) -> StudyError:
    name = (study.trial.function or "").rpartition(":")[2]
    remedy = f"a trial function is `{SIGNATURE.format(name=name)}`, named as "
    remedy += '"package.module:function", or "file.py:function" beside the study file'
    problem = Problem(what, "trial.function", study.trial.function, remedy=remedy)
    return StudyError(problem, study.source or "")
