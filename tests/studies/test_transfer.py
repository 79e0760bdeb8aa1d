import dataclasses
import math

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score

from harness.trial import Trial
from studies.distillation import transfer
from studies.distillation.data import DataError, Examples, open_evaluation_set
from studies.distillation.evaluation import Evaluation
from studies.distillation.images import normalised_images, unit_images
from studies.distillation.student import trained_students
from studies.distillation.transfer import open_transfer_set, transfer_metrics

CORRUPTED = {"transfer_dataset": "digits_corrupted"}


@pytest.fixture
def elsewhere(monkeypatch):
    """Puts these examples in the place of every set to evaluate on."""

    def plant(examples):
        def opened(name, class_names, assets):
            return examples

        monkeypatch.setattr(transfer, "open_evaluation_set", opened)
        monkeypatch.setattr("studies.distillation.teacher_logits.open_evaluation_set", opened)

    return plant


@pytest.fixture
def opened(begin, store):
    """The planted set, and a student that takes everything for class 0."""

    def run():
        transfer = open_transfer_set(begin(**CORRUPTED), Trial({}, 1, store))
        labels = transfer.examples.labels
        return transfer, Evaluation(np.zeros_like(labels), labels == 0, finite=True)

    return run


def test_a_student_is_tested_on_images_from_elsewhere(store, data, teacher):
    params = {"epochs": 2, "teacher_epochs": 3, **CORRUPTED}
    trial = Trial(params, 1, store)
    (trained,) = trained_students([trial])
    examples = open_evaluation_set("digits_corrupted", data.class_names, trial)
    raw, labels = torch.from_numpy(examples.images), examples.labels
    with torch.no_grad():
        student = trained.network()(unit_images(raw, data)).logits.argmax(1).numpy()
        right = teacher(normalised_images(raw, data)).logits.argmax(1).numpy() == labels
    metrics = trained.metrics
    assert metrics["test_transfer_teacher_accuracy"] == right.mean()
    for suffix, part in (("", np.ones(360, bool)), ("_teacher_right", right)):
        pair = labels[part], student[part]
        assert metrics[f"test_transfer_accuracy{suffix}"] == np.mean(pair[0] == pair[1])
        balanced = metrics[f"test_transfer_balanced_accuracy{suffix}"]
        assert balanced == pytest.approx(balanced_accuracy_score(*pair))
        assert metrics[f"test_transfer_kappa{suffix}"] == pytest.approx(cohen_kappa_score(*pair))
        threes = student[part & (labels == 3)]
        assert metrics[f"test_transfer_recall_3{suffix}"] == np.mean(threes == 3)


def test_images_from_elsewhere_change_nothing_of_the_training(train):
    plain, tested = train(), train(**CORRUPTED)
    assert tested.trial.curve == plain.trial.curve
    added = set(tested.metrics) - set(plain.metrics)
    assert added
    assert all(name.startswith("test_transfer_") for name in added)


def test_every_arm_is_measured_against_the_same_teacher(train):
    plain, taught = train(**CORRUPTED).metrics, train(kd_weight=0.5, **CORRUPTED).metrics
    assert plain["test_transfer_teacher_accuracy"] == taught["test_transfer_teacher_accuracy"]


def test_a_class_without_images_has_no_metric(data, elsewhere, opened):
    part = np.flatnonzero(data.test.labels < 3)
    elsewhere(data.test.take(part))
    metrics = transfer_metrics(*opened())
    recalls = {name for name in metrics if name.startswith("test_transfer_recall_")}
    assert {name for name in recalls if not name.endswith("_teacher_right")} == {
        f"test_transfer_recall_{label}" for label in range(3)
    }


def test_without_an_image_that_the_teacher_gets_right_its_scores_are_left_out(
    data, teacher, elsewhere, opened
):
    with torch.no_grad():
        inputs = normalised_images(torch.from_numpy(data.test.images), data)
        predicted = teacher(inputs).logits.argmax(1).numpy()
    elsewhere(dataclasses.replace(data.test, labels=(predicted + 1) % 10))
    metrics = transfer_metrics(*opened())
    assert metrics["test_transfer_teacher_accuracy"] == 0
    assert "test_transfer_accuracy" in metrics
    assert not [name for name in metrics if name.endswith("_teacher_right")]


def test_a_student_that_diverged_has_no_scores(train):
    metrics = train(learning_rate=1e30, epochs=2, **CORRUPTED).metrics
    scores = {name: value for name, value in metrics.items() if name.startswith("test_transfer_")}
    assert scores.pop("test_transfer_teacher_accuracy") > 0
    assert scores
    assert all(math.isnan(value) for value in scores.values())


def test_images_of_another_shape_are_refused_before_anything_is_trained(train, elsewhere):
    elsewhere(Examples(np.zeros((2, 3, 32, 32), dtype=np.uint8), np.array([0, 1])))
    with pytest.raises(DataError, match=r"given:   \(3, 32, 32\)\n  allowed: \(1, 8, 8\)"):
        train(**CORRUPTED)
