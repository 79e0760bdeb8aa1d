"""What a search chooses does not depend on the test set: nothing of it is looked at."""

import json
import shutil

import pytest

pytestmark = pytest.mark.cifar10

SHORT = [
    *("--profile", "smoke"),
    *("--set", "params.dataset=imagefolder:images"),
    *("--arms", "student,kd_ig"),
    "--no-report",
]


def searched(harness, folder):
    done = harness(folder, "study", "run", "search", *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    listing = harness(folder, "results", "list", "search", "--format", "json")
    return done.stdout, json.loads(listing.stdout)


@pytest.fixture
def inverted(tmp_path, generated_images):
    """The same training images, and a test set in which every label is another one.

    Nearly all images get one label, so that even a network that says the same of every image, as
    two steps of training make it, scores otherwise.
    """
    folder = tmp_path / "inverted"
    shutil.copytree(generated_images, folder / "images")
    test = folder / "images" / "test"
    classes = sorted(path.name for path in test.iterdir())
    images = {name: sorted((test / name).iterdir()) for name in classes}
    for place, (name, files) in enumerate(images.items()):
        first, *others = files
        first.rename(test / classes[place - 1] / f"{name}_{first.name}")
        most = classes[0] if place else classes[1]
        for file in others:
            file.rename(test / most / f"{name}_{file.name}")
    return folder


def test_inverted_test_labels_change_nothing_of_what_is_chosen(
    harness, tmp_path, generated_images, inverted
):
    plain = tmp_path / "plain"
    shutil.copytree(generated_images, plain / "images")
    (said, rows), (said_inverted, rows_inverted) = (
        searched(harness, folder) for folder in (plain, inverted)
    )
    key = ("trial", "state", "metrics", "levels")
    assert [[row[name] for name in key] for row in rows] == [
        [row[name] for name in key] for row in rows_inverted
    ]
    assert said == said_inverted
    assert not any(name.startswith("test_") for row in rows for name in row["metrics"])


def test_the_planted_labels_would_be_noticed_by_who_looked(
    harness, tmp_path, generated_images, inverted
):
    plain = tmp_path / "plain"
    shutil.copytree(generated_images, plain / "images")
    looking = ["--set", "params.evaluate_test=true", *SHORT]
    for folder in (plain, inverted):
        done = harness(folder, "study", "run", "search", *looking)
        assert done.returncode == 0, done.stdout + done.stderr
    scores = [
        [
            row["metrics"].get("test_accuracy")
            for row in json.loads(
                harness(folder, "results", "list", "search", "--format", "json").stdout
            )
        ]
        for folder in (plain, inverted)
    ]
    assert scores[0] != scores[1]
