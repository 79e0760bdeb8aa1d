"""Trials that measure time have the machine to themselves, as far as harness can see to it."""

import subprocess
import sys
import tempfile
import threading
from itertools import pairwise

import pytest

from harness.errors import SetupError
from harness.execution.alone import alone_on_machine, lock_path

HOLD = """
import sys, time
from harness.execution.alone import alone_on_machine
with alone_on_machine():
    print("held", flush=True)
    sys.stdin.readline()
    print(time.monotonic(), flush=True)
"""


def spans(bench):
    """When each trial began and ended, in order."""
    lines = (bench.folder / "spans").read_text().splitlines()
    return sorted(tuple(float(number) for number in line.split()) for line in lines)


@pytest.fixture
def own_lock(tmp_path, monkeypatch):
    """A lock of this test's own: other work on this machine may hold the real one."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def holder(own_lock):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_trials_that_run_alone_never_overlap_whatever_the_number_of_jobs(bench, own_lock):
    bench.run("timed", jobs=4, alone=True, params={"sleep_s": 0.05})
    assert len(spans(bench)) == 8
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(spans(bench)))


def test_other_trials_do_overlap(bench, own_lock):
    bench.run("timed", jobs=4, params={"sleep_s": 0.5})
    assert any(later[0] < earlier[1] for earlier, later in pairwise(spans(bench)))


def test_a_run_alone_has_one_job_on_record(bench, own_lock):
    done = bench.run("fine", jobs=4, alone=True)
    ((environment, _),) = done.answer.environments
    assert environment["jobs"] == 1


def test_a_trial_waits_for_another_process_and_the_wait_is_not_its_time(bench, holder):
    released = []

    def release():
        holder.stdin.write("\n")
        holder.stdin.flush()
        released.append(float(holder.stdout.readline()))

    timer = threading.Timer(1.0, release)
    timer.start()
    done = bench.run("timed", alone=True, seeds=1, params={"sleep_s": 0.01}, timeout="900ms")
    timer.join()
    assert spans(bench)[0][0] >= released[0]
    assert done.summary.complete == 2


def test_it_may_be_nested(own_lock):
    with alone_on_machine(), alone_on_machine():
        pass
    with alone_on_machine():
        pass


def test_a_lock_that_cannot_be_written_is_a_problem_of_the_set_up(own_lock):
    lock_path().mkdir()
    with pytest.raises(SetupError, match="TMPDIR"), alone_on_machine():
        pass
