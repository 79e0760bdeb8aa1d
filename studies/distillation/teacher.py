"""The teacher: trained once on the whole pool, and kept as an asset."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON, digest
from studies.distillation.alignment import dataset_with_pool
from studies.distillation.architecture import Architecture, teacher_architecture
from studies.distillation.data import DataSet
from studies.distillation.device import choose_device
from studies.distillation.evaluation import evaluate_each, images_at_once
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
    TorchStepper,
    batches_by_epoch,
    epoch_batches,
    reproducible,
    train_epoch,
)
from studies.distillation.losses import cross_entropy
from studies.distillation.network import (
    Networks,
    Output,
    SingleNetwork,
    build_networks,
    inference_network,
)
from studies.distillation.plan import EpochPlan, RandomSource, Streams, batch_bounds, plan_epoch
from studies.distillation.recipes import TeacherRecipe
from studies.distillation.splits import Indices

# Raised when code changes in a way that makes another teacher of the same recipe.
VERSION = 2

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
    everything = np.arange(len(data.pool.labels))
    with reproducible() as facts:
        networks = train_teacher(data, everything, TeacherRecipe(**recipe), build)
        accuracy = _accuracy(networks, data, DeviceImages.of(data.pool, choose_device()))
        build.note(**facts, pool_accuracy=accuracy)
    weights = {name: tensor.cpu() for name, tensor in networks.weights_of(0).items()}
    save_file(weights, build.path / WEIGHTS)


def train_teacher(
    dataset: DataSet,
    positions: Indices,
    recipe: TeacherRecipe,
    source: RandomSource,
) -> Networks:
    """Train one full network on part of the pool.

    Args:
        dataset: supplies images, labels and augmentation.
        positions: of the training examples in the pool.
        recipe: how to train.
        source: gives the streams ``init``, ``order`` and ``augment``.
    """
    device, architecture = choose_device(), teacher_architecture(dataset.family, dataset.classes)
    networks = build_networks(architecture, [source.rng("init")], device)
    optimizer = recipe.optimizer_of(networks.parameters())
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.epochs)
    pool, streams = DeviceImages.of(dataset.pool, device), Streams.begin(source)
    batches = batch_bounds(len(positions), recipe.batch_size)

    def see(plan: EpochPlan, visits: slice) -> Batch:
        part = plan.part(visits)
        samples = torch.from_numpy(positions[part.order]).to(device)
        images = augment(unit_images(pool.images[samples], dataset), part, dataset.augmentation)
        return Batch(normalise(images, dataset).unsqueeze(0), pool.labels[samples].unsqueeze(0))

    def objective(output: Output, batch: Batch) -> Tensor:
        return cross_entropy(output.logits, batch.labels)

    for taken in batches_by_epoch(recipe.epochs, batches, recipe.max_steps):
        plan = plan_epoch(streams, len(positions), dataset.augmentation)
        made = epoch_batches(taken, partial(see, plan), inputs_at_once(dataset))
        train_epoch(networks, TorchStepper(optimizer), made, objective)
        schedule.step()
    return networks


def load_teacher(asset: Asset, architecture: Architecture) -> SingleNetwork:
    """The trained teacher on its device, ready for evaluation and with its weights fixed.

    Args:
        asset: what :func:`build_teacher` built.
        architecture: the shape that it was built with.
    """
    return inference_network(architecture, load_file(asset.path / WEIGHTS), choose_device())


def _accuracy(networks: Networks, dataset: DataSet, images: DeviceImages) -> float:
    view = partial(normalised_images, dataset=dataset)
    at_once = images_at_once(networks.architecture)
    return evaluate_each(networks, [images], view, at_once)[0].accuracy
