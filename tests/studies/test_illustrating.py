import numpy as np
import pytest
import torch

from harness.assets import AssetStore
from harness.trial import Trial
from studies.distillation import illustrate, train_student
from studies.distillation.data import Examples
from studies.distillation.illustrating import first_of_each_class
from studies.illustrations import ATTACHMENT, read_examples

PARAMS = {
    "epochs": 1,
    "max_steps": 8,
    "teacher_epochs": 1,
    "attribution_steps": 20,
    "attention_weight": 0.8,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return AssetStore(tmp_path_factory.mktemp("assets"))


@pytest.fixture(scope="module")
def run(store):
    def illustrated(seed=1, **params):
        params = {**PARAMS, **params}
        trial = Trial(params, seed, store)
        metrics = illustrate(params, seed, trial)
        return metrics, trial.attachments[ATTACHMENT].content

    return illustrated


@pytest.fixture(scope="module")
def once(run):
    return run()


@pytest.fixture(scope="module")
def examples(once):
    return read_examples(once[1])


def test_the_student_is_that_of_train_student_bit_for_bit(once, store):
    trial = Trial(PARAMS, 1, store)
    assert once[0]["test_accuracy"] == train_student(PARAMS, 1, trial)["test_accuracy"]


def test_the_same_seed_attaches_the_same_bytes_and_another_one_others(once, run):
    assert run()[1] == once[1]
    assert run(seed=2)[1] != once[1]


def test_the_first_image_of_each_class_is_shown(examples):
    assert list(examples.sets) == ["pool", "test"]
    for shown in examples.sets.values():
        assert shown.labels.tolist() == list(range(10))
        assert shown.images.shape == (10, 1, 8, 8)
    assert examples.rule.startswith("the first image of each")


def test_of_very_many_classes_the_first_ten_are_shown():
    labels = np.array([12, 3, 3, 0, 11, 9, 0])
    images = np.zeros((7, 1, 8, 8), dtype=np.uint8)
    assert first_of_each_class(Examples(images, labels)).tolist() == [3, 1, 5]


def test_maps_are_sharpened_and_laid_over_the_images(examples):
    for shown in examples.sets.values():
        unit = shown.images / examples.full_scale
        for power, sharpened, overlays in zip((1, 2), shown.sharpened, shown.overlays, strict=True):
            raised = shown.maps.astype(np.float64) ** power
            low, high = raised.min((1, 2)), raised.max((1, 2))
            expected = (raised - low[:, None, None]) / (high - low)[:, None, None]
            assert np.allclose(sharpened, expected, atol=1e-5)
            assert np.allclose(overlays, 0.5 * unit + 0.5 * expected[:, None], atol=1e-5)


def test_attention_maps_have_norm_one_and_their_block_s_shape(examples):
    for shown in examples.sets.values():
        for maps in (shown.teacher_attention, shown.student_attention):
            assert maps.shape == (10, 4, 4)
            assert np.allclose(np.square(maps).sum((1, 2)), 1, atol=1e-5)


def test_the_metrics_say_how_exact_the_maps_are(once, examples):
    errors = np.concatenate([each.completeness_errors for each in examples.sets.values()])
    gains = np.concatenate([each.logit_gains for each in examples.sets.values()])
    assert once[0]["completeness_error_mean"] == pytest.approx(errors.mean())
    relative = errors.mean() / np.abs(gains).mean()
    assert once[0]["completeness_error_relative"] == pytest.approx(relative)


def test_more_steps_make_the_maps_more_exact(once, run):
    few = run(attribution_steps=2)[0]
    assert once[0]["completeness_error_mean"] < few["completeness_error_mean"] / 2


def test_attention_transfer_brings_the_student_s_attention_to_the_teacher_s(run):
    longer = {"epochs": 4, "max_steps": 0}
    distances = [run(attention_weight=each, **longer)[0]["attention_distance"] for each in (0, 0.8)]
    assert distances[1] < distances[0]


def test_an_arm_without_a_teacher_is_shown_beside_the_same_one(run, examples):
    alone = read_examples(run(attention_weight=0.0)[1])
    for name, shown in alone.sets.items():
        assert np.array_equal(shown.maps, examples.sets[name].maps)
        assert np.array_equal(shown.teacher_attention, examples.sets[name].teacher_attention)
        assert not np.array_equal(shown.student_attention, examples.sets[name].student_attention)


def test_without_a_test_nothing_of_the_test_set_is_shown(run):
    metrics, content = run(evaluate_test=False)
    assert "test_accuracy" not in metrics
    assert list(read_examples(content).sets) == ["pool"]


def test_a_student_that_diverges_has_no_distance(run):
    metrics, content = run(learning_rate=1e30)
    assert np.isnan(metrics["attention_distance"])
    assert np.isfinite(metrics["completeness_error_mean"])
    assert np.isfinite(read_examples(content).sets["pool"].maps).all()


def test_threads_and_determinism_are_left_as_they_were(run):
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    run()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
