"""The most memory that something takes beyond what is in use already."""

import re
from collections.abc import Callable
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
# The Linux kernel's word for "forget the largest resident set so far" (man 5 proc).
_FORGET_PEAK = "5"

PeakBytes = Callable[[], int | None]


def watch_peak(device: torch.device) -> PeakBytes:
    """Begin to watch how much memory is taken from here on.

    Args:
        device: on ``cuda`` the watch counts what torch's allocator hands out on the device; on the
            processor, the memory of this process that is resident, of whatever kind: tensors,
            buffers of libraries, code that is loaded or generated meanwhile.

    Returns:
        A function that gives the most that was taken at any moment since the beginning, in bytes
        and without what was taken before; None where the system does not tell. The resident set is
        read on Linux only, and to within a few hundred kB.
    """
    return _watch_cuda(device) if device.type == "cuda" else _watch_resident()


def _watch_cuda(device: torch.device) -> PeakBytes:
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    return lambda: torch.cuda.max_memory_allocated(device) - before


def _watch_resident() -> PeakBytes:
    try:
        _CLEAR.write_text(_FORGET_PEAK)
        before = _status_bytes("VmRSS")
    except OSError:
        return lambda: None
    return lambda: max(0, _status_bytes("VmHWM") - before)


def _status_bytes(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"{_STATUS} has no {field}")
    return int(found[1]) * 1024
