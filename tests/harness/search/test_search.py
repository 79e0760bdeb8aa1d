"""A search from its first candidate to its answer, however often it is cut short."""

import math
import random

import optuna
import pytest

from harness.errors import SetupError, StudyError
from harness.running import run_search, run_study
from harness.search.arms import arm_searches
from harness.search.judging import CandidateState, judged
from harness.search.overview import found_so_far
from harness.store.candidates import Candidate, record_candidates
from harness.store.checks import check_database
from harness.store.store import ResultsStore

X = {"x": {"low": 0.0, "high": 1.0}}
SPACE_Y = {"values": (1, 2, 3, 4)}

CUTS = sorted(random.Random(7).sample(range(1, 42), 6))


def test_a_search_finds_better_values_than_it_began_with(bench):
    found = bench.walk(bench.study())
    two = found.arm("two")
    assert two.start.params == {"x": 0.9, "y": 1}
    assert two.winner.params["y"] == 3
    assert two.gain > 0.4
    assert two.winner.mean == max(c.mean for c in two.candidates if c.mean is not None)
    assert found.is_finished
    assert found.winners()["one"].keys() == {"x"}


def test_every_arm_has_the_same_budget_and_one_with_nothing_to_search_one_candidate(bench):
    found = bench.walk(bench.study())
    assert [len(each.candidates) for each in found.arms] == [1, 10, 10]
    assert found.arm("plain").candidates[0].suggested_by == "declared"
    assert "plain: nothing of it is searched, so it has one candidate." in str(found)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, bench_in):
    bench = bench_in(tmp_path_factory.mktemp("undisturbed") / "bench")
    bench.walk(bench.study())
    return bench.dump()


@pytest.mark.parametrize("cut", CUTS)
def test_a_search_that_was_cut_short_goes_on_as_if_it_had_not_been(bench, undisturbed, cut):
    assert bench.walk(bench.study(), stop_after=cut) is None
    bench.walk(bench.study())
    assert bench.dump() == undisturbed


def test_a_search_that_is_cut_short_after_every_few_trials_ends_the_same(bench, undisturbed):
    for _ in range(40):
        if bench.walk(bench.study(), stop_after=3) is not None:
            break
    assert bench.dump() == undisturbed


def test_worker_processes_give_what_one_process_gives(bench, undisturbed):
    run = bench.run(jobs=3)
    assert bench.dump() == undisturbed
    assert run.summary.pruned == sum(row["state"] == "pruned" for row in bench.rows()) > 0
    assert run.summary.complete + run.summary.pruned == 42
    again = bench.run(jobs=1)
    assert (again.summary.complete, again.summary.already) == (0, 42)


def test_a_larger_budget_goes_on_from_what_is_there(bench, undisturbed):
    bench.walk(bench.study(trials=5))
    assert len(bench.answer(bench.study(trials=5)).arm("two").candidates) == 5
    bench.walk(bench.study(trials=8))
    bench.walk(bench.study(trials=10))
    left = bench.dump()
    assert len(left.pop("harness_studies")) == 3
    assert left == {name: rows for name, rows in undisturbed.items() if name in left}


def test_a_smaller_budget_looks_only_at_the_first_candidates(bench):
    bench.walk(bench.study())
    found = bench.answer(bench.study(trials=4))
    assert [c.number for c in found.arm("two").candidates] == [0, 1, 2, 3]
    assert found.is_finished


def test_some_arms_may_be_searched_before_the_others(bench, undisturbed):
    bench.run(only=["two"])
    assert not bench.answer(bench.study()).is_finished
    bench.run()
    assert bench.dump() == undisturbed


def test_a_search_with_another_definition_has_candidates_and_trials_of_its_own(bench):
    bench.walk(bench.study(trials=4))
    bench.walk(bench.study(trials=4, seed=1))
    first, second = (bench.answer(bench.study(trials=4, seed=seed)) for seed in (0, 1))
    assert first.winners() != second.winners()
    names = sorted(bench.dump()["optuna"])
    assert len(names) == 6
    assert names[0] == "search/one"
    assert names[1].startswith("search/one ")


def test_searches_without_a_pruner_share_the_trials_that_they_have_in_common(bench):
    bench.walk(bench.study(pruner="none", trials=3))
    before = len(bench.rows())
    bench.walk(bench.study(pruner="none", trials=3, startup=2))
    starts = 3 * 2
    assert len(bench.rows()) < 2 * before
    assert len(bench.rows()) <= 2 * before - starts


