import gc

import pytest

from studies.distillation.latency.timing import time_calls


class Machine:
    """A clock that only moves while something is called, by what each call is said to take."""

    def __init__(self, *takes_s):
        self.takes_s = takes_s
        self.now_s = 100.0
        self.calls = 0

    def clock(self):
        return self.now_s

    def call(self):
        self.now_s += self.takes_s[min(self.calls, len(self.takes_s) - 1)]
        self.calls += 1


def timed(machine, *, warmup, repeats):
    return time_calls(machine.call, warmup=warmup, repeats=repeats, clock=machine.clock)


def test_the_first_call_is_kept_apart_and_the_warm_up_discarded():
    machine = Machine(9.0, 5.0, 4.0, 1.0, 2.0, 3.0)
    times = timed(machine, warmup=2, repeats=3)
    assert times.first_s == 9.0
    assert times.times_s == (1.0, 2.0, 3.0)
    assert machine.calls == 6


def test_short_calls_are_repeated_until_they_took_long_enough_together():
    times = timed(Machine(0.0078125), warmup=0, repeats=6)
    assert len(times.times_s) == 26  # 25 take 0.195 s, and 26 more than 0.2 s


def test_calls_that_take_no_time_come_to_an_end():
    assert len(timed(Machine(0.0), warmup=0, repeats=6).times_s) == 10_000


def test_garbage_is_not_collected_during_calls_and_afterwards_again():
    seen = []
    time_calls(lambda: seen.append(gc.isenabled()), warmup=1, repeats=6, clock=Machine(0).clock)
    assert set(seen) == {False}
    assert gc.isenabled()


def test_a_call_that_raises_leaves_collection_as_it_was():
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        time_calls(fail, warmup=0, repeats=6)
    assert gc.isenabled()
