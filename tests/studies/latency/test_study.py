from pathlib import Path

import studies
from harness import load_study
from harness.study.loading import Overrides
from harness.study.planning import plan
from studies.distillation.architecture import teacher_architecture
from studies.distillation.latency.params import LatencyParams

STUDY = Path(studies.__file__).parent / "latency.toml"


def removed(study):
    return sorted({spec.params["blocks_removed"] for spec in plan(study)})


def test_it_measures_one_network_at_a_time():
    assert load_study(STUDY).trial.alone


def test_the_networks_are_those_of_the_digits_and_at_the_paper_s_scale_the_paper_s():
    assert removed(load_study(STUDY)) == [0, 3, 5, 7]
    paper = load_study(STUDY, Overrides(profiles=("cifar10",)))
    assert removed(paper) == [0, 3, 5, 7, 9, 11, 13, 15, 17]


def test_every_trial_can_be_measured():
    for profiles in ((), ("cifar10",), ("smoke",), ("cifar10", "smoke")):
        for spec in plan(load_study(STUDY, Overrides(profiles=profiles))):
            params = LatencyParams.read(spec.params)
            family = "digits" if params.dataset == "digits" else "cifar"
            teacher_architecture(family, 10).without_last(params.blocks_removed)