def test_the_labels_of_the_test_set_change_nothing_that_is_chosen(bench, another, monkeypatch):
    by_test = {
        "metric": "test_acc",
        "pruner": "none",
        "study": {"name": "tempted", "allow_test_selection": True},
    }
    found, tempted, accuracies = [], [], []
    for each in (bench, another()):
        found.append(each.walk(each.study()))
        tempted.append(each.walk(each.study(**by_test)))
        rows = [row for row in each.rows() if row["metrics"]]
        accuracies.append(sorted(row["metrics"]["test_acc"] for row in rows))
        monkeypatch.setenv("INVERTED_LABELS", "1")
    assert accuracies[0] != accuracies[1]
    assert found[0].winners() == found[1].winners()
    # Where the test set does select, the same test sees it.
    assert tempted[0].winners() != tempted[1].winners()
    assert "allows selection by a test metric" in tempted[0].cautions[0]


def test_a_grid_is_covered_exactly_and_says_where_it_began(bench):
    study = bench.study(sampler="grid", trials=8, space={"x": {"values": (0.9, 0.3)}, "y": SPACE_Y})
    found = bench.walk(study)
    tried = [(c.params["x"], c.params["y"]) for c in found.arm("two").candidates]
    assert tried == [(x, y) for x in (0.9, 0.3) for y in (1, 2, 3, 4)]
    assert found.arm("two").start.number == 0
    assert found.arm("two").winner.params == {"x": 0.3, "y": 3}
    assert [c.params for c in found.arm("one").candidates] == [{"x": 0.9}, {"x": 0.3}]
    off = bench.study(sampler="grid", trials=8, space={"x": {"values": (0.1, 0.3)}, "y": SPACE_Y})
    assert bench.walk(off).arm("two").start is None


def test_of_equal_candidates_the_first_wins(bench):
    found = bench.walk(bench.study("equal", pruner="none"))
    assert found.arm("two").winner.number == 0
    assert found.arm("two").gain == 0


def test_a_search_may_minimise(bench):
    study = bench.study(direction="minimize", pruner="none")
    found = bench.walk(study)
    assert found.arm("two").winner.mean == min(
        c.mean for c in found.arm("two").candidates if c.mean is not None
    )
    assert found.arm("two").gain >= 0
    assert found.trials.study.protocol.direction == "maximize"


def test_a_candidate_with_a_failed_trial_or_without_a_finite_score_cannot_win(bench):
    study = bench.study("faulty", pruner="none", trials=20, arms={"one": {"x": 0.5}}, space=X)
    found = bench.walk(study)
    one = found.arm("one")
    failed = [c for c in one.candidates if c.state is CandidateState.FAILED]
    assert {c.params["x"] > 0.8 or c.params["x"] < 0.1 for c in failed} == {True}
    assert any(c.params["x"] > 0.8 for c in failed)
    assert any(c.params["x"] < 0.1 for c in failed)
    assert 0.1 <= one.winner.params["x"] <= 0.8
    assert math.isfinite(one.winner.mean)
    said = " ".join(found.cautions)
    assert "failed, and a candidate with a failed trial cannot win" in said
    assert "had no finite val for every seed" in said
    shown = optuna_states(bench)
    assert shown.count("FAIL") == len(failed)


def optuna_states(bench, name="search/one"):
    return [state for _, state, *_ in bench.dump()["optuna"][name]]


def test_failed_trials_are_tried_again_when_asked_for_and_candidates_stay(bench):
    search = {"pruner": "none", "trials": 4, "arms": {"one": {"x": 0.9}}, "space": X}
    first = bench.run("faulty", **search)
    assert first.summary.failed == len(first.answer.failures) > 0
    again = bench.run("faulty", **search, retry_failed=True)
    assert again.summary.failed == first.summary.failed
    assert again.summary.complete == 0
    assert [c.params for c in again.answer.arms[0].candidates] == [
        c.params for c in first.answer.arms[0].candidates
    ]


def test_a_refused_search_leaves_its_failed_trials_as_they_are(bench):
    search = {"pruner": "none", "trials": 4, "arms": {"one": {"x": 0.9}}, "space": X}
    failed = bench.run("faulty", **search).summary.failed
    before = bench.database()
    code = (bench.folder / "trials.py").read_text()
    (bench.folder / "trials.py").write_text(f"{code}\nraise OSError('no disk')\n")
    with pytest.raises(SetupError, match="no disk"):
        bench.run("faulty", **search, retry_failed=True)
    assert bench.database() == before
    assert failed > 0


