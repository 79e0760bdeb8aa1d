"""The error of this room: a data set cannot be used as it is named or as it lies on the disk."""

from harness.errors import InputError, SetupError


class DataError(InputError, SetupError):
    """A data set cannot be used; the user can mend it.

    Also a :class:`SetupError`: every other trial of the study would meet the same fault, so a run
    that meets it ends at once, with this message and no traceback.
    """


LISTED = 10


def first_of(names: list[str]) -> str:
    """The first ten of these names, and how many there are when that is not all."""
    shown = ", ".join(names[:LISTED])
    return shown if len(names) <= LISTED else f"{shown}, … ({len(names)} in all)"
