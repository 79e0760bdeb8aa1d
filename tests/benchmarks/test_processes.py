"""Processor time and memory of a process and of all that it has started."""

import json
import subprocess
import sys

import pytest

from benchmarks.measuring import ROOT, Contestant, Serving

HERE = "tests.benchmarks.contestants"
BUSY_S = 0.3


def turn(function, **settings):
    with Serving(Contestant("a", "ours", f"{HERE}:{function}", settings)) as serving:
        serving.wait_until_ready()
        serving.turn()
        return serving.turn()


@pytest.mark.parametrize("ending", ["lives", "ends", "is orphaned", "is not waited for"])
def test_the_processor_time_of_a_worker_counts_however_it_ends(ending):
    found = turn("with_worker", seconds=BUSY_S, ending=ending)
    assert BUSY_S - 0.05 < found["cpu_s"] < BUSY_S + 0.25


def test_what_a_worker_took_before_does_not_count():
    with Serving(
        Contestant("a", "ours", f"{HERE}:with_worker", {"seconds": BUSY_S, "ending": "lives"})
    ) as serving:
        serving.wait_until_ready()
        spent = sum(serving.turn()["cpu_s"] for _ in range(3))
    assert spent < 3 * BUSY_S + 0.4


def test_processor_time_that_is_lost_is_not_known():
    assert turn("losing_worker", seconds=BUSY_S)["cpu_s"] is None


def test_that_of_a_part_of_a_run_is_not_known_unless_it_is_said():
    assert turn("scripted", times_s=[1, 1])["cpu_s"] is None
    assert turn("saying", wall_s=1.0, cpu_s=7.0)["cpu_s"] == 7.0


def test_the_memory_of_a_worker_that_lives_counts():
    assert turn("with_worker", seconds=0.0, ending="lives", megabytes=200)["peak_rss_mb"] > 200


def test_a_contestant_needs_nothing_but_the_standard_library():
    program = (
        "import sys, json; before = set(sys.modules); import benchmarks.serving;"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(json.loads(done.stdout)) - {"benchmarks"} <= set(sys.stdlib_module_names)
