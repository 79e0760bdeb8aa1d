"""What a study is: a named question, and everything needed to answer it.

These classes are the whole grammar of a study file. Each field is either part of a trial's identity
or a knob that may change without making other trials; ``IDENTITY`` says which, field by field.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from analysis import Protocol
from harness.errors import StudyError
from harness.study.links import Link
from harness.study.pareto import ParetoSettings
from harness.study.parts import Part, as_tuple
from harness.study.problems import GrammarError, problems_of
from harness.study.protocol import LATER_KEYS, protocol_of
from harness.study.search import Search
from harness.study.seeds import Seeds
from harness.study.values import value_problems

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]*"

# Timers of operating systems overflow far above this: 31 years.
_LONGEST_TIMEOUT_S = 1e9

_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>ms|s|min|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def _study_name(value: str) -> str:
    if not re.fullmatch(NAME_PATTERN, value):
        better = re.sub(r"[^A-Za-z0-9_.-]+", "_", value).lstrip("_.-")
        raise GrammarError(
            "must consist of letters a to z, digits, _, . and -, beginning with a letter or digit",
            remedy=f'name = "{better or "my_study"}" would do',
        )
    return value


def _plain(value: object) -> object:
    """Parameters and levels: nothing that JSON cannot hold, and lists as tuples outermost."""
    problems = tuple(value_problems(list(value) if isinstance(value, tuple) else value))
    if problems:
        raise GrammarError(problems=problems)
    return as_tuple(value)


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise GrammarError(
            "is no length of time",
            remedy='write a number and a unit, such as "90s", "30min" or "2h"',
        )
    seconds = float(match["number"]) * _SECONDS[match["unit"]]
    if not 0 < seconds < _LONGEST_TIMEOUT_S:
        raise GrammarError("must be longer than 0 and shorter than 31 years")
    return seconds


def _import_path(value: object) -> object:
    """A callable as the text that finds it again in another process."""
    if not callable(value):
        return value
    function: Any = value
    name, module = function.__qualname__, function.__module__
    if "<" in name:
        raise GrammarError(
            f"{name} cannot be found from another process",
            remedy="define the trial function at the top level of a module",
        )
    if module != "__main__":
        return f"{module}:{name}"
    # A script's functions are found by its file's name, as in a study file; the absolute path would
    # make the same trial another one on another machine.
    return f"{Path(function.__code__.co_filename).name}:{name}"


def _script_of(trial: object) -> Path | None:
    """The script that defines a trial function given as a callable, when it is a script."""
    function: Any = trial.get("function") if isinstance(trial, Mapping) else None
    if callable(function) and function.__module__ == "__main__":
        return Path(function.__code__.co_filename).resolve()
    return None


class TrialSettings(Part):
    """What runs, and how patiently.

    Attributes:
        function: import path ``package.module:function``, or ``file.py:function`` beside the study
            file. In Python a callable will do.
        command: a program and its arguments instead of a function; ``{seed}``, ``{params}`` and
            ``{name}`` of any parameter are filled in. Its last line of output is one JSON object.
        timeout_s: a trial that takes longer, in seconds, has failed; None waits for ever.
        retries: how often a failed trial is tried again within one run.
        version: raise it when the trial function's meaning changes: other version, other trials.
        metrics: the metrics that a trial returns, if declared; a trial that returns others fails.
        deterministic: the author's word that the same seed on the same machine gives the same bits.
        alone: whether trials run one at a time, and never beside another such study's of the same
            user on the machine; for trials that measure time.
    """

    function: Annotated[str, BeforeValidator(_import_path)] | None = None
    command: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] | None = None
    timeout_s: Annotated[
        Annotated[float, Field(gt=0, lt=_LONGEST_TIMEOUT_S, allow_inf_nan=False)] | None,
        BeforeValidator(_seconds),
        Field(alias="timeout"),
    ] = None
    retries: Annotated[int, Field(ge=0, le=100)] = 0
    version: Annotated[int, Field(ge=1)] = 1
    metrics: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] | None = None
    deterministic: bool = False
    alone: bool = False

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="after")
    def _one_thing_to_run(self) -> "TrialSettings":
        if (self.function is None) == (self.command is None):
            raise GrammarError(
                "a trial is either a function or a command",
                given="both" if self.function else "neither",
                remedy='write function = "train.py:main", or command = ["python", "train.py"]',
            )
        if self.function is not None and not re.fullmatch(r".+:[\w.]+", self.function):
            raise GrammarError(
                "is no import path",
                key="function",
                given=self.function,
                remedy='write "package.module:function", or "train.py:main" beside this file',
            )
        if self.command is not None and not self.command:
            raise GrammarError("the command is empty", key="command", given="[]")
        return self


Parameters = Annotated[dict[str, JsonValue], BeforeValidator(_plain)]
Levels = Annotated[tuple[JsonValue, ...], BeforeValidator(_plain)]


class Study(Part):
    """A named question: trial function, arms × factors × seeds, and the protocol.

    Attributes:
        name: letters, digits, ``_``, ``.`` and ``-``; part of every trial's identity.
        title: the question in words.
        trial: what runs.
        seeds: the seeds of every arm.
        params: parameters that all arms share.
        arms: settings under comparison, each by the parameters in which it differs.
        factors: parameters crossed with every arm, each with its levels.
        protocol: how the arms are compared; fixed before the first trial.
        pareto: what is weighed against each other, if anything is.
        search: what is searched in every arm; such a study has candidates instead of one setting
            an arm.
        allow_test_selection: whether candidates may be selected by a test metric; every answer
            says so then.
        links: where the parameters came from that arms took from a search; no study file has them.
        changes: words of the command line that changed what the file says.
        source: the study file, when there is one; trial functions and programs are found beside it.

    Raises:
        StudyError: naming every key that is wrong, what was given and what is allowed.
    """

    name: Annotated[str, Field(max_length=100), AfterValidator(_study_name)]
    title: str = ""
    trial: TrialSettings
    seeds: Seeds
    params: Parameters = Field(default_factory=dict)
    arms: dict[str, Parameters] = Field(min_length=1)
    factors: dict[str, Levels] = Field(default_factory=dict)
    protocol: Annotated[Protocol, BeforeValidator(protocol_of)]
    pareto: ParetoSettings | None = None
    search: Search | None = None
    allow_test_selection: bool = False
    links: tuple[Link, ...] = Field(default=(), exclude=True)
    changes: tuple[str, ...] = Field(default=(), exclude=True)
    source: Path | None = Field(default=None, exclude=True)

    def __init__(self, **content: Any) -> None:  # noqa: ANN401 - pydantic checks every value
        content.setdefault("source", _script_of(content.get("trial")))
        try:
            super().__init__(**content)
        except ValidationError as error:
            raise StudyError(problems_of(error, type(self)), "Study(...)") from None

    @model_validator(mode="after")
    def _consistent(self) -> "Study":
        from harness.study.consistency import contradictions

        problems = contradictions(self)
        if problems:
            raise GrammarError(problems=problems)
        return self

    @property
    def deciding_metric(self) -> str:
        """The metric without which a trial is of no use: the search's, or the protocol's."""
        return self.protocol.metric if self.search is None else self.search.metric

    @cached_property
    def cells(self) -> tuple[Mapping[str, JsonValue], ...]:
        """Every combination of factor levels, the last factor varying fastest."""
        cells: list[dict[str, JsonValue]] = [{}]
        for factor, levels in self.factors.items():
            cells = [{**cell, factor: level} for cell in cells for level in levels]
        return tuple(cells)

    def definition(self) -> dict[str, Any]:
        """The study as JSON, complete, with defaults; the file it came from is left out.

        Keys that came after the first version are there only when they say something.
        """
        definition = self.model_dump(mode="json", by_alias=True)
        if self.links:
            definition["links"] = [link.model_dump(mode="json") for link in self.links]
        for table, later in _LATER_KEYS.items():
            content = definition[table] if table else definition
            for key, unsaid in later.items():
                if content[key] == unsaid:
                    del content[key]
        return definition


# A study that does not use these keys has the definition, and the digest of it, that it had before
# there were any.
_LATER_KEYS: dict[str, Mapping[str, object]] = {
    "": {"pareto": None, "search": None, "allow_test_selection": False},
    "trial": {"alone": False},
    "seeds": {"sources": {}, "held": 0},
    "protocol": LATER_KEYS,
}


# What makes two trials the same trial. A new field of a study must be entered here; a test fails
# until it is.
IDENTITY: dict[str, bool] = {
    "name": True,
    "title": False,
    "trial.function": True,
    "trial.command": True,
    "trial.timeout_s": False,
    "trial.retries": False,
    "trial.version": True,
    "trial.metrics": False,
    "trial.deterministic": False,
    "trial.alone": False,
    "seeds": True,  # one seed a trial, and the streams that follow it where not all do
    "params": True,
    "arms": True,  # by the parameters they set; an arm may be renamed, though not in a search
    "factors": True,
    "protocol": False,
    "pareto": False,
    "search": True,  # by the values that candidates have, and by what may cut them short
    "allow_test_selection": False,
    "links": False,  # by the values that they gave
    "changes": False,
    "source": False,
}
