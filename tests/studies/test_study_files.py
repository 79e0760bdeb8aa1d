"""The study files that ship ask what the trial functions accept, and what the paper did."""

from pathlib import Path

import pytest

import studies
from harness.study.loading import Overrides, load_study
from studies.distillation.params import StudentParams

FOLDER = Path(studies.__file__).parent

# Those whose trial function is train_student.
TRAINED = (
    "ablation",
    "alignment",
    "attention",
    "compression",
    "mc_seeds",
    "overlay",
    "search",
    "search_grid",
    "transfer",
    "variance",
)

EIGHT = {
    "student": {},
    "kd": {"kd_weight": 0.01, "temperature": 2.5},
    "ig": {"overlay_probability": 0.1},
    "at": {"attention_weight": 0.8},
}
EIGHT |= {
    "kd_ig": EIGHT["kd"] | EIGHT["ig"],
    "kd_at": EIGHT["kd"] | EIGHT["at"],
    "ig_at": EIGHT["ig"] | EIGHT["at"],
    "kd_ig_at": EIGHT["kd"] | EIGHT["ig"] | EIGHT["at"],
}


def load(name, *profiles):
    return load_study(FOLDER / f"{name}.toml", Overrides(profiles))


def trained_params(study):
    for arm in study.arms.values():
        for cell in study.cells:
            yield StudentParams.read({**study.params, **arm, **cell})


@pytest.mark.parametrize("profiles", [(), ("cifar10",), ("smoke",), ("cifar10", "smoke")])
@pytest.mark.parametrize("name", TRAINED)
def test_every_arm_is_a_setting_that_the_trial_function_accepts(name, profiles):
    assert list(trained_params(load(name, *profiles)))


@pytest.mark.parametrize("name", ["ablation", "mc_seeds", "search", "transfer"])
def test_the_eight_arms_are_the_same_settings_in_every_study(name):
    assert load(name).arms == EIGHT


@pytest.mark.parametrize("name", ["ablation", "mc_seeds", "transfer"])
def test_the_three_treatments_are_declared(name):
    treated = load(name).protocol.treatments
    for treatment, key in (("KD", "kd_weight"), ("IG", "overlay_probability")):
        assert set(treated[treatment]) == {arm for arm, own in EIGHT.items() if key in own}
    assert set(treated["AT"]) == {arm for arm, own in EIGHT.items() if "attention_weight" in own}


@pytest.mark.parametrize("name", TRAINED)
def test_nothing_of_the_teacher_reaches_the_student_alone(name):
    study = load(name)
    control = StudentParams.read({**study.params, **study.arms.get("student", {})})
    if "student" in study.arms:
        assert control.kd_weight == control.overlay_probability == control.attention_weight == 0


@pytest.mark.parametrize("name", TRAINED)
def test_the_profile_of_cifar10_trains_as_the_paper_does(name):
    for params in trained_params(load(name, "cifar10")):
        assert (params.dataset, params.epochs, params.batch_size) == ("cifar10", 100, 64)
        assert (params.learning_rate, params.crop_padding) == (0.001, 4)
        assert params.attribution_steps == 50


def test_the_compressed_students_are_the_papers():
    assert load("compression", "cifar10").factors == {
        "blocks_removed": (3, 5, 7, 9, 11, 13, 15, 17)
    }
    assert load("mc_seeds", "cifar10").params["blocks_removed"] == 5


def test_the_numbers_of_runs_are_the_papers():
    assert len(load("mc_seeds", "cifar10").seeds.all()) == 60
    assert len(load("ablation", "cifar10").seeds.all()) == 10


@pytest.mark.parametrize(
    ("name", "fraction"), [("mc_seeds", 0.8), ("ablation", 1.0), ("compression", 1.0)]
)
def test_monte_carlo_runs_draw_four_fifths_and_the_others_train_on_everything(name, fraction):
    assert {params.subset_fraction for params in trained_params(load(name))} == {fraction}


@pytest.mark.parametrize("name", ["search", "search_grid"])
def test_a_search_looks_at_no_test_image(name):
    for profiles in ((), ("cifar10",)):
        assert not any(params.evaluate_test for params in trained_params(load(name, *profiles)))


def test_seeds_that_chose_settings_are_not_those_that_judge_them():
    chosen = set(load("search").seeds.all())
    for name in ("mc_seeds", "ablation", "transfer"):
        for profiles in ((), ("cifar10",)):
            assert chosen.isdisjoint(load(name, *profiles).seeds.all())


@pytest.mark.parametrize(
    ("name", "parameter"), [("overlay", "overlay_probability"), ("attention", "attention_weight")]
)
def test_a_sweep_varies_one_parameter_from_none_upwards(name, parameter):
    study = load(name)
    assert all(set(own) == {parameter} for own in study.arms.values())
    values = [own[parameter] for own in study.arms.values()]
    assert values == sorted(set(values))
    assert study.arms[study.protocol.control] == {parameter: 0.0}


def test_an_arm_as_released_differs_from_its_twin_in_how_signals_meet_images_alone():
    arms = load("alignment").arms
    released = {"signal_alignment": "as_released"}
    for name, own in arms.items():
        if name.endswith("_as_released"):
            twin = arms[name.removesuffix("_as_released")]
            still = {"overlay_follows_crop": False} if "overlay_probability" in twin else {}
            assert own == {**twin, **released, **still}
    assert sum(name.endswith("_as_released") for name in arms) == 5
