from harness.store.reading import ResultsReader
from harness.store.remembering import remembering
from harness.study.planning import plan


class Counting(ResultsReader):
    """Counts how often trials are read."""

    def __init__(self, store):
        self.database = store.database
        self.readings = []

    def stored(self, name):
        self.readings.append(name)
        return super().stored(name)


def test_a_study_is_read_once_and_stays_as_it_was_then(store, study, finish):
    counting = Counting(store)
    reader = remembering(counting)
    assert reader.stored("bench") == {}
    finish(store, study())
    assert reader.stored("bench") == {}
    assert len(remembering(counting).stored("bench")) == len(plan(study()))
    assert counting.readings == ["bench", "bench"]


def test_metrics_are_those_of_the_store_and_a_remembering_reader_is_left_as_it_is(
    store, study, finish
):
    finish(store, study())
    reader = remembering(store)
    assert reader.final_metrics("bench") == store.final_metrics("bench") != {}
    assert reader.final_metrics("bench") is reader.final_metrics("bench")
    assert remembering(reader) is reader
