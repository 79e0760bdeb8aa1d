"""``harness results``, ``harness report`` and ``harness db``, as a user types them."""

import csv
import io
import json
import sqlite3

import pytest


def test_listings_are_machine_readable(harness, finished):
    rows = json.loads(
        harness("results", "list", "step_size", "--format", "json", folder=finished).output
    )
    assert len(rows) == 36
    table = harness("results", "list", "step_size", "--format", "csv", folder=finished).output
    assert [row["trial"] for row in csv.DictReader(io.StringIO(table))] == [
        row["trial"] for row in rows
    ]


def test_a_trial_is_shown_by_the_beginning_of_its_digest(harness, finished):
    rows = json.loads(
        harness("results", "list", "step_size", "--format", "json", folder=finished).output
    )
    said = harness("results", "show", rows[0]["trial"][:12], folder=finished)
    shown = json.loads(said.output)
    assert shown["trial"] == rows[0]["trial"]
    assert len(shown["learning_curve"]) == 30
    assert shown["environment"]["packages"]


def test_an_unknown_or_short_digest_is_refused(harness, finished):
    assert harness("results", "show", "zzzz", folder=finished).status == 2
    assert "several trials" in harness("results", "show", "", folder=finished).errors


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_what_export_writes_import_reads_back_without_loss(harness, finished, tmp_path, form):
    here, there = tmp_path / f"here.{form}", tmp_path / f"there.{form}"
    harness("results", "export", "step_size", "--to", here, folder=finished)
    said = harness("results", "import", here, "--db", tmp_path / "other.db")
    assert "36 trials entered" in said.errors
    harness("results", "export", "step_size", "--to", there, "--db", tmp_path / "other.db")
    assert here.read_bytes() == there.read_bytes()
    assert harness("db", "check", "--db", tmp_path / "other.db").status == 0


def test_an_imported_study_is_answered_without_running_anything(
    harness, finished, step_size, tmp_path
):
    harness("results", "export", "step_size", "--to", tmp_path / "runs.csv", folder=finished)
    harness("results", "import", "runs.csv")
    said = harness("study", "run", step_size, "--no-report")
    assert "Nothing to run: all 36 trials" in said.errors


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("half.csv", b"trial,study\nabc,def\n"),
        ("noise.parquet", b"\x00\x01\x02"),
        ("cut.json", b"[{"),
        ("object.json", b"{}"),
        ("latin.csv", b"trial,study\n\xff,\xfe\n"),
        ("notes.txt", b"hello"),
    ],
)
def test_a_file_that_is_no_export_is_refused_by_name(harness, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    said = harness("results", "import", name)
    assert said.status == 2
    assert name in said.errors
    assert "Traceback" not in said.errors


def test_a_study_without_results_gets_the_nearest_that_has_some(harness, finished):
    said = harness("results", "list", "step_sizes", folder=finished)
    assert said.status == 2
    assert "nearest: step_size" in said.errors


def test_without_a_database_one_learns_how_to_make_one(harness):
    for verb in (["db", "info"], ["results", "list"], ["db", "check"], ["db", "upgrade"]):
        said = harness(*verb)
        assert said.status == 1
        assert "harness study run NAME" in said.errors


def test_a_file_that_is_no_database_is_left_alone(harness, tmp_path, step_size):
    (tmp_path / "thesis.db").write_text("chapter one " * 1000)
    said = harness("study", "run", step_size, "--db", "thesis.db")
    assert said.status in {1, 2}
    assert "Traceback" not in said.errors
    assert (tmp_path / "thesis.db").read_text() == "chapter one " * 1000


def test_db_check_finds_what_was_tampered_with(harness, step_size, tmp_path):
    harness("study", "run", step_size, "--no-report")
    assert harness("db", "check").status == 0
    with sqlite3.connect(tmp_path / "artifacts/results.db") as connection:
        connection.execute("UPDATE harness_trials SET seed = seed + 100 WHERE id = 1")
    said = harness("db", "check")
    assert said.status == 1
    assert "digest does not follow" in said.errors


def test_upgrade_leaves_a_current_database_as_it_is(harness, finished):
    assert "up to date" in harness("db", "upgrade", folder=finished).errors


def test_the_environment_variable_names_the_database(harness, step_size, tmp_path):
    harness("study", "run", step_size, "--no-report", HARNESS_DB=str(tmp_path / "elsewhere.db"))
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "artifacts/results.db").exists()


def test_an_address_of_no_database_is_refused(harness):
    said = harness("db", "info", "--db", "mysql://localhost/x")
    assert said.status == 2
    assert "allowed: sqlite, postgresql" in said.errors


def test_a_report_is_built_from_the_database_alone(harness, step_size, finished, tmp_path):
    db = finished / "artifacts/results.db"
    said = harness("report", "build", step_size, "--db", db)
    assert said.output == "Report: artifacts/reports/step_size/index.html\n"
    page = tmp_path / "artifacts/reports/step_size/index.html"
    first = page.read_bytes()
    harness("report", "build", step_size, "--db", db)
    assert page.read_bytes() == first