def retried(bench, seed, monkeypatch, stop_after=None):
    """A search whose first trial failed, tried again while the third batch is open."""
    monkeypatch.chdir(bench.folder)
    study = bench.study(
        "flaky",
        arms={"one": {"x": 0.9}},
        space=X,
        trials=12,
        seeds=1,
        startup=6,  # with the first trial there are so many, and without it one fewer
        warmup_steps=0,
        seed=seed,
    )
    (bench.folder / "disk_is_full").touch()
    bench.walk(study, stop_after=7)
    (bench.folder / "disk_is_full").unlink()
    with ResultsStore(bench.db) as store:
        found = found_so_far(study, store)
        store.retry_failed([trial for each in found for trial in each.trials])
    if stop_after is not None:
        bench.walk(study, stop_after=stop_after)
    found = bench.walk(study).arm("one")
    assert found.candidates[0].state is CandidateState.COMPLETE
    return [(dict(each.params), each.state) for each in found.candidates]


@pytest.mark.parametrize("seed", range(2))
def test_what_a_retry_leads_to_does_not_depend_on_when_it_is_cut_short(
    bench, another, seed, monkeypatch
):
    undisturbed = retried(bench, seed, monkeypatch)
    for cut in (1, 2):
        assert retried(another(f"cut{cut}"), seed, monkeypatch, stop_after=cut) == undisturbed


class Racing(ResultsStore):
    """A store in which another process finishes trials after the first reading of their results."""

    finish = None

    def _then(self, found):
        if self.finish is not None:
            finish, self.finish = self.finish, None
            finish()
        return found

    def stored(self, name):
        return self._then(super().stored(name))

    def final_metrics(self, name):
        return self._then(super().final_metrics(name))

    def curves(self, digests, metrics=None):
        return self._then(super().curves(digests, metrics))


def test_a_trial_that_ends_between_two_readings_is_seen_whole_or_not_at_all(bench):
    study = bench.study()
    bench.walk(study, stop_after=9)
    searches = arm_searches(study)
    with Racing(bench.db) as store:
        # Six trials of the next batch of `one`, and the five that are left of `two`.
        store.finish = lambda: bench.walk(study, stop_after=11)
        candidates = [each for found in judged(searches, store) for each in found]
    complete = [each for each in candidates if each.state is CandidateState.COMPLETE]
    assert complete
    assert len(complete) < len(candidates)
    assert all(curve for each in complete for curve in each.curves)


@pytest.mark.parametrize("function", ["endless", "huge", "scattered"])
def test_numbers_without_a_mean_end_no_search(bench, function):
    study = bench.study(function, arms={"one": {"x": 0.3}}, space=X, trials=8, startup=2)
    found = bench.walk(study)
    states = {each.state for each in found.arm("one").candidates}
    assert found.is_finished
    if function == "endless":
        assert CandidateState.FAILED not in states
    else:
        assert states == {CandidateState.FAILED}
        assert found.arm("one").winner is None
    assert "one" in str(found)


def test_a_lock_that_cannot_be_taken_spoils_no_search(bench, caplog):
    (bench.folder / "results.db.optuna.lock").mkdir()
    assert bench.walk(bench.study(trials=4)).is_finished
    assert "The search is not shown in Optuna's tables" in caplog.text


def test_grids_of_other_sizes_are_told(bench):
    space = {"x": {"values": (0.9, 0.3)}, "y": SPACE_Y}
    found = bench.walk(bench.study(sampler="grid", trials=8, space=space))
    assert "different numbers of candidates (one: 2, two: 8)" in " ".join(found.cautions)
    equal = bench.walk(bench.study(trials=3))
    assert "different numbers of candidates" not in " ".join(equal.cautions)


def test_repeated_candidates_run_once_and_are_told(bench):
    study = bench.study(space={"y": {"values": (1, 3)}}, arms={"two": {"y": 1}}, trials=6)
    found = bench.walk(study)
    assert len(found.arm("two").candidates) == 6
    assert found.arm("two").different == 2
    assert len(bench.rows()) == 4
    assert "Some candidates repeat earlier ones" in " ".join(found.cautions)


