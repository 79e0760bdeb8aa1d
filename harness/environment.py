"""What trials run on: code, packages, hardware, threads and determinism flags.

Nothing here imports a training framework; GPUs are asked for through their driver's own tool.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

import psutil

from harness.canonical import JSON
from harness.execution.memory import memory_variables

# Variables that change how many threads compute, or whether the same input gives the same bits.
VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
    "MKL_CBWR",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "VECLIB_MAXIMUM_THREADS",
)

_COMMAND_TIMEOUT_S = 20


def capture(
    folder: Path,
    *,
    jobs: int,
    threads_per_job: int,
    trial_source: str | None = None,
    outputs: Sequence[Path] = (),
) -> dict[str, JSON]:
    """The environment of a run, as JSON.

    Args:
        folder: where the study's code lives; its Git revision is recorded.
        jobs: number of worker processes.
        threads_per_job: threads that numerical libraries may use in each of them.
        trial_source: digest of the files that a trial runs.
        outputs: files and folders that runs write; they are no part of the code's state.

    Returns:
        Among others ``variables``, as they are set for this process, and ``allocator``, which are
        those that worker processes have besides; empty where the C library knows none of them.
    """
    return {
        "code": code_revision(folder, outputs),
        "trial_source": trial_source,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "packages": _packages(),
        "cpu": _cpu(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": _gpus(),
        "jobs": jobs,
        "threads_per_job": threads_per_job,
        "allocator": {**memory_variables()},
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def code_revision(folder: Path, outputs: Sequence[Path] = ()) -> dict[str, JSON] | None:
    """The Git commit of a folder, whether anything differs from it, and a digest of what does.

    Returns:
        ``revision``, ``dirty`` and ``diff_digest`` (SHA-256 of the difference to the commit,
        untracked files included; None when clean), or None outside a Git checkout.
    """
    top = _output(["git", "rev-parse", "--show-toplevel"], folder)
    revision = _output(["git", "rev-parse", "HEAD"], folder)
    if top is None or revision is None:
        return None
    root = Path(top.decode().strip())
    changes = _output(["git", "diff", "--binary", "HEAD"], root) or b""
    listing = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    found = [name for name in (_output(listing, root) or b"").split(b"\0") if name]
    untracked = [name for name in found if not _written(root / os.fsdecode(name), outputs)]
    dirty = bool(changes or untracked)
    return {
        "revision": revision.decode().strip(),
        "dirty": dirty,
        "diff_digest": _difference(root, changes, untracked) if dirty else None,
    }


def _written(path: Path, outputs: Sequence[Path]) -> bool:
    """Whether a file is one that runs write, such as the database or its journal."""
    return any(
        path.is_relative_to(output.resolve()) or str(path).startswith(f"{output.resolve()}-")
        for output in outputs
    )


def _difference(root: Path, changes: bytes, untracked: list[bytes]) -> str:
    content = hashlib.sha256(changes)
    for name in sorted(untracked):
        path = root / os.fsdecode(name)
        content.update(name + b"\0")
        if path.is_file():
            with path.open("rb") as file:
                content.update(hashlib.file_digest(file, "sha256").digest())
    return content.hexdigest()


def _packages() -> dict[str, JSON]:
    # What an interrupted installation leaves behind has no name, or no version.
    metadata = [item.metadata for item in distributions()]
    named = [data for data in metadata if "Name" in data and "Version" in data]
    found = {data["Name"]: data["Version"] for data in named}
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def _cpu() -> dict[str, JSON]:
    return {
        "model": cpu_model(),
        "cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "architecture": platform.machine(),
    }


def cpu_model() -> str:
    """The processor's name, as the operating system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        if sys.platform == "darwin":
            name = _output(["sysctl", "-n", "machdep.cpu.brand_string"], Path.cwd())
            return name.decode().strip() if name else platform.processor()
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _gpus() -> list[JSON]:
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    found = _output(query, Path.cwd()) if shutil.which("nvidia-smi") else None
    return [line.strip() for line in found.decode().splitlines()] if found else []


def _output(command: list[str], folder: Path) -> bytes | None:
    """What a command prints, or None when it is not there, fails or hangs."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands
            command, cwd=folder, capture_output=True, timeout=_COMMAND_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
