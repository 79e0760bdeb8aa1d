"""Which students may be trained together, how many, and in how many processes."""

from collections.abc import Mapping
from typing import Any

import psutil
import torch

from harness.canonical import JSON
from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.device import choose_device
from studies.distillation.free_memory import free_memory_bytes
from studies.distillation.layers import SeparateLayers, form_of_layers
from studies.distillation.params import BFLOAT16, SHARED, StudentParams

# What students must agree in to take the same steps on images of the same number and size, and to
# be tested alike. In everything else, arms, seeds, learning rates and epochs among it, they may
# differ.
_SHARED = (
    "dataset",
    "blocks_removed",
    "max_steps",
    "batch_size",
    "subset_fraction",
    "crop_padding",
    "evaluate_test",
    "transfer_dataset",
    "measure_latency",
    "precision",
)

# Students of the digits in one process of one core, with another one beside it: a step took 3.8 ms
# a student two at once, 3.0 four, 2.6 eight and 2.3 sixteen at once (memory settings of a worker,
# torch 2.15). More would leave few batches for each worker in studies of the usual size.
MOST_ON_PROCESSOR = 16

# More keep no device busier, and each batch waits for its slowest part.
MOST_ON_GPU = 64

# The rest is for images, signals, weights, and what libraries need to work in.
SHARE_FOR_ACTIVATIONS = 0.5


def alike(params: Mapping[str, Any]) -> JSON:
    """What parameters must agree in for their students to share a batch."""
    read = StudentParams.read(params)
    return [getattr(read, name) for name in _SHARED]


def most_at_once(params: Mapping[str, Any]) -> int:
    """How many such students one worker process should train together; at least 1.

    On the processor one at a time of images for which a step's time is nearly all arithmetic.
    """
    read, device = StudentParams.read(params), choose_device()
    family = "digits" if read.dataset == "digits" else "cifar"
    teacher = teacher_architecture(family, 10)
    # What cannot be removed is told by the trial itself.
    student = teacher.without_last(min(read.blocks_removed, teacher.most_removable))
    if form_of_layers(student.blocks[0].size, device) is SeparateLayers:
        return 1
    most = MOST_ON_PROCESSOR if device.type == "cpu" else MOST_ON_GPU
    # Of two bytes each, where float32 takes four.
    batch_size = read.batch_size / 2 if read.precision == BFLOAT16 else read.batch_size
    return max(1, min(most, _most_in_memory(student, batch_size, device)))


def needs_teacher(params: Mapping[str, Any]) -> bool:
    """Whether such a student learns from a teacher, which one process trains for all."""
    read = StudentParams.read(params)
    return read.uses_teacher and read.teacher == SHARED


def worker_processes() -> int | None:
    """How many worker processes make sense at most: one for the GPU; None for as many as wanted."""
    return 1 if choose_device().type == "cuda" else None


def _most_in_memory(student: Architecture, batch_size: float, device: torch.device) -> int:
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # What torch keeps of earlier batches counts as taken, and is there for the next one.
        free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    else:
        free = free_memory_bytes() // (psutil.cpu_count() or 1)
    return int(SHARE_FOR_ACTIVATIONS * free / (batch_size * 2 * student.activation_bytes()))
