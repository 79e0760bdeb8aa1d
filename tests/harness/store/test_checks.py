from pathlib import Path

import pytest

from harness.assets import MANIFEST
from harness.store.checks import check_database
from harness.store.store import ResultsStore

FINISHED = "(SELECT min(id) FROM harness_trials WHERE state = 'complete')"
PLANNED = "(SELECT min(id) FROM harness_trials WHERE state = 'planned')"
FAILED = "(SELECT min(id) FROM harness_trials WHERE state = 'failed')"

# A fault, how it is planted, and what is said of it.
FAULTS = {
    "an edited seed": (
        f"UPDATE harness_trials SET seed = 5 WHERE id = {FINISHED}",
        "its digest does not follow from what it is",
    ),
    "an edited parameter": (
        f"UPDATE harness_trials SET params = '{{}}' WHERE id = {FINISHED}",
        "its digest does not follow from what it is",
    ),
    "parameters that are no JSON": (
        f"UPDATE harness_trials SET params = '{{' WHERE id = {FINISHED}",
        "its digest does not follow from what it is",
    ),
    "another version": (
        f"UPDATE harness_trials SET trial_version = 7 WHERE id = {FINISHED}",
        "its digest does not follow from what it is",
    ),
    "another function": (
        f"UPDATE harness_trials SET what_runs = '[]' WHERE id = {FINISHED}",
        "its digest does not follow from what it is",
    ),
    "a complete trial without metrics": (
        f"DELETE FROM harness_metrics WHERE trial_id = {FINISHED}",
        "complete, and without a metric",
    ),
    "an unfinished trial with metrics": (
        f"UPDATE harness_metrics SET trial_id = {PLANNED} WHERE trial_id = {FINISHED}",
        "planned, and has rows in harness_metrics",
    ),
    "an unfinished trial with a curve": (
        f"UPDATE harness_learning_curves SET trial_id = {PLANNED} WHERE trial_id = {FINISHED}",
        "planned, and has rows in harness_learning_curves",
    ),
    "an unfinished trial with predictions": (
        f"UPDATE harness_predictions SET trial_id = {PLANNED}",
        "planned, and has rows in harness_predictions",
    ),
    "a running trial without an owner": (
        f"UPDATE harness_trials SET state = 'running' WHERE id = {PLANNED}",
        "running, and no run owns it",
    ),
    "a pruned trial without an owner": (
        f"UPDATE harness_trials SET state = 'pruned' WHERE id = {PLANNED}",
        "pruned, and no run owns it",
    ),
    "a pruned trial that no search can have pruned": (
        f"UPDATE harness_trials SET state = 'pruned' WHERE id = {FINISHED}",
        "pruned, and part of no search that prunes",
    ),
    "a candidate that is missing": (
        "INSERT INTO harness_candidates SELECT 1, 's', 'a', 'abc', 1, '{}', 'grid', 0",
        "search abc (s, a): 1 recorded, and the last is number 1",
    ),
    "a failure without an error": (
        f"DELETE FROM harness_attempts WHERE trial_id = {FAILED}",
        "failed, and without an error",
    ),
    "predictions cut short": (
        "UPDATE harness_predictions SET correct = x'00'",
        "1 bytes for 21 predictions",
    ),
    "a reference into nothing": (
        "DELETE FROM harness_environments",
        "refers to a row of harness_environments that is not there",
    ),
}  # fmt: skip


@pytest.fixture
def faults(tmp_path):
    def found(store):
        results = check_database(store.database, tmp_path / "assets")
        return [fault for result in results for fault in result.faults]

    return found


def plant(store, statement):
    """Change a database past its own rules, as another program could."""
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("BEGIN")


def test_a_sound_database_has_no_faults(rich, faults):
    assert faults(rich) == []


def test_an_empty_database_has_no_faults(store, faults):
    assert faults(store) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_fault_is_found(rich, faults, fault):
    statement, said = FAULTS[fault]
    plant(rich, statement)
    found = faults(rich)
    assert found
    assert any(said in each for each in found), found


def test_a_fault_names_its_trial(rich, faults):
    plant(rich, f"DELETE FROM harness_metrics WHERE trial_id = {FINISHED}")
    (fault,) = faults(rich)
    assert "(bench, naïve, seed 0)" in fault


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "weights").write_bytes(b"other"),
        lambda folder: (folder / "weights").unlink(),
        lambda folder: (folder / MANIFEST).write_text("{"),
    ],
)
def test_a_damaged_asset_is_found(rich, faults, assets, harm):
    (weights,) = assets.root.glob("*/weights")
    harm(weights.parent)
    (fault,) = faults(rich)
    assert f"asset {weights.parent} is damaged" in fault


def test_an_asset_that_was_removed_is_no_fault(rich, faults, assets):
    (weights,) = assets.root.glob("*/weights")
    (weights.parent / MANIFEST).unlink()
    assert faults(rich) == []


def test_a_damaged_file_is_a_fault_and_no_accident(rich, faults):
    path = rich.database.url.database
    with rich.database.engine.connect() as connection:
        (page,) = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'harness_trials'"
        ).one()
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    rich.database.engine.dispose()
    with Path(path).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    found = faults(ResultsStore(path))
    assert any("malformed" in fault or "btree" in fault.lower() for fault in found), found


def test_a_trial_of_a_source_that_lost_its_name_is_found(study, store, finish, faults):
    finish(store, study(seeds={"count": 2, "sources": {"data": ["order", "augment"]}}))
    assert faults(store) == []
    plant(store, "UPDATE harness_trials SET levels = '{}' WHERE what_runs LIKE '%varied%'")
    assert len(faults(store)) == 2
    assert "varies augment, order alone, as no source" in faults(store)[0]
