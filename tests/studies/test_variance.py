from pathlib import Path

import pytest

import studies
from harness.study.loading import load_study
from studies.distillation.params import StudentParams

FOLDER = Path(studies.__file__).parent


@pytest.fixture(scope="module")
def study():
    return load_study(FOLDER / "variance.toml")


def test_every_arm_is_a_setting_that_the_trial_function_accepts(study):
    for arm in study.arms.values():
        StudentParams.read({**study.params, **arm})


def test_the_sources_are_all_streams_that_a_trial_draws_from(study, train):
    named = {stream for streams in study.seeds.sources.values() for stream in streams}
    for arm in study.arms.values():
        assert train(**{**arm, "teacher": study.params["teacher"]}).trial.drawn == named


def test_only_the_teacher_differs_from_the_arms_of_mc_seeds(study):
    other = load_study(FOLDER / "mc_seeds.toml")
    for name, arm in study.arms.items():
        assert {**study.params, **arm} == {**other.params, **other.arms[name], "teacher": "own"}
