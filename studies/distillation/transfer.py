"""A trained student on images from elsewhere, such as a corrupted copy or another collection.

Every score is given twice: on all images, and on those alone that the teacher classifies rightly,
as Hernandez et al. 2025 give them. The second set is the same in every arm, the plain student's
included, as all arms share the teacher.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import Problem
from studies.distillation.data import DataError, Examples, open_evaluation_set
from studies.distillation.evaluation import Evaluation
from studies.distillation.guidance import TrainingSource, teacher_of
from studies.distillation.scores import confusion_matrix, scores_of
from studies.distillation.setup import Setup
from studies.distillation.teacher_logits import evaluate_teacher

TEACHER_RIGHT = "_teacher_right"


@dataclass(frozen=True, slots=True, eq=False)
class TransferSet:
    """Images from elsewhere, and how the teacher does on them.

    Attributes:
        name: what a study calls it.
        examples: labels index the classes of the data set that is trained on.
        class_names: of that data set.
        teacher: its predictions for these images.
    """

    name: str
    examples: Examples
    class_names: tuple[str, ...]
    teacher: Evaluation


def open_transfer_set(setup: Setup, source: TrainingSource) -> TransferSet | None:
    """The images of ``transfer_dataset``; None where no such set is asked for.

    Raises:
        DataError: if the set cannot be opened, or its images have another shape than those that
            the student is trained on.
    """
    params, dataset = setup.params, setup.dataset
    if not params.transfer_dataset:
        return None
    examples = open_evaluation_set(params.transfer_dataset, dataset.class_names, source)
    found, wanted = examples.images.shape[1:], dataset.pool.images.shape[1:]
    if found != wanted:
        what = f"its images (channels, height, width) are not like those of {dataset.name!r}"
        raise DataError(Problem(what, "transfer_dataset", str(found), (str(wanted),)))
    teacher = teacher_of(params, dataset, source)
    evaluation = evaluate_teacher(teacher, params.transfer_dataset, examples, source)
    return TransferSet(params.transfer_dataset, examples, dataset.class_names, evaluation)


def transfer_metrics(transfer: TransferSet, student: Evaluation) -> dict[str, float]:
    """The trained student's scores, as metrics whose names begin with ``test_transfer_``.

    A score is left out where it is not defined: the recall of a class without images, κ where
    chance alone agrees everywhere, and all scores on the images that the teacher gets right if
    there is none. All are NaN for a student that diverged.

    Args:
        transfer: images from elsewhere.
        student: its predictions for these images.
    """
    everything = np.ones(len(transfer.examples.labels), dtype=bool)
    return {
        **dict(_scored(student, transfer, everything, "")),
        **dict(_scored(student, transfer, transfer.teacher.correct, TEACHER_RIGHT)),
        "test_transfer_teacher_accuracy": transfer.teacher.accuracy,
    }


def _scored(
    student: Evaluation, transfer: TransferSet, counted: npt.NDArray[np.bool_], suffix: str
) -> Iterator[tuple[str, float]]:
    """Names and values of the scores on the images that count."""
    if not counted.any():
        return
    labels, predicted = transfer.examples.labels[counted], student.predicted[counted]
    scores = scores_of(confusion_matrix(labels, predicted, len(transfer.class_names)))
    named = {"accuracy": scores.accuracy, "balanced_accuracy": scores.balanced_accuracy}
    if scores.kappa is not None:
        named["kappa"] = scores.kappa
    named |= {f"recall_{transfer.class_names[label]}": v for label, v in scores.recalls.items()}
    for name, value in named.items():
        yield f"test_transfer_{name}{suffix}", value if student.finite else float("nan")
