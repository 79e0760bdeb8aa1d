from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from harness.assets import AssetStore
from harness.trial import Trial
from studies.distillation import train_student
from studies.distillation.architecture import teacher_architecture
from studies.distillation.data import DataSet, opening
from studies.distillation.data.digits import digits
from studies.distillation.learning import reproducible
from studies.distillation.network import SingleNetwork
from studies.distillation.params import StudentParams
from studies.distillation.recipes import TeacherRecipe
from studies.distillation.setup import Setup, prepare
from studies.distillation.teacher import build_teacher, load_teacher, teacher_key
from studies.illustrations import ShownImages

SHORT_TEACHER = 3


class Trained(NamedTuple):
    metrics: dict[str, float]
    trial: Trial


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> AssetStore:
    return AssetStore(tmp_path_factory.mktemp("assets"))


@pytest.fixture(scope="session")
def data() -> DataSet:
    return digits()


@pytest.fixture(scope="session")
def teacher_asset(store, data):
    return store.get(build_teacher, **teacher_key(data, TeacherRecipe(epochs=SHORT_TEACHER)))


@pytest.fixture(scope="session")
def teacher(teacher_asset) -> SingleNetwork:
    return load_teacher(teacher_asset, teacher_architecture("digits", 10))


@pytest.fixture
def train(store) -> Callable[..., Trained]:
    shared = store

    def run(seed: int = 1, store: AssetStore = shared, **params: Any) -> Trained:
        params = {"epochs": 1, "teacher_epochs": SHORT_TEACHER, "crop_padding": 1, **params}
        trial = Trial(params, seed, store)
        return Trained(train_student(params, seed, trial), trial)

    return run


@pytest.fixture
def begin(store) -> Callable[..., Setup]:
    def run(seed: int = 1, **params: Any) -> Setup:
        params = {"teacher_epochs": SHORT_TEACHER, "crop_padding": 1, **params}
        return prepare(StudentParams.read(params), Trial(params, seed, store))

    return run


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Computes as trials do; threads that wait for each other would also take many times longer."""
    with reproducible():
        yield


@pytest.fixture
def plant(monkeypatch) -> Callable[[DataSet], None]:
    """Puts another data set in the place of the digits."""

    def run(dataset: DataSet) -> None:
        monkeypatch.setattr(opening, "digits", lambda: dataset)

    return run


@pytest.fixture(scope="session")
def random_files() -> Callable[..., None]:
    """Fills a new folder with images of noise, 32×32 pixels in colour, numbered from 0."""

    def fill(
        folder: Path,
        count: int,
        rng: np.random.Generator,
        *,
        suffix: str = "png",
        low: int = 0,
        high: int = 256,
    ) -> None:
        folder.mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(low, high, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{number:03}.{suffix}")

    return fill


@pytest.fixture(scope="session")
def shown() -> Callable[..., ShownImages]:
    """Makes images of noise and what two networks make of them; some of it may be given."""

    def draw(
        n: int = 3, channels: int = 1, size: int = 8, side: int = 4, seed: int = 0, **given: Any
    ) -> ShownImages:
        rng = np.random.default_rng(seed)

        def floats(*shape: int) -> np.ndarray:
            return rng.random(shape, dtype=np.float32)

        drawn = ShownImages(
            positions=np.arange(n),
            images=rng.integers(0, 17, (n, channels, size, size)).astype(np.uint8),
            labels=np.arange(n),
            teacher_predictions=np.arange(n),
            student_predictions=np.arange(n)[::-1].copy(),
            maps=floats(n, size, size),
            sharpened=floats(2, n, size, size),
            overlays=floats(2, n, channels, size, size),
            teacher_attention=floats(n, side, side),
            student_attention=floats(n, side, side),
            logit_gains=floats(n) + 5,
            completeness_errors=floats(n) / 100,
        )
        return replace(drawn, **given)

    return draw
