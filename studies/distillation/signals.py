"""What the teacher says about every image of the pool: built once, each kind an asset.

All signals are of clean, uncropped images in pool order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON
from studies.distillation.alignment import MisalignedError, dataset_with_pool, save_signal
from studies.distillation.architecture import FAMILIES
from studies.distillation.attribution import integrated_gradients
from studies.distillation.datasets import Examples
from studies.distillation.learning import reproducible
from studies.distillation.losses import attention_map
from studies.distillation.network import Network
from studies.distillation.teacher import build_teacher, load_teacher, normalised_pool

# Raised when code changes in a way that makes other signals of the same teacher.
VERSION = 1


def signal_key(teacher: Asset) -> dict[str, JSON]:
    """Everything that a signal depends on: which teacher, and what that was built from."""
    return {"teacher": teacher.digest, "built_from": dict(teacher.key), "version": VERSION}


def build_logits(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    version: int,  # noqa: ARG001 - part of the address
) -> None:
    """Store the teacher's logits, ``(n, classes)``.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        version: of this module's code.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    source = _open_source(build, teacher, built_from)
    with reproducible() as facts, torch.no_grad():
        values = source.network(source.images).logits
    build.note(**facts)
    save_signal(build.path, values, source.examples)


def build_attention(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    block: int,
    version: int,  # noqa: ARG001 - part of the address
) -> None:
    """Store the teacher's attention maps after one block, ``(n, positions)``, each of norm 1.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        block: number of the feature block, from 0.
        version: of this module's code.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    source = _open_source(build, teacher, built_from)
    with reproducible() as facts, torch.no_grad():
        values = attention_map(source.network(source.images, block).features)
    build.note(**facts)
    save_signal(build.path, values, source.examples)


def build_attributions(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    version: int,  # noqa: ARG001 - part of the address
) -> None:
    """Store the integrated-gradients map of each image's true class, ``(n, 1, h, w)``.

    The completeness error is noted, in logits, beside the mean gain that it is to be compared with.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        version: of this module's code.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    source = _open_source(build, teacher, built_from)
    with reproducible() as facts:
        labels = torch.from_numpy(source.examples.labels)
        attributions = integrated_gradients(source.network, source.images, labels)
    error = attributions.completeness_error
    build.note(
        **facts,
        completeness_error_max=float(error.max()),
        completeness_error_mean=float(error.mean()),
        logit_gain_mean=float(attributions.logit_gain.mean()),
    )
    save_signal(build.path, attributions.maps, source.examples)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    network: Network
    examples: Examples
    images: Tensor


def _open_source(build: AssetBuild, teacher: str, built_from: Mapping[str, JSON]) -> _Source:
    asset = build.asset(build_teacher, **built_from)
    if asset.digest != teacher:
        raise MisalignedError(
            f"The signal of the teacher {teacher} was asked for, but its key gives {asset.digest}."
        )
    dataset = dataset_with_pool(str(built_from["dataset"]), str(built_from["pool"]))
    network = load_teacher(asset, FAMILIES[dataset.family])
    return _Source(network, dataset.pool, normalised_pool(dataset))
