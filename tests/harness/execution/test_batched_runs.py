"""What a user sees of trials that are trained together: the same rows as one by one."""

import os
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from harness import Study, run_search, run_study
from harness.cli import main
from harness.errors import InputError, SetupError
from harness.execution.batcher import Batcher
from harness.execution.dispatch import run_waves
from harness.execution.jobs import jobs_of
from harness.execution.pool import BrokenProcessPool, WorkerPool
from harness.execution.stopping import StopRequest
from harness.execution.waves import Wave
from harness.execution.worker.several import attempt_in_turn
from harness.store.store import ResultsStore
from harness.study.planning import plan
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


IGNORED = [
    ("counted", {}, "counted offers no batch form (docs/batching.md)"),
    ("together.py:any_level", {"alone": True}, "trials of this study run alone"),
    ("together.py:any_level", {}, "the batch form of together.py:any_level holds at most 4 trials"),
]


@pytest.mark.parametrize(("function", "trial", "why"), IGNORED)
def test_a_largest_batch_that_changes_nothing_is_told_of_once(bench, capfd, function, trial, why):
    bench.run(function, batch=5, seeds=1, jobs=1, **trial)
    said = capfd.readouterr().err
    assert said.count("--batch 5 has no effect") == 1
    assert why in said


def test_a_program_cannot_be_batched_and_says_so(bench, capfd):
    command = [sys.executable, "-c", "print('{{\"score\": {level}}}')", "{seed}"]
    declared = bench.study("fine", seeds=1, params={}).definition()
    study = Study(**{**declared, "trial": {"command": command}}, source=bench.folder / "bench.toml")
    run_study(study, db=bench.db, artifacts=bench.folder, jobs=1, batch=2)
    assert "--batch 2 has no effect: programs share no batch" in capfd.readouterr().err
    assert set(states(bench).values()) == {"complete"}


@pytest.mark.parametrize("batch", ["auto", "off", 1])
def test_who_wants_no_large_batch_is_not_told_that_there_is_none(bench, capfd, batch):
    bench.run("counted", batch=batch, seeds=1)
    assert "no effect" not in capfd.readouterr().err


@pytest.mark.parametrize("batch", [2, 4])
def test_a_largest_batch_that_counts_is_no_remark_worth(bench, capfd, batch):
    bench.run("together.py:any_level", batch=batch, jobs=1)
    assert "no effect" not in capfd.readouterr().err


def test_a_largest_batch_that_a_search_cannot_have_is_told_of_once(bench, capfd):
    search(bench, 20, jobs=1)
    assert capfd.readouterr().err.count("--batch 20 has no effect") == 1


def test_how_often_batches_ended_in_a_fault_is_told_at_the_end(bench, capfd):
    bench.run("together.py:exits_when_several", jobs=1)
    said = capfd.readouterr().err.splitlines()
    assert said[-1].startswith("bench: this happened 2 times, to 8 trials in all: their batch")


def test_only_trials_that_are_alike_share_a_batch(bench):
    bench.run("together.py:fine", seeds=4, jobs=1)
    assert sorted(bench.batches()) == [[f"{level}:{seed}" for seed in range(4)] for level in (0, 1)]


def test_of_trials_that_share_a_batch_the_smallest_number_that_a_worker_should_hold_counts(bench):
    bench.run("together.py:sized", seeds=4, jobs=1)
    assert sizes(bench) == [2, 2, 2, 2]


def test_a_trial_has_its_share_of_the_time_and_its_batch_s_beginning(bench):
    before = time.time()
    bench.run("together.py:measured", jobs=1, seeds=2)
    rows = list(bench.full_rows().values())
    assert len({row["started_at"] for row in rows}) == 1
    assert before < rows[0]["started_at"] < time.time()
    assert all(0.1 <= row["duration_s"] < 0.3 for row in rows)


