import math

import pytest

from harness.answer import answer
from harness.errors import StoreError
from harness.store.schema import State
from harness.study.planning import plan
from harness.study.protocol import FIRST_KEYS


@pytest.fixture
def wide(study):
    return study(seeds={"count": 6})


@pytest.fixture
def answered(store, finish, outcome):
    """The answer to a study whose trials all went well, with metrics by a function of the trial."""

    def run(asked, metrics=None):
        metrics = metrics or (lambda spec: {"acc": 0.9 + 0.01 * spec.seed})
        finish(store, asked, [outcome(spec, metrics=metrics(spec)) for spec in plan(asked)])
        return answer(asked, store)

    return run


def test_before_any_trial_there_is_nothing_to_compare(study, store):
    found = answer(study(), store)
    assert (found.comparisons, len(found.frame)) == (None, 0)
    assert found.states == {State.PLANNED: 4}
    assert "nothing to compare" in str(found)
    with pytest.raises(StoreError, match="no finished trials"):
        found.comparison("fast")


def test_an_answer_has_one_row_a_finished_trial(wide, answered):
    found = answered(wide)
    assert list(found.frame.columns) == ["trial", "arm", "seed", "acc"]
    assert set(found.frame["trial"]) == {spec.digest for spec in plan(wide)}
    assert found.comparison("fast").n == 6
    assert found.cautions == ()


def test_an_unfinished_study_says_so(wide, store, finish, outcome):
    finish(store, wide, [outcome(spec) for spec in plan(wide)[:4]])
    (caution,) = answer(wide, store).cautions
    assert "only 4 of 12 trials are finished" in caution


def test_failed_trials_are_counted_left_out_and_named(wide, store, finish, outcome, failure):
    specs = plan(wide)
    finish(store, wide, [failure(specs[0]), *map(outcome, specs[1:])])
    found = answer(wide, store)
    assert math.isnan(found.frame.set_index("trial").loc[specs[0].digest, "acc"])
    assert [(each.digest, each.error) for each in found.failures] == [
        (specs[0].digest, "ValueError: no")
    ]
    assert any("1 trial failed and is left out" in each for each in found.cautions)
    assert found.comparison("fast").n == 5


def test_a_study_whose_trials_all_failed_compares_nothing(study, store, finish, failure):
    finish(store, study(), [failure(spec) for spec in plan(study())])
    assert answer(study(), store).comparisons is None


def test_nan_is_never_averaged(wide, answered):
    found = answered(wide, lambda spec: {"acc": math.nan if spec.seed == 0 else 0.9})
    assert [arm.n for arm in found.comparisons.arms] == [5, 5]
    assert {arm.mean for arm in found.comparisons.arms} == {0.9}


def test_a_protocol_changed_after_results_were_seen_is_told(study, wide, store, finish):
    finish(store, wide)
    protocol = {"metric": "acc", "direction": "maximize", "control": "base", "alpha": 0.01}
    changed = study(seeds={"count": 6}, protocol=protocol)
    store.begin_run(changed, {})
    (caution,) = answer(changed, store).cautions
    assert "when 12 trials had finished, alpha from 0.05 to 0.01" in caution
    assert answer(wide, store).cautions == ()


def test_a_protocol_changed_before_any_result_is_no_matter(study, store, finish):
    store.begin_run(study(), {})
    protocol = {"metric": "acc", "direction": "maximize", "control": "base", "alpha": 0.01}
    changed = study(protocol=protocol)
    finish(store, changed)
    assert answer(changed, store).cautions == ()


def test_trials_of_two_states_of_the_code_are_told_apart(study, store, outcome):
    for number, spec in enumerate(plan(study())):
        store.add_planned(study(), [spec])
        run = store.begin_run(study(), {"code": {"revision": str(number % 2)}})
        store.claim(run, [spec.digest])
        store.record(run, [outcome(spec)])
    found = answer(study(), store)
    assert any("ran on 2 states of the code" in each for each in found.cautions)
    assert sorted(count for _, count in found.environments) == [2, 2]


def test_a_renamed_arm_keeps_its_trials(wide, answered, study, store):
    answered(wide)
    renamed = study(seeds={"count": 6}, arms={"base": {}, "faster": {"lr": 0.5}})
    assert answer(renamed, store).comparison("faster").n == 6


@pytest.mark.parametrize(
    "levels",
    [(5, 10), (0.5, 1), ("a", "b"), (True, False), (True, 1), (None, 1), ([1], {"a": 1}), (1, "1")],
)
def test_factors_of_any_kind_of_level_are_compared_cell_by_cell(study, answered, levels):
    crossed = study(seeds={"count": 6}, factors={"epochs": levels})
    found = answered(crossed)
    assert len(found.frame) == 24
    assert [each.n for each in found.comparisons.comparisons] == [6, 6]


