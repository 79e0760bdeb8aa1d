"""The teacher: trained once on the whole pool, and kept as an asset."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON, digest
from studies.distillation.alignment import dataset_with_pool
from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.data import DataSet
from studies.distillation.device import choose_device
from studies.distillation.evaluation import evaluate, images_at_once
from studies.distillation.images import (
    DeviceImages,
    augment,
    inputs_at_once,
    normalise,
    normalised_images,
    unit_images,
)
from studies.distillation.learning import (
    Batch,
    batches_by_epoch,
    epoch_batches,
    reproducible,
    train_epoch,
)
from studies.distillation.network import Network, Output, build_network
from studies.distillation.plan import EpochPlan, RandomSource, Streams, batch_bounds, plan_epoch
from studies.distillation.recipes import TeacherRecipe
from studies.distillation.splits import Indices

# Raised when code changes in a way that makes another teacher of the same recipe.
VERSION = 1

WEIGHTS = "weights.safetensors"


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
        "architecture": digest(
            "architecture", asdict(teacher_architecture(dataset.family, dataset.classes))
        ),
        "recipe": recipe.key(),
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
    data = dataset_with_pool(dataset, pool, build)
    at_once = images_at_once(teacher_architecture(data.family, data.classes))
    everything = np.arange(len(data.pool.labels))
    with reproducible() as facts:
        network = train_teacher(data, everything, TeacherRecipe(**recipe), build)
        images = DeviceImages.of(data.pool, choose_device())
        view = partial(normalised_images, dataset=data)
        evaluation = evaluate(network, images, view, at_once)
        build.note(**facts, pool_accuracy=evaluation.accuracy)
    weights = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, build.path / WEIGHTS)


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
    device, architecture = choose_device(), teacher_architecture(dataset.family, dataset.classes)
    network = build_network(architecture, source.rng("init")).to(device)
    optimizer = recipe.optimizer_of(network.parameters())
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.epochs)
    pool, streams = DeviceImages.of(dataset.pool, device), Streams.begin(source)
    batches = batch_bounds(len(positions), recipe.batch_size)

    def see(plan: EpochPlan) -> Batch:
        samples = torch.from_numpy(positions[plan.order]).to(device)
        images = unit_images(pool.images[samples], dataset)
        return Batch(normalise(augment(images, plan, dataset.augmentation), dataset), samples)

    def objective(output: Output, samples: Tensor) -> Tensor:
        return F.cross_entropy(output.logits, pool.labels[samples])

    for taken in batches_by_epoch(recipe.epochs, batches, recipe.max_steps):
        plan = plan_epoch(streams, len(positions), dataset.augmentation)
        made = epoch_batches(plan, taken, see, inputs_at_once(dataset))
        train_epoch(network, optimizer, made, objective)
        schedule.step()
    return network


def load_teacher(asset: Asset, architecture: Architecture) -> Network:
    """The trained teacher on its device, ready for evaluation and with its weights fixed.

    Args:
        asset: what :func:`build_teacher` built.
        architecture: the shape that it was built with.
    """
    network = Network(architecture)
    network.load_state_dict(load_file(asset.path / WEIGHTS))
    return network.to(choose_device()).eval().requires_grad_(requires_grad=False)