def test_that_nothing_was_reported_while_it_ran_is_told(bench):
    found = bench.walk(bench.study("mute", trials=4))
    assert "No trial reported val while it ran" in " ".join(found.cautions)
    assert "No trial reported" not in " ".join(bench.walk(bench.study(trials=4)).cautions)


def test_a_search_in_progress_says_so(bench):
    bench.walk(bench.study(), stop_after=9)
    found = bench.answer(bench.study())
    assert "Interim: only" in found.cautions[0]
    assert str(found).endswith("To go on, run the search again for all its arms.")


def test_candidates_are_recorded_before_they_run(bench):
    bench.walk(bench.study(), stop_after=0)
    found = bench.answer(bench.study())
    assert [len(each.candidates) for each in found.arms] == [1, 3, 3]
    assert {c.state for each in found.arms for c in each.candidates} == {CandidateState.OPEN}


def test_candidates_of_another_optuna_are_kept_and_gone_on_from(bench):
    study = bench.study(trials=5)
    search = arm_searches(study, ["two"])[0]
    old = [Candidate(n, {"x": 0.1 * n, "y": 2}, "optuna 4.9.0") for n in range(1, 3)]
    with ResultsStore(bench.db) as store:
        batch = [Candidate(0, search.start, "declared"), *old]
        record_candidates(store.database, "search", "two", search.digest, batch)
    two = bench.walk(study).arm("two")
    assert [dict(c.params) for c in two.candidates[1:3]] == [dict(each.params) for each in old]
    assert [c.suggested_by for c in two.candidates] == [
        "declared",
        *["optuna 4.9.0"] * 2,
        *[f"optuna {optuna.__version__}"] * 2,
    ]


def test_the_mirror_is_a_study_like_any_other_to_optuna(bench):
    found = bench.walk(bench.study())
    study = optuna.load_study(study_name="search/two", storage=f"sqlite:///{bench.db}")
    two = found.arm("two")
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    assert study.best_trial.number == two.winner.number
    assert study.best_value == two.winner.mean
    assert study.best_params == two.winner.params
    assert [t.state.name.lower() for t in study.trials] == [str(c.state) for c in two.candidates]
    best = study.best_trial
    assert best.user_attrs["trials"] == [spec.digest for spec in two.winner.specs]
    assert best.user_attrs["sd"] == two.winner.sd
    assert best.intermediate_values == two.winner.curve
    assert best.datetime_start <= best.datetime_complete
    assert best.distributions["x"] == optuna.distributions.FloatDistribution(0.0, 1.0)
    study._storage._backend.engine.dispose()


def test_a_mirror_that_fell_behind_catches_up(bench, undisturbed):
    study = bench.study()
    bench.walk(study)
    with ResultsStore(bench.db) as store, store.database.write() as connection:
        for table in ("trial_user_attributes", "trial_intermediate_values", "trial_params"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE trial_id > 5")
        connection.exec_driver_sql("DELETE FROM trial_values WHERE trial_id > 5")
        connection.exec_driver_sql("DELETE FROM trials WHERE trial_id > 5")
    bench.walk(study)
    assert bench.dump() == undisturbed


def test_tables_of_another_optuna_spoil_no_search(bench, caplog):
    study = bench.study()
    bench.walk(study, stop_after=16)
    with ResultsStore(bench.db) as store, store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'v99.0.0.a'")
    assert bench.walk(study).is_finished
    assert "The search is not shown in Optuna's tables" in caplog.text


def test_optunas_tables_and_ours_live_side_by_side(bench):
    bench.walk(bench.study())
    with ResultsStore(bench.db) as store:
        results = check_database(store.database, bench.folder / "assets")
    assert [fault for result in results for fault in result.faults] == []


def test_names_that_mean_something_elsewhere_are_names(bench, nasty):
    study = bench.study(
        "total", arms={nasty: {nasty: 1}}, space={nasty: {"values": (1, 2)}}, trials=2, seeds=1
    )
    found = bench.walk(study)
    assert found.arm(nasty).winner.params == {nasty: 2}
    assert optuna_states(bench, f"search/{nasty}") == ["COMPLETE", "COMPLETE"]
    assert nasty in str(found)


def test_a_study_and_a_search_are_run_by_functions_of_their_own(bench, study):
    with pytest.raises(StudyError, match="its best scores were selected"):
        run_study(bench.study(), db=bench.db)
    with pytest.raises(ValueError, match="is no search"):
        run_search(
            study(trial={"function": "trials.py:bowl"}, source=bench.folder / "b.toml"), db=bench.db
        )
