"""What a user sees of trials that are trained together: the same rows as one by one."""

import time

import pytest

from harness import Study, run_search, run_study
from harness.cli import main
from harness.errors import InputError, SetupError
from harness.execution.pool import WorkerPool
from harness.execution.worker import attempt_in_turn
from harness.store.store import ResultsStore
from harness.study.template import as_toml

# Columns that say when something ran, and with how many others.
OF_THE_RUN = ("started_at", "duration_s", "environment", "results_digest")


def results(bench):
    """What trials gave, without what tells how they were run."""
    rows = bench.full_rows()
    for row in rows.values():
        row["facts"].pop("batch_trials")
        for asset in row["assets"]:
            asset.pop("build_s")
        for column in OF_THE_RUN:
            row.pop(column)
    return rows


def sizes(bench):
    return [len(batch) for batch in bench.batches()]


def facts(bench, name="batch_trials"):
    return {key: row["facts"][name] for key, row in bench.full_rows().items()}


def states(bench):
    return {key: row["state"] for key, row in bench.rows().items()}


@pytest.fixture
def another(bench, tmp_path_factory):
    return lambda: type(bench)(tmp_path_factory.mktemp("other"))


def test_trials_that_may_share_a_batch_do_without_being_told(bench):
    bench.run("together.py:any_level", seeds=8)
    assert sizes(bench) == [4, 4, 4, 4]
    assert set(facts(bench).values()) == {4}


def test_every_way_to_batch_gives_the_same_rows(bench, another):
    one_by_one = another()
    one_by_one.run("together.py:with_assets", batch="off", params={"folder": None})
    expected = results(one_by_one)
    for batch in ("auto", 3, 1):
        run = another()
        run.run("together.py:with_assets", batch=batch, params={"folder": None})
        assert results(run) == expected


def test_off_runs_each_trial_by_itself(bench):
    bench.run("together.py:any_level", batch="off")
    assert set(sizes(bench)) == {1}
    assert set(facts(bench).values()) == {1}


def test_a_number_is_the_largest_batch(bench):
    bench.run("together.py:any_level", batch=3, jobs=1, seeds=7)
    assert sizes(bench) == [3, 3, 3, 3, 2]


def test_only_trials_that_are_alike_share_a_batch(bench):
    bench.run("together.py:fine", seeds=4, jobs=1)
    assert sorted(bench.batches()) == [[f"{level}:{seed}" for seed in range(4)] for level in (0, 1)]


def test_of_different_sizes_a_batch_has_the_smallest(bench):
    bench.run("together.py:sized", seeds=4, jobs=1)
    assert sizes(bench) == [2, 2, 2, 2]


def test_a_trial_has_its_share_of_the_time_and_its_batch_s_beginning(bench):
    before = time.time()
    bench.run("together.py:measured", jobs=1, seeds=2)
    rows = list(bench.full_rows().values())
    assert len({row["started_at"] for row in rows}) == 1
    assert before < rows[0]["started_at"] < time.time()
    assert all(0.1 <= row["duration_s"] < 0.3 for row in rows)


def test_an_exception_that_comes_back_fails_its_trial_and_no_other(bench):
    bench.run("together.py:broken_at_two")
    assert {key for key, state in states(bench).items() if state == "failed"} == {
        ("low", 2),
        ("high", 2),
    }
    row = bench.full_rows()["low", 2]
    assert row["failures"][0]["error"] == "RuntimeError: seed two is cursed"
    assert "result_or_error" in row["failures"][0]["traceback"]
    assert row["facts"] == {"batch_trials": 4}
    assert sizes(bench) == [4, 4]


def test_a_failure_is_retried_by_itself(bench):
    bench.run("together.py:broken_at_two", retries=1, jobs=1)
    assert sizes(bench) == [4, 4, 1, 1]
    rows = bench.full_rows()
    assert [row["attempts"] for row in rows.values()] == [2 if seed == 2 else 1 for _, seed in rows]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("raises_with_two", "ArithmeticError: the whole batch is gone"),
        ("dies_with_two", "its worker process died"),
    ],
)
def test_the_trial_that_spoils_a_batch_is_found_and_the_others_complete(bench, function, error):
    bench.run(f"together.py:{function}")
    rows = bench.full_rows()
    for (_, seed), row in rows.items():
        assert row["state"] == ("failed" if seed == 2 else "complete")
        assert row["attempts"] == 1
    assert error in rows["low", 2]["failures"][0]["error"]


def test_a_batch_has_the_time_of_all_its_trials_and_then_each_has_its_own(bench):
    bench.run("together.py:hangs_with_two", timeout="1s")
    failed = {key for key, state in states(bench).items() if state == "failed"}
    assert failed == {("low", 2), ("high", 2)}
    assert "longer than 1 s" in bench.rows()["low", 2]["error"]


@pytest.mark.parametrize("function", ["loses_one_of_several", "exits_when_several"])
def test_a_batch_function_that_breaks_its_contract_costs_only_time(bench, capfd, function):
    bench.run(f"together.py:{function}", jobs=1)
    assert set(states(bench).values()) == {"complete"}
    assert set(facts(bench).values()) == {1}
    said = capfd.readouterr().err
    assert said.count("each of 4 trials runs by itself: their batch ended in") == 1


def test_trials_that_the_batch_form_cannot_take_run_by_themselves(bench, capfd):
    bench.run("together.py:picky", jobs=1)
    assert facts(bench) == {
        (arm, seed): 4 if arm == "low" else 1 for arm in ("low", "high") for seed in range(4)
    }
    assert "KeyError: 'a parameter that arm one lacks'" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("misspelt", "nearest: level"),
        ("holds_none", "at_most=…\\) is a whole number from 1; it gave 0"),
    ],
)
def test_a_batch_form_that_cannot_be_used_ends_the_run_before_it_begins(bench, function, words):
    with pytest.raises(SetupError, match=words):
        bench.run(f"together.py:{function}")
    assert set(states(bench).values()) == {"planned"}


