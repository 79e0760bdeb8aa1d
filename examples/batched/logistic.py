"""Logistic regression on digits, many at once: the trial function of ``digits_by_rate.toml``.

All regressions of a batch are one array: weights of shape (trials, features, classes). A step of
gradient descent is then a few large products of matrices where one trial at a time would be as many
small ones for each trial. What is saved is calls, not arithmetic: on one core (NumPy with OpenBLAS,
one thread, medians of three alternating rounds), sixteen trials at once took 1/4 of the processor
time of sixteen in turn with 5 images a step, 1/3 with 10, and 2/3 with 50.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

from harness import batch_of_one, offers_batches
from harness.trial import TrialPruned

if TYPE_CHECKING:
    from harness import Trial

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

TEST_IMAGES = 360


@cache
def digits() -> tuple[Array, Labels, Array, Labels]:
    """Images, shape (1437, 64), from 0 to 1, the digit on each; and the same of 360 test images."""
    loaded = load_digits()
    images, labels = loaded.data / 16.0, loaded.target.astype(np.int64)
    rest = len(images) - TEST_IMAGES
    return images[:rest], labels[:rest], images[rest:], labels[rest:]


def train_many(trials: "Sequence[Trial]") -> list[Mapping[str, float] | BaseException]:
    """Train trials of equal length and batch size together; what became of each, in their order."""
    images, labels, test_images, test_labels = digits()
    shared: Mapping[str, Any] = trials[0].params
    size = shared["batch_size"]
    steps = np.array([trial.params["step_size"] for trial in trials], dtype=np.float64)
    weights = np.stack([trial.rng("init").normal(scale=0.01, size=(64, 10)) for trial in trials])
    orders = [trial.rng("order") for trial in trials]
    ended: dict[int, BaseException] = {}
    for epoch in range(shared["epochs"]):
        # Each trial's own order, drawn for the whole epoch.
        order = np.stack([draw.permutation(len(images)) for draw in orders])
        for start in range(0, len(images) - size + 1, size):
            batch = order[:, start : start + size]
            errors = errors_of(weights, images[batch], labels[batch])
            gradients = images[batch].transpose(0, 2, 1) @ errors / size
            weights -= steps[:, None, None] * gradients
        distances = np.abs(errors_of(weights, images[None], labels[None])).mean(axis=(1, 2))
        for number, trial in enumerate(trials):
            # A search may stop one of them here; its neighbours go on.
            if number not in ended:
                try:
                    trial.report(epoch, training_error=float(distances[number]))
                except TrialPruned as stopped:
                    ended[number] = stopped
    return [
        ended[number] if number in ended else judged(trial, weight, test_images, test_labels)
        for number, (trial, weight) in enumerate(zip(trials, weights, strict=True))
    ]


def errors_of(weights: Array, images: Array, labels: Labels) -> Array:
    """Predicted probability of each class, less one for the right class: (trials, images, 10).

    Args:
        weights: shape (trials, 64, 10).
        images: shape (trials, images, 64), or (1, images, 64) for all trials.
        labels: shape (trials, images), or (1, images).
    """
    scores = images @ weights
    scores -= scores.max(axis=2, keepdims=True)
    errors: Array = np.exp(scores)
    errors /= errors.sum(axis=2, keepdims=True)
    errors -= np.eye(10)[labels]
    return errors


def judged(
    trial: "Trial", weights: Array, images: Array, labels: Labels
) -> Mapping[str, float] | BaseException:
    """The metrics of one trial, or what is wrong with it, which is no concern of its neighbours."""
    if not np.isfinite(weights).all():
        return FloatingPointError("the weights are not finite: the step is too large")
    correct = (images @ weights).argmax(axis=1) == labels
    trial.save_predictions(correct)
    return {"test_accuracy": float(correct.mean())}


@offers_batches(train_many, may_differ=("step_size",), at_most=16)
def train(params: Mapping[str, Any], seed: int, trial: "Trial") -> Mapping[str, float]:
    """Train one trial: a batch of one."""
    return batch_of_one(train_many, trial)
