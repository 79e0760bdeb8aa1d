"""Opens a data set, or a set of images to evaluate on, by its name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.errors import Problem
from studies.distillation.data.cifar10 import cifar10
from studies.distillation.data.corrupted import digits_corrupted
from studies.distillation.data.dataset import AssetSource, DataSet
from studies.distillation.data.digits import CLASS_NAMES as DIGITS_CLASSES
from studies.distillation.data.digits import digits
from studies.distillation.data.errors import DataError
from studies.distillation.data.examples import Examples
from studies.distillation.data.folder_asset import folder_images
from studies.distillation.data.image_folder import image_folder
from studies.distillation.data.names import (
    CIFAR10,
    DIGITS_CORRUPTED,
    dataset_problem,
    evaluation_problem,
    folder_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """Images to evaluate on, with the names of their classes.

    Attributes:
        examples: images, with labels that index ``class_names``.
        class_names: what each label stands for.
    """

    examples: Examples
    class_names: tuple[str, ...]


def open_dataset(name: str, assets: AssetSource) -> DataSet:
    """The data set of this name.

    Args:
        name: ``digits``, ``cifar10``, or ``imagefolder:PATH`` with a path that is absolute or
            relative to the current folder.
        assets: keeps what is decoded from files.

    Raises:
        DataError: if there is no such data set, or it cannot be used as it lies on the disk.
    """
    problem = dataset_problem(name)
    if problem is not None:
        raise DataError(problem)
    folder = folder_of(name)
    if folder is not None:
        return image_folder(name, folder, assets)
    return cifar10() if name == CIFAR10 else digits()


def open_evaluation_set(name: str, class_names: Sequence[str], assets: AssetSource) -> Examples:
    """The images of another set, with the labels of a model that was trained on these classes.

    Args:
        name: ``digits_corrupted``, or a data set: its test set is taken, or all images of a folder
            that is not divided into parts.
        class_names: the model's classes, in the order of its labels. Classes are matched by name;
            the other set may lack some of them.
        assets: keeps what is decoded from files.

    Raises:
        DataError: if there is no such set, it cannot be used as it lies on the disk, or it holds a
            class that is not among ``class_names``.
    """
    problem = evaluation_problem(name)
    if problem is not None:
        raise DataError(problem)
    found = _evaluation_set(name, assets)
    _require_known(name, found.class_names, class_names)
    positions = np.array([class_names.index(each) for each in found.class_names], dtype=np.int64)
    return Examples(found.examples.images, positions[found.examples.labels])


def _evaluation_set(name: str, assets: AssetSource) -> EvaluationSet:
    if name == DIGITS_CORRUPTED:
        return EvaluationSet(digits_corrupted(), DIGITS_CLASSES)
    folder = folder_of(name)
    if folder is not None:
        images = folder_images(folder, assets)
        return EvaluationSet(images.for_evaluation, images.class_names)
    dataset = open_dataset(name, assets)
    return EvaluationSet(dataset.test, dataset.class_names)


def _require_known(name: str, found: Sequence[str], known: Sequence[str]) -> None:
    problems = [
        Problem("the model knows no such class", each, repr(each), tuple(known))
        for each in found
        if each not in known
    ]
    if problems:
        remedy = "give folders the class names above, or ignore them, in the folder's classes.toml"
        raise DataError(
            [*problems, Problem("Labels are matched by the names of classes.", remedy=remedy)], name
        )
