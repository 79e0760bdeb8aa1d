"""The trial function: measure one network's latency."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from harness.trial import Trial
from studies.distillation.architecture import (
    Architecture,
    compression_factor,
    teacher_architecture,
)
from studies.distillation.data import open_dataset
from studies.distillation.device import choose_device, device_facts
from studies.distillation.latency.machine import Observation, observe
from studies.distillation.latency.measuring import Request
from studies.distillation.latency.median import median_interval
from studies.distillation.latency.params import LatencyParams

# These are known without their images, which need not be there to measure their networks.
_KNOWN = {"digits": ("digits", 10), "cifar10": ("cifar", 10)}

_LARGEST_SEED = 2**53 - 1


def measure_latency(
    params: Mapping[str, Any],
    seed: int,  # noqa: ARG001 - the trial derives every stream from it
    trial: Trial,
) -> dict[str, float]:
    """Time inferences of the teacher or of a student that is cut from it, in a fresh process.

    The network has its initial weights and classifies noise: neither changes what is computed.

    Args:
        params: see :class:`LatencyParams`.
        seed: of the trial; seeds differ in nothing that matters, so that the spread between them is
            the spread between processes.
        trial: gives streams, and takes facts and cautions.

    Returns:
        ``latency_ms``, the median of the calls that count, with ``latency_low_ms`` and
        ``latency_high_ms`` (at least 95 %, see :func:`median_interval`); ``first_call_ms``, the
        cold call that a fresh process begins with; ``images_per_second`` at the median;
        ``peak_memory_mb`` (see :class:`Measurement`; left out where the system does not tell) and
        ``weights_mb``, both in 10⁶ bytes; ``parameters``, ``multiply_adds`` (an image),
        ``compression_factor`` (against the teacher); ``busy_before``, the share of all cores' time
        that other work took just before.

    Raises:
        ParameterError: for parameters that are unknown or out of range.
    """
    settings = LatencyParams.read(params)
    family, classes = _network_of(settings.dataset, trial)
    teacher = teacher_architecture(family, classes)
    student = teacher.without_last(settings.blocks_removed)
    request = _request(settings, family, classes, trial)
    observation = observe(request, trial)
    _note(observation, request, trial)
    return {
        **_observed_metrics(observation, settings.batch_size),
        **_counted_metrics(teacher, student),
    }


def _request(settings: LatencyParams, family: str, classes: int, trial: Trial) -> Request:
    return Request(
        family=family,
        classes=classes,
        blocks_removed=settings.blocks_removed,
        batch_size=settings.batch_size,
        threads=settings.threads,
        warmup=settings.warmup,
        repeats=settings.repeats,
        device=choose_device().type,
        weights_seed=_seed(trial.rng("init")),
        images_seed=_seed(trial.rng("images")),
    )


def _note(observation: Observation, request: Request, trial: Trial) -> None:
    times_s = observation.measurement.calls.times_s
    trial.note(
        **device_facts(choose_device()),
        torch_threads=request.threads,
        torch=torch.__version__,
        calls_measured=len(times_s),
        interval_coverage=median_interval(times_s).coverage,
    )


def _network_of(dataset: str, trial: Trial) -> tuple[str, int]:
    """The family of a data set's networks, and their number of classes."""
    if dataset in _KNOWN:
        return _KNOWN[dataset]
    opened = open_dataset(dataset, trial)
    return opened.family, opened.classes


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(_LARGEST_SEED, endpoint=True))


def _observed_metrics(observation: Observation, batch_size: int) -> dict[str, float]:
    calls, peak_bytes = observation.measurement.calls, observation.measurement.peak_memory_bytes
    latency = median_interval(calls.times_s)
    memory = {} if peak_bytes is None else {"peak_memory_mb": peak_bytes / 1e6}
    return {
        "latency_ms": latency.median * 1e3,
        "latency_low_ms": latency.low * 1e3,
        "latency_high_ms": latency.high * 1e3,
        "first_call_ms": calls.first_s * 1e3,
        "images_per_second": batch_size / latency.median,
        "busy_before": observation.busy_before,
        **memory,
    }


def _counted_metrics(teacher: Architecture, student: Architecture) -> dict[str, float]:
    return {
        "weights_mb": student.weights_bytes() / 1e6,
        "parameters": float(student.parameters()),
        "multiply_adds": float(student.multiply_adds()),
        "compression_factor": compression_factor(teacher, student),
    }
