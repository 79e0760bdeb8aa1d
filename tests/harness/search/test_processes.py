"""Searches in real processes: killed at any moment, or several at once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

STUDY = """
name = "search"
[trial]
function = "trials.py:slow_bowl"
[seeds]
count = 2
[params]
level = 0
[arms.one]
x = 0.9
[arms.two]
x = 0.9
y = 1
[search]
trials = {trials}
metric = "val"
direction = "maximize"
startup = 4
at_once = 3
warmup_steps = 1
[search.space]
x = {{ low = 0.0, high = 1.0 }}
y = {{ values = [1, 2, 3, 4] }}
[protocol]
metric = "test_acc"
direction = "maximize"
control = "one"
"""

HARNESS = [sys.executable, "-c", "from harness.cli import main; main()"]


def start(bench, *, trials=10, jobs=2):
    (bench.folder / "search.toml").write_text(STUDY.format(trials=trials))
    return subprocess.Popen(
        [*HARNESS, "study", "run", "search.toml", "--no-report", "--jobs", str(jobs)],
        cwd=bench.folder,
        env={**os.environ, "HARNESS_DB": str(bench.db)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process):
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    return output


def test_two_processes_search_together_as_one_alone_would(bench, another):
    first, second = start(bench, trials=5, jobs=1), start(bench, trials=5, jobs=1)
    answers = [finish(first), finish(second)]
    alone = another()
    assert answers == [finish(start(alone, trials=5))] * 2
    assert bench.dump() == alone.dump()


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing_that_is_known_in_the_end(bench, another):
    moments = random.Random(31)
    for _ in range(14):
        process = start(bench)
        time.sleep(moments.uniform(0.5, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    final = finish(start(bench))
    undisturbed = another()
    assert finish(start(undisturbed)) == final
    assert bench.dump() == undisturbed.dump()
    check = [*HARNESS, "db", "check", "--db", str(bench.db)]
    assert subprocess.run(check, cwd=bench.folder, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["candidates", "mirror"])
def test_a_kill_between_two_records_changes_nothing(bench, another, moment):
    """Kills as soon as a record is there that another one follows."""
    seen = 0
    for _ in range(6):
        process = start(bench)
        seen = wait_for_more(bench, moment, seen, process)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    finish(start(bench))
    undisturbed = another()
    finish(start(undisturbed))
    assert bench.dump() == undisturbed.dump()


def wait_for_more(bench, moment, seen, process):
    """Wait until one row more is in a table; how many there are then."""
    table = {"mirror": "trials"}.get(moment, f"harness_{moment}")
    while process.poll() is None:
        try:
            with closing(sqlite3.connect(f"file:{bench.db}?mode=ro", uri=True)) as connection:
                (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        except sqlite3.OperationalError:
            count = 0
        if count > seen:
            return count
        time.sleep(0.001)
    return seen


def test_ctrl_c_ends_a_search_that_goes_on_later(bench):
    process = start(bench)
    while wait_for_more(bench, "metrics", 0, process) < 6:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "The same command continues where this one stopped" in errors
    assert "candidate" in finish(start(bench))