@pytest.mark.parametrize("batch", ["auto", "off"])
def test_a_trial_that_changes_its_parameters_changes_no_other_s(bench, batch):
    bench.run("together.py:lengthens", batch=batch, seeds=60, params={"nested": {"widths": [8]}})
    assert {row["metrics"]["score"] for row in bench.rows().values()} == {2.0}


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
def test_the_trial_that_spoils_a_batch_is_found_and_the_others_complete(
    bench, capfd, function, error
):
    bench.run(f"together.py:{function}")
    rows = bench.full_rows()
    for (_, seed), row in rows.items():
        assert row["state"] == ("failed" if seed == 2 else "complete")
        assert row["attempts"] == 1
    assert error in rows["low", 2]["failures"][0]["error"]
    assert "trials runs by itself: " in capfd.readouterr().err


@pytest.mark.parametrize("function", ["needs_memory", "needs_memory_of_a_gpu"])
def test_a_batch_that_does_not_fit_into_memory_is_halved_until_it_does(bench, function, capfd):
    bench.run(f"together.py:{function}", jobs=1, seeds=24)
    assert set(states(bench).values()) == {"complete"}
    assert set(facts(bench).values()) == {2}
    tried = sizes(bench)
    # Two batches are in flight at once, so a size may be tried once more than it takes.
    assert tried[0] == 8
    assert 1 <= tried.count(8) <= 2
    assert 1 <= tried.count(4) <= 2
    said = capfd.readouterr().err
    assert said.count("of 8 trials did not fit into memory") == 1
    assert said.count("of 4 trials did not fit into memory") == 1
    assert "runs by itself" not in said


def test_what_fitted_into_memory_is_remembered_in_the_next_wave(bench):
    study = bench.study("together.py:needs_memory", seeds=16)
    low, high = ([spec for spec in plan(study) if spec.arm == arm] for arm in study.arms)
    with ResultsStore(bench.db) as store:
        run_waves(study, [Wave(low), Wave(high)], store, bench.folder, at_most=32, jobs=1)
    assert sizes(bench)[-8:] == [2] * 8
    assert max(len(batch) for batch in bench.batches() if batch[0].startswith("1:")) == 2


def test_a_trial_that_fits_into_no_memory_fails(bench):
    bench.run("together.py:needs_all_memory", jobs=1, seeds=2)
    assert set(states(bench).values()) == {"failed"}
    assert "MemoryError: no room for 1" in bench.rows()["low", 0]["error"]


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


REFUSED = [
    ("misspelt", "nearest: level"),
    ("holds_none", "at_most=…\\) is a whole number from 1; it gave 0"),
    ("refuses_level_one", "the parameters:\nlevel: not allowed\n  given:   1\n  allowed: 0"),
]


@pytest.mark.parametrize(("function", "words"), REFUSED)
def test_a_study_that_its_batch_form_refuses_leaves_nothing_in_the_database(bench, function, words):
    with ResultsStore(bench.db):
        before = bench.database()
    with pytest.raises(SetupError, match=words):
        bench.run(f"together.py:{function}")
    assert bench.database() == before


def test_a_refusal_leaves_what_was_there_before_as_it_was(bench, capfd):
    bench.run("together.py:broken_at_two", jobs=1)
    before = bench.database()
    text = (bench.folder / "together.py").read_text()
    broken = "broken_at_two = offer(run_broken_at_two, at_most=0)"
    (bench.folder / "together.py").write_text(f"{text}\n{broken}\n")
    capfd.readouterr()
    with pytest.raises(SetupError, match="it gave 0"):
        bench.run("together.py:broken_at_two", seeds=6, retry_failed=True)
    assert bench.database() == before
    assert capfd.readouterr().err == ""


def test_a_refused_wave_leaves_what_the_waves_before_it_gave(bench):
    study = bench.study("together.py:refuses_level_one", seeds=2)
    low, high = ([spec for spec in plan(study) if spec.arm == arm] for arm in study.arms)
    with ResultsStore(bench.db) as store, pytest.raises(SetupError, match="not allowed"):
        run_waves(study, [Wave(low), Wave(high)], store, bench.folder, at_most=4, jobs=1)
    assert states(bench) == {("low", 0): "complete", ("low", 1): "complete"}


