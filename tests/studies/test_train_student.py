import dataclasses
import math

import numpy as np
import pytest
import torch

from studies.distillation import datasets

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


def test_inverted_test_labels_change_nothing_but_the_test_accuracy(train, data, monkeypatch):
    honest = train(epochs=2, **EVERYTHING)
    inverted = dataclasses.replace(data.test, labels=9 - data.test.labels)
    monkeypatch.setitem(
        datasets.DATA_SETS, "digits", lambda: dataclasses.replace(data, test=inverted)
    )
    planted = train(epochs=2, **EVERYTHING)
    assert planted.trial.curve == honest.trial.curve
    differing = {name for name in honest.metrics if honest.metrics[name] != planted.metrics[name]}
    assert differing == {"test_accuracy"}


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
    assert builders(kd_weight=0.01) == {"build_teacher", "build_logits"}
    assert builders(attention_weight=0.8) == {"build_teacher", "build_attention"}
    assert builders(overlay_probability=0.1) == {"build_teacher", "build_attributions"}


def test_training_leaves_no_trace_in_torch_s_global_state(train):
    before = torch.get_rng_state(), torch.get_num_threads()
    numpy_before = np.random.get_state()[1].copy()  # noqa: NPY002
    trial = train(**EVERYTHING).trial
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]
    assert not torch.are_deterministic_algorithms_enabled()
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    assert trial.facts == {"torch_threads": 1, "deterministic_algorithms": True}


def test_a_wrong_parameter_is_told_before_anything_is_built(train):
    with pytest.raises(ValueError, match="kd_wieght"):
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
