"""The study that a visitor runs first, on its real workload."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

HARNESS = [sys.executable, "-c", "from harness.cli import main; main()"]

# The whole path with real training, short enough for every test run.
SHORT = [
    "--seeds",
    "2",
    "--set",
    "params.epochs=1",
    "--set",
    "params.teacher_epochs=1",
    "--set",
    "params.crop_padding=1",
]


def harness(folder, *arguments, timeout=600):
    return subprocess.run(
        [*HARNESS, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def metrics(folder):
    listing = harness(folder, "results", "list", "mc_seeds", "--format", "json").stdout
    return {(row["arm"], row["seed"]): row["metrics"] for row in json.loads(listing)}


@pytest.fixture(scope="module")
def short_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short")
    done = harness(folder, "study", "run", "mc_seeds", "--jobs", "2", *SHORT)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_it_answers_from_any_folder(short_run):
    folder, done = short_run
    assert "Does IG-guided distillation beat the plain student?" in done.stdout
    assert "kd_ig and student" in done.stdout or "kd_ig scored" in done.stdout
    # A study that the command line changed has a page of its own.
    assert list((folder / "artifacts/reports").glob("mc_seeds-*/index.html"))
    assert harness(folder, "db", "check").returncode == 0


def test_the_same_seed_gives_the_same_bits_with_one_job_and_with_two(short_run, tmp_path):
    folder, _ = short_run
    alone = harness(tmp_path, "study", "run", "mc_seeds", "--jobs", "1", "--no-report", *SHORT)
    assert alone.returncode == 0, alone.stderr
    assert metrics(tmp_path) == metrics(folder)
    exports = [
        json.loads(harness(place, "results", "export", "mc_seeds", "--format", "json").stdout)
        for place in (folder, tmp_path)
    ]
    bits = [
        [(row["trial"], row["learning_curve"], row["predictions"]) for row in rows]
        for rows in exports
    ]
    assert bits[0] == bits[1]


def test_teacher_and_maps_are_built_once_for_all_trials(short_run):
    folder, _ = short_run
    exported = harness(folder, "results", "export", "mc_seeds", "--format", "json").stdout
    built = {
        asset["builder"]: asset["digest"] for row in json.loads(exported) for asset in row["assets"]
    }
    assert all(name.startswith("studies.distillation.") for name in built)
    folders = [path for path in (folder / "artifacts/assets").iterdir() if len(path.name) == 64]
    assert set(built.values()) <= {path.name for path in folders}
    assert not list((folder / "artifacts/assets/unfinished").iterdir())


@pytest.mark.slow
def test_twenty_kills_of_the_whole_study_change_no_digit_of_its_answer(tmp_path):
    """As a user would see it: 8 arms × 20 seeds, killed twenty times, then left in peace."""
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    killed.mkdir()
    undisturbed.mkdir()
    moments = random.Random(2)
    for _ in range(20):
        process = subprocess.Popen(
            [*HARNESS, "study", "run", "mc_seeds"],
            cwd=killed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(2, 20))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = harness(killed, "study", "run", "mc_seeds", timeout=1200)
    assert last.returncode == 0, last.stderr
    assert harness(killed, "db", "check").returncode == 0
    rows = metrics(killed)
    assert len(rows) == 160
    peaceful = harness(undisturbed, "study", "run", "mc_seeds", timeout=1200)
    assert last.stdout == peaceful.stdout
    assert rows == metrics(undisturbed)


def test_a_mistaken_parameter_ends_the_run_at_once_and_stores_nothing(tmp_path):
    wrong = ["--set", "params.dataset=mnist", "--no-report"]
    done = harness(tmp_path, "study", "run", "mc_seeds", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "allowed: digits, cifar10, imagefolder:PATH" in done.stderr
    assert "Traceback" not in done.stderr
    listing = harness(tmp_path, "results", "list", "mc_seeds", "--format", "json")
    assert (listing.returncode, listing.stdout) == (2, "")
    assert "no trials of this study are stored" in listing.stderr
