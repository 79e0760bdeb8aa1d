"""The same promises on a real PostgreSQL server, which ``make test-postgresql`` starts."""

import math
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from harness.store.checks import check_database
from harness.store.exchange import export_rows
from harness.store.fingerprint import fingerprint
from harness.store.importing import ImportSummary, import_rows
from harness.store.store import ResultsStore
from harness.store.trial_files import dump, load
from harness.study.planning import plan
from harness.trial import CurvePoint

pytestmark = pytest.mark.postgresql

EXAMPLE = Path(__file__).parents[3] / "examples" / "function" / "step_size.toml"


def program(name):
    """A program of the server, also where Debian hides it."""
    hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(hidden[-1]) if hidden else None)
    assert found, f"{name} is not installed: these tests need PostgreSQL's server"
    return found


def as_server(*command):
    """Run a command as a user that PostgreSQL accepts: it refuses to be root."""
    switch = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*switch, *map(str, command)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        for parent in folder.parents[:3]:
            parent.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    as_server(program("initdb"), "-D", data, "-A", "trust", "-U", "harness", "--no-sync")
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    as_server(program("pg_ctl"), "-D", data, "-o", settings, "-l", folder / "log", "-w", "start")
    yield f"postgresql://harness@127.0.0.1:{port}"
    as_server(program("pg_ctl"), "-D", data, "-m", "fast", "stop")


@pytest.fixture
def address(server, request):
    """A database of its own for each test."""
    name = f"test_{abs(hash(request.node.name))}"
    port = server.rpartition(":")[2]
    options = ["-h", "127.0.0.1", "-p", port, "-U", "harness"]
    subprocess.run([program("createdb"), *options, name], check=True)
    return f"{server}/{name}"


def run(address, folder, *options):
    code = "from harness.cli import main; main()"
    command = [sys.executable, "-c", code, "study", "run", str(EXAMPLE), "--no-report", *options]
    return subprocess.Popen(
        [*command, "--db", address],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_study_gives_the_same_answer_as_on_sqlite(address, tmp_path):
    server, _ = run(address, tmp_path).communicate(timeout=60)
    local, _ = run(str(tmp_path / "local.db"), tmp_path).communicate(timeout=60)
    assert "larger_step scored lower" in server
    assert server == local


def test_processes_that_begin_together_make_one_schema_and_run_each_trial_once(address, tmp_path):
    processes = [run(address, tmp_path, "--jobs", "1") for _ in range(3)]
    answers = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        answers.append(output)
    assert len(set(answers)) == 1
    with ResultsStore(address) as store:
        rows = store.trial_rows("step_size")
        assert [row["state"] for row in rows] == ["complete"] * 36
        with store.database.read() as connection:
            attempts = connection.exec_driver_sql("SELECT DISTINCT attempts FROM harness_trials")
            assert attempts.scalars().all() == [1]


def test_trials_go_there_and_back_without_loss(address, store, study, finish, tmp_path):
    finish(store, study())
    path = tmp_path / "runs.csv"
    path.write_bytes(dump(export_rows(store, "bench"), "csv"))
    with ResultsStore(address) as there:
        assert import_rows(there, load(path), path) == ImportSummary(4, 0)
        assert dump(export_rows(there, "bench"), "csv") == path.read_bytes()
        results = check_database(there.database, tmp_path / "assets")
    assert [fault for result in results for fault in result.faults] == []


def test_only_one_of_two_runs_gets_a_trial(address, study, environment):
    asked = study()
    digests = [spec.digest for spec in plan(asked)]
    with ResultsStore(address) as here, ResultsStore(address) as there:
        here.add_planned(asked, plan(asked))
        runs = [store.begin_run(asked, environment) for store in (here, there)]
        assert here.claim(runs[0], digests[:3]) == set(digests[:3])
        assert there.claim(runs[1], digests) == {digests[3]}


SEARCH = """
name = "search"
[trial]
function = "trials.py:bowl"
[seeds]
count = 2
[params]
level = 0
[arms."a'; 蒸留"]
x = 0.9
y = 1
[search]
trials = 7
metric = "val"
startup = 3
at_once = 3
warmup_steps = 1
[search.space]
x = { low = 0.0, high = 1.0 }
y = { values = [1, 2, 3, 4] }
[protocol]
metric = "val"
direction = "maximize"
control = "a'; 蒸留"
"""


def search(address, folder):
    shutil.copy(Path(__file__).parents[1] / "search" / "trials.py", folder)
    (folder / "search.toml").write_text(SEARCH, encoding="utf-8")
    code = "from harness.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "study", "run", "search.toml", "--no-report", "--db", address],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_search_together_and_optuna_shows_what_they_found(address, tmp_path):
    processes = [search(address, tmp_path) for _ in range(2)]
    answers = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        answers.append(output)
    local, _ = search(str(tmp_path / "local.db"), tmp_path).communicate(timeout=120)
    assert answers == [local, local]
    storage = optuna.storages.RDBStorage(driver(address))
    found = optuna.load_study(study_name="search/a'; 蒸留", storage=storage)
    assert [trial.number for trial in found.trials] == list(range(7))
    assert f"x = {found.best_params['x']}, y = {found.best_params['y']}" in local
    storage.engine.dispose()
    with ResultsStore(address) as store:
        results = check_database(store.database, tmp_path / "assets")
    assert [fault for result in results for fault in result.faults] == []


def driver(address):
    return address.replace("postgresql://", "postgresql+psycopg://")


def test_a_changed_curve_is_seen_and_numbers_as_large_as_there_are_do_no_harm(
    address, study, outcome, finish
):
    declared = study()
    losses = (1.0, 1e308, 1e308, 5e-324, math.nan, math.inf)
    curve = tuple(CurvePoint(step, "loss", loss) for step, loss in enumerate(losses))
    with ResultsStore(address) as there:
        finish(there, declared, [outcome(spec, curve=curve) for spec in plan(declared)])
        before = fingerprint(there, "bench")
        assert fingerprint(there, "bench") == before
        with there.database.write() as connection:
            change = "UPDATE harness_learning_curves SET value = 2 WHERE step = 0 AND trial_id = 1"
            assert connection.exec_driver_sql(change).rowcount == 1
        assert fingerprint(there, "bench") != before
