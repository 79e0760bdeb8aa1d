"""How well predicted classes agree with the true ones, overall and class by class."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Classes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Agreement of predicted with true classes.

    Attributes:
        accuracy: share of right predictions, in [0, 1].
        balanced_accuracy: mean recall of the classes that have images, in [0, 1].
        kappa: agreement beyond chance, at most 1; None where chance alone agrees everywhere.
        recalls: share of each class's images that were recognised, in [0, 1]; only of classes that
            have images.
    """

    accuracy: float
    balanced_accuracy: float
    kappa: float | None
    recalls: Mapping[int, float]


def confusion_matrix(labels: Classes, predicted: Classes, classes: int) -> Counts:
    """How often each true class (row) was taken for each class (column).

    Args:
        labels: true classes, ``(n,)``, from 0.
        predicted: classes, ``(n,)``, from 0.
        classes: how many there are.

    Returns:
        ``(classes, classes)``.
    """
    pairs = np.bincount(labels * classes + predicted, minlength=classes**2)
    return pairs.reshape(classes, classes).astype(np.int64)


def scores_of(confusion: Counts) -> Scores:
    """Accuracy, balanced accuracy (Brodersen et al. 2010) and Cohen's κ (Cohen 1960).

    With row sums r and column sums c of n images, κ is ``(a − e) / (1 − e)``, where a is the
    accuracy and ``e = Σ r·c / n²`` the accuracy that is expected of predictions that ignore the
    image.

    Args:
        confusion: ``(classes, classes)``, true classes in rows; at least one image.

    Raises:
        ValueError: if there is no image.
    """
    images = int(confusion.sum())
    if images == 0:
        raise ValueError("scores need at least one image")
    rows, columns, right = confusion.sum(axis=1), confusion.sum(axis=0), np.diag(confusion)
    recalls = {int(label): float(right[label] / rows[label]) for label in np.flatnonzero(rows)}
    # In whole numbers, so that the case without a κ is told exactly.
    agreed, by_chance = images * int(right.sum()), int((rows * columns).sum())
    most = images**2
    return Scores(
        accuracy=int(right.sum()) / images,
        balanced_accuracy=float(np.mean(list(recalls.values()))),
        kappa=(agreed - by_chance) / (most - by_chance) if by_chance < most else None,
        recalls=recalls,
    )
