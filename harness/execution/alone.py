"""Having the machine to oneself: for trials whose result is how fast something is.

Trials of studies with ``alone = true`` are run one at a time, also when several processes of one
user run such studies. Nothing keeps other programs, other users and other studies away.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import SetupError


def lock_path() -> Path:
    """The file whose lock is the right to have the machine to oneself: one a machine and user."""
    return Path(tempfile.gettempdir()) / f"harness-alone-{os.getuid()}.lock"


@contextmanager
def alone_on_machine() -> Iterator[None]:
    """Wait until no other process of this user is in here; may be nested.

    Whoever takes this lock and that of an asset takes this one first: two processes that took them
    in different orders could wait for each other for ever.

    Raises:
        SetupError: if the lock's file cannot be written.
    """
    # It takes 0.01 s to import, which commands that run nothing need not wait for.
    from filelock import FileLock

    # Nested calls must meet the same object, which counts them.
    lock = FileLock(lock_path(), is_singleton=True)
    try:
        lock.acquire()
    except OSError as error:
        raise SetupError(
            f"{lock_path()}, by which trials that want the machine to themselves take turns, "
            f"cannot be locked ({error.strerror}).\n"
            f"Make it writable, or set TMPDIR to a folder that is."
        ) from error
    try:
        yield
    finally:
        lock.release()
