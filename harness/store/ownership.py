"""Who runs a trial right now, and how one sees that the owner has died.

Every run keeps a heartbeat. On the same machine a run is known to be dead as soon as its process is
gone, so that a killed study goes on at once; on another machine only its silence tells.
"""

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

# Far longer than any pause of a healthy dispatcher, which beats every few seconds.
SILENCE_S = 120.0

# The clock that dates a process's start has a coarse tick.
_START_TOLERANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Owner:
    """The process behind a run.

    Attributes:
        host: the machine, its boot and its namespace of process numbers: where two owners agree
            in this, their numbers compare.
        pid: number of the process.
        process_started_at: when the process started, in seconds since the machine did, which no
            change of the clock moves; process numbers are used again.
    """

    host: str
    pid: int
    process_started_at: float

    def is_alive(self, heartbeat_at: float, now: float) -> bool:
        """Whether the run may still be going on.

        Args:
            heartbeat_at: the last sign of life, in seconds since 1970.
            now: the present, on the same clock.
        """
        if self.host == _this_host():
            return _process_exists(self.pid, self.process_started_at)
        return now - heartbeat_at < SILENCE_S


def this_process() -> Owner:
    """The process that asks."""
    return Owner(_this_host(), os.getpid(), _started_at(psutil.Process()))


@cache
def _this_host() -> str:
    return f"{platform.node()}/{_boot()}/{_process_namespace()}"


def _boot() -> str:
    """What tells this boot of the machine from others; its time moves with the clock."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"{psutil.boot_time():.0f}"


def _process_namespace() -> str:
    """Two containers may share a machine and a name, and number their processes apart."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started_at(process: psutil.Process) -> float:
    return process.create_time() - psutil.boot_time()


def _process_exists(pid: int, started_at: float) -> bool:
    try:
        process = psutil.Process(pid)
        same = abs(_started_at(process) - started_at) < _START_TOLERANCE_S
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
