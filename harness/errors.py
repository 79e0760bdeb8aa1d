"""Every error that harness raises on purpose, and the exit status each one ends a command with.

A user's mistake is an :class:`InputError`: it says what was given, what is allowed, what comes
nearest and what to do, and it never shows a traceback. Everything that went wrong in spite of
correct input is another :class:`HarnessError`.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class HarnessError(Exception):
    """The root of all errors that harness raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what a user gave.

    Attributes:
        what: the fault, as a sentence without its place.
        key: dotted place inside a document, such as ``protocol.control``; empty for the whole.
        given: what was found there, as the user would recognise it.
        allowed: the values that would have been accepted, if they can be listed.
        remedy: what to do about it.
    """

    what: str
    key: str = ""
    given: str | None = None
    allowed: tuple[str, ...] = ()
    remedy: str | None = None

    def lines(self) -> list[str]:
        """The problem as lines of text: place and fault, then given, allowed, nearest, remedy."""
        lines = [f"{self.key}: {self.what}" if self.key else self.what]
        if self.given is not None:
            lines.append(f"  given:   {self.given}")
        if self.allowed:
            lines.append(f"  allowed: {', '.join(self.allowed)}")
        nearest = nearest_match(self.given, self.allowed)
        if nearest is not None:
            lines.append(f"  nearest: {nearest}")
        if self.remedy is not None:
            lines.append(f"  remedy:  {self.remedy}")
        return lines


class InputError(HarnessError):
    """Something that a user gave cannot be used.

    Attributes:
        problems: every fault that was found, so that all can be mended at once.
        source: the file, option or argument that they were found in.
    """

    def __init__(self, problems: Problem | Sequence[Problem], source: str | Path = "") -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.source = str(source)
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [f"{self.source}:"] if self.source else []
        for problem in self.problems:
            lines += problem.lines()
        return "\n".join(lines)


class StudyError(InputError):
    """A study cannot be used as it is written."""


class StudyNotFoundError(InputError):
    """No study has this name."""


class ClaimsError(InputError):
    """A claims file, or the data that it names, cannot be used as it is."""


class StoreError(HarnessError):
    """The results store could not do what was asked of it."""


class SchemaVersionError(StoreError):
    """The database was written by another version of harness."""


class ImportConflictError(InputError):
    """An imported file disagrees with itself or with what is already stored."""


class AssetError(HarnessError):
    """A shared asset is damaged, or could not be built."""


class SetupError(HarnessError):
    """No trial of the study can run, for a reason that lies outside the trials."""


class RunInterrupted(HarnessError):  # noqa: N818 - the field's word; nothing went wrong
    """The user stopped a run.

    Attributes:
        stored: trials that this run finished and stored.
        missing: trials of the study that are still to be run.
    """

    def __init__(self, stored: int, missing: int) -> None:
        self.stored = stored
        self.missing = missing
        super().__init__(
            f"Interrupted. This run stored {stored} trials; {missing} are still to be run.\n"
            "The same command continues where this one stopped."
        )


DONE = 0
FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130

# Looked up from the most specific class to the root; one table, so that no command invents its own.
EXIT_STATUS: dict[type[HarnessError], int] = {
    InputError: WRONG_INPUT,
    SetupError: WRONG_INPUT,
    RunInterrupted: INTERRUPTED,
    HarnessError: FAILED,
}


def exit_status(error: HarnessError) -> int:
    """The status that a command ends with when it ends with this error."""
    return next(EXIT_STATUS[cls] for cls in type(error).__mro__ if cls in EXIT_STATUS)


def nearest_match(given: str | None, allowed: Iterable[str], likeness: float = 0.6) -> str | None:
    """The allowed word that is most like the given one, or None when none is like it.

    Args:
        given: the word.
        allowed: the words that it may be meant for.
        likeness: how much alike they must be, from 0 to 1.
    """
    if given is None:
        return None
    matches = difflib.get_close_matches(given.strip("'\""), list(allowed), n=1, cutoff=likeness)
    return matches[0] if matches else None
