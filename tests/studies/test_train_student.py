import dataclasses
import math

import numpy as np
import pytest
import torch

from harness.assets import AssetStore
from harness.trial import Trial
from studies.distillation import images, student
from studies.distillation.images import normalised_images
from studies.distillation.learning import ENGINE, reproducible
from studies.distillation.optimizer import BatchedAdam
from studies.distillation.params import ParameterError
from studies.distillation.student import trained_students
from studies.distillation.training import learn

EVERYTHING = {"kd_weight": 0.01, "overlay_probability": 0.1, "attention_weight": 0.8}


@pytest.mark.parametrize("arm", [{}, EVERYTHING])
def test_the_same_seed_gives_bit_identical_results(train, arm):
    first, second = train(epochs=2, **arm), train(epochs=2, **arm)
    assert first.metrics == second.metrics
    assert first.trial.curve == second.trial.curve
    assert first.trial.predictions == second.trial.predictions


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_part_of_the_method_changes_what_is_learned(train, name):
    plain, treated = train(), train(**{name: EVERYTHING[name]})
    assert plain.metrics["train_loss"] != treated.metrics["train_loss"]


def test_a_few_epochs_learn_to_tell_digits_apart(train):
    assert train(epochs=8).metrics["test_accuracy"] > 0.6


def test_the_stored_predictions_are_those_behind_the_test_accuracy(train, data):
    metrics, trial = train(epochs=3)
    correct = trial.predictions.unpack()
    assert len(correct) == len(data.test.labels)
    assert correct.mean() == metrics["test_accuracy"]


def test_every_epoch_is_reported_and_the_last_one_is_the_result(train):
    metrics, trial = train(epochs=3)
    assert [(point.step, point.metric) for point in trial.curve] == [
        (step, metric) for step in range(3) for metric in ("train_loss", "validation_accuracy")
    ]
    last = {point.metric: point.value for point in trial.curve[-2:]}
    assert last == {name: metrics[name] for name in last}


def test_size_and_cost_are_those_of_the_student(train):
    metrics = train(blocks_removed=5).metrics
    assert metrics["parameters"] == 4466
    assert metrics["compression_factor"] == 25458 / 4466


def test_inverted_test_labels_change_nothing_but_test_accuracies(train, data, plant):
    honest = train(epochs=2, **EVERYTHING)
    inverted = dataclasses.replace(data.test, labels=9 - data.test.labels)
    plant(dataclasses.replace(data, test=inverted))
    planted = train(epochs=2, **EVERYTHING)
    assert planted.trial.curve == honest.trial.curve
    differing = {name for name in honest.metrics if honest.metrics[name] != planted.metrics[name]}
    assert differing == {"test_accuracy", "test_teacher_accuracy"}


class Untouchable:
    """A test set that nobody may look at."""

    def __getattr__(self, name):
        raise AssertionError(f"the test set's {name} was looked at")


@pytest.mark.parametrize("arm", [{}, EVERYTHING, {**EVERYTHING, "signal_alignment": "as_released"}])
def test_without_a_test_nothing_of_the_test_set_is_looked_at(train, data, plant, tmp_path, arm):
    plant(dataclasses.replace(data, test=Untouchable()))
    empty = AssetStore(tmp_path)
    metrics, trial = train(store=empty, evaluate_test=False, teacher_epochs=1, **arm)
    assert not [name for name in metrics if "test" in name]
    assert "validation_accuracy" in metrics
    assert trial.predictions is None
    with pytest.raises(AssertionError, match="was looked at"):
        train(store=empty, teacher_epochs=1, **arm)


@pytest.mark.parametrize("arm", [{}, EVERYTHING])
def test_a_test_afterwards_changes_nothing_that_was_learned(train, arm):
    tested, untested = train(**arm), train(evaluate_test=False, **arm)
    assert tested.trial.curve == untested.trial.curve
    differing = set(tested.metrics) - set(untested.metrics)
    assert differing == {"test_accuracy"} | ({"test_teacher_accuracy"} if arm else set())


def test_the_teacher_s_accuracy_is_that_on_the_test_images(train, data, teacher):
    metrics = train(kd_weight=0.01).metrics
    with torch.no_grad():
        inputs = normalised_images(torch.from_numpy(data.test.images), data)
        predicted = teacher(inputs).logits.argmax(1).numpy()
    assert metrics["test_teacher_accuracy"] == np.mean(predicted == data.test.labels)
    assert "test_teacher_accuracy" not in train().metrics


def test_with_the_whole_pool_to_train_on_nothing_validates(train, begin):
    metrics, trial = train(subset_fraction=1, epochs=2)
    assert "validation_accuracy" not in metrics
    assert [point.metric for point in trial.curve] == ["train_loss", "train_loss"]
    assert "split" in trial.drawn
    split = begin(subset_fraction=1.0).split
    assert np.array_equal(split.chosen, np.arange(1437))
    assert not len(split.rest)


@pytest.mark.parametrize(
    ("steps", "epochs"), [(1, 1), (18, 1), (19, 2), (36, 2), (0, 3)], ids=lambda number: str(number)
)
def test_training_ends_after_so_many_steps_in_all(begin, monkeypatch, steps, epochs):
    # 1,149 images are 18 batches.
    taken = []
    step = BatchedAdam.step

    def counted(self, loss):
        taken.append(1)
        step(self, loss)

    monkeypatch.setattr(BatchedAdam, "step", counted)
    reported = []
    with reproducible():
        learn([begin(epochs=3, max_steps=steps)], lambda _, epoch, __: reported.append(epoch))
    assert len(taken) == (steps or 54)
    assert reported == list(range(epochs))


