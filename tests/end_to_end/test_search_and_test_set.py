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
    """The same training images, and a test set in which every label is another one."""
    folder = tmp_path / "inverted"
    shutil.copytree(generated_images, folder / "images")
    test = folder / "images" / "test"
    classes = sorted(path.name for path in test.iterdir())
    for name in classes:
        (test / name).rename(test / f"was_{name}")
    for name, other in zip(classes, [*classes[1:], classes[0]], strict=True):
        (test / f"was_{name}").rename(test / other)
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
