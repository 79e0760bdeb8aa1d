"""Networks for 32×32 pixels, cut short: two steps on generated images."""

import math

import numpy as np
import pytest

from harness.trial import Trial
from studies.distillation import train_student

KD = {"kd_weight": 0.01, "temperature": 2.5}
IG = {"overlay_probability": 0.1}
AT = {"attention_weight": 0.8}
ARMS = {
    "student": {},
    "kd": KD,
    "ig": IG,
    "kd_ig": KD | IG,
    "at": AT,
    "kd_at": KD | AT,
    "ig_at": IG | AT,
    "kd_ig_at": KD | IG | AT,
}

CLASSES = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory, random_files):
    """Noise around a colour of each class: 200 images to train on and 200 to test on."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(5)
    for part, count in (("train", 20), ("test", 20)):
        for label in range(CLASSES):
            dark = 15 * label
            place = folder / part / f"class_{label}"
            random_files(place, count, rng, low=dark, high=dark + 100)
    return folder


@pytest.fixture(scope="module")
def run(store, folder):
    def trained(**params):
        params = {
            "dataset": f"imagefolder:{folder}",
            "blocks_removed": 15,
            "epochs": 100,
            "crop_padding": 4,
            "max_steps": 2,
            "attribution_steps": 2,
            **params,
        }
        trial = Trial(params, 3, store)
        return train_student(params, 3, trial), trial

    return trained


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_trains_on_images_of_one_s_own(run, arm):
    metrics, trial = run(**ARMS[arm])
    assert metrics["parameters"] == 16_042
    assert all(math.isfinite(value) for value in metrics.values())
    assert ("test_teacher_accuracy" in metrics) == (arm != "student")
    assert [point.step for point in trial.curve if point.metric == "train_loss"] == [0]
    assert len(trial.predictions.unpack()) == 200


def test_signals_as_released_and_images_from_elsewhere_go_with_larger_images(run, folder):
    metrics, _ = run(
        **ARMS["kd_ig_at"],
        signal_alignment="as_released",
        overlay_follows_crop=False,
        transfer_dataset=f"imagefolder:{folder}",
    )
    assert metrics["test_transfer_accuracy"] == metrics["test_accuracy"]
    assert metrics["test_transfer_teacher_accuracy"] == metrics["test_teacher_accuracy"]


def test_the_same_seed_gives_bit_identical_results(run):
    (first, ours), (second, theirs) = run(**ARMS["kd_ig_at"]), run(**ARMS["kd_ig_at"])
    assert first == second
    assert ours.curve == theirs.curve
