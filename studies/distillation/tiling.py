"""How many images and steps of the quadrature pass through a network together.

A tile is a matter of speed and memory, and of rounding: it follows from the network's shape, the
kind of device and the number of steps alone, and not from the memory that happens to be free, so
that the same maps come out to the last bit on the same machine. What is free decides only how many
tiles are under way at a time.
"""

from dataclasses import dataclass

import torch

from studies.distillation.architecture import Architecture
from studies.distillation.cores import IdleCores
from studies.distillation.free_memory import free_memory_bytes

# Forward and backward through the digits teacher, points a second of one core: 22,500 with 50 at
# once, 29,200 with 100, 34,400 with 200, 33,500 with 400, 30,200 with 800, 27,500 with 1,600, whose
# activations leave the cache. On a GPU it is to be enough to fill it.
MOST_POINTS = {"cpu": 400, "cuda": 50_000}

# The same through the teacher for 32×32 pixels, whose points take 6.6 MB each: 90 with 2 at once,
# 99 with 4, 106 with 8, 126 with 16, 130 with 32.
GRADIENT_BYTES = {"cpu": 115_000_000, "cuda": 2_000_000_000}

# Beside what the gradient needs: gradients on their way, and what the C library cannot reuse. Two
# tiles of the teacher for 32×32 pixels took 0.95 GB in all, 4.5 times what their gradients need.
OVERHEAD = 5.0


@dataclass(frozen=True, slots=True)
class Tile:
    """Images and steps that pass through a network together.

    Attributes:
        images: at least 1.
        steps: of each of these images, at least 1.
    """

    images: int
    steps: int

    @property
    def points(self) -> int:
        """How many inputs of the network that makes."""
        return self.images * self.steps


def tile_of(architecture: Architecture, device: torch.device, steps: int) -> Tile:
    """The tile that suits a network on a device.

    All steps of several images, or about equal parts of the steps of one image.

    Args:
        architecture: the network's.
        device: where it lives.
        steps: of the quadrature, at least 1.
    """
    fitting = GRADIENT_BYTES[device.type] // architecture.activation_bytes()
    points = max(1, min(MOST_POINTS[device.type], fitting))
    if points >= steps:
        return Tile(points // steps, steps)
    parts = -(-steps // points)
    return Tile(1, -(-steps // parts))


def tile_bytes(architecture: Architecture, tile: Tile) -> int:
    """About how much memory one tile needs at most, while it is computed."""
    return int(OVERHEAD * tile.points * architecture.activation_bytes())


def threads_for(
    architecture: Architecture, tile: Tile, device: torch.device, idle: IdleCores
) -> int:
    """How many tiles may be computed at a time: by the cores that are idle, and half the memory.

    A GPU works on one tile after the other.
    """
    if device.type != "cpu":
        return 1
    in_memory = free_memory_bytes() // 2 // tile_bytes(architecture, tile)
    return max(1, min(idle.and_own(), in_memory))
