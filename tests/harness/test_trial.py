import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assets import AssetStore
from harness.trial import (
    LARGEST_ATTACHMENT_BYTES,
    CurvePoint,
    Predictions,
    Trial,
    metric_problem,
)


@pytest.fixture
def trial(tmp_path):
    return Trial({"lr": 0.1}, 3, AssetStore(tmp_path))


def build(build):
    (build.path / "file").write_text("content")


def test_parameters_cannot_be_changed(trial):
    with pytest.raises(TypeError):
        trial.params["lr"] = 0.2


def test_two_arms_with_one_seed_see_the_same_numbers_whatever_else_they_draw(tmp_path):
    one, other = (Trial({"lr": lr}, 3, AssetStore(tmp_path)) for lr in (0.1, 0.2))
    other.rng("augment").normal(size=1000)
    assert (one.rng("init").normal(size=9) == other.rng("init").normal(size=9)).all()


def test_asking_twice_for_a_stream_begins_it_anew(trial):
    assert trial.rng("order").integers(100) == trial.rng("order").integers(100)


def test_a_varied_stream_has_its_own_seed_and_all_others_that_of_the_trial(tmp_path):
    varied = Trial({}, 3, AssetStore(tmp_path), {"order": 8})
    for name, seed in (("order", 8), ("init", 3)):
        expected = Trial({}, seed, AssetStore(tmp_path)).rng(name).normal(size=9)
        assert (varied.rng(name).normal(size=9) == expected).all()
    assert varied.seed == 3


def test_a_trial_remembers_which_streams_it_drew_from(trial):
    for name in ("init", "order", "init"):
        trial.rng(name)
    assert trial.drawn == {"init", "order"}


def test_a_learning_curve_is_kept_in_the_order_of_its_reports(trial):
    trial.report(0, loss=1.0, acc=0.5)
    trial.report(1, loss=np.float32(0.5))
    assert trial.curve == [
        CurvePoint(0, "loss", 1.0),
        CurvePoint(0, "acc", 0.5),
        CurvePoint(1, "loss", 0.5),
    ]


def test_a_step_is_reported_once_for_a_metric_and_a_refused_report_leaves_no_trace(trial):
    trial.report(0, loss=1.0)
    trial.report(0, acc=0.5)
    with pytest.raises(ValueError, match="loss was already reported for step 0"):
        trial.report(0, other=1.0, loss=2.0)
    trial.report(0, other=3.0)
    assert [point.value for point in trial.curve] == [1.0, 0.5, 3.0]


def test_a_step_that_numpy_counts_is_a_plain_number(trial):
    trial.report(np.int64(2), loss=1.0)
    assert type(trial.curve[0].step) is int


@pytest.mark.parametrize(("step", "error"), [(1.5, TypeError), ("1", TypeError), (-1, ValueError)])
def test_a_step_is_a_whole_number_from_0(trial, step, error):
    with pytest.raises(error):
        trial.report(step, loss=1.0)


def test_a_report_takes_as_long_after_many_others(trial):
    started = time.process_time()
    for step in range(30_000):
        trial.report(step, loss=1.0)
    assert time.process_time() - started < 3


@given(st.lists(st.booleans(), max_size=40))
def test_predictions_survive_packing(correct):
    packed = Predictions.pack(correct)
    assert len(packed.packed) == -(-len(correct) // 8)
    assert packed.unpack().tolist() == correct


@pytest.mark.parametrize("correct", [[0, 1, 2], [[0, 1]], [0.5], [np.nan], 1])
def test_predictions_are_a_vector_of_true_and_false(trial, correct):
    with pytest.raises(ValueError, match="one an example"):
        trial.save_predictions(correct)


def test_a_trial_remembers_the_assets_it_used_and_what_it_noted(trial):
    asset = trial.asset(build)
    trial.note(torch_threads=1)
    assert trial.assets == {asset.digest: asset}
    assert trial.facts == {"torch_threads": 1}


@pytest.mark.parametrize(
    ("value", "problem"),
    [(0.5, None), (float("nan"), "nan"), (float("inf"), "inf"), (-float("inf"), "-inf")],
)
def test_a_value_that_cannot_be_averaged_says_why(value, problem):
    assert metric_problem(value) == problem


def test_an_attachment_is_kept_under_its_name(trial):
    trial.attach("maps.safetensors", b"\0\1")
    assert trial.attachments["maps.safetensors"].content == b"\0\1"


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("", b"", "visible text"),
        ("a\nb", b"", "visible text"),
        ("taken", b"", "attached already"),
        ("weights", b"0" * (LARGEST_ATTACHMENT_BYTES + 1), "what is larger is an asset"),
    ],
)
def test_what_cannot_be_attached_is_refused(trial, name, content, fault):
    trial.attach("taken", b"first")
    with pytest.raises(ValueError, match=fault):
        trial.attach(name, content)
    assert trial.attachments["taken"].content == b"first"


@pytest.mark.parametrize("sentence", ["", "  ", "two\nlines"])
def test_a_caution_is_one_line_of_visible_text(trial, sentence):
    with pytest.raises(ValueError, match="one line of visible text"):
        trial.caution(sentence)


def test_a_fact_cannot_pass_for_a_caution(trial):
    with pytest.raises(ValueError, match="say it with caution"):
        trial.note(cautions=3)
    assert trial.facts == {}


def test_a_trial_remembers_which_state_of_its_data_it_used(trial):
    trial.used_data("pool of photos", "0f")
    trial.used_data("test set of photos", "1a")
    trial.used_data("pool of photos", "0f")
    assert trial.data == {"pool of photos": "0f", "test set of photos": "1a"}


def test_data_has_one_state_in_a_trial(trial):
    trial.used_data("pool", "0f")
    with pytest.raises(ValueError, match="'pool' in another state already"):
        trial.used_data("pool", "1a")
    with pytest.raises(ValueError, match="data has a name"):
        trial.used_data(" ", "1a")


def test_a_fact_cannot_pass_for_the_state_of_data(trial):
    with pytest.raises(ValueError, match="say it with used_data"):
        trial.note(data="photos")
    assert trial.facts == {}
