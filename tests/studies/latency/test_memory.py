import subprocess
import sys

import pytest
import torch

from studies.distillation.latency import memory
from studies.distillation.latency.memory import watch_peak

CPU = torch.device("cpu")
MEGABYTE = 2**20

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="read from /proc")


@linux_only
def test_memory_that_was_taken_and_given_back_is_seen():
    # In a process of its own: of one that has worked before, the kernel may take pages meanwhile.
    code = (
        "from studies.distillation.latency.memory import watch_peak\n"
        "import torch\n"
        "peak_bytes = watch_peak(torch.device('cpu'))\n"
        "block = b'\\x01' * (64 * 2**20)\n"
        "del block\n"
        "print(peak_bytes())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 63 * MEGABYTE <= int(done.stdout) <= 70 * MEGABYTE


@linux_only
def test_what_was_taken_before_the_watch_is_not_counted():
    block = b"\x01" * (64 * MEGABYTE)
    del block
    assert watch_peak(CPU)() < 4 * MEGABYTE


def test_a_system_that_does_not_tell_gives_none(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_CLEAR", tmp_path / "no such folder" / "clear_refs")
    assert watch_peak(CPU)() is None


def test_a_status_without_the_field_gives_none(tmp_path, monkeypatch):
    (tmp_path / "status").write_text("Name:\tpython\n")
    monkeypatch.setattr(memory, "_CLEAR", tmp_path / "clear_refs")
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "status")
    assert watch_peak(CPU)() is None
