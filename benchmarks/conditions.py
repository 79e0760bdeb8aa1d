"""Where and when something was measured."""

import importlib.metadata
import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import ROOT

PACKAGES = ("numpy", "scipy", "pandas", "sqlalchemy", "optuna", "joblib", "torch")


@dataclass(frozen=True, slots=True)
class Machine:
    """What it was measured on.

    Attributes:
        processor: its name, as the operating system gives it.
        cores: how many of them this program may use.
        memory_gb: installed, in 10^9 bytes.
        gpu: name of the GPU and version of its driver; None where none was found.
        system: operating system, kernel and architecture.
        versions: of Python, SQLite and the packages that most figures rest on.
    """

    processor: str
    cores: int
    memory_gb: float
    gpu: str | None
    system: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """When and on what something was measured.

    Attributes:
        date: the day, by the machine's clock in UTC.
        commit: the revision of this project; None outside a checkout.
        changed: whether files differed from that revision.
        load_before: processes that wanted to run, average of the last minute, before.
        load_after: the same afterwards; the measurement itself is part of it.
        seconds: how long all of it took.
        machine: what it was measured on.
    """

    date: str
    commit: str | None
    changed: bool
    load_before: float
    load_after: float
    seconds: float
    machine: Machine


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be noted before something is measured."""

    started: float
    load: float


def begin() -> Beginning:
    """Note what cannot be known afterwards."""
    return Beginning(time.time(), os.getloadavg()[0])


def conditions(beginning: Beginning) -> Conditions:
    """The conditions under which something was measured that ends now."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    return Conditions(
        date=time.strftime("%Y-%m-%d", time.gmtime(beginning.started)),
        commit=commit,
        changed=bool(_git("status", "--porcelain", "--", ".", ":!benchmarks/results", ":!docs")),
        load_before=round(beginning.load, 2),
        load_after=round(os.getloadavg()[0], 2),
        seconds=round(time.time() - beginning.started, 1),
        machine=machine(),
    )


def machine() -> Machine:
    """The machine that this runs on."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        gpu=_output("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"),
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(*arguments: str) -> str | None:
    return _output("git", *arguments)


def _output(*arguments: str) -> str | None:
    """What a program prints; None where it prints nothing, fails, or does not exist."""
    try:
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
