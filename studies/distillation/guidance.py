"""The teacher's signals that one arm learns from; only those are built and read."""

from dataclasses import dataclass
from functools import partial

from torch import Tensor

from harness.assets import Asset, Builder
from harness.canonical import JSON
from harness.trial import Trial
from studies.distillation.alignment import load_signal
from studies.distillation.architecture import FAMILIES, attention_block
from studies.distillation.datasets import DataSet
from studies.distillation.params import StudentParams
from studies.distillation.signals import (
    build_attention,
    build_attributions,
    build_logits,
    signal_key,
)
from studies.distillation.teacher import TeacherRecipe, build_teacher, teacher_key

# JSON, in which a teacher's key is written, holds whole numbers up to here.
LARGEST_TEACHER_SEED = 2**53 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """Signals of the whole pool, in pool order; None where the arm does without.

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


def load_guidance(params: StudentParams, dataset: DataSet, trial: Trial) -> Guidance:
    """The signals that these parameters call for.

    A trial with a teacher of its own draws which one it is from the stream ``teacher``, in every
    arm, also where nothing of the teacher is used.

    Raises:
        MisalignedError: if a stored signal belongs to other images.
    """
    teacher_seed = _teacher_seed(trial) if params.teacher == "own" else None
    wants_logits = params.kd_weight > 0
    wants_attention = params.attention_weight > 0
    wants_maps = params.overlay_probability > 0
    if not (wants_logits or wants_attention or wants_maps):
        return Guidance()
    teacher = _teacher(params, dataset, trial, teacher_seed)
    signal = partial(_signal, trial, teacher, dataset)
    architecture = FAMILIES[dataset.family]
    student = architecture.without_last(params.blocks_removed)
    block = attention_block(architecture, student) if wants_attention else None
    return Guidance(
        logits=signal(build_logits) if wants_logits else None,
        attention=signal(build_attention, block=block) if wants_attention else None,
        attention_block=block,
        maps=signal(build_attributions) if wants_maps else None,
    )


def _teacher_seed(trial: Trial) -> int:
    return int(trial.rng("teacher").integers(LARGEST_TEACHER_SEED, endpoint=True))


def _teacher(params: StudentParams, dataset: DataSet, trial: Trial, seed: int | None) -> Asset:
    recipe = TeacherRecipe(epochs=params.teacher_epochs) if params.teacher_epochs else None
    return trial.asset(build_teacher, **teacher_key(dataset, recipe or TeacherRecipe(), seed))


def _signal(
    trial: Trial, teacher: Asset, dataset: DataSet, builder: Builder, **key: JSON
) -> Tensor:
    asset = trial.asset(builder, **signal_key(teacher), **key)
    return load_signal(asset.path, dataset.pool)
