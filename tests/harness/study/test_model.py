import json

import pytest

from harness import Study
from harness.canonical import digest
from harness.errors import StudyError
from harness.study.protocol import FIRST_KEYS

# The digest that the definition of the small study had before there were later keys.
BEFORE = "81a1ba02e0efbd91b19f39ecd60ce3ddf30acb131c606a7824359b321eb4d984"


def seeds_of(study, **seeds):
    return study(seeds=seeds).seeds.all()


def test_seeds_are_counted_from_0_or_listed(study):
    assert seeds_of(study, count=3) == (0, 1, 2)
    assert seeds_of(study, values=[8, 3, 5]) == (8, 3, 5)


def test_cells_cross_all_factors_the_last_varying_fastest(study):
    crossed = study(factors={"lr": (1, 2), "epochs": (5, 6)}, arms={"base": {}, "kd": {"kd": 1}})
    assert [tuple(cell.values()) for cell in crossed.cells] == [(1, 5), (1, 6), (2, 5), (2, 6)]


def test_a_study_without_factors_has_one_cell(study):
    assert study().cells == ({},)


def test_a_study_cannot_be_changed(study):
    with pytest.raises(ValueError, match="frozen"):
        study().name = "other"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1.5 min", 90), ("2h", 7200), ("250ms", 0.25), ("1d", 86400)],
)
def test_a_timeout_has_a_unit(study, text, seconds):
    assert study(trial={"function": "a:b", "timeout": text}).trial.timeout_s == seconds


def module_level(params, seed, trial):
    return {"acc": 1.0}


def test_a_function_is_kept_as_the_path_that_finds_it_again(study):
    asked = study(trial={"function": module_level})
    assert asked.trial.function == f"{__name__}:module_level"


def test_a_function_that_no_other_process_finds_is_refused(study):
    with pytest.raises(StudyError, match=r"(?s)trial.function: .*cannot be found.*remedy"):
        study(trial={"function": lambda *_: {}})


def test_python_is_held_to_the_same_grammar_as_a_file(study):
    with pytest.raises(StudyError) as refusal:
        study(parms={}, seeds={"count": 0}, protocol={"metric": "acc"})
    text = str(refusal.value)
    for fault in ("parms: unknown key", "seeds.count: must be 1", "protocol.control: this key is"):
        assert fault in text


@pytest.mark.parametrize(
    "value", [float("nan"), 2**53, {1, 2}, object(), {1: 2}, "\ud800", [b"a"], (1, 2)]
)
def test_a_parameter_is_what_json_can_hold(study, value):
    with pytest.raises(StudyError, match=r"arms\.fast\.lr"):
        study(arms={"base": {}, "fast": {"lr": value}})


@pytest.mark.parametrize("value", [None, True, 5, 0.5, "text", [1, [2]], {"a": {"b": None}}, ""])
def test_every_value_of_json_can_be_a_parameter(study, value):
    assert study(arms={"base": {}, "fast": {"lr": value}}).arms["fast"]["lr"] == value


@pytest.mark.parametrize("arm", ["", " ", "a\nb", "\t"])
def test_an_arm_has_a_visible_name_of_one_line(study, arm):
    with pytest.raises(StudyError, match="visible name"):
        study(arms={"base": {}, arm: {"lr": 0.5}})


def test_arms_may_have_any_visible_name(study, nasty):
    assert nasty in study(arms={"base": {}, nasty: {"lr": 0.5}}).arms


def test_arms_that_differ_only_in_how_a_number_is_written_are_one_arm(study):
    with pytest.raises(StudyError, match=r"arms\.fast: sets the same parameters as arms\.base"):
        study(params={"lr": 5}, arms={"base": {}, "fast": {"lr": 5.0}})


@pytest.mark.parametrize("name", ["../x", "a b", "", ".hidden", "a/b", "naïve", "a\n", "x" * 101])
def test_a_study_name_can_be_a_folder_everywhere(study, name):
    with pytest.raises(StudyError, match="name: must"):
        study(name=name)


def test_the_definition_is_complete_json_without_the_source(study, tmp_path):
    definition = study(source=tmp_path / "bench.toml", params={"lr": [1, 2]}).definition()
    assert definition["protocol"]["alpha"] == 0.05
    assert definition["params"] == {"lr": [1, 2]}
    assert definition["trial"]["timeout"] is None
    assert "source" not in definition


def test_pairs_can_be_written_as_lists_or_tuples(study):
    spelled = {"metric": "acc", "direction": "maximize", "control": "base"}
    lists = study(protocol={**spelled, "comparisons": [["fast", "base"]]})
    tuples = study(protocol={**spelled, "comparisons": (("fast", "base"),)})
    assert lists.protocol == tuples.protocol
    assert lists.protocol.comparisons == (("fast", "base"),)


PROTOCOL = {"metric": "acc", "direction": "maximize", "control": "base"}


def test_a_protocol_may_declare_everything_that_analysis_knows(study):
    declared = {
        "test": "wilcoxon",
        "correction": "hochberg",
        "alternative": "greater",
        "missing": "worst",
        "treatments": {"speed": ["fast"]},
        "run_correlation": 0.2,
    }
    asked = study(protocol={**PROTOCOL, **declared})
    assert asked.protocol.treatments == {"speed": ("fast",)}
    assert declared.items() <= asked.definition()["protocol"].items()


def test_what_a_study_does_not_say_is_in_its_definition_only_if_it_always_was(study):
    definition = study().definition()
    assert digest("study", definition) == BEFORE
    assert "pareto" not in definition
    assert set(definition["seeds"]) == {"count", "values"}
    assert set(definition["protocol"]) == FIRST_KEYS


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"seeds": {"count": 2, "sources": {"initialisation": ["init"]}, "held": 3}},
        {"pareto": {"objectives": {"acc": "maximize", "size": "minimize"}}},
        {"protocol": {**PROTOCOL, "treatments": {"speed": ["fast"]}, "alternative": "less"}},
    ],
)
def test_a_definition_reads_back_as_the_study(study, change):
    definition = json.loads(json.dumps(study(**change).definition()))
    assert Study(**definition).definition() == definition


def test_pareto_objectives_are_metrics_with_directions_in_python_as_in_a_file(study):
    objectives = {"compression_factor": "maximize", "test_accuracy": "maximize"}
    assert study(pareto={"objectives": objectives}).pareto.objectives == objectives
    assert study().pareto is None
    with pytest.raises(StudyError, match=r"(?s)pareto\.objectives\.acc: .*nearest: minimize"):
        study(pareto={"objectives": {"acc": "minimise", "size": "minimize"}})


def test_a_source_names_the_streams_that_vary_alone(study):
    asked = study(seeds={"count": 2, "sources": {"data": ["order", "augment"]}, "held": 7})
    assert asked.seeds.sources == {"data": ("order", "augment")}
    assert asked.seeds.held == 7
    assert (study().seeds.sources, study().seeds.held) == ({}, 0)
