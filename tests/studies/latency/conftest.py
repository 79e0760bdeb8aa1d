import tempfile
from dataclasses import replace

import pytest

from harness.assets import AssetStore
from harness.trial import Trial
from studies.distillation.latency import machine
from studies.distillation.latency.measuring import Measurement, Request
from studies.distillation.latency.timing import CallTimes

REQUEST = Request(
    family="digits",
    classes=10,
    blocks_removed=5,
    batch_size=4,
    threads=1,
    warmup=0,
    repeats=6,
    device="cpu",
    weights_seed=1,
    images_seed=2,
)


@pytest.fixture
def request_for():
    return lambda **changes: replace(REQUEST, **changes)


@pytest.fixture(autouse=True)
def own_lock(tmp_path, monkeypatch):
    """A lock of this test's own: other work on this machine may hold the real one."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def trial(tmp_path):
    return lambda **params: Trial(params, 1, AssetStore(tmp_path / "assets"))


class Bench:
    """A machine on which a network takes a millisecond for each block that it has left."""

    def __init__(self):
        self.busy = 0.0
        self.peak_memory_bytes = 2_500_000
        self.requests = []

    def measure(self, request):
        self.requests.append(request)
        median_s = (10 - request.blocks_removed) / 1000
        times = tuple(median_s + offset / 1e6 for offset in (-3, -2, -1, 1, 2, 3))
        return Measurement(CallTimes(1.0, times), self.peak_memory_bytes)


@pytest.fixture
def bench(monkeypatch):
    bench = Bench()
    monkeypatch.setattr(machine, "measure_in_fresh_process", bench.measure)
    monkeypatch.setattr(machine, "busy_share", lambda: bench.busy)
    return bench