def levels(bench):
    """The levels in each batch, in no order."""
    return sorted(sorted({trial.partition(":")[0] for trial in each}) for each in bench.batches())


def test_trials_that_wait_for_no_asset_share_batches_of_their_own(bench, another):
    bench.run("together.py:taught_at_level_one", seeds=4, jobs=2)
    assert levels(bench) == [["0"], ["1"]]
    by_one_worker = another()
    by_one_worker.run("together.py:taught_at_level_one", seeds=4, jobs=1)
    assert levels(by_one_worker) == [["0", "1"], ["0", "1"]]


def test_a_question_for_assets_that_raises_is_told(bench):
    with pytest.raises(SetupError, match=r"needs_asset=…\) raised KeyError: 'teacher'"):
        bench.run("together.py:asks_for_what_is_not_there")


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


def search(bench, batch, function="together.py:learns", jobs=2):
    study = Study(
        name="search",
        trial={"function": function},
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
    run_search(study, db=bench.db, artifacts=bench.folder, jobs=jobs, batch=batch)
    rows = ResultsStore(bench.db).trial_rows("search")
    return {row["trial"]: (row["state"], row["metrics"]) for row in rows}


def test_a_search_prunes_the_same_trials_in_batches_and_one_by_one(bench, another):
    together = search(bench, "auto")
    assert together == search(another(), "off")
    assert {state for state, _ in together.values()} == {"complete", "pruned"}


@pytest.mark.parametrize("batch", ["auto", "off"])
def test_a_worker_that_dies_once_it_has_answered_does_not_end_a_search(bench, batch):
    search(bench, batch, "together.py:leaves_later", jobs=1)


@pytest.fixture
def batcher(bench):
    study = bench.study("together.py:any_level", seeds=2)
    with closing(WorkerPool(1)) as pool:
        yield Batcher(study, pool, "auto", StopRequest())


def wave(batcher):
    """The jobs of a whole study."""
    return jobs_of(batcher.study, plan(batcher.study), Path("assets"), {})


def test_a_worker_that_died_between_two_waves_is_replaced(batcher):
    assert [len(unit) for unit in batcher.units(wave(batcher))] == [4]
    pid = batcher.pool.submit(os.getpid).result()
    os.kill(pid, signal.SIGKILL)
    broken_by_now(batcher.pool)
    assert [len(unit) for unit in batcher.units(wave(batcher))] == [4]
    assert batcher.remarks == []


def test_a_worker_whose_trial_was_timed_out_is_not_asked_about_the_next_wave(bench):
    study = bench.study("together.py:hangs_at_first", seeds=2, timeout="500ms")
    low, *others = (spec for spec in plan(study) if spec.arm == "low")
    with ResultsStore(bench.db) as store:
        waves = [Wave([low]), Wave(others)]
        run_waves(study, waves, store, bench.folder, at_most=2, jobs=1)
    ran = [line.split()[0] for line in (bench.folder / "batches").read_text().splitlines()]
    assert (bench.folder / "asked").read_text().split() == ran
    assert len(set(ran)) == 2


@pytest.mark.parametrize(
    ("first_line", "words"),
    [
        ("import os; os._exit(1)", "TerminatedWorkerError"),
        ("import time; time.sleep(3)", "TrialTimeoutError: the trial took longer than 0.5 s"),
        ("raise KeyboardInterrupt('no')", "KeyboardInterrupt: no"),
    ],
)
def test_a_function_that_cannot_be_asked_is_told_of(batcher, bench, first_line, words):
    (bench.folder / "together.py").write_text(f"{first_line}\ndef any_level(a, b, c): ...\n")
    trial = batcher.study.trial.model_copy(update={"timeout_s": 0.5})
    batcher.study = batcher.study.model_copy(update={"trial": trial})
    assert [len(unit) for unit in batcher.units(wave(batcher))] == [1, 1, 1, 1]
    (remark,) = batcher.remarks
    assert words in remark


def broken_by_now(pool):
    """Wait until a pool has seen that its worker died."""
    with suppress(BrokenProcessPool):
        while True:
            pool.submit(os.getpid).exception()


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
