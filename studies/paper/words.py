"""Sentences that captions share."""

from analysis.presentation.numbers import count_of
from harness.answer import Answer
from harness.study.model import Study

PAPER = "Paper: as published, on CIFAR-10."

HERE, THERE = "here", "paper"
"""Titles of the rows of a table that has our numbers and the paper's."""

_SHOWN_PATH = "images of a folder"


def about(answer: Answer) -> str:
    """Say which data set, how many runs, and that the runs are matched."""
    study = answer.study
    seeds = answer.compared["seed"].nunique()
    return f"Data: {dataset(study)}; {count_of(int(seeds), 'seed')}, shared by all arms."


def dataset(study: Study) -> str:
    """The data set of a study by name; of a folder, only that it is one."""
    name = str(study.params.get("dataset", "not named"))
    return _SHOWN_PATH if name.startswith("imagefolder:") else name


def parameter(study: Study, arm: str, name: str) -> float:
    """A parameter of an arm; 0 where neither the arm nor the study has it, or it is no number."""
    value = study.arms[arm].get(name, study.params.get(name, 0))
    return float(value) if isinstance(value, int | float) else 0.0
