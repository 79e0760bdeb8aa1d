import sys

import pytest

from benchmarks.commands import study_run
from benchmarks.programs import command, run_program
from benchmarks.serving import take_turn


def test_time_and_memory_are_those_of_the_program():
    idle = take_turn(command([sys.executable, "-c", "import time; time.sleep(0.3)"]))
    busy = take_turn(command([sys.executable, "-c", "x = bytearray(b'x') * 300_000_000"]))
    assert idle["wall_s"] >= 0.3
    assert 0 < idle["cpu_s"] < 0.3
    assert busy["cpu_s"] > 0
    assert busy["peak_rss_mb"] > 300


def test_a_program_that_fails_says_why():
    with pytest.raises(RuntimeError, match=r"ended with 1: .*ZeroDivisionError"):
        run_program([sys.executable, "-c", "1 / 0"])


def test_a_study_is_run_by_the_program_that_is_installed_here():
    program, *words = study_run("mine.toml", "results.db", "--no-report")
    assert program.endswith("/bin/harness")
    assert words == ["study", "run", "mine.toml", "--db", "results.db", "--no-report"]
