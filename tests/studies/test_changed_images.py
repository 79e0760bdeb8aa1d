"""A study whose images change between two runs, from the files on the disk to the answer."""

import numpy as np
import pytest
from PIL import Image

from harness import Study, run_study
from harness.trial import Trial
from studies.distillation import train_student


@pytest.fixture
def photos(tmp_path, random_files):
    """Ten photographs of each of two classes, as JPEG files."""
    rng = np.random.default_rng(3)
    for label in ("cat", "dog"):
        random_files(tmp_path / "photos" / label, 10, rng, suffix="jpg")
    return tmp_path / "photos"


@pytest.fixture
def run(tmp_path, photos):
    """Runs so many seeds of a study of these photographs, one worker, and gives its answer."""

    def answered(seeds):
        study = Study(
            name="photos",
            trial={"function": "studies.distillation:train_student"},
            seeds={"count": seeds},
            params={
                "dataset": f"imagefolder:{photos}",
                "blocks_removed": 17,
                "epochs": 1,
                "max_steps": 1,
                "batch_size": 4,
                "subset_fraction": 1.0,
            },
            arms={"student": {}, "kd": {"kd_weight": 0.5}},
            protocol={"metric": "test_accuracy", "direction": "maximize", "control": "student"},
        )
        return run_study(study, db=tmp_path / "results.db", artifacts=tmp_path, jobs=1).answer

    return answered


def mixtures(answer):
    return [each for each in answer.cautions if "numbers of different data are mixed" in each]


@pytest.mark.slow
def test_results_on_different_images_are_told_apart_and_lossy_ones_cautioned_against(run, photos):
    first = run(seeds=1)
    lossy = [each for each in first.cautions if "compressed by JPEG" in each]
    # Of all trials, the student without a teacher among them.
    assert [each.startswith("The images of imagefolder:") for each in lossy] == [True]
    assert mixtures(first) == []

    # The division depends on the content, so that the test set changes with the pool.
    for path in sorted(photos.rglob("*.jpg"))[:4]:
        Image.open(path).rotate(90).save(path)
    told = mixtures(run(seeds=2))
    assert [name in each for name, each in zip(("pool", "test set"), told, strict=True)] == [
        True
    ] * 2
    assert all("2 states of the data" in each for each in told)


def test_nothing_is_said_of_test_images_that_were_not_looked_at(store):
    params = {"epochs": 1, "max_steps": 1, "evaluate_test": False}
    trial = Trial(params, 1, store)
    train_student(params, 1, trial)
    assert list(trial.data) == ["pool of digits"]


def test_the_images_of_each_set_are_recorded(store, data):
    params = {
        "epochs": 1,
        "max_steps": 1,
        "teacher_epochs": 1,
        "transfer_dataset": "digits_corrupted",
    }
    trial = Trial(params, 1, store)
    train_student(params, 1, trial)
    assert trial.data["pool of digits"] == data.pool.digest()[:16]
    assert trial.data["test set of digits"] == data.test.digest()[:16]
    assert len(trial.data["transfer set digits_corrupted"]) == 16
    assert len(set(trial.data.values())) == 3
