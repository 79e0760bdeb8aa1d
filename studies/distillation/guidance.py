"""The teacher's signals that one arm learns from; only those are built and read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

import torch
from torch import Tensor

from harness.assets import Asset, Builder
from harness.canonical import JSON
from studies.distillation.alignment import load_misaligned_signal, load_signal
from studies.distillation.architecture import attention_block, teacher_architecture
from studies.distillation.data import AssetSource, DataSet
from studies.distillation.one_copy import OneCopy
from studies.distillation.params import AS_RELEASED, SHARED, StudentParams
from studies.distillation.plan import RandomSource
from studies.distillation.recipes import teacher_recipe
from studies.distillation.signals import (
    build_attention,
    build_attributions,
    build_logits,
    signal_key,
)
from studies.distillation.teacher import build_teacher, teacher_key

# JSON, in which a teacher's key is written, holds whole numbers up to here.
LARGEST_TEACHER_SEED = 2**53 - 1


class TrainingSource(RandomSource, AssetSource, Protocol):
    """What a training draws from: a trial, or the build of an asset."""


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """Signals of the whole pool on the device, in pool order; None where the arm does without.

    Attributes:
        logits: ``(n, classes)``.
        attention: ``(n, positions)``, each of norm 1.
        attention_block: the block, from 0, whose attention the student imitates.
        maps: attribution maps, ``(n, 1, h, w)``.
    """

    logits: Tensor | None = None
    attention: Tensor | None = None
    attention_block: int | None = None
    maps: Tensor | None = None


def load_guidance(
    params: StudentParams, dataset: DataSet, source: TrainingSource, device: torch.device
) -> Guidance:
    """The signals that these parameters call for.

    A student with a teacher of its own draws which one it is from the stream ``teacher``, in every
    arm, also where nothing of the teacher is used.

    Raises:
        MisalignedError: if a stored signal belongs to other images.
    """
    seed = _teacher_seed(params, source)
    if not params.uses_teacher:
        return Guidance()
    signals = _Signals(params, dataset, _teacher(params, dataset, source, seed), source, device)
    wants_attention = params.attention_weight > 0
    block = _attention_block(params, dataset) if wants_attention else None
    return Guidance(
        logits=signals.load(build_logits) if params.kd_weight > 0 else None,
        attention=signals.load(build_attention, block=block) if wants_attention else None,
        attention_block=block,
        maps=(
            signals.load(build_attributions, steps=params.attribution_steps)
            if params.overlay_probability > 0
            else None
        ),
    )


def teacher_of(params: StudentParams, dataset: DataSet, source: TrainingSource) -> Asset:
    """The teacher of a student with these parameters, also of one that learns nothing from it."""
    return _teacher(params, dataset, source, _teacher_seed(params, source))


@dataclass(frozen=True, slots=True)
class _Signals:
    params: StudentParams
    dataset: DataSet
    teacher: Asset
    source: TrainingSource
    device: torch.device

    def load(self, builder: Builder, **key: JSON) -> Tensor:
        as_released = self.params.signal_alignment == AS_RELEASED
        loader: Mapping[str, JSON] | None = (
            asdict(self.dataset.augmentation) if as_released else None
        )
        asset = self.source.asset(builder, **signal_key(self.teacher, loader), **key)
        read = load_misaligned_signal if as_released else load_signal
        pool, stored = self.dataset.pool, (asset.path, asset.content_digest, self.device)
        return _COPIES.of(pool, stored, lambda: read(asset.path, pool).to(self.device))


_COPIES: OneCopy[Tensor] = OneCopy()


def _attention_block(params: StudentParams, dataset: DataSet) -> int:
    teacher = teacher_architecture(dataset.family, dataset.classes)
    return attention_block(teacher, teacher.without_last(params.blocks_removed))


def _teacher_seed(params: StudentParams, source: TrainingSource) -> int | None:
    if params.teacher == SHARED:
        return None
    return int(source.rng("teacher").integers(LARGEST_TEACHER_SEED, endpoint=True))


def _teacher(
    params: StudentParams, dataset: DataSet, source: TrainingSource, seed: int | None
) -> Asset:
    recipe = teacher_recipe(dataset.family, params.teacher_epochs, params.max_steps)
    return source.asset(build_teacher, **teacher_key(dataset, recipe, seed))
