"""The latency of every network of a family, measured once a machine for all trials to quote."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

import torch

from harness.assets import AssetBuild
from harness.canonical import JSON, digest
from harness.environment import cpu_model
from harness.execution.alone import alone_on_machine
from harness.trial import Trial
from studies.distillation.architecture import teacher_architecture
from studies.distillation.device import choose_device, device_facts
from studies.distillation.latency.machine import Observation, observe
from studies.distillation.latency.measuring import Request
from studies.distillation.latency.median import median_interval

# Raised when code changes in a way that makes another measurement of the same network.
VERSION = 2

# The paper's batches; and one thread, as trials train with.
SETTINGS: Mapping[str, int] = {"batch_size": 64, "threads": 1, "warmup": 3, "repeats": 20}

PROFILE = "profile.json"


def profiled_latency_ms(trial: Trial, family: str, classes: int, blocks_removed: int) -> float:
    """The median time, in milliseconds, that a network takes to classify 64 images.

    The first trial on a machine that asks for it measures the whole family while the others wait.
    It is therefore to be asked for before a trial computes anything of its own, so that trials that
    run side by side all wait, instead of being measured against.

    Args:
        trial: gives the profile.
        family: of the network.
        classes: outputs of its linear layer.
        blocks_removed: how many of its last feature blocks are missing; 0 is the teacher.
    """
    # First this lock, then the asset's: see alone_on_machine.
    with alone_on_machine():
        asset = trial.asset(build_latency_profile, **profile_key(family, classes))
    medians: dict[str, Any] = json.loads((asset.path / PROFILE).read_text(encoding="utf-8"))
    return float(medians[str(blocks_removed)]["latency_ms"])


def profile_key(family: str, classes: int) -> dict[str, JSON]:
    """Everything that latencies depend on, as far as it can be named: networks and machine."""
    device = device_facts(choose_device())
    return {
        "family": family,
        "classes": classes,
        "architecture": digest("architecture", asdict(teacher_architecture(family, classes))),
        **SETTINGS,
        "device": device["device"],
        "device_name": device.get("device_name"),
        "cpu": cpu_model(),
        "torch": torch.__version__,
        "version": VERSION,
    }


def build_latency_profile(
    build: AssetBuild, *, family: str, classes: int, device: str, **key: JSON
) -> None:
    """Measure the teacher and every student of a family, each in a fresh process.

    Args:
        build: where to put the medians.
        family: of the networks.
        classes: outputs of their linear layer.
        device: ``cpu`` or ``cuda``.
        **key: the rest of :func:`profile_key`; of it, :data:`SETTINGS` say how it is measured.
    """
    settings = {name: cast("int", key[name]) for name in SETTINGS}
    removable = teacher_architecture(family, classes).most_removable
    observations = [
        observe(_request(family, classes, blocks_removed, device, settings), build)
        for blocks_removed in range(removable + 1)
    ]
    build.note(busy_before_most=max(each.busy_before for each in observations))
    medians = {str(removed): _latencies(each) for removed, each in enumerate(observations)}
    (build.path / PROFILE).write_text(json.dumps(medians), encoding="utf-8")


def _request(
    family: str, classes: int, blocks_removed: int, device: str, settings: Mapping[str, int]
) -> Request:
    return Request(
        family=family,
        classes=classes,
        blocks_removed=blocks_removed,
        device=device,
        weights_seed=0,
        images_seed=0,
        **settings,
    )


def _latencies(observation: Observation) -> dict[str, float]:
    latency = median_interval(observation.measurement.calls.times_s)
    return {
        "latency_ms": latency.median * 1e3,
        "latency_low_ms": latency.low * 1e3,
        "latency_high_ms": latency.high * 1e3,
    }
