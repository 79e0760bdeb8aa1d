"""What is suggested, without a trial being run: scores come from a formula."""

import logging
import random

import numpy as np
import optuna
import pytest

from harness.search.arms import ArmSearch
from harness.search.judging import CandidateState, JudgedCandidate, winner
from harness.search.optuna_study import distributions, quiet
from harness.search.suggesting import next_batch
from harness.store.schema import State

SPACE = {"x": {"low": -1.0, "high": 1.0}, "y": {"low": 0.001, "high": 1.0, "log": True}}
START = {"x": 0.9, "y": 0.5}


@pytest.fixture
def arm(study):
    """Make the search of one arm."""

    def make(space=SPACE, start=START, **search):
        settings = {"trials": 30, "metric": "acc", "startup": 6, **search}
        declared = study(
            params={}, arms={"base": start}, search={**settings, "space": space}, seeds={"count": 1}
        )
        return ArmSearch(declared, declared.search, "base")

    return make


def smooth(params):
    """Best at x = 0.2 and y = 0.02."""
    return -((params["x"] - 0.2) ** 2) - 0.1 * (np.log10(params["y"]) + 1.7) ** 2


def judged(search, candidate, score, state=CandidateState.COMPLETE):
    values = (score,) if state is CandidateState.COMPLETE else ()
    return JudgedCandidate(
        candidate.number,
        candidate.params,
        candidate.suggested_by,
        search.trials(candidate.params),
        (State(str(state)),),
        state,
        values,
        ({0: score},),
    )


def searched(search, score=smooth):
    found = []
    while batch := next_batch(search, found):
        found += [judged(search, each, score(each.params)) for each in batch]
    return found


def best(search):
    return max(each.mean for each in searched(search))


def test_tpe_finds_more_than_chance_does_on_the_same_budget(arm):
    seeds = range(12)
    tpe = [best(arm(sampler="tpe", seed=seed)) for seed in seeds]
    chance = [best(arm(sampler="random", seed=seed)) for seed in seeds]
    assert sum(a > b for a, b in zip(tpe, chance, strict=True)) >= 10
    assert np.median(tpe) > np.median(chance) / 4


def test_the_declared_values_come_first(arm):
    (first, *others) = next_batch(arm(at_once=3), [])
    assert first.params == START
    assert first.suggested_by == "declared"
    assert {each.suggested_by for each in others} == {f"optuna {optuna.__version__}"}


def test_a_batch_follows_from_the_batches_before_it_alone(arm):
    search = arm(at_once=4, startup=3)
    found = searched(search)
    whole = next_batch(search, found[:8])
    assert [each.params for each in whole] == [each.params for each in found[8:12]]
    # What came of the first two of a batch does not change the third.
    changed = [judged(search, each, 100.0) for each in whole[:2]]
    rest = next_batch(search, [*found[:8], *changed])
    assert [each.params for each in rest] == [each.params for each in whole[2:]]
    better = [judged(search, each, -each.mean) for each in found[:8]]
    assert [each.params for each in next_batch(search, better)] != [each.params for each in whole]


def test_one_at_a_time_is_what_optuna_does_by_itself(arm):
    """Our history, put into a plain study of Optuna with the same seed, gives the same values."""
    search = arm(at_once=1, startup=3)
    found = searched(search)[:12]
    with quiet():
        plain = optuna.create_study(direction="maximize")
        for each in found:
            plain.add_trial(
                optuna.trial.create_trial(
                    params=dict(each.params),
                    distributions=distributions(search.space),
                    value=each.mean,
                )
            )
        (ours,) = next_batch(search, found)
        seed = _sampler_seed(search, 12)
        plain.sampler = optuna.samplers.TPESampler(n_startup_trials=3, seed=seed)
        asked = plain.ask(distributions(search.space))
    assert asked.params == ours.params


def _sampler_seed(search, number):
    from harness.canonical import digest

    return int(digest("search-seed", [search.settings.seed, search.arm, number, 0])[:8], 16)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
