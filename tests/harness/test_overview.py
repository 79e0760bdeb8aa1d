import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StudyError
from harness.execution.pool import usable_cores
from harness.overview import cells, expected_workers, remaining_time_s, spans, trials
from harness.store.schema import State
from harness.study.planning import plan


@pytest.fixture
def crossed(study):
    return study(factors={"epochs": (5, 10)})


def test_a_study_that_never_ran_has_every_cell_planned_in_its_own_order(crossed):
    table = cells(crossed, {}, None)
    assert [(cell.levels["epochs"], cell.arm) for cell in table] == [
        (5, "base"),
        (5, "fast"),
        (10, "base"),
        (10, "fast"),
    ]
    assert all(cell.states == {State.PLANNED: 2} for cell in table)
    assert all(cell.missing == (0, 1) and cell.finished == () for cell in table)


def test_finished_trials_are_there_and_the_others_are_missing(
    study, store, finish, outcome, failure
):
    bench = study()
    specs = plan(bench)
    finish(store, bench, [outcome(specs[0]), failure(specs[1])])
    table = {cell.arm: cell for cell in cells(bench, store.stored("bench"), None)}
    assert (table["base"].finished, table["base"].missing) == ((0,), (1,))
    assert table["fast"].states == {State.FAILED: 1, State.PLANNED: 1}
    assert table["base"].durations_s == (2.0,)


def test_some_arms_can_be_looked_at_alone_and_an_unknown_one_is_refused(study):
    assert {cell.arm for cell in cells(study(), {}, ["fast"])} == {"fast"}
    assert len(trials(study(), {}, ["fast"])) == 2
    with pytest.raises(StudyError, match="nearest: fast"):
        cells(study(), {}, ["fats"])


def test_every_trial_is_listed_with_its_parameters_and_state(crossed):
    rows = trials(crossed, {}, None)
    assert [row["trial"] for row in rows] == [spec.digest for spec in plan(crossed)]
    assert rows[1] == {
        "trial": plan(crossed)[1].digest,
        "arm": "fast",
        "seed": 0,
        "levels": {"epochs": 5},
        "source": "all",
        "params": {"lr": 0.5, "epochs": 5},
        "state": "planned",
    }


def test_trials_of_a_source_have_cells_of_their_own(study):
    asked = study(seeds={"count": 3, "sources": {"data": ["order"]}, "held": 1})
    table = cells(asked, {}, None)
    assert [(cell.source, cell.arm, cell.missing) for cell in table] == [
        ("all", "base", (0, 1, 2)),
        ("all", "fast", (0, 1, 2)),
        ("data", "base", (0, 2)),
        ("data", "fast", (0, 2)),
    ]
    assert [row["source"] for row in trials(asked, {}, ["base"])] == [
        "all",
        "data",
        "all",
        "all",
        "data",
    ]


def test_nobody_knows_how_long_it_takes_before_a_trial_is_finished(study):
    assert remaining_time_s(cells(study(), {}, None), 2) is None


def test_the_rest_is_expected_to_go_on_as_each_cell_went(study, store, finish, outcome):
    bench = study(seeds={"count": 3})
    base, fast = plan(bench)[:2]
    finish(store, bench, [outcome(base, duration_s=4.0)])
    table = cells(bench, store.stored("bench"), None)
    assert remaining_time_s(table, 1) == 2 * 4.0 + 3 * 4.0
    finish(store, bench, [outcome(fast, duration_s=1.0)])
    table = cells(bench, store.stored("bench"), None)
    assert remaining_time_s(table, 2) == (2 * 4.0 + 2 * 1.0) / 2


def test_a_finished_study_has_nothing_left(study, store, finish):
    finish(store, study())
    assert remaining_time_s(cells(study(), store.stored("bench"), None), 1) == 0


@given(st.sets(st.integers(0, 60)))
def test_spans_name_exactly_the_seeds(seeds):
    named = set()
    for part in filter(None, spans(list(seeds)).split(", ")):
        first, _, last = part.partition("-")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == seeds


def test_spans_are_short():
    assert spans([25, 3, 1, 0, 2]) == "0-3, 25"


def test_as_many_run_side_by_side_as_in_the_last_run(study, store, environment):
    for jobs in (8, 1):
        store.begin_run(study(), {**environment, "jobs": jobs})
    assert str(expected_workers(study(), store, None)) == "1 at a time"


def test_what_another_study_or_another_machine_ran_with_says_nothing(study, store, environment):
    store.begin_run(study(name="other"), {**environment, "jobs": 1})
    store.begin_run(study(), environment)
    for reader in (store, None):
        assert expected_workers(study(), reader, None).jobs == usable_cores()


def test_nobody_knows_whether_as_many_as_the_user_wants_can_run_side_by_side(
    study, store, environment
):
    store.begin_run(study(), {**environment, "jobs": 1})
    said = str(expected_workers(study(), store, 3))
    assert said == "3 at a time if so many can run side by side"
    assert str(expected_workers(study(), store, 1)) == "1 at a time"


def test_trials_that_want_the_machine_to_themselves_run_one_at_a_time(study, store):
    alone = study(trial={"function": "trials.py:main", "alone": True})
    assert str(expected_workers(alone, store, 3)) == "1 at a time"
