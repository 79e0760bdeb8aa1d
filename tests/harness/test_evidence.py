"""What lies behind an answer: runs by source of variance, predictions, learning curves."""

import numpy as np
import pytest

from harness.errors import InputError
from harness.evidence import curve_metrics, curves, predictions, runs_by_source
from harness.study.planning import plan
from harness.trial import CurvePoint, Predictions

SOURCES = {"initialisation": ["init"], "data": ["order"]}


@pytest.fixture
def kept(store, finish, outcome):
    """A store that keeps of a study's trials what functions of the trial give."""

    def keep(asked, **what):
        outcomes = [
            outcome(spec, **{name: make(spec) for name, make in what.items()})
            for spec in plan(asked)
        ]
        finish(store, asked, outcomes)
        return store

    return keep


@pytest.fixture
def varied(study):
    return study(seeds={"count": 3, "sources": SOURCES, "held": 1}, factors={"epochs": (5, 10)})


def test_runs_by_source_have_a_row_a_trial_with_what_it_is_and_what_it_gave(varied, kept):
    frame = runs_by_source(varied, kept(varied))
    assert list(frame.columns) == ["arm", "epochs", "seed", "source", "acc"]
    counts = frame.groupby(["arm", "epochs", "source"]).size()
    assert set(counts) == {3}
    assert len(counts) == 2 * 2 * 3


def test_the_held_seed_s_trial_stands_in_every_source_and_was_run_once(varied, kept):
    store = kept(varied, metrics=lambda spec: {"acc": 7.0 if spec.seed == 1 else 0.0})
    frame = runs_by_source(varied, store)
    held = frame[frame["seed"] == 1]
    assert set(held["source"]) == {"all", *SOURCES}
    assert set(held["acc"]) == {7.0}
    assert len(store.stored("bench")) == len(frame) - 2 * len(varied.arms) * 2


def test_without_sources_every_run_is_ordinary(study, kept):
    frame = runs_by_source(study(), kept(study()))
    assert list(frame.columns) == ["arm", "seed", "source", "acc"]
    assert set(frame["source"]) == {"all"}
    assert len(frame) == 4


def test_runs_that_failed_or_are_still_to_come_are_left_out(
    varied, store, finish, outcome, failure
):
    assert runs_by_source(varied, store).empty
    specs = plan(varied)
    finish(store, varied, [failure(specs[0]), outcome(specs[1])])
    assert len(runs_by_source(varied, store)) == 1


def bits(spec):
    rng = np.random.default_rng([spec.seed, spec.arm == "fast", spec.source != "all"])
    return rng.integers(0, 2, 11).astype(bool)


def save(spec):
    return Predictions.pack(bits(spec))


def test_predictions_of_an_arm_are_a_matrix_of_its_seeds(study, kept):
    asked = study(seeds={"values": [7, 3, 5]})
    seeds, correct = predictions(asked, kept(asked, predictions=save), arm="fast")
    assert seeds.tolist() == [7, 3, 5]
    expected = [bits(spec) for spec in plan(asked) if spec.arm == "fast"]
    assert np.array_equal(correct, expected)


def test_predictions_are_of_one_combination_of_levels_and_of_one_source(varied, kept):
    store = kept(varied, predictions=save)
    ordinary = predictions(varied, store, arm="base", levels={"epochs": 5.0})
    assert ordinary.seeds.tolist() == [0, 1, 2]
    data = predictions(varied, store, arm="base", levels={"epochs": 10}, source="data")
    assert data.seeds.tolist() == [0, 2]
    assert not np.array_equal(data.correct, ordinary.correct[[0, 2]])


def test_before_any_trial_there_are_no_predictions_and_no_curves(study, store):
    assert predictions(study(), store, arm="base").correct.shape == (0, 0)
    assert curves(study(), store, "loss").empty
    assert list(curves(study(), store, "loss").columns) == ["arm", "seed", "step", "value"]
    assert curve_metrics(study(), store) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"arm": "bsae", "levels": {"epochs": 5}}, "nearest: base"),
        ({"arm": "base", "levels": {"epoch": 5}}, "nearest: epochs"),
        ({"arm": "base", "levels": {"epochs": 6}}, "no such level"),
        ({"arm": "base"}, "which level of the factor epochs"),
        ({"arm": "base", "levels": {"epochs": 5}, "source": "dta"}, "nearest: data"),
    ],
)
def test_what_the_study_does_not_have_is_refused(varied, store, asked, said):
    with pytest.raises(InputError, match=said):
        predictions(varied, store, **asked)


def learn(spec):
    return tuple(CurvePoint(step, "loss", spec.seed + step / 10) for step in (2, 0, 1))


def test_curves_are_a_long_frame_trial_by_trial_and_step_by_step(study, kept):
    asked = study(seeds={"values": [5, 2]}, factors={"epochs": (5, 10)})
    frame = curves(asked, kept(asked, curve=learn), "loss")
    assert list(frame.columns) == ["arm", "seed", "epochs", "step", "value"]
    assert len(frame) == 8 * 3
    first = frame.iloc[:3]
    assert first["step"].tolist() == [0, 1, 2]
    assert first["value"].tolist() == [5.0, 5.1, 5.2]
    order = frame.drop_duplicates(["arm", "seed", "epochs"])[["seed", "epochs", "arm"]]
    assert [tuple(row) for row in order.itertuples(index=False)] == [
        (spec.seed, spec.levels["epochs"], spec.arm) for spec in plan(asked)
    ]


def test_curves_are_of_one_source(varied, kept):
    store = kept(varied, curve=learn)
    assert len(curves(varied, store, "loss")) == 2 * 2 * 3 * 3
    data = curves(varied, store, "loss", source="data")
    assert set(data["seed"]) == {0, 2}
    assert "source" not in data


def test_a_curve_that_nobody_reported_gets_the_nearest_that_somebody_did(study, kept):
    store = kept(study(), curve=learn)
    with pytest.raises(InputError, match="nearest: loss"):
        curves(study(), store, "los")
    assert curve_metrics(study(), store) == ["loss"]


def test_a_factor_cannot_have_the_name_of_a_column_of_curves(study, kept):
    asked = study(params={"lr": 0.1, "step": 1}, factors={"step": (1, 2)})
    with pytest.raises(InputError, match="step and value"):
        curves(asked, kept(asked, curve=learn), "loss")