def test_there_are_no_more_workers_than_the_batch_form_says(bench):
    bench.run("together.py:for_one_worker", seeds=8)
    lines = (bench.folder / "batches").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == 1
    assert bench.full_rows()["low", 0]["environment"]["jobs"] == 1


def test_trials_that_want_the_machine_to_themselves_share_no_batch(bench):
    bench.run("together.py:any_level", alone=True)
    assert set(sizes(bench)) == {1}


@pytest.mark.parametrize("choice", ["on", 0, -1, True, 2.0])
def test_what_is_no_way_to_batch_is_refused(bench, choice):
    with pytest.raises(InputError, match="auto, off, or the largest batch"):
        bench.run("together.py:fine", batch=choice)


def test_sources_of_variance_are_held_trial_by_trial(bench, another):
    def run(bench, batch):
        base = bench.study("together.py:draws", seeds=3).definition()
        seeds = {"count": 3, "sources": {"initialisation": ["init"]}, "held": 0}
        study = Study(**{**base, "seeds": seeds, "source": bench.folder / "bench.toml"})
        run_study(study, db=bench.db, artifacts=bench.folder, jobs=1, batch=batch)
        rows = ResultsStore(bench.db).trial_rows("bench")
        return {(row["arm"], row["seed"], row["source"]): row["metrics"] for row in rows}

    together, apart = run(bench, "auto"), run(another(), "off")
    assert together == apart
    assert together["low", 2, "initialisation"]["order"] == together["low", 0, "all"]["order"]


def search(bench, batch):
    study = Study(
        name="search",
        trial={"function": "together.py:learns"},
        seeds={"count": 2},
        params={"x": 0.1, "slope": 4},
        arms={"plain": {}, "steep": {"slope": 8}},
        search={
            "trials": 8,
            "metric": "val",
            "direction": "maximize",
            "startup": 2,
            "at_once": 3,
            "space": {"x": {"low": 0.0, "high": 1.0}},
        },
        protocol={"metric": "val", "direction": "maximize", "control": "plain"},
        source=bench.folder / "search.toml",
    )
    run_search(study, db=bench.db, artifacts=bench.folder, jobs=2, batch=batch)
    rows = ResultsStore(bench.db).trial_rows("search")
    return {row["trial"]: (row["state"], row["metrics"]) for row in rows}


def test_a_search_prunes_the_same_trials_in_batches_and_one_by_one(bench, another):
    together = search(bench, "auto")
    assert together == search(another(), "off")
    assert {state for state, _ in together.values()} == {"complete", "pruned"}


def in_flight_of_the_first(bench, function, seeds, **trial):
    """How many parcels a run of one worker handed out, by the trials in them."""
    handed = []
    submit = WorkerPool.submit

    def noting(pool, work, *args):
        if work is attempt_in_turn:
            handed.append([(task.params["level"], task.seed) for task in args[0]])
        return submit(pool, work, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkerPool, "submit", noting)
        bench.run(function, jobs=1, seeds=seeds, **trial)
    return handed


def test_trials_that_take_no_time_are_handed_out_many_at_once(bench):
    handed = in_flight_of_the_first(bench, "fine", 200)
    assert len(handed) < 100
    assert max(map(len, handed)) > 10
    assert len(handed[0]) == len(handed[1]) == 1
    assert list(states(bench).values()) == ["complete"] * 400


def test_trials_that_take_time_come_one_by_one(bench):
    handed = in_flight_of_the_first(bench, "counted", 6, params={"sleep_s": 0.03})
    assert all(len(trials) == 1 for trials in handed)


def test_a_slow_trial_among_fast_ones_ends_what_is_run_in_turn(bench):
    handed = in_flight_of_the_first(bench, "slow_now_and_then", 100)
    again = [trial for trials in handed for trial in trials]
    assert len(again) > len(set(again)) == 200
    assert len(bench.executions()) == len(set(bench.executions())) == 200


def test_of_trials_run_in_turn_only_the_one_that_kills_its_worker_is_blamed(bench):
    bench.run("kills_itself_at_sixty", jobs=1, seeds=64)
    rows = bench.full_rows()
    failed = {key for key, row in rows.items() if row["state"] == "failed"}
    assert failed == {("low", 60), ("high", 60)}
    assert {row["attempts"] for row in rows.values()} == {1}


def typed(bench, monkeypatch, *options):
    """The exit status of `study run` of a file, with these options."""
    monkeypatch.chdir(bench.folder)
    study = bench.study("together.py:any_level", seeds=2).definition()
    (bench.folder / "bench.toml").write_text(as_toml(study))
    with pytest.raises(SystemExit) as left:
        main(["study", "run", "bench.toml", "--db", str(bench.db), "--no-report", *options])
    return left.value.code


@pytest.mark.parametrize(("given", "together"), [("off", 1), ("auto", 4), ("2", 2)])
def test_the_command_line_takes_every_way_to_batch(bench, monkeypatch, given, together):
    assert typed(bench, monkeypatch, "--jobs", "1", "--batch", given) == 0
    assert set(sizes(bench)) == {together}


@pytest.mark.parametrize("given", ["on", "0", "-1", "2.5", ""])
def test_the_command_line_refuses_what_is_none(bench, monkeypatch, capsys, given):
    assert typed(bench, monkeypatch, "--batch", given) == 2
    assert "auto, off, or the largest batch" in capsys.readouterr().err
