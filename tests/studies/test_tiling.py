from types import SimpleNamespace

import psutil
import pytest
import torch

from harness.seeding import stream
from studies.distillation import cores, tiling
from studies.distillation.architecture import teacher_architecture
from studies.distillation.cores import IdleCores
from studies.distillation.network import build_networks
from studies.distillation.tiling import (
    GRADIENT_BYTES,
    MOST_POINTS,
    Tile,
    threads_for,
    tile_bytes,
    tile_of,
)

SMALL, LARGE = teacher_architecture("digits", 10), teacher_architecture("cifar", 10)
PROCESSOR, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize("architecture", [SMALL, LARGE])
@pytest.mark.parametrize("device", [PROCESSOR, CUDA])
@pytest.mark.parametrize("steps", [1, 7, 50, 1000, 10**6])
def test_a_tile_keeps_to_memory_and_points(architecture, device, steps):
    tile = tile_of(architecture, device, steps)
    assert tile.points <= MOST_POINTS[device.type]
    assert tile.points * architecture.activation_bytes() <= GRADIENT_BYTES[device.type]


def test_a_tile_has_all_steps_of_some_images_or_equal_parts_of_those_of_one():
    assert tile_of(SMALL, PROCESSOR, 50) == Tile(8, 50)
    assert tile_of(SMALL, PROCESSOR, 800) == Tile(1, 400)
    assert tile_of(SMALL, PROCESSOR, 401) == Tile(1, 201)
    one, steps = tile_of(LARGE, PROCESSOR, 50).images, tile_of(LARGE, PROCESSOR, 50).steps
    assert (one, -(-50 // steps)) == (1, 3)


def test_a_network_that_is_too_large_for_any_tile_takes_one_point_at_a_time(monkeypatch):
    monkeypatch.setitem(tiling.GRADIENT_BYTES, "cpu", 1)
    assert tile_of(LARGE, PROCESSOR, 50) == Tile(1, 1)


def test_what_a_gradient_needs_is_what_pytorch_keeps():
    network = build_networks(LARGE, [stream("tiling", "kept")]).frozen()

    def kept_bytes(images):
        kept = {}

        def pack(tensor):
            kept[tensor.untyped_storage().data_ptr()] = tensor.nbytes
            return tensor

        points = torch.zeros(1, images, 3, 32, 32, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            logits = network(points).logits
            total = sum(kept.values())
        assert logits.shape == (1, images, 10)
        return total

    # What is kept of the weights is the same for two images as for one.
    needed = kept_bytes(2) - kept_bytes(1)
    assert 0.8 * LARGE.activation_bytes() < needed < 1.1 * LARGE.activation_bytes()


class Idle(IdleCores):
    def __init__(self, threads):
        self.threads = threads

    def and_own(self):
        return self.threads


def test_half_of_the_free_memory_bounds_how_many_tiles_are_computed_at_a_time(monkeypatch):
    tile = tile_of(LARGE, PROCESSOR, 50)

    def threads(free_tiles, idle, device=PROCESSOR):
        free = free_tiles * tile_bytes(LARGE, tile)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
        return threads_for(LARGE, tile, device, Idle(idle))

    assert threads(100, idle=8) == 8
    assert threads(10, idle=8) == 5
    assert threads(0, idle=8) == 1
    assert threads(100, idle=8, device=CUDA) == 1


@pytest.mark.parametrize(
    ("idle_share", "usable", "threads"),
    [(0.0, 8, 1), (7 / 8, 8, 8), (0.5, 8, 5), (1.0, 8, 8), (1.0, 2, 2), (0.0, 1, 1)],
)
def test_idle_cores_take_part_and_busy_ones_do_not(monkeypatch, idle_share, usable, threads):
    passed = 8.0
    clock = iter([(0.0, 0.0), (passed * (1 - idle_share), passed * idle_share)])
    monkeypatch.setattr(psutil, "cpu_times", lambda: Times(*next(clock)))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 8)
    monkeypatch.setattr(cores, "usable_cores", lambda: usable)
    assert IdleCores().and_own() == threads


def test_without_time_passed_only_the_own_core_is_counted_on(monkeypatch):
    monkeypatch.setattr(psutil, "cpu_times", lambda: Times(5.0, 3.0))
    assert IdleCores().and_own() == 1


class Times(tuple):
    def __new__(cls, user, idle):
        return super().__new__(cls, (user, idle))

    @property
    def idle(self):
        return self[1]
