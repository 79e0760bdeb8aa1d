"""The teacher: trained once on the whole pool, and kept as an asset."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON, digest
from studies.distillation.alignment import dataset_with_pool
from studies.distillation.architecture import FAMILIES, Architecture
from studies.distillation.datasets import DataSet
from studies.distillation.images import augment, normalise, unit_images
from studies.distillation.learning import evaluate, reproducible, train_epoch
from studies.distillation.network import Network, Output, build_network
from studies.distillation.plan import RandomSource, Streams, batch_bounds, plan_epoch
from studies.distillation.splits import Indices

# Raised when code changes in a way that makes another teacher of the same recipe.
VERSION = 1

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True, slots=True)
class TeacherRecipe:
    """How the teacher is trained: AdamW whose learning rate falls along a half cosine to zero.

    Chosen by the accuracy on a fifth of the pool that was held out; the test set had no part in it.

    Attributes:
        epochs: passes over the pool.
        batch_size: images a step.
        learning_rate: at the start.
        weight_decay: decoupled (Loshchilov and Hutter 2019).
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.01
    weight_decay: float = 0.1


def teacher_key(
    dataset: DataSet, recipe: TeacherRecipe, seed: int | None = None
) -> dict[str, JSON]:
    """Everything that the teacher depends on. The test set is no part of it.

    Args:
        dataset: whose pool it is trained on.
        recipe: how.
        seed: tells teachers of one recipe apart; None for the one that trials share.
    """
    own: dict[str, JSON] = {} if seed is None else {"seed": seed}
    return {
        **own,
        "dataset": dataset.name,
        "pool": dataset.pool.digest(),
        "architecture": digest("architecture", asdict(FAMILIES[dataset.family])),
        "recipe": asdict(recipe),
        "version": VERSION,
    }


def build_teacher(
    build: AssetBuild,
    *,
    dataset: str,
    pool: str,
    recipe: Mapping[str, Any],
    architecture: str,  # noqa: ARG001 - part of the address
    version: int,  # noqa: ARG001 - part of the address
    seed: int | None = None,  # noqa: ARG001 - part of the address, which every stream derives from
) -> None:
    """Train a teacher on the whole pool and keep its weights.

    Args:
        build: where to put it.
        dataset: name of the data set.
        pool: digest of the pool that it is to be trained on.
        recipe: the fields of :class:`TeacherRecipe`.
        architecture: digest of the network's shape.
        version: of this module's code.
        seed: tells teachers of one recipe apart.

    Raises:
        MisalignedError: if the data set of that name now has another pool.
    """
    data = dataset_with_pool(dataset, pool)
    everything = np.arange(len(data.pool.labels))
    with reproducible() as facts:
        network = train_teacher(data, everything, TeacherRecipe(**recipe), build)
        images, labels = normalised_pool(data), torch.from_numpy(data.pool.labels)
        build.note(**facts, pool_accuracy=evaluate(network, images, labels).accuracy)
    save_file(network.state_dict(), build.path / WEIGHTS)


def train_teacher(
    dataset: DataSet,
    positions: Indices,
    recipe: TeacherRecipe,
    source: RandomSource,
) -> Network:
    """Train the full network on part of the pool.

    Args:
        dataset: supplies images, labels and augmentation.
        positions: of the training examples in the pool.
        recipe: how to train.
        source: gives the streams ``init``, ``order`` and ``augment``.
    """
    network = build_network(FAMILIES[dataset.family], source.rng("init"))
    optimizer = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.epochs)
    images, labels = unit_images(dataset.pool, dataset), torch.from_numpy(dataset.pool.labels)
    streams = Streams.begin(source)
    batches = batch_bounds(len(positions), recipe.batch_size)

    def objective(output: Output, samples: Tensor) -> Tensor:
        return F.cross_entropy(output.logits, labels[samples])

    for _ in range(recipe.epochs):
        plan = plan_epoch(streams, len(positions), dataset.augmentation)
        samples = torch.from_numpy(positions[plan.order])
        inputs = normalise(augment(images[samples], plan, dataset.augmentation), dataset)
        train_epoch(network, optimizer, inputs, samples, batches, objective)
        schedule.step()
    return network


def load_teacher(asset: Asset, architecture: Architecture) -> Network:
    """The trained teacher, ready for evaluation and with its weights fixed.

    Args:
        asset: what :func:`build_teacher` built.
        architecture: the shape that it was built with.
    """
    network = Network(architecture)
    network.load_state_dict(load_file(asset.path / WEIGHTS))
    return network.eval().requires_grad_(requires_grad=False)


def normalised_pool(dataset: DataSet) -> Tensor:
    """All pool images in pool order, uncropped, as the teacher sees them."""
    return normalise(unit_images(dataset.pool, dataset), dataset)
