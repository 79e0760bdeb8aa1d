import subprocess
import sys

import pytest

from harness.canonical import canonical_json
from harness.environment import capture, code_revision


@pytest.fixture
def checkout(tmp_path):
    """A Git checkout with one commit."""
    folder = tmp_path / "checkout"
    folder.mkdir()

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init")
    (folder / "train.py").write_text("a = 1\n")
    git("add", ".")
    git("commit", "-m", "first")
    return folder


@pytest.fixture
def captured(tmp_path):
    return capture(tmp_path, jobs=2, threads_per_job=1)


def test_outside_a_checkout_there_is_no_revision(tmp_path):
    assert code_revision(tmp_path) is None
    assert code_revision(tmp_path / "missing") is None


def test_a_clean_checkout_is_its_commit(checkout):
    code = code_revision(checkout)
    assert len(code["revision"]) == 40
    assert (code["dirty"], code["diff_digest"]) == (False, None)


def test_every_difference_to_the_commit_has_a_digest_of_its_own(checkout):
    seen = []
    for name, text in [("train.py", "a = 2\n"), ("new.py", "b = 1\n"), ("new.py", "b = 2\n")]:
        (checkout / name).write_text(text)
        code = code_revision(checkout)
        assert code["dirty"]
        seen.append(code["diff_digest"])
    assert len(set(seen)) == 3
    assert code_revision(checkout)["diff_digest"] == seen[-1]


def test_a_folder_inside_a_checkout_sees_changes_beside_it(checkout):
    inside = checkout / "studies"
    inside.mkdir()
    (checkout / "train.py").write_text("a = 2\n")
    assert code_revision(inside) == code_revision(checkout)
    assert code_revision(inside)["dirty"]


def test_the_environment_is_json_and_names_what_numbers_depend_on(captured):
    canonical_json(captured)
    assert captured["packages"]["numpy"]
    assert captured["cpu"]["logical_cores"] >= 1
    assert (captured["jobs"], captured["threads_per_job"]) == (2, 1)
    assert captured["python"].endswith(".".join(map(str, sys.version_info[:3])))


def test_variables_that_change_results_are_recorded_and_no_others(monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    found = capture(tmp_path, jobs=1, threads_per_job=1)
    assert found["variables"]["OMP_NUM_THREADS"] == "3"
    assert "hidden" not in str(found)


def test_a_broken_installation_of_some_package_stops_no_study(monkeypatch, tmp_path):
    (tmp_path / "broken-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert capture(tmp_path, jobs=1, threads_per_job=1)["packages"]["numpy"]
