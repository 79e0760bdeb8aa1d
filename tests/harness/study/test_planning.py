import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StudyError
from harness.study.planning import plan, select_arms, trial_digest, what_runs


@pytest.fixture
def crossed(study):
    return study(seeds={"values": [7, 3]}, factors={"epochs": (5, 10)})


def test_trials_come_block_by_block(crossed):
    order = [(spec.seed, spec.levels["epochs"], spec.arm) for spec in plan(crossed)]
    assert order == [
        (seed, epochs, arm) for seed in (7, 3) for epochs in (5, 10) for arm in ("base", "fast")
    ]


def test_an_arm_overrides_shared_parameters_and_a_factor_sets_its_level(crossed):
    assert [dict(spec.params) for spec in plan(crossed)[:4]] == [
        {"lr": 0.1, "epochs": 5},
        {"lr": 0.5, "epochs": 5},
        {"lr": 0.1, "epochs": 10},
        {"lr": 0.5, "epochs": 10},
    ]


def test_every_trial_has_an_identity_of_its_own(crossed):
    assert len({spec.digest for spec in plan(crossed)}) == 8


@given(st.integers(1, 30), st.integers(1, 30))
def test_more_seeds_extend_a_plan_and_change_nothing_of_it(study, few, many):
    short, long = (plan(study(seeds={"count": count})) for count in sorted((few, many)))
    assert long[: len(short)] == short


def test_a_digest_never_changes_between_versions_of_harness(study):
    assert (
        plan(study())[0].digest
        == "7aac731dcef8daae73939f35dcad11b94af1d847642c05f94c5b7eb71e0edfae"
    )


def test_some_arms_can_be_chosen(study):
    specs = plan(study())
    assert {spec.arm for spec in select_arms(study(), specs, ["fast"])} == {"fast"}
    assert select_arms(study(), specs, ["fast", "base", "fast"]) == specs


def test_an_unknown_arm_is_refused_with_its_nearest(study):
    with pytest.raises(StudyError) as refusal:
        select_arms(study(), plan(study()), ["fats"])
    assert str(refusal.value).splitlines() == [
        "--arms:",
        "the study has no such arm",
        "  given:   fats",
        "  allowed: base, fast",
        "  nearest: fast",
    ]


def test_a_command_and_a_function_are_never_the_same(study):
    command = study(trial={"command": ["trials.py:main"]})
    assert what_runs(command) == {"command": ["trials.py:main"]}
    assert what_runs(study()) == {"function": "trials.py:main"}
    assert plan(command)[0].digest != plan(study())[0].digest


NASTY_PARAMS = {'"seed":0': '"seed":0,"seed":1', "seed": 0, "zero": [0, 1], "naïve": {"seed": 1}}


@pytest.mark.parametrize("params", [{}, NASTY_PARAMS])
@pytest.mark.parametrize("sources", [{}, {"data": ("order",), "start": ("init", "mask")}])
def test_a_planned_trial_has_the_identity_that_its_content_has(study, params, sources):
    seeds = {"values": [0, 1, 10, 2**53 - 1], "sources": sources, "held": 1}
    declared = study(seeds=seeds, params={"lr": 0.1, "epochs": 5, **params})
    specs = plan(declared)
    assert len(specs) == 2 * (4 + 3 * len(sources))
    for spec in specs:
        runs = what_runs(declared, spec.seeding)
        version = declared.trial.version
        assert spec.digest == trial_digest(declared.name, version, runs, spec.params, spec.seed)