@pytest.mark.parametrize("name", ["arm", "seed", "trial", "epochs"])
def test_no_metric_hides_what_a_trial_is(study, answered, name):
    crossed = study(factors={"epochs": (5, 10)})
    found = answered(crossed, lambda spec: {"acc": 0.9 + spec.seed, name: 7.0})
    assert set(found.frame["arm"]) == {"base", "fast"}
    assert set(found.frame["epochs"]) == {5, 10}
    assert found.frame["trial"].is_unique


def test_names_of_every_kind_come_through(study, answered, nasty):
    asked = study(
        arms={"base": {}, nasty: {"lr": 0.5}},
        protocol={"metric": nasty, "direction": "maximize", "control": "base"},
    )
    found = answered(asked, lambda spec: {nasty: 0.5 + spec.seed})
    assert found.comparison(nasty).difference == 0
    assert nasty in found.frame
    assert str(found)


def test_trials_of_a_source_are_in_the_frame_and_in_no_comparison(study, answered):
    seeds = {"count": 6, "sources": {"data": ["order"]}}
    asked = study(seeds=seeds, factors={"epochs": (5, 10)})
    found = answered(asked, lambda spec: {"acc": spec.seed + 100.0 * (spec.source == "data")})
    assert list(found.frame.columns) == ["trial", "arm", "seed", "source", "epochs", "acc"]
    assert found.frame["source"].value_counts().to_dict() == {"all": 24, "data": 20}
    assert set(found.compared["source"]) == {"all"}
    assert {arm.mean for arm in found.comparisons.arms} == {2.5}
    assert [each.n for each in found.comparisons.comparisons] == [6, 6]


def test_a_study_of_which_only_a_source_was_run_compares_nothing(study, store, finish, outcome):
    asked = study(seeds={"count": 2, "sources": {"data": ["order"]}})
    finish(store, asked, [outcome(spec) for spec in plan(asked) if spec.source == "data"])
    found = answer(asked, store)
    assert found.comparisons is None
    assert len(found.frame) == 2


def test_a_protocol_that_was_recorded_before_there_were_later_keys_is_the_same(wide, store, finish):
    finish(store, wide)
    (use,) = store.protocols("bench")
    assert set(use.protocol) == FIRST_KEYS
    assert answer(wide, store).cautions == ()


def test_another_profile_of_the_study_is_another_experiment(study, store, finish):
    small = study(seeds={"count": 2})
    large = study(seeds={"count": 5}, params={"lr": 0.1, "epochs": 100})
    finish(store, small)
    finish(store, large)
    assert answer(large, store).cautions == ()
    assert answer(small, store).cautions == ()


def test_seeds_that_were_left_out_are_told(study, store, finish):
    finish(store, study(seeds={"count": 5}))
    (caution,) = answer(study(seeds={"count": 3}), store).cautions
    assert "2 of the 5 seeds that this study was run with are not used now" in caution


def test_trials_on_two_states_of_the_same_data_are_told_apart(wide, store, finish, outcome):
    def used(spec):
        states = {"pool": "0f" if spec.seed < 2 else "1a", "test set": "2b"}
        return outcome(spec, facts={"data": states, "torch_threads": 1})

    finish(store, wide, [used(spec) for spec in plan(wide)])
    found = answer(wide, store)
    (caution,) = found.cautions
    assert "ran on 2 states of the data 'pool' (trials of each: 1a: 8, 0f: 4)" in caution
    assert sum(count for _, count in found.facts) == 12


@pytest.mark.parametrize("fact", ["engine", "device"])
def test_trials_that_were_not_computed_alike_are_told(wide, store, finish, outcome, fact):
    def computed(spec):
        return outcome(spec, facts={fact: "new" if spec.seed < 2 else "old"})

    finish(store, wide, [computed(spec) for spec in plan(wide)])
    (caution,) = answer(wide, store).cautions
    assert f"their {fact} differs (trials of each: old: 8, new: 4)" in caution


def test_a_trial_that_does_not_say_how_it_was_computed_is_no_other_one(
    wide, store, finish, outcome
):
    facts = [{"engine": "new"} if spec.seed < 2 else {} for spec in plan(wide)]
    finish(store, wide, [outcome(spec, facts=f) for spec, f in zip(plan(wide), facts, strict=True)])
    assert answer(wide, store).cautions == ()


@pytest.mark.parametrize("noted", [{}, {"data": {"pool": "0f"}}, {"data": "photos"}])
def test_trials_on_the_same_data_are_not_cautioned_against(wide, store, finish, outcome, noted):
    finish(store, wide, [outcome(spec, facts=noted) for spec in plan(wide)])
    assert answer(wide, store).cautions == ()


def test_data_of_two_names_is_no_mixture(study, store, finish, outcome):
    asked = study(factors={"epochs": [5, 9]})
    specs = plan(asked)
    finish(
        store,
        asked,
        [
            outcome(spec, facts={"data": {f"pool {i % 2}": f"{i % 2}"}})
            for i, spec in enumerate(specs)
        ],
    )
    assert answer(asked, store).cautions == ()
