"""A trial function that trains a student and keeps what there is to see of it and of its teacher.

Its students are those of ``train_student``, bit for bit: it only looks at them afterwards.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.trial import Trial
from studies.distillation.architecture import attention_block
from studies.distillation.attribution import Attributions, integrated_gradients
from studies.distillation.data import Examples
from studies.distillation.evaluation import images_at_once
from studies.distillation.guidance import teacher_of
from studies.distillation.images import (
    DeviceImages,
    normalised_images,
    overlay,
    sharpened_maps,
    unit_images,
)
from studies.distillation.learning import reproducible
from studies.distillation.losses import attention_loss, attention_map
from studies.distillation.network import SingleNetwork
from studies.distillation.splits import Indices
from studies.distillation.student import Trained, trained_students
from studies.distillation.teacher import load_teacher
from studies.distillation.tiling import tile_of
from studies.illustrations import (
    ATTACHMENT,
    EXPONENTS,
    POOL,
    TEST,
    Floats,
    Illustrations,
    ShownImages,
    write_examples,
)

MOST_CLASSES = 10


def illustrate(
    params: Mapping[str, Any],  # noqa: ARG001 - the trial has them
    seed: int,  # noqa: ARG001 - the trial derives every stream from it
    trial: Trial,
) -> dict[str, float]:
    """Train a student, and attach images with their maps and both networks' attention.

    Shown are the first image of each of the first ten classes, of the pool and, unless the test
    set is not to be looked at, of the test set: nothing is picked by how it looks. The attachment
    is read by :func:`studies.illustrations.read_examples`. An arm that learns nothing from the
    teacher is shown beside it all the same.

    Args:
        params: see :class:`StudentParams`.
        seed: of the trial.
        trial: gives streams and assets, and takes reports and the attachment.

    Returns:
        ``completeness_error_mean`` (logits) and ``completeness_error_relative`` (over the mean
        absolute logit gain), both over the images shown; ``attention_distance``, the mean squared
        difference of student's and teacher's attention over all images and positions of the pool,
        NaN for a student that diverged; and ``test_accuracy`` where the test set is looked at.

    Raises:
        ParameterError: for parameters that are unknown or out of range.
    """
    (trained,) = trained_students([trial])
    if isinstance(trained, BaseException):
        raise trained
    view, dataset = _View(trained, trial), trained.setup.dataset
    with reproducible():
        sets = {POOL: view.shown(dataset.pool)}
        if trained.setup.params.evaluate_test:
            sets[TEST] = view.shown(dataset.test)
        distance = view.attention_distance()
    trial.attach(ATTACHMENT, write_examples(view.illustrations(sets)))
    tested = {name: trained.metrics[name] for name in ("test_accuracy",) if name in trained.metrics}
    return {**tested, **_completeness(sets), "attention_distance": distance}


def first_of_each_class(examples: Examples) -> Indices:
    """Position of the first image of each of the first ten classes, by class."""
    classes, firsts = np.unique(examples.labels, return_index=True)
    return np.asarray(firsts[classes < MOST_CLASSES], dtype=np.int64)


class _View:
    """A trained student beside its teacher."""

    def __init__(self, trained: Trained, trial: Trial) -> None:
        self.setup = setup = trained.setup
        self.student = trained.network()
        self.block = attention_block(setup.teacher_architecture, setup.architecture)
        asset = teacher_of(setup.params, setup.dataset, trial)
        self.teacher = load_teacher(asset, setup.teacher_architecture)

    def shown(self, examples: Examples) -> ShownImages:
        """The images that the rule chooses, with everything there is to see of them."""
        setup, positions = self.setup, first_of_each_class(examples)
        chosen = examples.take(positions)
        pixels = DeviceImages.of(chosen, setup.device)
        unit = unit_images(pixels.images, setup.dataset)
        normalised = normalised_images(pixels.images, setup.dataset)
        attributions = self._attributions(normalised, pixels.labels)
        sharpened = [
            sharpened_maps(attributions.maps, np.full(len(positions), power)) for power in EXPONENTS
        ]
        everywhere = torch.ones(len(positions), dtype=torch.bool, device=setup.device)
        teacher, student = self._look(self.teacher, normalised), self._look(self.student, unit)
        return ShownImages(
            positions=positions,
            images=chosen.images,
            labels=chosen.labels,
            teacher_predictions=teacher[0].argmax(dim=1).cpu().numpy(),
            student_predictions=student[0].argmax(dim=1).cpu().numpy(),
            maps=_array(attributions.maps.squeeze(1)),
            sharpened=_array(torch.stack(sharpened).squeeze(2)),
            overlays=_array(torch.stack([overlay(unit, each, everywhere) for each in sharpened])),
            teacher_attention=self._as_map(teacher[1]),
            student_attention=self._as_map(student[1]),
            logit_gains=_array(attributions.logit_gain),
            completeness_errors=_array(attributions.completeness_error),
        )

    def attention_distance(self) -> float:
        """Mean squared difference of the two networks' attention over the whole pool."""
        setup = self.setup
        at_once = images_at_once(setup.teacher_architecture)
        total = 0.0
        for part in torch.split(setup.pool.images, at_once):
            _, teacher = self._look(self.teacher, normalised_images(part, setup.dataset))
            _, student = self._look(self.student, unit_images(part, setup.dataset))
            total += float(attention_loss(student, teacher)) * len(part)
        return total / len(setup.pool.images)

    def illustrations(self, sets: Mapping[str, ShownImages]) -> Illustrations:
        """The sets with what they are of."""
        dataset = self.setup.dataset
        return Illustrations(
            dataset=dataset.name,
            class_names=dataset.class_names,
            full_scale=dataset.full_scale,
            rule=f"the first image of each of the first {MOST_CLASSES} classes, in the set's order",
            attention_block=self.block,
            attribution_steps=self.setup.params.attribution_steps,
            sets=sets,
        )

    def _attributions(self, images: Tensor, labels: Tensor) -> Attributions:
        setup = self.setup
        steps = setup.params.attribution_steps
        tile = tile_of(setup.teacher_architecture, setup.device, steps)
        return integrated_gradients(self.teacher, images, labels, steps=steps, tile=tile)

    def _look(self, network: SingleNetwork, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``(n, classes)`` and attention ``(n, positions)``."""
        with torch.no_grad():
            output = network(inputs, self.block)
        return output.logits, attention_map(output.features)

    def _as_map(self, attention: Tensor) -> Floats:
        side = self.setup.architecture.blocks[self.block].output_size
        return _array(attention.view(-1, side, side))


def _completeness(sets: Mapping[str, ShownImages]) -> dict[str, float]:
    errors, gains = (
        np.concatenate([getattr(each, name) for each in sets.values()]).astype(np.float64)
        for name in ("completeness_errors", "logit_gains")
    )
    return {
        "completeness_error_mean": float(errors.mean()),
        "completeness_error_relative": float(errors.mean() / np.abs(gains).mean()),
    }


def _array(tensor: Tensor) -> Floats:
    return np.asarray(tensor.cpu().numpy(), dtype=np.float32)
