from pathlib import Path

import pytest

import studies
from harness.study.loading import load_study
from studies.distillation.params import StudentParams


@pytest.fixture(scope="module")
def study():
    return load_study(Path(studies.__file__).parent / "mc_seeds.toml")


def test_every_arm_is_a_setting_that_the_trial_function_accepts(study):
    for arm in study.arms.values():
        StudentParams.read({**study.params, **arm})


def test_the_arms_are_every_combination_of_the_three_parts(study):
    parts = {name: study.arms[name] for name in ("kd", "ig", "at")}
    combinations = {name: name.split("_") for name in study.arms if name != "student"}
    assert len(combinations) == 7
    for name, members in combinations.items():
        combined = {}
        for member in members:
            combined |= parts[member]
        assert study.arms[name] == combined
    assert study.arms["student"] == {}


def test_nothing_of_the_teacher_reaches_the_control(study):
    control = StudentParams.read({**study.params, **study.arms["student"]})
    assert control.kd_weight == control.overlay_probability == control.attention_weight == 0
