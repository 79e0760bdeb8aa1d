import pytest

from harness.search.arms import arm_searches
from harness.study.links import Link
from harness.study.model import IDENTITY, Study, TrialSettings
from harness.study.planning import plan

FIELDS = {
    *(name for name in Study.model_fields if name != "trial"),
    *(f"trial.{name}" for name in TrialSettings.model_fields),
}

COMMAND = {"command": ["python", "train.py"]}
FUNCTION = {"function": "trials.py:main"}
PROTOCOL = {"metric": "acc", "direction": "maximize", "control": "base"}
SEARCH = {
    "trials": 9,
    "metric": "val",
    "direction": "maximize",
    "space": {"epochs": {"values": [5, 6]}},
}
LINK = Link(
    arm="base",
    study="search",
    of="base",
    search="0" * 64,
    candidate=3,
    candidates=9,
    params={"epochs": 5},
    metric="val",
    mean=0.9,
    sd=None,
    seeds=1,
    shared_seeds=0,
)

# For every field two studies that differ in it alone.
PAIRS = {
    "name": ({"name": "one"}, {"name": "two"}),
    "title": ({"title": "why?"}, {"title": "how?"}),
    "trial.function": ({"trial": FUNCTION}, {"trial": {"function": "trials.py:other"}}),
    "trial.command": ({"trial": COMMAND}, {"trial": {"command": ["python", "other.py"]}}),
    "trial.timeout_s": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "timeout": "5s"}}),
    "trial.retries": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "retries": 2}}),
    "trial.version": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "version": 2}}),
    "trial.metrics": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "metrics": ["acc"]}}),
    "trial.deterministic": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "deterministic": True}}),
    "trial.alone": ({"trial": FUNCTION}, {"trial": {**FUNCTION, "alone": True}}),
    "seeds": ({"seeds": {"values": [1, 2]}}, {"seeds": {"values": [3, 4]}}),
    "params": ({"params": {"epochs": 1}}, {"params": {"epochs": 2}}),
    "arms": ({"arms": {"base": {"kd": 1}}}, {"arms": {"base": {"kd": 2}}}),
    "factors": ({"factors": {"epochs": (1, 2)}}, {"factors": {"epochs": (3, 4)}}),
    "protocol": ({"protocol": PROTOCOL}, {"protocol": {**PROTOCOL, "alpha": 0.01}}),
    "pareto": ({}, {"pareto": {"objectives": {"acc": "maximize", "size": "minimize"}}}),
    "search": ({"search": SEARCH}, {"search": {**SEARCH, "startup": 5}}),
    "allow_test_selection": ({}, {"allow_test_selection": True}),
    "links": ({}, {"links": (LINK,)}),
    "changes": ({"changes": ()}, {"changes": ("--seeds", "2")}),
    "source": ({"source": None}, {"source": "elsewhere"}),
}


def digests(study):
    if study.search is not None:
        starts = [each.trials(each.start) for each in arm_searches(study)]
        return {spec.digest for specs in starts for spec in specs}
    return {spec.digest for spec in plan(study)}


def test_every_field_is_entered_as_identity_or_not():
    assert set(IDENTITY) == FIELDS


def test_every_field_has_its_pair_of_studies():
    assert set(PAIRS) == FIELDS


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_makes_other_trials_exactly_when_it_is_identity(study, tmp_path, field):
    one, other = (study(**changes) for changes in _placed(PAIRS[field], tmp_path))
    assert one != other
    if IDENTITY[field]:
        assert digests(one).isdisjoint(digests(other))
    else:
        assert digests(one) == digests(other)


def _placed(pair, folder):
    """Sources are paths, which no table at module level can know."""
    return [
        {**each, "source": folder / each["source"]} if each.get("source") else each for each in pair
    ]


def test_an_arm_may_be_renamed_without_running_it_again(study):
    renamed = study(arms={"base": {}, "faster": {"lr": 0.5}})
    assert digests(renamed) == digests(study())


def test_a_parameter_of_all_arms_may_move_into_the_arms(study):
    moved = study(params={"epochs": 5}, arms={"base": {"lr": 0.1}, "fast": {"lr": 0.5}})
    assert digests(moved) == digests(study())


def test_another_arm_or_seed_changes_no_other_trial(study):
    more = study(arms={"base": {}, "fast": {"lr": 0.5}, "new": {"lr": 0.9}}, seeds={"count": 3})
    assert digests(study()) < digests(more)