def test_steps_beyond_the_last_epoch_change_nothing(train):
    assert train(epochs=1, max_steps=1000).metrics == train(epochs=1).metrics


def test_the_limit_of_steps_is_the_teacher_s_too_and_makes_it_another_one(train):
    def teacher(**params):
        assets = train(kd_weight=0.5, **params).trial.assets.values()
        (found,) = (asset for asset in assets if asset.builder.endswith("build_teacher"))
        return found

    assert teacher(max_steps=2).key["recipe"]["max_steps"] == 2
    assert "max_steps" not in teacher().key["recipe"]
    assert teacher(max_steps=2).content_digest != teacher().content_digest


def test_the_latency_is_a_metric_only_if_it_is_asked_for(train, monkeypatch):
    def profiled(trial, family, classes, removed):
        assert family == "digits"
        return 100 * classes + removed

    monkeypatch.setattr(student, "profiled_latency_ms", profiled)
    assert train(measure_latency=True, blocks_removed=4).metrics["latency_ms"] == 1004
    assert "latency_ms" not in train().metrics
    with pytest.raises(ValueError, match="blocks_removed"):
        train(measure_latency=True, blocks_removed=9)


def test_memory_is_bounded_without_a_change_of_the_results(train, monkeypatch):
    whole = train(**EVERYTHING)
    monkeypatch.setattr(images, "INPUT_BYTES", 4 * 64 * 200)
    # Three batches at a time, and one batch at a time.
    assert train(**EVERYTHING).trial.curve == whole.trial.curve
    monkeypatch.setattr(images, "INPUT_BYTES", 1)
    assert train(**EVERYTHING).trial.curve == whole.trial.curve


def test_the_trained_network_itself_can_be_had(store):
    (trained,) = trained_students([Trial({"epochs": 2}, 1, store)])
    test = trained.setup.dataset.test
    with torch.no_grad():
        logits = trained.network()(trained.setup.view(torch.from_numpy(test.images))).logits
    accuracy = np.mean(logits.argmax(1).numpy() == test.labels)
    assert accuracy == trained.metrics["test_accuracy"]
    assert not trained.network().training


def test_a_student_that_diverges_gives_nan_and_no_predictions(train):
    metrics, trial = train(epochs=2, learning_rate=1e30)
    assert math.isnan(metrics["test_accuracy"])
    assert math.isnan(metrics["validation_accuracy"])
    assert not math.isfinite(metrics["train_loss"])
    assert trial.predictions is None


@pytest.mark.parametrize("removed", [0, 8])
def test_the_largest_and_the_smallest_student_train_in_every_way(train, removed):
    assert math.isfinite(train(blocks_removed=removed, **EVERYTHING).metrics["train_loss"])


def test_only_the_signals_that_an_arm_needs_are_asked_for(train):
    def builders(**arm):
        return {each.builder.rpartition(".")[2] for each in train(**arm).trial.assets.values()}

    assert builders() == set()
    teacher = {"build_teacher", "build_evaluation_logits"}
    assert builders(kd_weight=0.01) == {*teacher, "build_logits"}
    assert builders(attention_weight=0.8) == {*teacher, "build_attention"}
    assert builders(overlay_probability=0.1) == {*teacher, "build_attributions"}
    assert builders(kd_weight=0.01, evaluate_test=False) == {"build_teacher", "build_logits"}


def test_training_leaves_no_trace_in_torch_s_global_state(train):
    before = torch.get_rng_state(), torch.get_num_threads()
    numpy_before = np.random.get_state()[1].copy()  # noqa: NPY002
    trial = train(**EVERYTHING).trial
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]
    assert not torch.are_deterministic_algorithms_enabled()
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    assert trial.facts == {
        "torch_threads": 1,
        "deterministic_algorithms": True,
        "device": "cpu",
        "engine": ENGINE,
        "precision": "float32",
    }


def test_a_wrong_parameter_is_told_before_anything_is_built(train):
    with pytest.raises(ParameterError, match="kd_wieght"):
        train(kd_wieght=0.1)
    with pytest.raises(ValueError, match="blocks_removed"):
        train(blocks_removed=9, **EVERYTHING)


def test_a_student_with_a_teacher_of_its_own_has_another_one_with_every_seed(train):
    def teacher(**params):
        assets = train(kd_weight=0.5, **params).trial.assets.values()
        (found,) = (asset for asset in assets if asset.builder.endswith("build_teacher"))
        return found

    own, other, shared = teacher(teacher="own"), teacher(teacher="own", seed=2), teacher()
    assert len({asset.content_digest for asset in (own, other, shared)}) == 3
    assert teacher(teacher="own").digest == own.digest
    assert teacher(seed=2).digest == shared.digest
    assert "seed" not in shared.key


def test_a_trial_with_a_teacher_of_its_own_draws_it_in_every_arm(train):
    assert "teacher" in train(teacher="own").trial.drawn
    assert "teacher" not in train().trial.drawn
    assert train(teacher="own").metrics == train().metrics
