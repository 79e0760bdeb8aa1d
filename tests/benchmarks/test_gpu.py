"""What is measured on a GPU, run small on the processor; and what is said where it cannot be."""

import pytest
import torch

from benchmarks import gpu_checks, gpu_training
from benchmarks.__main__ import GPU_LIMIT_S
from benchmarks.gpu import QUESTIONS
from benchmarks.gpu_training import Case, Work, _epochs_s, _Race
from benchmarks.model import Setting
from benchmarks.records import as_json, table_of

SMALL = Work(batch_size=2, steps=2, epochs=3)


@pytest.fixture
def quick(tmp_path):
    return Setting(quick=True, folder=tmp_path)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.name)
def test_the_processor_is_not_measured_in_place_of_a_gpu(question, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert question.needs_gpu
    with pytest.raises(RuntimeError, match="no CUDA device"):
        next(question.measure(Setting(quick=False, folder=tmp_path)))


def test_all_together_fit_into_the_time_that_the_command_has():
    assert sum(question.limit_s for question in QUESTIONS) <= GPU_LIMIT_S < 8 * 60
    assert QUESTIONS[0].name == "gpu_correctness"


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_all_epochs_but_the_first_are_timed(precision):
    found = _epochs_s(Case(16, 2, precision), SMALL)
    assert len(found) == 2
    assert min(found) > 0


def test_students_that_do_not_fit_are_left_out_with_the_reason(monkeypatch):
    race, case = _Race(SMALL), Case(5, 64, "float32")
    monkeypatch.setattr(gpu_training, "_lacking_gb", lambda *_: 3.0)
    race.train(case)
    assert race.left_out == {case: "needs 3 GB more than the GPU has left"}
    race.train(case)
    assert not race.turns


def test_what_fits_is_told_from_the_memory_that_is_free(monkeypatch):
    def lacking(students, precision, free):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (int(free), int(free)))
        return gpu_training._lacking_gb(Case(0, students, precision), Work())

    assert lacking(64, "float32", 1e12) < 0 < lacking(64, "float32", 1e9)
    assert lacking(2, "float32", 1e9) == lacking(1, "float32", 1e9)
    assert lacking(64, "bfloat16", 0) == pytest.approx(lacking(32, "float32", 0))


def test_a_gpu_that_is_full_leaves_the_others_to_be_measured(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError

    race, case = _Race(SMALL), Case(16, 1, "float32")
    monkeypatch.setattr(gpu_training, "_epochs_s", full)
    race.train(case)
    assert race.left_out == {case: "the GPU's memory did not suffice"}
    monkeypatch.setattr(gpu_training, "_epochs_s", lambda *_: [2.0, 1.0])
    race.train(Case(16, 2, "float32"))
    race.train(Case(16, 4, "float32"))
    assert race.best([case, *race.turns]).students == 4


def test_whoever_computes_something_else_is_named_and_the_command_fails(monkeypatch, quick):
    monkeypatch.setattr(gpu_checks, "groupings_apart", lambda _, each: float(each == "tf32"))
    monkeypatch.setattr(gpu_checks, "step_apart", lambda _: 1e-12)
    monkeypatch.setattr(gpu_checks, "attributions_apart", lambda _: float("inf"))
    tables = gpu_checks.measure(quick)
    assert [each.details[gpu_checks.LARGEST] for each in next(tables).figures][:2] == [0.0, 1.0]
    with pytest.raises(ValueError, match=r": six students [^;]* tf32; attributions [^;]*$"):
        next(tables)


def test_weights_that_are_no_numbers_are_infinitely_far_apart():
    nothing, one = {"a": torch.tensor([1.0, float("nan")])}, {"a": torch.tensor([1.0, 1.0])}
    assert gpu_checks._apart(nothing, one) == gpu_checks._apart(nothing, nothing) == float("inf")
    assert gpu_checks._apart(one, {"a": torch.tensor([1.5, 0.75])}) == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.name)
def test_every_question_runs_small_on_the_processor(question, quick):
    tables = list(question.measure(quick))
    assert tables
    for table in tables:
        assert not table.left_out
        assert table.reference is not None
        assert table_of(as_json(table, indent=None)) == table
