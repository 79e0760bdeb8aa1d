import numpy as np
import pytest

from harness.assets import AssetStore
from harness.trial import Trial


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    return tmp_path


@pytest.fixture
def photos(here, random_files):
    """Makes an image folder with so many images in each class folder, all different."""

    def make(counts, name="photos"):
        rng = np.random.default_rng(len(counts))
        for folder, count in counts.items():
            random_files(here / name / folder, count, rng)
        return here / name

    return make


@pytest.fixture
def new_trial(here):
    """Makes a trial that sees the assets of earlier ones only as they lie on the disk."""
    return lambda: Trial({}, 1, AssetStore(here / "assets"))


@pytest.fixture
def assets(new_trial):
    return new_trial()