@pytest.mark.parametrize("at_once", [1, 4, 50])
def test_every_candidate_lies_in_the_space(arm, sampler, at_once):
    space = {
        "a": {"low": 0.0, "high": 1.0, "step": 0.1},
        "b": {"low": 1, "high": 100, "step": 1, "log": True},
        "c": {"values": ("p", None, True, 2.5)},
        "d": {"low": 3, "high": 13, "step": 4},
        "e": {"low": 0.5, "high": 0.5},
    }
    start = {"a": 0.3, "b": 10, "c": "p", "d": 7, "e": 0.5}
    search = arm(space, start, sampler=sampler, at_once=at_once, startup=0, trials=25)
    found = searched(search, lambda params: params["a"] + params["b"] / 100)
    assert len(found) == 25
    for each in found:
        assert list(each.params) == list(space)
        assert all(search.space[name].contains(value) for name, value in each.params.items())
        assert round(each.params["a"], 1) == each.params["a"]
        assert each.params["d"] in {3, 7, 11}


def test_pruned_and_failed_candidates_are_learnt_from_as_optuna_does(arm):
    search = arm(at_once=2, startup=2)
    states = [CandidateState.COMPLETE, CandidateState.PRUNED, CandidateState.FAILED]
    found = []
    while batch := next_batch(search, found):
        found += [
            judged(search, each, smooth(each.params), states[each.number % 3]) for each in batch
        ]
    assert len(found) == 30


def test_few_values_are_all_tried_before_one_is_repeated(arm):
    search = arm({"x": {"values": (1, 2, 3, 4)}}, {"x": 2}, trials=4, sampler="random", seed=3)
    assert {each.params["x"] for each in searched(search, lambda _: 0.0)} == {1, 2, 3, 4}


def test_the_seed_and_the_arm_decide_what_is_drawn(arm):
    one, same, other = (searched(arm(trials=6, seed=seed)) for seed in (0, 0, 1))
    assert [each.params for each in one] == [each.params for each in same]
    assert [each.params for each in one] != [each.params for each in other]


def test_neither_optunas_logger_nor_global_random_numbers_are_changed(arm):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 - the state that must stay as it is
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    level = logging.getLogger("optuna").level
    searched(arm(trials=9))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert logging.getLogger("optuna").level == level


@pytest.mark.parametrize(
    "change",
    [
        {"metric": "other", "direction": "maximize"},
        {"direction": "minimize"},
        {"sampler": "random"},
        {"pruner": "none"},
        {"at_once": 5},
        {"startup": 7},
        {"warmup_steps": 3},
        {"seed": 1},
        {"space": {**SPACE, "x": {"low": -2.0, "high": 1.0}}},
        {"space": {name: SPACE[name] for name in ("y", "x")}},
        {"start": {"x": 0.8, "y": 0.5}},
        {"start": {**START, "fixed": 1}},
    ],
)
def test_all_that_suggestions_depend_on_makes_another_search(arm, change):
    assert arm(**change).digest != arm().digest


def test_whole_numbers_and_floating_ones_are_other_searches(arm):
    whole = arm({"x": {"low": 0, "high": 9, "step": 1}}, {"x": 3})
    floating = arm({"x": {"low": 0.0, "high": 9.0, "step": 1.0}}, {"x": 3})
    assert whole.digest != floating.digest
    first, second = (next_batch(each, [])[1].params["x"] for each in (whole, floating))
    assert (type(first), type(second)) == (int, float)


def test_the_budget_makes_no_other_search(arm):
    assert arm(trials=100).digest == arm().digest


def test_a_direction_may_be_said_or_left_to_the_protocol(arm):
    assert arm(direction="maximize").digest == arm().digest


def test_the_best_of_forty_equal_candidates_looks_better_than_it_is(arm):
    """Noise of one seed has sd 1; the mean of the best of 40 over 2 seeds is then 2.16 / √2.

    2.16 is the expected largest of 40 standard normal numbers (Harter 1961, Biometrika 48, 151).
    """
    numbers = np.random.default_rng(3)
    search = arm(sampler="random", trials=40, at_once=40)
    candidates = next_batch(search, [])
    excess = []
    for _ in range(400):
        scores = numbers.normal(size=(40, 2)).mean(axis=1)
        found = [judged(search, *pair) for pair in zip(candidates, scores.tolist(), strict=True)]
        excess.append(winner(search, found).mean)
    assert np.mean(excess) == pytest.approx(2.1608 / np.sqrt(2), abs=0.06)
