import math
import multiprocessing
import os
import subprocess
import sys
import threading
from collections import Counter

import psutil
import pytest
import sqlalchemy as sa

from harness.errors import InputError, StoreError
from harness.store import schema
from harness.store.ownership import SILENCE_S, Owner, this_process
from harness.store.schema import FINISHED, TRANSITIONS, RunState, State
from harness.store.store import ResultsStore
from harness.study.planning import plan
from harness.trial import CurvePoint, Predictions


def state_of(store, spec):
    return store.stored("bench")[spec.digest].state


def put(sql, store, spec, state, run):
    """Put a trial into a state, past all rules."""
    sql(
        store,
        "UPDATE harness_trials SET state = :state, run_id = :run, attempts = 1 WHERE digest = :d",
        state=str(state),
        run=None if state is State.PLANNED else run.id,
        d=spec.digest,
    )


def orphan(sql, store, run):
    """Let a run's process have ended long ago."""
    sql(
        store, "UPDATE harness_runs SET process_started_at = -60, pid = 1 WHERE id = :id", id=run.id
    )


def fetch(store, query):
    with store.database.read() as connection:
        return connection.execute(query).all()


@pytest.fixture
def bench(study, store, environment):
    """A study whose trials are planned, and a run of it."""
    store.add_planned(study(), plan(study()))
    return plan(study()), store.begin_run(study(), environment)


