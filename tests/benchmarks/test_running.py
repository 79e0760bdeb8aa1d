import pytest

from benchmarks.measuring import ROOT
from benchmarks.running import named, run_question


def folders():
    return set((ROOT / "artifacts").glob("bench-*"))


def test_a_question_is_stopped_when_its_time_is_over():
    before = folders()
    (question,) = named(["comparing"])
    measured = run_question(question, quick=True, limit_s=1)
    assert measured.record is None
    assert measured.fault == "stopped after 1 s, before all was measured"
    assert folders() == before


def test_an_unknown_question_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"there is no speed; there are training, studying"):
        named(["speed"])


@pytest.mark.slow
def test_every_question_that_needs_no_gpu_can_be_measured():
    from benchmarks.questions import questions

    for question in questions():
        if not question.needs_gpu:
            measured = run_question(question, quick=True, limit_s=question.limit_s)
            assert measured.fault is None, question.name
            assert measured.record.tables
