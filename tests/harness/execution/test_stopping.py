"""Runs that are interrupted, killed, or share a database with others."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = """
name = "patience"
[trial]
function = "trials.py:counted"
[seeds]
count = {seeds}
[params]
level = 0
folder = {folder!r}
sleep_s = {sleep_s}
[arms.low]
[arms.high]
level = 1
[arms.higher]
level = 2
[protocol]
metric = "score"
direction = "maximize"
control = "low"
"""

HARNESS = [sys.executable, "-c", "from harness.cli import main; main()"]


@pytest.fixture
def declare(tmp_path):
    def write(*, seeds=6, sleep_s=0.05):
        text = STUDY.format(seeds=seeds, sleep_s=sleep_s, folder=str(tmp_path))
        (tmp_path / "patience.toml").write_text(text)
        source = (Path(__file__).parent / "trials.py").read_text()
        (tmp_path / "trials.py").write_text(source)
        return tmp_path

    return write


def start(folder, *, jobs=2):
    return subprocess.Popen(
        [*HARNESS, "study", "run", "patience.toml", "--no-report", "--jobs", str(jobs)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def harness(folder, *arguments):
    return subprocess.run(
        [*HARNESS, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def wait_for_executions(folder, count, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        path = folder / "executions"
        if path.exists() and len(path.read_text().splitlines()) >= count:
            return
        time.sleep(0.01)
    raise AssertionError("the study did not get that far")


def states(folder):
    listing = harness(folder, "study", "status", "patience.toml", "--format", "json")
    import json

    return json.loads(listing.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_stores_what_is_finished_and_the_next_run_goes_on_from_there(declare, number):
    folder = declare(seeds=20)
    process = start(folder)
    wait_for_executions(folder, 8, process)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "The same command continues" in errors
    assert "Traceback" not in errors
    cells = states(folder)
    stored = sum(cell["complete"] for cell in cells)
    assert stored >= 5
    assert sum(cell["running"] for cell in cells) == 0
    finish(start(folder))
    # At most the trials in flight were begun twice: two a worker.
    assert len((folder / "executions").read_text().splitlines()) <= 60 + 4
    assert harness(folder, "db", "check").returncode == 0


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_at_random_moments_lose_nothing_and_change_nothing(declare, tmp_path, kills):
    folder = declare(seeds=24, sleep_s=0.1)
    moments = random.Random(20)
    for _ in range(kills):
        process = start(folder)
        time.sleep(moments.uniform(0.3, 2.4))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    final = finish(start(folder))
    assert all(cell["complete"] == 24 for cell in states(folder))
    check = harness(folder, "db", "check")
    assert check.returncode == 0, check.stderr
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    for name in ("patience.toml", "trials.py"):
        (undisturbed / name).write_text((folder / name).read_text())
    assert finish(start(undisturbed)) == final


def test_two_processes_share_a_study_without_running_a_trial_twice(declare):
    folder = declare(seeds=12)
    first, second = start(folder, jobs=1), start(folder, jobs=1)
    answers = [finish(first), finish(second)]
    assert answers[0] == answers[1]
    executions = (folder / "executions").read_text().splitlines()
    assert len(executions) == len(set(executions)) == 36


def test_a_run_takes_over_from_a_process_that_died_while_it_waited(declare):
    folder = declare(seeds=8, sleep_s=0.2)
    doomed = start(folder, jobs=2)
    wait_for_executions(folder, 3, doomed)
    heir = start(folder, jobs=1)
    time.sleep(2)
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.communicate()
    finish(heir)
    assert all(cell["complete"] == 8 for cell in states(folder))
