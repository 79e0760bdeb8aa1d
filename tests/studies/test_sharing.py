from dataclasses import fields
from types import SimpleNamespace

import psutil
import pytest
import torch

from harness.batching import batch_form_of
from harness.canonical import canonical_json
from studies.distillation import sharing, train_student
from studies.distillation.architecture import teacher_architecture
from studies.distillation.params import ParameterError, StudentParams
from studies.distillation.sharing import (
    MOST_ON_GPU,
    MOST_ON_PROCESSOR,
    SHARE_FOR_ACTIVATIONS,
    alike,
    most_at_once,
    needs_teacher,
    worker_processes,
)

# Of every parameter another value than its default. Students who differ in one of the first do not
# take the same steps on images of the same number and size, or are tested on others.
SEPARATING = {
    "dataset": "cifar10",
    "blocks_removed": 4,
    "max_steps": 7,
    "batch_size": 32,
    "subset_fraction": 0.5,
    "crop_padding": 1,
    "evaluate_test": False,
    "transfer_dataset": "digits_corrupted",
    "measure_latency": True,
    "precision": "bfloat16",
}
# These are a student's own, whoever else is in the batch.
UNITING = {
    "epochs": 3,
    "learning_rate": 0.1,
    "kd_weight": 0.5,
    "temperature": 4.0,
    "overlay_probability": 0.3,
    "attention_weight": 0.8,
    "overlay_follows_crop": False,
    "attribution_steps": 20,
    "signal_alignment": "as_released",
    "teacher_epochs": 3,
    "teacher": "own",
}

CIFAR = [{"dataset": "cifar10"}, {"dataset": "imagefolder:/somewhere"}]


def test_of_every_parameter_it_is_said_whether_it_separates_batches():
    # One that is new separates students in neither list: say here, and in sharing, what it does.
    assert sorted([*SEPARATING, *UNITING]) == sorted(each.name for each in fields(StudentParams))
    for name, value in (SEPARATING | UNITING).items():
        assert value != getattr(StudentParams(), name)


@pytest.mark.parametrize("name", SEPARATING)
def test_students_that_take_other_steps_or_other_tests_do_not_share_a_batch(name):
    assert alike({name: SEPARATING[name]}) != alike({})


@pytest.mark.parametrize("name", UNITING)
def test_students_share_a_batch_whatever_their_arms_and_settings(name):
    assert alike({name: UNITING[name]}) == alike({})


def test_what_is_not_given_is_what_its_default_is():
    defaults = {each.name: getattr(StudentParams(), each.name) for each in fields(StudentParams)}
    assert alike(defaults) == alike({})
    assert alike({"batch_size": 64.0}) == alike({"batch_size": 64})


def test_what_students_must_agree_in_can_be_written_as_json():
    assert canonical_json(alike({})) == canonical_json(alike({"kd_weight": 0.5}))


def test_a_mistake_in_the_parameters_is_told_before_a_batch_is_made():
    for ask in (alike, most_at_once):
        with pytest.raises(ParameterError, match="kd_wieght"):
            ask({"kd_wieght": 0.1})


def test_the_trial_function_offers_its_batch_form_by_these_rules():
    form = batch_form_of(train_student)
    assert (form.at_most, form.workers) == (most_at_once, worker_processes)
    assert form.needs_asset is needs_teacher
    assert form.alike({"kd_weight": 0.5}) == alike({})


@pytest.mark.parametrize("help_", ["kd_weight", "overlay_probability", "attention_weight"])
def test_students_of_a_shared_teacher_wait_for_it(help_):
    assert needs_teacher({help_: 0.5})
    assert not needs_teacher({help_: 0.5, "teacher": "own"})


def test_students_without_a_teacher_wait_for_none():
    assert not needs_teacher({})
    assert not needs_teacher({"kd_weight": 0.0, "temperature": 4.0})


@pytest.fixture
def memory(monkeypatch):
    """Sets how much memory is available to each core of a machine of four cores, in bytes."""

    def available(each):
        monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
        monkeypatch.setattr(
            psutil, "virtual_memory", lambda: SimpleNamespace(available=int(4 * each))
        )

    return available


@pytest.fixture
def on_gpu(monkeypatch):
    """A CUDA device with so much free memory, in bytes, and so much that torch keeps for itself."""

    def run(free, kept=0):
        taken = 10**9
        monkeypatch.setattr(sharing, "choose_device", lambda: torch.device("cuda"))
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (int(free), int(2 * free)))
        monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: taken)
        monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: taken + int(kept))

    return run


def student_bytes(family, removed=5, batch_size=64):
    """What the activations of one student's step take."""
    student = teacher_architecture(family, 10).without_last(removed)
    return batch_size * 2 * student.activation_bytes()


def test_students_of_digits_are_as_many_as_one_core_is_fastest_with(memory):
    memory(1e12)
    assert most_at_once({}) == MOST_ON_PROCESSOR
    assert most_at_once({"blocks_removed": 8, "batch_size": 2}) == MOST_ON_PROCESSOR


def test_they_are_fewer_where_memory_holds_no_more_and_never_fewer_than_one(memory):
    one = student_bytes("digits") / SHARE_FOR_ACTIVATIONS
    for held in (1, 3, MOST_ON_PROCESSOR):
        memory(one * (held + 0.5))
        assert most_at_once({}) == held
    memory(one * (MOST_ON_PROCESSOR + 5))
    assert most_at_once({}) == MOST_ON_PROCESSOR
    for nearly_nothing in (one * 0.9, 0):
        memory(nearly_nothing)
        assert most_at_once({}) == 1


def test_larger_batches_and_deeper_students_take_more_memory(memory):
    memory(student_bytes("digits") / SHARE_FOR_ACTIVATIONS * 6.5)
    assert most_at_once({}) == 6
    assert most_at_once({"batch_size": 128}) == 3
    assert most_at_once({"blocks_removed": 0}) < 6


@pytest.mark.parametrize("dataset", CIFAR)
def test_on_the_processor_larger_images_are_trained_one_student_at_a_time(memory, dataset):
    memory(1e12)
    assert most_at_once(dataset) == 1


@pytest.mark.parametrize("dataset", [{}, *CIFAR])
def test_a_gpu_takes_many_students_as_far_as_its_own_memory_goes(on_gpu, memory, dataset):
    memory(0)
    on_gpu(1e15)
    assert most_at_once(dataset) == MOST_ON_GPU
    one = student_bytes("cifar" if dataset else "digits") / SHARE_FOR_ACTIVATIONS
    for held in (1, 17):
        on_gpu(one * (held + 0.5))
        assert most_at_once(dataset) == held
    on_gpu(0)
    assert most_at_once(dataset) == 1


def test_what_torch_keeps_of_earlier_batches_is_there_for_the_next(on_gpu):
    one = student_bytes("digits") / SHARE_FOR_ACTIVATIONS
    on_gpu(one * 3.25, kept=one * 4.25)
    assert most_at_once({}) == 7


def test_activations_of_two_bytes_leave_room_for_twice_as_many(on_gpu):
    on_gpu(student_bytes("cifar") / SHARE_FOR_ACTIVATIONS * 8.25)
    assert most_at_once({"dataset": "cifar10"}) == 8
    assert most_at_once({"dataset": "cifar10", "precision": "tf32"}) == 8
    assert most_at_once({"dataset": "cifar10", "precision": "bfloat16"}) == 16


def test_a_gpu_is_shared_by_no_processes_and_cores_by_as_many_as_the_user_wants(on_gpu):
    assert worker_processes() is None
    on_gpu(1e12)
    assert worker_processes() == 1
