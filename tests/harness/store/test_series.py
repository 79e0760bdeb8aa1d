"""What is read of many trials at once: predictions as one matrix, learning curves as one frame."""

import math

import numpy as np
import pytest

from harness.errors import StoreError
from harness.store.exchange import export_rows
from harness.study.planning import plan
from harness.trial import CurvePoint, Predictions


@pytest.fixture
def specs(study):
    return plan(study(seeds={"count": 3}))


@pytest.fixture
def saved(study, store, finish, outcome, specs):
    """A store whose trials saved what a function of the trial gives."""

    def save(**what):
        made = [
            outcome(spec, **{name: make(spec) for name, make in what.items()}) for spec in specs
        ]
        finish(store, study(seeds={"count": 3}), made)
        return store

    return save


def bits(spec, examples=21):
    rng = np.random.default_rng(spec.seed + 10 * (spec.arm == "fast"))
    return rng.integers(0, 2, examples).astype(bool)


def test_predictions_are_a_matrix_in_the_order_that_was_asked_for(saved, specs):
    store = saved(predictions=lambda spec: Predictions.pack(bits(spec)))
    asked = [spec.digest for spec in reversed(specs)]
    found = store.predictions(asked)
    assert found.trials == tuple(asked)
    assert found.correct.dtype == bool
    assert np.array_equal(found.correct, [bits(spec) for spec in reversed(specs)])


def test_trials_without_predictions_are_left_out(saved, specs):
    store = saved(predictions=lambda spec: Predictions.pack([1, 0]) if spec.seed else None)
    found = store.predictions([spec.digest for spec in specs])
    assert found.trials == tuple(spec.digest for spec in specs if spec.seed)
    assert found.correct.shape == (4, 2)


@pytest.mark.parametrize("asked", [[], ["no such trial"]])
def test_no_predictions_are_an_empty_matrix(store, asked):
    found = store.predictions(asked)
    assert found.trials == ()
    assert found.correct.shape == (0, 0)


def test_predictions_of_different_test_sets_are_no_matrix(saved, specs):
    store = saved(predictions=lambda spec: Predictions.pack([True] * (8 + spec.seed)))
    with pytest.raises(StoreError, match=r"different numbers of examples: 8 \(trial .*, 9 .*, 10 "):
        store.predictions([spec.digest for spec in specs])


def curve(spec):
    return (
        CurvePoint(1, "loss", math.nan),
        CurvePoint(0, "loss", 1.0 + spec.seed),
        CurvePoint(0, "acc", -math.inf),
    )


def test_learning_curves_are_a_long_frame_sorted_by_step(saved, specs):
    trial = specs[0].digest
    frame = saved(curve=curve).curves([trial])
    assert list(frame.columns) == ["trial", "step", "metric", "value"]
    assert frame["trial"].unique().tolist() == [trial]
    assert list(zip(frame["metric"], frame["step"], strict=True)) == [
        ("acc", 0),
        ("loss", 0),
        ("loss", 1),
    ]
    assert frame["value"].tolist()[:2] == [-math.inf, 1.0]
    assert math.isnan(frame["value"][2])


def test_one_metric_can_be_read_alone_and_all_can_be_named(saved, specs):
    store = saved(curve=curve)
    digests = [spec.digest for spec in specs]
    assert set(store.curves(digests, ["loss"])["metric"]) == {"loss"}
    assert len(store.curves(digests, ["loss"])) == 12
    assert store.curve_metrics(digests) == ["acc", "loss"]


def test_a_file_that_a_trial_kept_is_read_by_its_name(rich):
    (kept,) = [row["trial"] for row in export_rows(rich, "bench") if row["attachments"]]
    assert rich.attachment(kept, "maps 蒸留") == b"\0\xff" * 50
    assert rich.attachment(kept, "empty") == b""
    assert rich.attachment(kept, "no such file") is None


def test_no_curves_are_an_empty_frame_of_the_same_columns(store):
    frame = store.curves([])
    assert list(frame.columns) == ["trial", "step", "metric", "value"]
    assert store.curve_metrics([]) == []
