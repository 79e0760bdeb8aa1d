from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

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
