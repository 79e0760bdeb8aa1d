"""Errors of this room: what was given, what is there, and the nearest match."""

import difflib
from collections.abc import Iterable


class AnalysisError(ValueError):
    """Root of every error that data or a protocol of the user's can cause in this room."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name in `known` that looks most like `name`, or None when none is close."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None


def _hint(name: str, known: tuple[str, ...]) -> str:
    listed = ", ".join(repr(each) for each in known) or "nothing"
    guess = nearest(name, known)
    return f"there are: {listed}." + (f" Did you mean {guess!r}?" if guess else "")


class UnknownArmError(AnalysisError):
    """A protocol names an arm of which there are no runs.

    Attributes:
        arm: the name that was given.
        known: the arms that are there.
    """

    def __init__(self, arm: str, known: Iterable[str]) -> None:
        self.arm = arm
        self.known = tuple(known)
        super().__init__(f"There are no runs of an arm {arm!r}; {_hint(arm, self.known)}")


class MissingColumnError(AnalysisError):
    """A column that the comparison needs is not in the frame.

    Attributes:
        column: the name that was asked for.
        role: what the column is for: "arm", "block", "metric" or "factor".
        available: the columns that are there.
    """

    def __init__(self, column: str, role: str, available: Iterable[object]) -> None:
        self.column = column
        self.role = role
        self.available = tuple(str(each) for each in available)
        hint = _hint(column, self.available)
        super().__init__(f"The {role} column {column!r} is missing; {hint}")


class SharedColumnError(AnalysisError):
    """One column was named for two things, such as the arm and the block.

    Attributes:
        column: the column.
        roles: the two things.
    """

    def __init__(self, column: str, first: str, second: str) -> None:
        self.column = column
        self.roles = (first, second)
        super().__init__(
            f"The column {column!r} cannot be both the {first} and the {second}: name another one."
        )


class RepeatedColumnError(AnalysisError):
    """Several columns have the name that was asked for.

    Attributes:
        column: the name.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(f"Several columns are called {column!r}: rename all but the one meant.")


class MissingKeyError(AnalysisError):
    """Some rows have no arm, block or factor level, so nobody can say where they belong.

    Attributes:
        column: the column with gaps.
        rows: how many rows lack a value there.
    """

    def __init__(self, column: str, rows: int) -> None:
        self.column = column
        self.rows = rows
        super().__init__(
            f"{rows} row(s) have no value in the column {column!r}, which says where a run "
            "belongs. Fill it in, or remove these rows."
        )


class NotNumericError(AnalysisError):
    """The metric's column holds something that is not a number.

    Attributes:
        column: the metric's column.
        reason: what could not be read.
    """

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(f"The metric column {column!r} is not numeric: {reason}")


class TooLargeError(AnalysisError):
    """A run's metric is so large that its square overflows.

    Attributes:
        metric: the metric's column.
        arm: the arm of the largest value.
        value: the largest value.
        limit: the largest absolute value allowed.
    """

    def __init__(self, metric: str, arm: str, value: float, limit: float) -> None:
        self.metric = metric
        self.arm = arm
        self.value = value
        self.limit = limit
        super().__init__(
            f"The arm {arm!r} has a run whose {metric!r} is {value:g}; allowed: up to {limit:g}, "
            "because squares of larger values overflow. Use a larger unit; or, if that run "
            "diverged, write inf, and the protocol's `missing` says what becomes of it."
        )


class NotFiniteError(AnalysisError):
    """Runs have no finite value, and the protocol says that there must be none of those.

    Attributes:
        metric: the metric's column.
        runs: arm and block of every such run, as text.
    """

    def __init__(self, metric: str, runs: Iterable[str]) -> None:
        self.metric = metric
        self.runs = tuple(runs)
        shown = "; ".join(self.runs[:5]) + ("; ..." if len(self.runs) > 5 else "")
        super().__init__(
            f"{len(self.runs)} run(s) have a missing or infinite {metric!r} ({shown}), and the "
            'protocol says missing = "fail". Mend them, or declare "exclude" or "worst".'
        )


class NoRunsError(AnalysisError):
    """The frame has no rows."""

    def __init__(self) -> None:
        super().__init__("There are no runs to compare: the data has columns but no rows.")


class RepeatedBlockError(AnalysisError):
    """One arm has several runs in one block, so it is undecided which of them to pair.

    Attributes:
        arm: the arm concerned.
        block: the block's key, as text.
        cell: the factor levels in which it happened.
    """

    def __init__(self, arm: str, block: str, cell: tuple[tuple[str, object], ...]) -> None:
        self.arm = arm
        self.block = block
        self.cell = cell
        where = "".join(f", {factor} = {level}" for factor, level in cell)
        super().__init__(
            f"The arm {arm!r} has more than one run in block {block}{where}. A block pairs one "
            "run of each arm: keep one, or name the columns that tell them apart as factors."
        )


class UnknownComparisonError(AnalysisError):
    """No comparison, or more than one, answers to what was asked for.

    Attributes:
        wanted: what was asked for, as text.
        known: the comparisons that are there, as text.
        matches: how many answered.
    """

    def __init__(self, wanted: str, known: Iterable[str], matches: int) -> None:
        self.wanted = wanted
        self.known = tuple(known)
        self.matches = matches
        found = "No comparison is" if matches == 0 else f"{matches} comparisons are"
        super().__init__(f"{found} {wanted!r}; there are: {'; '.join(self.known) or 'none'}.")
