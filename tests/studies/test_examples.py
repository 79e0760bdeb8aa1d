from pathlib import Path

import pytest

import studies
from harness.study.loading import Overrides, load_study
from studies.distillation.params import StudentParams

FOLDER = Path(studies.__file__).parent


def load(name, *profiles):
    return load_study(FOLDER / f"{name}.toml", Overrides(profiles))


@pytest.mark.parametrize("profiles", [(), ("cifar10",), ("smoke",), ("cifar10", "smoke")])
def test_every_arm_is_a_setting_that_the_trial_function_accepts(profiles):
    study = load("examples", *profiles)
    read = [StudentParams.read({**study.params, **arm}) for arm in study.arms.values()]
    assert len(read) == 4
    assert all(params.evaluate_test for params in read)


@pytest.mark.parametrize("profiles", [(), ("cifar10",)])
def test_the_students_that_are_shown_are_those_of_mc_seeds(profiles):
    shown, compared = load("examples", *profiles), load("mc_seeds", *profiles)
    for name, arm in shown.arms.items():
        own = StudentParams.read({**shown.params, **arm})
        assert own == StudentParams.read({**compared.params, **compared.arms[name]})
    assert set(shown.seeds.all()) <= set(compared.seeds.all())
