"""Measuring one network, inside the process that is there for this alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from studies.distillation.architecture import teacher_architecture
from studies.distillation.latency.memory import watch_peak
from studies.distillation.latency.timing import CallTimes, time_calls
from studies.distillation.network import SingleNetwork, build_networks


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be measured.

    Attributes:
        family: of the network.
        classes: outputs of its linear layer.
        blocks_removed: how many of its last feature blocks are missing.
        batch_size: images a call.
        threads: of the processor that compute.
        warmup: calls after the first one that do not count.
        repeats: calls that count, at least.
        device: ``cpu`` or ``cuda``.
        weights_seed: of the initial weights; the time does not depend on them.
        images_seed: of the images, which are uniform noise on [0, 1].
    """

    family: str
    classes: int
    blocks_removed: int
    batch_size: int
    threads: int
    warmup: int
    repeats: int
    device: str
    weights_seed: int
    images_seed: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured.

    Attributes:
        calls: how long each call took.
        peak_memory_bytes: the most memory that the calls took, the first one included, beyond the
            loaded libraries, the weights and the images; None where the system does not tell.
    """

    calls: CallTimes
    peak_memory_bytes: int | None


def measure(request: Request) -> Measurement:
    """Time inferences of a freshly built network in evaluation mode.

    In a fresh process the first call is a cold one: it meets libraries that have not computed yet.
    """
    device = torch.device(request.device)
    with _threads(request.threads):
        network = _network(request)
        images = _images(request, network).to(device)
        with torch.inference_mode():
            peak_bytes = watch_peak(device)
            calls = time_calls(
                _inference(network, images), warmup=request.warmup, repeats=request.repeats
            )
            return Measurement(calls, peak_bytes())


def _network(request: Request) -> SingleNetwork:
    teacher = teacher_architecture(request.family, request.classes)
    rng = np.random.default_rng(request.weights_seed)
    student = teacher.without_last(request.blocks_removed)
    return SingleNetwork(build_networks(student, [rng], torch.device(request.device)).frozen())


def _images(request: Request, network: SingleNetwork) -> Tensor:
    shape = (request.batch_size, *network.image_shape)
    noise = np.random.default_rng(request.images_seed).random(shape, dtype=np.float32)
    return torch.from_numpy(noise)


def _inference(network: SingleNetwork, images: Tensor) -> Callable[[], object]:
    if images.device.type != "cuda":
        return lambda: network(images)

    # A CUDA device computes on after the call has returned.
    def call() -> None:
        network(images)
        torch.cuda.synchronize(images.device)

    return call


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