# Everything that can be asked of the store, and where it takes a trial from each state.
STEPS = {
    "claimed": (State.RUNNING, {State.PLANNED, State.STALE}),
    "recorded as complete": (State.COMPLETE, {State.RUNNING}),
    "recorded as failed": (State.FAILED, {State.RUNNING}),
    "left by its dead owner": (State.STALE, {State.RUNNING}),
    "left at the end of its run": (State.STALE, {State.RUNNING}),
    "tried again": (State.PLANNED, {State.FAILED}),
    "planned again": (State.PLANNED, set()),
    "retried within its run": (State.RUNNING, {State.RUNNING}),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("step", STEPS)
def test_a_trial_goes_through_allowed_states_only(
    step, before, study, store, bench, sql, outcome, failure
):
    (spec, *_), run = bench
    put(sql, store, spec, before, run)
    if step == "claimed":
        store.claim(run, [spec.digest])
    elif step == "recorded as complete":
        store.record(run, [outcome(spec)])
    elif step == "recorded as failed":
        store.record(run, [failure(spec)])
    elif step == "left by its dead owner":
        orphan(sql, store, run)
        store.free_abandoned("bench")
    elif step == "left at the end of its run":
        store.end_run(run, RunState.INTERRUPTED)
    elif step == "tried again":
        store.retry_failed([spec.digest])
    elif step == "planned again":
        store.add_planned(study(), plan(study()))
    else:
        store.record_retry(run, failure(spec))
    after, allowed_from = STEPS[step]
    assert state_of(store, spec) == (after if before in allowed_from else before)


def test_the_table_of_transitions_is_what_the_steps_do():
    for step, (after, before) in STEPS.items():
        if step != "retried within its run":
            assert before <= TRANSITIONS[after]
    reached = {(before, after) for after, origins in TRANSITIONS.items() for before in origins} - {
        (State.RUNNING, State.PRUNED)
    }
    assert reached == {
        (before, after)
        for step, (after, origins) in STEPS.items()
        for before in origins
        if step != "retried within its run"
    }


def test_nothing_leaves_a_complete_trial():
    assert all(State.COMPLETE not in origins for origins in TRANSITIONS.values())
    assert {State.COMPLETE, State.FAILED, State.PRUNED} == FINISHED


def test_a_finished_trial_is_never_overwritten(store, bench, outcome):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    store.record(run, [outcome(spec)])
    store.record(run, [outcome(spec, metrics={"acc": 0.0})])
    assert store.final_metrics("bench")[spec.digest] == {"acc": 0.9}


def test_a_finished_trial_is_never_run_twice(store, bench, study, outcome, environment):
    (spec, *rest), run = bench
    store.claim(run, [spec.digest])
    store.record(run, [outcome(spec)])
    again = store.begin_run(study(), environment)
    store.add_planned(study(), plan(study()))
    assert store.claim(again, [each.digest for each in (spec, *rest)]) == {
        each.digest for each in rest
    }


def test_the_database_itself_refuses_a_second_row_of_a_trial(store, bench, sql):
    with pytest.raises(sa.exc.IntegrityError):
        sql(
            store,
            "INSERT INTO harness_trials (digest, study, arm, seed, levels, params, what_runs,"
            " trial_version, state, attempts) SELECT digest, study, arm, seed, levels, params,"
            " what_runs, trial_version, state, attempts FROM harness_trials",
        )


def test_another_runs_trial_is_left_to_it(store, bench, study, outcome, environment):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    other = store.begin_run(study(), environment)
    store.record(other, [outcome(spec)])
    store.record_retry(other, outcome(spec, error="no"))
    assert state_of(store, spec) is State.RUNNING
    assert fetch(store, sa.select(schema.metrics)) == []


def test_outcomes_are_stored_all_or_none(store, bench, outcome, count):
    (one, other, *_), run = bench
    store.claim(run, [one.digest, other.digest])
    twice = (CurvePoint(0, "loss", 1.0),) * 2
    with pytest.raises(sa.exc.IntegrityError):
        store.record(run, [outcome(one), outcome(other, curve=twice)])
    assert state_of(store, one) is State.RUNNING
    assert count(store)["metrics"] == 0


def test_two_stores_at_once_never_claim_one_trial(store, study, environment):
    asked = study(seeds={"count": 100})
    store.add_planned(asked, plan(asked))
    digests = [spec.digest for spec in plan(asked)]
    claimed = [[] for _ in range(4)]

    def work(mine):
        own = ResultsStore(store.database.url.database)
        run = own.begin_run(asked, environment)
        for start in range(0, 200, 10):
            mine += own.claim(run, digests[start : start + 10])

    threads = [threading.Thread(target=work, args=(mine,)) for mine in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [digest for mine in claimed for digest in mine]
    assert sorted(everything) == sorted(digests)


def claim_everything(db, study, environment, start, results):
    store = ResultsStore(db)
    run = store.begin_run(study, environment)
    start.wait()
    got = [list(store.claim(run, [spec.digest])) for spec in plan(study)]
    results.put([digest for digests in got for digest in digests])


def test_two_processes_at_once_never_claim_one_trial(store, study, environment):
    asked = study(seeds={"count": 40})
    store.add_planned(asked, plan(asked))
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(2), context.Queue()
    arguments = (store.database.url.database, asked, environment, start, results)
    workers = [context.Process(target=claim_everything, args=arguments) for _ in range(2)]
    for worker in workers:
        worker.start()
    one, other = results.get(timeout=50), results.get(timeout=50)
    for worker in workers:
        worker.join()
    assert sorted(one + other) == sorted(spec.digest for spec in plan(asked))


def test_a_trial_is_stale_only_when_its_owner_is_dead(store, bench, sql):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    assert store.free_abandoned("bench") == 0
    assert state_of(store, spec) is State.RUNNING
    orphan(sql, store, run)
    assert store.free_abandoned("another") == 0
    assert store.free_abandoned("bench") == 1
    assert state_of(store, spec) is State.STALE


def test_a_stale_trials_late_result_is_dropped(store, bench, sql, study, outcome, environment):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    orphan(sql, store, run)
    store.free_abandoned("bench")
    store.record(run, [outcome(spec)])
    assert state_of(store, spec) is State.STALE
    again = store.begin_run(study(), environment)
    assert store.claim(again, [spec.digest]) == {spec.digest}
    store.record(run, [outcome(spec)])
    assert state_of(store, spec) is State.RUNNING
    assert store.stored("bench")[spec.digest].attempts == 2


def test_an_owner_on_this_machine_lives_as_long_as_its_process():
    me = this_process()
    assert me.is_alive(heartbeat_at=0, now=1e9)
    assert not Owner(me.host, me.pid, me.process_started_at - 60).is_alive(1e9, 1e9)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        born = Owner(
            me.host, child.pid, psutil.Process(child.pid).create_time() - psutil.boot_time()
        )
        assert born.is_alive(0, 1e9)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not born.is_alive(1e9, 1e9), "a zombie runs nothing"
    assert not born.is_alive(1e9, 1e9)


def test_an_owner_elsewhere_lives_until_it_is_silent_for_long():
    elsewhere = Owner("elsewhere/1", 1, 1.0)
    assert elsewhere.is_alive(heartbeat_at=1000, now=1000 + SILENCE_S - 1)
    assert not elsewhere.is_alive(heartbeat_at=1000, now=1000 + SILENCE_S + 1)


def test_a_heartbeat_moves_on_and_an_ended_run_says_when(store, bench, sql):
    _, run = bench
    sql(store, "UPDATE harness_runs SET heartbeat_at = 0")
    store.heartbeat(run)
    store.end_run(run, RunState.FINISHED)
    (row,) = fetch(store, sa.select(schema.runs))
    assert row.heartbeat_at >= row.started_at
    assert row.ended_at >= row.heartbeat_at
    assert row.state == RunState.FINISHED


@pytest.mark.parametrize(
    ("value", "problem"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")]
)
def test_a_value_that_is_no_number_is_recorded_as_a_problem_and_comes_back(
    store, bench, outcome, value, problem
):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    store.record(run, [outcome(spec, metrics={"acc": value}, curve=(CurvePoint(3, "l", value),))])
    for table in (schema.metrics, schema.learning_curves):
        (row,) = fetch(store, sa.select(table))
        assert (row.value, row.problem) == (None, problem)
    (back,) = store.final_metrics("bench")[spec.digest].values()
    assert repr(back) == repr(value)


def test_predictions_come_back_bit_by_bit(store, bench, outcome):
    (spec, *_), run = bench
    correct = [True, False, True] * 5
    store.claim(run, [spec.digest])
    store.record(run, [outcome(spec, predictions=Predictions.pack(correct))])
    (row,) = fetch(store, sa.select(schema.predictions))
    assert Predictions(row.examples, row.correct).unpack().tolist() == correct


def test_a_failed_trial_keeps_every_error(store, bench, failure):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    store.record_retry(run, failure(spec, error="first"))
    store.record(run, [failure(spec, error="second")])
    assert [each.error for each in store.failures("bench")] == ["second"]
    rows = fetch(store, sa.select(schema.attempts).order_by(schema.attempts.c.attempt))
    assert [(row.attempt, row.error) for row in rows] == [(1, "first"), (2, "second")]


def test_an_error_that_is_no_unicode_is_kept_all_the_same(store, bench, failure):
    (spec, *_), run = bench
    store.claim(run, [spec.digest])
    store.record(run, [failure(spec, error="no file \udce4\0", traceback="\udce4")])
    assert [each.error for each in store.failures("bench")] == ["no file \\udce4\\x00"]


def test_a_failed_trial_that_is_tried_again_begins_with_an_empty_curve(
    store, bench, study, outcome, failure, environment
):
    (spec, *_), run = bench
    curve = (CurvePoint(0, "loss", 1.0),)
    store.claim(run, [spec.digest])
    store.record(run, [failure(spec, curve=curve)])
    assert store.retry_failed([spec.digest]) == 1
    again = store.begin_run(study(), environment)
    store.claim(again, [spec.digest])
    store.record(again, [outcome(spec, curve=curve)])
    assert state_of(store, spec) is State.COMPLETE
    assert len(fetch(store, sa.select(schema.learning_curves))) == 1
    assert len(fetch(store, sa.select(schema.attempts))) == 1


def test_every_protocol_is_kept_with_the_results_that_were_there(study, store, finish, environment):
    store.begin_run(study(), environment)
    finish(store, study())
    protocol = {"metric": "acc", "direction": "maximize", "control": "base", "alpha": 0.01}
    store.begin_run(study(protocol=protocol), environment)
    store.begin_run(study(), environment)
    uses = store.protocols("bench")
    assert [(use.protocol["alpha"], use.finished_trials) for use in uses] == [(0.05, 0), (0.01, 4)]


def test_an_environment_is_stored_once_and_counted_by_trial(study, store, outcome):
    for number, spec in enumerate(plan(study())):
        store.add_planned(study(), [spec])
        run = store.begin_run(study(), {"python": "3.11" if number else "3.12"})
        store.claim(run, [spec.digest])
        store.record(run, [outcome(spec, facts={"threads": number % 2})])
    stored = store.stored("bench")
    runs = Counter(trial.run_id for trial in stored.values())
    assert sorted((content["python"], trials) for content, trials in store.environments(runs)) == [
        ("3.11", 3),
        ("3.12", 1),
    ]
    assert store.facts("bench", stored.keys()) == [({"threads": 0}, 2), ({"threads": 1}, 2)]
    (first, *_) = plan(study())
    assert store.environments({stored[first.digest].run_id: 1}) == [({"python": "3.12"}, 1)]
    assert store.facts("bench", {first.digest}) == [({"threads": 0}, 1)]
    assert store.facts("other", stored.keys()) == []


def test_the_latest_definition_is_the_one_that_ran_last(study, store, environment):
    for title in ("one", "two", "one"):
        store.begin_run(study(title=title), environment)
    assert store.definition("bench")["title"] == "one"
    with pytest.raises(StoreError, match="no study 'none'"):
        store.definition("none")


def test_trials_are_listed_by_state_and_arm(store, bench, outcome, failure):
    (one, other, *_), run = bench
    store.claim(run, [one.digest, other.digest])
    store.record(run, [outcome(one), failure(other)])
    assert {row["state"] for row in store.trial_rows("bench", arm="base")} == {
        "complete",
        "planned",
    }
    (row,) = store.trial_rows("bench", state="failed")
    assert (row["trial"], row["error"], row["metrics"]) == (other.digest, "ValueError: no", {})
    assert ("bench", State.PLANNED, 2) in store.studies()


def test_a_study_that_is_not_stored_is_refused_with_its_nearest(store, bench):
    store.require_study("bench")
    with pytest.raises(InputError, match="nearest: bench"):
        store.require_study("bnech")


def test_names_of_every_kind_are_stored_as_they_are(study, store, finish, outcome, nasty):
    asked = study(arms={"base": {}, nasty: {"lr": nasty}})
    finish(store, asked, [outcome(spec, metrics={nasty: 1.0}) for spec in plan(asked)])
    rows = store.trial_rows("bench", arm=nasty)
    assert len(rows) == 2
    assert {name for row in rows for name in row["metrics"]} == {nasty}


def test_a_renamed_arm_takes_its_finished_trials_with_it(study, store, finish):
    finish(store, study())
    renamed = study(arms={"base": {}, "quick": study().arms["fast"]})
    before = store.final_metrics("bench")
    store.add_planned(renamed, plan(renamed))
    assert {row["arm"] for row in store.trial_rows("bench")} == {"base", "quick"}
    assert store.final_metrics("bench") == before


def test_a_renamed_source_takes_its_finished_trials_with_it(study, store, finish):
    seeds = {"count": 2, "sources": {"data": ["order"]}}
    finish(store, study(seeds=seeds))
    renamed = study(seeds={**seeds, "sources": {"batches": ["order"]}})
    store.add_planned(renamed, plan(renamed))
    assert {row["source"] for row in store.trial_rows("bench")} == {"all", "batches"}
    assert {row["state"] for row in store.trial_rows("bench")} == {"complete"}


def test_a_trial_of_a_source_is_told_apart_from_one_of_a_factor_of_that_name(study, store):
    varied = study(seeds={"count": 2, "sources": {"data": ["order"]}})
    factored = study(name="other", params={"lr": 0.1, "source": 1}, factors={"source": (1, 2)})
    for asked in (varied, factored):
        store.add_planned(asked, plan(asked))
    rows = [(row["levels"], row["source"]) for row in store.trial_rows("bench")]
    assert rows == [({}, "all")] * 4 + [({}, "data")] * 2
    assert {row["source"] for row in store.trial_rows("other")} == {"all"}
    assert [row["levels"] for row in store.trial_rows("other")][::2] == [
        {"source": 1},
        {"source": 2},
    ] * 2
