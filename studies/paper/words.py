"""Sentences that captions share."""

from collections.abc import Iterable

from analysis import Comparisons
from analysis.presentation.numbers import count_of, format_percent
from analysis.publication.compared import correction_words, decided_by
from harness.answer import Answer
from harness.study.model import Study

PAPER = "Paper: as published, on CIFAR-10."
UNTESTED = "Nothing is tested."

HERE, THERE = "here", "paper"
"""Titles of the rows of a table that has our numbers and the paper's."""

_SHOWN_PATH = "images of a folder"


def about(answer: Answer) -> str:
    """Say which data set, how many runs, and that the runs are matched."""
    study = answer.study
    seeds = answer.compared["seed"].nunique()
    return f"Data: {dataset(study)}; {count_of(int(seeds), 'seed')}, shared by all arms."


def about_runs(answer: Answer, results: Comparisons) -> str:
    """Say which data set and how many runs, for what has no table's words on n beside it."""
    cells = [factor for cell in results.cells[:1] for factor, _ in cell]
    inside = f" at each value of {' and '.join(cells)}" if cells else ""
    sizes = run_range(each.n for each in results.arms)
    return (
        f"Data: {dataset(answer.study)}; n = {sizes} an arm{inside}, of seeds that all arms share."
    )


def run_range(sizes: Iterable[int]) -> str:
    """Return "20 runs", or "19 to 20 runs" where some lack."""
    known = sorted(set(sizes)) or [0]
    if known[0] == known[-1]:
        return count_of(known[0], "run")
    return f"{known[0]} to {count_of(known[-1], 'run')}"


def level(results: Comparisons) -> str:
    """The level of a study's intervals, such as "95 %"."""
    return format_percent(1 - results.protocol.alpha)


def tested(results: Comparisons) -> str:
    """Say which test decides, how it is corrected, and at which error rate."""
    return (
        f"Test: {decided_by(results)}, {correction_words(results)}; α = {results.protocol.alpha:g}."
    )


def dataset(study: Study) -> str:
    """The data set of a study by name; of a folder, only that it is one."""
    name = str(study.params.get("dataset", "not named"))
    return _SHOWN_PATH if name.startswith("imagefolder:") else name


def parameter(study: Study, arm: str, name: str) -> float:
    """A parameter of an arm; 0 where neither the arm nor the study has it, or it is no number."""
    value = study.arms[arm].get(name, study.params.get(name, 0))
    return float(value) if isinstance(value, int | float) else 0.0
