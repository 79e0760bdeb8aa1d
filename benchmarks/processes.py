"""What a process and all that it has started take: processor time, and memory.

Only the standard library is imported here, because contestants live in environments that may have
nothing else. It needs Linux.
"""

import ctypes
import os
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
_PROC = Path("/proc")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_ADOPT_ORPHANS = 36
"""``PR_SET_CHILD_SUBREAPER`` of Linux's ``prctl``."""


def adopt_orphans() -> None:
    """Have every descendant whose parent ends stay a descendant of this process.

    Init would take it, and its processor time would be lost: workers that outlive the program that
    started them, and those that are killed and not waited for.
    """
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Process:
    """A process by its number and start, of which no two have both."""

    pid: int
    start: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """Processor time in seconds: a process's own, and of its children that it has waited for."""

    own_s: float
    children_s: float

    @property
    def all_s(self) -> float:
        return self.own_s + self.children_s


class ProcessorTime:
    """The processor time of this process and of all its descendants, from now on.

    Descendants that live, that have ended without being waited for, and that have been waited for
    all count. This process's own time is exact; of others the kernel tells hundredths of a second.
    """

    def __init__(self) -> None:
        # In this order, and the other way round at the end: looking for them takes time itself.
        self._descendants = _descendants()
        self._own = _own()

    def passed_s(self) -> float | None:
        """What has been taken until now, in seconds; None where some of it is lost.

        It is lost with a process that nobody waited for because its parent ignores how its children
        end. Of those that also began in the meantime there is no trace at all.
        """
        own, descendants = _own(), _descendants()
        gone_s = sum(
            taken.all_s for each, taken in self._descendants.items() if each not in descendants
        )
        children_s = own.children_s - self._own.children_s + _children_s(descendants)
        children_s -= sum(
            taken.children_s for each, taken in self._descendants.items() if each in descendants
        )
        # Of a process that ended, hundredths of a second come in another rounding.
        if children_s < gone_s - _TICK_S * (1 + len(self._descendants)):
            return None
        before_s = self._own.all_s + sum(each.all_s for each in self._descendants.values())
        return own.all_s + sum(each.all_s for each in descendants.values()) - before_s


def _children_s(taken: Mapping[_Process, _Taken]) -> float:
    return sum(each.children_s for each in taken.values())


def peak_rss_mb() -> float:
    """The most memory that one process held, this one or a descendant of it, in 10^6 bytes.

    Of those that ended only the ones count that were waited for. This process's own ``ru_maxrss``
    is of no use: it counts what its parent held when it started it.
    """
    living = (_held_kib(each.pid) for each in _descendants())
    ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(_held_kib(os.getpid()), ended, *living) * KIB / 1e6


def _own() -> _Taken:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return _Taken(time.process_time(), children.ru_utime + children.ru_stime)


def _descendants() -> dict[_Process, _Taken]:
    """All processes that descend from this one, dead ones that nobody waited for among them."""
    children: dict[int, list[tuple[_Process, _Taken]]] = {}
    for parent, process, taken in _processes():
        children.setdefault(parent, []).append((process, taken))
    found: dict[_Process, _Taken] = {}
    waiting = [os.getpid()]
    while waiting:
        for process, taken in children.get(waiting.pop(), ()):
            found[process] = taken
            waiting.append(process.pid)
    return found


def _processes() -> Iterator[tuple[int, _Process, _Taken]]:
    """Of every process its parent, itself, and what it has taken, as ``proc(5)`` has them."""
    for place in _PROC.glob("[0-9]*/stat"):
        try:
            text = place.read_text()
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        # After the program's name, which may contain anything: the third field and the following.
        fields = text.rpartition(") ")[2].split()
        user, system, of_children, systems_of_children = (int(each) for each in fields[11:15])
        yield (
            int(fields[1]),
            _Process(int(place.parent.name), int(fields[19])),
            _Taken((user + system) * _TICK_S, (of_children + systems_of_children) * _TICK_S),
        )


def _held_kib(pid: int) -> int:
    """The most memory that a living process has held; 0 for one that has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
