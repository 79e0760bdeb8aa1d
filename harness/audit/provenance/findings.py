"""What an audit of a report's numbers gives."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Cause = Literal["edited", "out_of_date", "undecided", "not_stored", "other_arm", "other_statistic"]
"""Why a number does not follow: the file was "edited" after it was built; it is "out_of_date",
because the database or the programs have changed since; "undecided" between the two; "not_stored",
of a number that was looked up; it follows only of an "other_arm" than the row is called after, or
as an "other_statistic" than the column says."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Something in a file that does not follow from the database.

    Attributes:
        file: the file.
        line: its line; 0 where lines mean nothing.
        place: table, row and column in words.
        what: what kind of difference it is.
        found: what the file says.
        given: what the database gives there; empty where it gives nothing.
        cause: why.
        sentence: all of it in words.
    """

    file: str
    line: int
    place: str
    what: str
    found: str
    given: str
    cause: Cause
    sentence: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A number that was looked up.

    Attributes:
        file: the file.
        line: its line; 0 where lines mean nothing.
        place: table, row and column in words.
        found: the number as it is printed.
        follows_from: what it is, of which arm; several values may print as the same number.
        matches: how many stored values it may be.
        chance: the share of all numbers of this size and precision that some stored value would
            print as: near 1, finding it says nothing.
        is_one_run: whether it is the value of a single run, and of nothing else.
    """

    file: str
    line: int
    place: str
    found: str
    follows_from: str
    matches: int
    chance: float
    is_one_run: bool = False


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file whose numbers were checked.

    Attributes:
        name: the file.
        numbers: how many numbers it holds that were checked; 0 for a picture, of which only the
            bytes are compared.
        follow: how many of them follow from the database.
        how: "rebuilt" when it was held against the same file built anew, "looked_up" when each
            number was searched among all that the database gives.
    """

    name: str
    numbers: int
    follow: int
    how: Literal["rebuilt", "looked_up"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """A report with all its numbers, checked.

    Attributes:
        report: what was given.
        source: what it was built from or held against, in words.
        files: the files that were checked.
        strays: what does not follow, be it numbers or words.
        notes: what a reader has to know beside it; none of it is a number that does not follow.
        origins: of the numbers that were looked up, what they are.
        unexplained: numbers in prose that were looked up and not found.
        changes: what has changed since the report was built, in words.
    """

    report: str
    source: str
    files: tuple[CheckedFile, ...]
    strays: tuple[Stray, ...]
    notes: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    unexplained: tuple[Origin, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def all_follow(self) -> bool:
        """Whether all follows from the database, and something of every file was checked."""
        return not self.strays and not self.unchecked

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Files of whose numbers none was checked, although they hold some that are unexplained."""
        checked = {each.name for each in self.files if each.numbers}
        return tuple(dict.fromkeys(each.file for each in self.unexplained
                                   if each.file not in checked))  # fmt: skip

    @property
    def expected_by_chance(self) -> float:
        """How many of the numbers that were looked up would be found if all were made up."""
        return sum(each.chance for each in self.origins)

    def document(self) -> dict[str, Any]:
        """The audit as JSON has it; these keys stay."""
        return {
            "report": self.report,
            "source": self.source,
            "all_follow": self.all_follow,
            "changes_since": list(self.changes),
            "files": _rows(self.files),
            "strays": _rows(self.strays),
            "unchecked_files": list(self.unchecked),
            "notes": list(self.notes),
            "looked_up": _rows(self.origins),
            "expected_by_chance": self.expected_by_chance,
            "unexplained_in_prose": _rows(self.unexplained),
        }


def _rows(items: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [asdict(each) for each in items]
