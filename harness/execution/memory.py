"""How worker processes manage memory: the C library keeps what it has, instead of giving it back.

A training step allocates and frees the same large arrays again and again. By default glibc takes
every block above 128 KiB (a threshold that adapts, up to 32 MiB) from the kernel and returns it
when it is freed, and trims the top of the heap as well. The kernel clears each page when it is
touched again, and these page faults then cost more than the arithmetic. Raising the thresholds for
taking blocks by `mmap` and for trimming keeps memory in the process; the top pad makes the heap
grow in large steps. The three belong together: with one of them alone training is slower than with
none, because what is spared in one place is then done more often in another. Huge pages make what
faults remain rarer.
"""

import os
import platform
from collections.abc import Mapping

_THRESHOLD_BYTES = 2**30
_TOP_PAD_BYTES = 64 * 2**20

_ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": ("glibc.malloc.mmap_threshold", _THRESHOLD_BYTES),
    "MALLOC_TRIM_THRESHOLD_": ("glibc.malloc.trim_threshold", _THRESHOLD_BYTES),
    "MALLOC_TOP_PAD_": ("glibc.malloc.top_pad", _TOP_PAD_BYTES),
}

_TUNABLES = "GLIBC_TUNABLES"
_HUGE_PAGES = "glibc.malloc.hugetlb"
_HUGE_PAGES_SINCE = (2, 35)

VARIABLES = (*_ALLOCATOR, _TUNABLES)
"""What is set, or left as the user set it."""


def memory_variables(user: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of worker processes that say how the C library manages memory.

    They are read when a process starts, so they must be in its environment then.

    Args:
        user: the environment that the user has set; this process's by default. What is set there
            stays, a tunable inside `GLIBC_TUNABLES` as well.

    Returns:
        Those that are in force in a worker, the user's own included; empty where the C library
        knows none of them and the user set none.
    """
    user = os.environ if user is None else user
    found = {name: user[name] for name in VARIABLES if name in user}
    version = _glibc_version()
    if version is None:
        return found
    tunables = user.get(_TUNABLES, "")
    ours = {
        name: str(size) for name, (tunable, size) in _ALLOCATOR.items() if tunable not in tunables
    }
    if version >= _HUGE_PAGES_SINCE and _HUGE_PAGES not in tunables:
        ours[_TUNABLES] = ":".join(filter(None, [tunables, f"{_HUGE_PAGES}=1"]))
        found.pop(_TUNABLES, None)
    return {**ours, **found}


def _glibc_version() -> tuple[int, ...] | None:
    """The version of the C library; None where it is another one."""
    library, version = platform.libc_ver()
    if library != "glibc":
        return None
    return tuple(int(part) for part in version.split(".") if part.isdigit())
