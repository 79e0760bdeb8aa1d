"""What a trial function declares that can train many trials at once."""

import math

import pytest

import harness
from harness.assets import AssetStore
from harness.batching import (
    batch_form_of,
    batch_of_one,
    compare_groupings,
    offers_batches,
    run_batch,
)
from harness.errors import SetupError
from harness.trial import Trial, TrialPruned


def double(trials):
    return [{"score": 2.0 * trial.params["x"] + trial.seed} for trial in trials]


@pytest.fixture
def trial(tmp_path):
    return Trial({"x": 3.0, "y": 1}, 1, AssetStore(tmp_path))


def declared(**changes):
    @offers_batches(double, **{"at_most": 4, **(changes or {"may_differ": ("y",)})})
    def train(params, seed, trial):
        return batch_of_one(double, trial)

    return train


def test_the_function_stays_what_it_is_and_carries_its_batch_form(trial):
    train = declared()
    assert train(trial.params, trial.seed, trial) == {"score": 7.0}
    form = batch_form_of(train)
    assert form is train.batch_form
    assert (form.run, form.alike(trial.params)) == (double, {"x": 3.0})
    assert (form.at_most(trial.params), form.workers()) == (4, None)


def test_what_is_declared_may_be_functions(trial):
    form = batch_form_of(
        declared(
            alike=lambda params: [params["x"]], at_most=lambda p: int(p["x"]), workers=lambda: 1
        )
    )
    assert (form.alike(trial.params), form.at_most(trial.params), form.workers()) == ([3.0], 3, 1)


def lengthen(trials):
    for trial in trials:
        trial.params["widths"].append(10)
    return [{"widths": float(len(trial.params["widths"]))} for trial in trials]


def test_a_case_that_changes_its_parameters_changes_no_other(tmp_path):
    params = {"widths": [8, 8]}
    cases = [(params, 0), (params, 1)]
    assert compare_groupings(lengthen, cases, [[[0], [1]], [[0, 1]]], tmp_path) == 0.0
    assert params == {"widths": [8, 8]}


def test_another_function_has_none():
    assert batch_form_of(double) is None


def test_one_name_in_place_of_a_list_of_names_is_refused():
    with pytest.raises(TypeError, match="may_differ is a list of parameters' names; given: 'x'"):
        declared(may_differ="x")


@pytest.mark.parametrize("both_or_none", [{"at_most": 1}, {"may_differ": (), "alike": dict}])
def test_what_may_differ_is_said_in_one_way(both_or_none):
    with pytest.raises(TypeError, match="takes may_differ, a list of parameters' names, or alike"):
        declared(**both_or_none)


def test_a_parameter_that_nobody_named_keeps_trials_apart(trial):
    form = batch_form_of(declared(may_differ=("x",)))
    params = dict(trial.params)
    assert form.alike(params) == form.alike({**params, "x": 99.0})
    assert form.alike(params) != form.alike({**params, "y": 99})
    assert form.alike(params) != form.alike({**params, "epochs": 3})


@pytest.mark.parametrize("name", ["workers", "needs_asset", "alike"])
def test_a_value_in_place_of_a_function_is_refused(name):
    given = {name: 1} if name == "alike" else {name: 1, "may_differ": ()}
    with pytest.raises(TypeError, match=f"{name} is a function; given: 1"):
        declared(**given)


def test_a_name_that_is_no_parameter_gets_the_nearest(trial):
    with pytest.raises(SetupError, match=r"'z1', which is no parameter .* it has x, y"):
        batch_form_of(declared(may_differ=("x", "z1"))).alike(trial.params)


@pytest.mark.parametrize("error", [ValueError("no"), TrialPruned("enough"), SystemExit(3)])
def test_the_exception_that_came_back_is_raised(trial, error):
    with pytest.raises(type(error)) as caught:
        batch_of_one(lambda _trials: [error], trial)
    assert caught.value is error


@pytest.mark.parametrize("results", [[], [{}, {}], None, {"score": 1.0}, iter([{}])])
def test_what_is_no_list_of_one_result_a_trial_is_refused(trial, results):
    with pytest.raises(ValueError, match="one entry a trial"):
        run_batch(lambda _trials: results, [trial])


CASES = [({"x": 1.0}, 0), ({"x": 2.0}, 0), ({"x": 3.0}, 1)]
APART = [[0], [1], [2]]


def test_groupings_that_change_nothing_are_no_distance_apart(tmp_path):
    groupings = [APART, [[0, 1, 2]], [[2, 0], [1]]]
    assert compare_groupings(double, CASES, groupings, tmp_path) == 0.0


def depends_on_neighbours(trials):
    for trial in trials:
        trial.report(0, loss=math.nan)
        trial.report(1, loss=1.0 / len(trials))
    return [{"score": 1.0} for _ in trials]


def test_the_largest_distance_is_told_and_curves_count(tmp_path):
    groupings = [APART, [[0, 1], [2]]]
    assert compare_groupings(depends_on_neighbours, CASES, groupings, tmp_path) == 0.5


def test_a_number_in_one_grouping_and_none_in_another_are_infinitely_far(tmp_path):
    def sometimes(trials):
        return [{"score": 1.0 if len(trials) == 1 else math.nan} for _ in trials]

    assert compare_groupings(sometimes, CASES, [APART, [[0, 1, 2]]], tmp_path) == math.inf


def test_a_grouping_that_forgets_a_trial_is_refused(tmp_path):
    with pytest.raises(ValueError, match="names every trial once"):
        compare_groupings(double, CASES, [APART, [[0, 1]]], tmp_path)


def test_other_metrics_in_another_grouping_are_refused(tmp_path):
    def forgetful(trials):
        return [{"score" if len(trials) == 1 else "skore": 1.0} for _ in trials]

    with pytest.raises(ValueError, match="trial 0 gave"):
        compare_groupings(forgetful, CASES, [APART, [[0, 1, 2]]], tmp_path)


def test_the_decorator_is_among_the_names_that_a_program_needs():
    assert harness.offers_batches is offers_batches
    assert harness.batch_of_one is batch_of_one
