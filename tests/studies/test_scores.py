import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, recall_score

from harness.seeding import stream
from studies.distillation.scores import confusion_matrix, scores_of


def test_the_confusion_matrix_has_true_classes_in_rows():
    confusion = confusion_matrix(np.array([0, 0, 1, 3]), np.array([0, 2, 1, 0]), 4)
    assert confusion.tolist() == [[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]


def test_scores_equal_the_numbers_worked_out_by_hand():
    # 50 images: 20 + 15 right, and chance agrees on (25·30 + 25·20) / 50² = 1/2 of them.
    scores = scores_of(np.array([[20, 5], [10, 15]]))
    assert scores.accuracy == pytest.approx(0.7)
    assert scores.recalls == {0: pytest.approx(0.8), 1: pytest.approx(0.6)}
    assert scores.balanced_accuracy == pytest.approx(0.7)
    assert scores.kappa == pytest.approx(0.4)


def test_balanced_accuracy_counts_each_class_alike_however_many_images_it_has():
    scores = scores_of(np.array([[90, 0], [5, 5]]))
    assert scores.accuracy == pytest.approx(0.95)
    assert scores.balanced_accuracy == pytest.approx(0.75)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed):
    rng = stream(seed, "labels")
    labels = rng.integers(6, size=200)
    predicted = np.where(rng.random(200) < 0.6, labels, rng.integers(6, size=200))
    scores = scores_of(confusion_matrix(labels, predicted, 6))
    assert scores.accuracy == pytest.approx(np.mean(labels == predicted))
    assert scores.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert scores.kappa == pytest.approx(cohen_kappa_score(labels, predicted))
    recalls = recall_score(labels, predicted, average=None)
    assert list(scores.recalls.values()) == pytest.approx(recalls)


def test_a_class_without_images_has_no_recall_and_no_part_in_the_mean():
    # Class 1 has no image, but one image of class 0 was taken for it.
    scores = scores_of(confusion_matrix(np.array([0, 0, 2, 2]), np.array([0, 1, 2, 2]), 4))
    assert scores.recalls == {0: 0.5, 2: 1.0}
    assert scores.balanced_accuracy == 0.75
    # Chance agrees on (2·1 + 2·2) / 4² = 3/8, so κ = (3/4 − 3/8) / (5/8).
    assert scores.kappa == pytest.approx(0.6)


def test_there_is_no_kappa_where_chance_alone_agrees_everywhere():
    scores = scores_of(confusion_matrix(np.array([1, 1]), np.array([1, 1]), 3))
    assert (scores.accuracy, scores.balanced_accuracy, scores.kappa) == (1.0, 1.0, None)


def test_a_single_class_that_is_never_recognised_agrees_no_more_than_chance():
    assert scores_of(confusion_matrix(np.array([1, 1]), np.array([0, 2]), 3)).kappa == 0


def test_scores_of_no_image_are_refused():
    with pytest.raises(ValueError, match="at least one image"):
        scores_of(np.zeros((3, 3), dtype=np.int64))
