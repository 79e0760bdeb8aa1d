import dataclasses

import numpy as np
import pytest
import torch

from studies.distillation.alignment import (
    MisalignedError,
    load_misaligned_signal,
    load_signal,
    save_signal,
)
from studies.distillation.images import normalised_images
from studies.distillation.losses import attention_map
from studies.distillation.recipes import TeacherRecipe
from studies.distillation.signals import build_attention, build_logits, signal_key
from studies.distillation.teacher import build_teacher, teacher_key


def reversed_pool(data):
    return data.pool.take(np.arange(len(data.pool.labels))[::-1].copy())


def test_a_signal_is_read_back_for_the_examples_that_it_was_stored_for(tmp_path, data):
    values = torch.arange(1437.0).view(-1, 1)
    save_signal(tmp_path, values, data.pool)
    assert torch.equal(load_signal(tmp_path, data.pool), values)


def test_a_signal_is_refused_for_the_same_examples_in_another_order(tmp_path, data):
    save_signal(tmp_path, torch.zeros(1437, 1), data.pool)
    with pytest.raises(MisalignedError, match="another order"):
        load_signal(tmp_path, reversed_pool(data))


def test_two_exchanged_examples_are_noticed_and_placed(tmp_path, data):
    save_signal(tmp_path, torch.zeros(1437, 1), data.pool)
    exchanged = data.pool.take(np.r_[0:9, 10, 9, 11:1437])
    with pytest.raises(MisalignedError, match="2 of 1437 differ, the first at position 9"):
        load_signal(tmp_path, exchanged)


def test_a_changed_label_is_noticed(tmp_path, data):
    save_signal(tmp_path, torch.zeros(1437, 1), data.pool)
    labels = data.pool.labels.copy()
    labels[5] = (labels[5] + 1) % 10
    with pytest.raises(MisalignedError, match="1 of 1437 differ"):
        load_signal(tmp_path, dataclasses.replace(data.pool, labels=labels))


def test_a_part_of_the_examples_is_not_enough(tmp_path, data):
    save_signal(tmp_path, torch.zeros(1437, 1), data.pool)
    with pytest.raises(MisalignedError, match="1437 examples, not to 10"):
        load_signal(tmp_path, data.pool.take(np.arange(10)))


def test_the_loader_of_misaligned_signals_takes_every_order_of_the_examples_as_it_is(
    tmp_path, data
):
    values = torch.arange(1437.0).view(-1, 1)
    save_signal(tmp_path, values, reversed_pool(data))
    assert torch.equal(load_misaligned_signal(tmp_path, data.pool), values)


def test_the_loader_of_misaligned_signals_wants_one_value_for_each_example(tmp_path, data):
    # As many values as there are examples, but one example has two and another one none.
    save_signal(tmp_path, torch.zeros(1437, 1), data.pool.take(np.r_[1, 1:1437]))
    with pytest.raises(MisalignedError, match="other examples"):
        load_misaligned_signal(tmp_path, data.pool)
    with pytest.raises(MisalignedError, match="1437 examples, not to 10"):
        load_misaligned_signal(tmp_path, data.pool.take(np.arange(10)))


def test_a_signal_cannot_be_built_from_a_permuted_data_set(store, data, teacher_asset, plant):
    plant(dataclasses.replace(data, pool=reversed_pool(data)))
    key = {**signal_key(teacher_asset), "version": 999}
    with pytest.raises(MisalignedError, match="order differ"):
        store.get(build_logits, **key)


def test_a_teacher_cannot_be_trained_on_another_pool_than_its_key_says(store, data):
    key = {**teacher_key(data, TeacherRecipe(epochs=1)), "pool": "0" * 64}
    with pytest.raises(MisalignedError):
        store.get(build_teacher, **key)


def test_a_signal_cannot_be_built_from_another_teacher_than_its_key_says(store, teacher_asset):
    with pytest.raises(MisalignedError, match="teacher"):
        store.get(build_logits, **{**signal_key(teacher_asset), "teacher": "0" * 64})


def test_a_permuted_data_set_gets_a_teacher_of_its_own(data):
    permuted = dataclasses.replace(data, pool=reversed_pool(data))
    ours, theirs = (teacher_key(each, TeacherRecipe()) for each in (data, permuted))
    assert ours["pool"] != theirs["pool"]


def test_logits_and_attention_are_the_teacher_s_for_clean_images_in_pool_order(
    store, data, teacher, teacher_asset
):
    key = signal_key(teacher_asset)
    logits = load_signal(store.get(build_logits, **key).path, data.pool)
    attention = load_signal(store.get(build_attention, **key, block=2).path, data.pool)
    with torch.no_grad():
        output = teacher(normalised_images(torch.from_numpy(data.pool.images), data), 2)
    torch.testing.assert_close(logits, output.logits)
    torch.testing.assert_close(attention, attention_map(output.features))
