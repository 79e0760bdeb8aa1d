import sys

import pytest

from benchmarks.programs import run_program


def test_processor_time_and_memory_are_those_of_the_program():
    idle = run_program([sys.executable, "-c", "import time; time.sleep(0.3)"])
    busy = run_program([sys.executable, "-c", "x = bytearray(b'x') * 300_000_000"])
    assert idle.wall_s >= 0.3
    assert idle.cpu_s < 0.3
    assert busy.peak_rss_mb > 300


def test_a_program_that_fails_says_why():
    with pytest.raises(RuntimeError, match=r"ended with 1: .*ZeroDivisionError"):
        run_program([sys.executable, "-c", "1 / 0"])
