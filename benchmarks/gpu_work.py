"""What is trained and how it is timed on a GPU; the same runs, small, on the processor."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.model import Setting
from harness.seeding import stream
from studies.distillation.architecture import Architecture, attention_block, teacher_architecture
from studies.distillation.data import DataSet, Examples
from studies.distillation.data.dataset import cifar_like
from studies.distillation.device import choose_device
from studies.distillation.guidance import Guidance
from studies.distillation.images import DeviceImages
from studies.distillation.params import StudentParams
from studies.distillation.plan import Streams
from studies.distillation.setup import Setup
from studies.distillation.splits import Split

CLASSES = 10
TESTED = 8


@dataclass(frozen=True, slots=True)
class Seeded:
    """The random streams of a training, by seed."""

    seed: int

    def rng(self, name: str) -> np.random.Generator:
        """The stream of this name, from its beginning."""
        return stream(self.seed, name)


@cache
def noise_like_cifar(images: int) -> DataSet:
    """Images of 32×32 pixels in colour: noise, as what they show takes no time."""
    draws = np.random.default_rng(1)

    def examples(count: int) -> Examples:
        pixels = draws.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
        return Examples(pixels, np.arange(count) % CLASSES)

    names = tuple(f"class {label}" for label in range(CLASSES))
    return cifar_like("noise", examples(images), examples(TESTED), names)


def setups_of(params: Sequence[StudentParams], images: int) -> list[Setup]:
    """Students of these parameters at their start, a seed each.

    All images are trained on, so that nothing is validated. Signals are noise as well.
    """
    dataset = noise_like_cifar(images)
    split = Split(np.arange(images), np.arange(0))
    return [_setup(each, seed, dataset, split) for seed, each in enumerate(params)]


def _setup(params: StudentParams, seed: int, dataset: DataSet, split: Split) -> Setup:
    device, source = choose_device(), Seeded(seed)
    return Setup(
        params=params,
        dataset=dataset,
        split=split,
        architecture=shape(params.blocks_removed),
        initial=source.rng("init"),
        streams=Streams.begin(source),
        guidance=_noise(params, len(split.chosen), device) if params.uses_teacher else Guidance(),
        pool=DeviceImages.of(dataset.pool, device),
    )


def _noise(params: StudentParams, images: int, device: torch.device) -> Guidance:
    draws = torch.Generator().manual_seed(1)

    def values(*sizes: int) -> Tensor:
        return torch.rand(images, *sizes, generator=draws).to(device)

    student = shape(params.blocks_removed)
    block = attention_block(shape(0), student) if params.attention_weight else None
    positions = 0 if block is None else student.blocks[block].output_size ** 2
    return Guidance(
        logits=values(CLASSES) if params.kd_weight else None,
        attention=None if block is None else values(positions),
        attention_block=block,
        maps=values(1, 32, 32) if params.overlay_probability else None,
    )


def shape(removed: int) -> Architecture:
    """The teacher of 32×32 images without its last blocks."""
    return teacher_architecture("cifar", CLASSES).without_last(removed)


def require_gpu(setting: Setting) -> None:
    """Have nothing measured on the processor that is kept as a GPU's.

    Raises:
        RuntimeError: where torch finds none, unless it is only to be seen that everything works.
    """
    if not (setting.quick or torch.cuda.is_available()):
        raise RuntimeError("torch finds no CUDA device, whatever nvidia-smi may find")


def wait() -> None:
    """Until the device has done what it was asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def give_back_memory() -> None:
    """All that nothing holds any more, so that other processes can have it."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """How long one of so many calls takes, waited for at the end only."""
    wait()
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    wait()
    return (time.perf_counter() - started) / repeats
