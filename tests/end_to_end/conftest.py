"""What the tests of whole studies share: the command line, and folders of small images."""

import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# All 60,000 images of CIFAR-10 as JPEG files, where somebody has put them beside the project.
CIFAR10_JPEG = ROOT.parent / "shared" / "data" / "cifar10_jpeg.tar.xz"

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

# Images a class in each part: 40 together.
PARTS = {"train": 32, "test": 8}


def _run(folder, *arguments, timeout=900):
    return subprocess.run(
        [sys.executable, "-c", "from harness.cli import main; main()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def _real_images(folder):
    left = {f"{part}/{name}": count for part, count in PARTS.items() for name in CLASSES}
    with tarfile.open(CIFAR10_JPEG, "r:xz") as archive:
        for member in archive:
            path = Path(member.name)
            place = "/".join(path.parts[-3:-1])
            if not member.isfile() or left.get(place, 0) == 0:
                continue
            left[place] -= 1
            target = folder / place / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            target.write_bytes(content.read())
            if not any(left.values()):
                return
    raise AssertionError(f"{CIFAR10_JPEG} lacks images: {left}")


def _generated_images(folder):
    """Noise around a colour of each class."""
    rng = np.random.default_rng(20250614)
    colours = rng.integers(40, 216, size=(len(CLASSES), 3))
    for part, count in PARTS.items():
        for name, colour in zip(CLASSES, colours, strict=True):
            target = folder / part / name
            target.mkdir(parents=True)
            for number in range(count):
                pixels = np.clip(colour + rng.normal(0, 30, size=(32, 32, 3)), 0, 255)
                Image.fromarray(pixels.astype(np.uint8)).save(target / f"{number:04d}.png")


@pytest.fixture(scope="session")
def harness():
    """Run the command line in a folder, as a user would."""
    return _run


@pytest.fixture(scope="session")
def small_images(tmp_path_factory):
    """A folder of 40 images a class: real ones of CIFAR-10 where they are, else generated ones."""
    folder = tmp_path_factory.mktemp("images") / "images"
    _real_images(folder) if CIFAR10_JPEG.is_file() else _generated_images(folder)
    return folder


@pytest.fixture(scope="session")
def generated_images(tmp_path_factory):
    """A folder of 40 generated images a class."""
    folder = tmp_path_factory.mktemp("generated") / "images"
    _generated_images(folder)
    return folder
