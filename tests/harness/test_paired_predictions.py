"""Which test examples two arms got right, seed by seed."""

import numpy as np
import pytest

from harness import paired_predictions as module
from harness.answer import answer
from harness.paired_predictions import LeftOut, PairedPredictions, paired_predictions
from harness.study.planning import plan
from harness.trial import Predictions


def bits(spec, examples=20):
    return np.random.default_rng([spec.seed, spec.arm == "fast"]).random(examples) < 0.7


@pytest.fixture
def pairs(study, store, finish, outcome):
    """What two arms' trials saved, paired; each trial saves what a function of it gives."""

    def make(saved, **changes):
        asked = study(**{"seeds": {"values": [7, 3, 5]}, **changes})
        made = []
        for spec in plan(asked):
            found = saved(spec)
            kept = None if found is None else Predictions.pack(found)
            made.append(outcome(spec, predictions=kept))
        finish(store, asked, made)
        found = answer(asked, store)
        return list(paired_predictions(found, found.comparisons, store))

    return make


def test_rows_of_both_arms_are_of_the_same_seeds(pairs, study):
    (found,) = pairs(bits)
    assert isinstance(found, PairedPredictions)
    assert found.comparison.label == "fast against base"
    assert found.seeds == (7, 3, 5)
    expected = {
        (spec.arm, spec.seed): bits(spec) for spec in plan(study(seeds={"values": [7, 3, 5]}))
    }
    for place, seed in enumerate(found.seeds):
        assert found.arm[place].tolist() == expected["fast", seed].tolist()
        assert found.reference[place].tolist() == expected["base", seed].tolist()


def test_a_seed_of_which_one_arm_saved_nothing_is_left_out_of_both(pairs):
    (found,) = pairs(lambda spec: None if (spec.arm, spec.seed) == ("base", 3) else bits(spec))
    assert found.seeds == (7, 5)
    assert found.arm.shape == found.reference.shape == (2, 20)


def test_arms_that_share_no_seed_are_not_paired(pairs):
    assert (
        pairs(lambda spec: bits(spec) if (spec.seed == 3) == (spec.arm == "base") else None) == []
    )


def test_arms_that_saved_nothing_are_not_paired(pairs):
    assert pairs(lambda _: None) == []


def test_test_sets_of_different_sizes_are_left_out_with_the_reason(pairs):
    (found,) = pairs(lambda spec: bits(spec, 20 if spec.arm == "base" else 21))
    assert isinstance(found, LeftOut)
    assert found.reason == "The arm has 21 test examples and its reference 20."


def test_an_arm_with_two_test_sets_is_left_out_with_the_reason(pairs):
    (found,) = pairs(lambda spec: bits(spec, 20 + (spec.seed == 3)))
    assert isinstance(found, LeftOut)
    assert "different numbers of examples" in found.reason


def test_more_predictions_than_can_be_resampled_are_left_out_with_the_reason(pairs, monkeypatch):
    monkeypatch.setattr(module, "_MOST_PREDICTIONS", 59)
    (found,) = pairs(bits)
    assert found.reason == "3 seeds of 20 test examples are too many to resample here."


@pytest.mark.parametrize(
    "levels", [[5, 10], [1, 2.5], [True, False], ["x", "1"], [1, "one"], [True, 1], [[1], [2]]]
)
def test_every_level_of_any_type_has_its_own_predictions(pairs, levels):
    def place(spec):
        return [spec.arm == "fast", *(level == spec.levels["epochs"] for level in range(3)), True]

    found = pairs(place, factors={"epochs": levels})
    assert len(found) == len(levels)
    assert all(each.arm[:, 0].all() and not each.reference[:, 0].any() for each in found)


def test_levels_are_not_mixed_up(pairs):
    found = pairs(lambda spec: [spec.params["epochs"] == 5, True], factors={"epochs": [10, 5, 2.5]})
    shown = {dict(each.comparison.cell)["epochs"]: each.arm[:, 0].all() for each in found}
    assert shown == {10: False, 5: True, 2.5: False}


def test_an_arm_s_predictions_are_read_once_however_many_comparisons_it_is_in(pairs, monkeypatch):
    read = []
    once = module.predictions
    monkeypatch.setattr(
        module,
        "predictions",
        lambda *given, **named: read.append(named["arm"]) or once(*given, **named),
    )
    protocol = {
        "metric": "acc",
        "direction": "maximize",
        "control": "base",
        "comparisons": "all_pairs",
    }
    arms = {"base": {}, "fast": {"lr": 0.5}, "slow": {"lr": 0.01}}
    assert len(pairs(bits, arms=arms, protocol=protocol)) == 3
    assert sorted(read) == ["base", "fast", "slow"]


def test_trials_that_vary_one_source_alone_are_not_paired(pairs):
    seeds = {"count": 3, "sources": {"data": ["order"]}}
    (found,) = pairs(lambda spec: [spec.source == "all", True], seeds=seeds)
    assert found.seeds == (0, 1, 2)
    assert found.arm.all()
