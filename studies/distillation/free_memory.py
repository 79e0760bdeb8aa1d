"""How much memory a process may still take: the machine's, or its container's if that is less."""

from pathlib import Path

import psutil

# Version 2 of control groups; a container sees its own group here.
_LIMIT, _USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def free_memory_bytes() -> int:
    """Bytes of main memory that are free on the machine, and within the container's limit."""
    free = int(psutil.virtual_memory().available)
    limit, used = _number(_LIMIT), _number(_USED)
    return free if limit is None or used is None else max(0, min(free, limit - used))


def _number(file: Path) -> int | None:
    """The number in a file; None where there is none, as for ``max``, which means no limit."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
