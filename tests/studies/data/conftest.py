from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.assets import AssetStore
from harness.trial import Trial


def _fill(folder: Path, count: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03}.png")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    return tmp_path


@pytest.fixture
def photos(here):
    """Makes an image folder with so many images in each class folder, all different."""

    def make(counts, name="photos"):
        rng = np.random.default_rng(len(counts))
        for folder, count in counts.items():
            _fill(here / name / folder, count, rng)
        return here / name

    return make


@pytest.fixture
def new_trial(here):
    """Makes a trial that sees the assets of earlier ones only as they lie on the disk."""
    return lambda: Trial({}, 1, AssetStore(here / "assets"))


@pytest.fixture
def assets(new_trial):
    return new_trial()
