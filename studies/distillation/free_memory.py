"""How much memory a process may still take: the machine's, or its container's if that is less."""

from pathlib import Path
from typing import NamedTuple

import psutil


class _Group(NamedTuple):
    """The files in which a control group says how much memory it has; a container sees its own.

    Attributes:
        limit: bytes that it may take.
        used: bytes that it takes, files that the kernel keeps in memory among them.
        parts: what these consist of.
        given_back: the part that is given back when others need it: files not used of late.
    """

    limit: Path
    used: Path
    parts: Path
    given_back: str


# Of version 2 and of version 1; the second says "no limit" by a number that no machine has.
_ROOT = Path("/sys/fs/cgroup")
_VERSIONS = (
    _Group(_ROOT / "memory.max", _ROOT / "memory.current", _ROOT / "memory.stat", "inactive_file"),
    _Group(
        _ROOT / "memory" / "memory.limit_in_bytes",
        _ROOT / "memory" / "memory.usage_in_bytes",
        _ROOT / "memory" / "memory.stat",
        "total_inactive_file",
    ),
)


def free_memory_bytes() -> int:
    """Bytes of main memory that are free on the machine, and within the container's limit."""
    machine = int(psutil.virtual_memory().available)
    within = (_within(group) for group in _VERSIONS)
    return max(0, min([machine, *(free for free in within if free is not None)]))


def _within(group: _Group) -> int | None:
    """What a group may still take; None where it has no limit, or is not there."""
    limit, used = _number(_text(group.limit)), _number(_text(group.used))
    if limit is None or used is None:
        return None
    parts = dict(line.split(" ", 1) for line in _text(group.parts).splitlines() if " " in line)
    return limit - used + (_number(parts.get(group.given_back, "")) or 0)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _number(text: str) -> int | None:
    """A number; None for anything else, such as ``max``, which means no limit."""
    try:
        return int(text)
    except ValueError:
        return None
