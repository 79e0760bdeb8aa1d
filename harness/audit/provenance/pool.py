"""All numbers that the database gives for a study: runs, arms, comparisons, searches."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from harness.answer import Answer
from harness.frames import ordinary
from harness.search.answer import SearchAnswer, any_answer
from harness.store.reading import ResultsReader
from harness.study.model import Study

_LARGEST_SHARE = 1.5
"""Up to this size a value may be a share, or a difference of shares, that is printed in %."""


_SHARES = frozenset({"level", "alpha", "p_better", "p_worse", "p_equivalent"})
"""What is in no metric's units and is printed in % all the same: levels, posterior probabilities.
A p-value, a correlation and an effect size are not."""

_IN_THE_METRIC = frozenset(
    {"mean", "means", "sd", "median", "min", "max", "best", "ci_low", "ci_high", "difference"}
    | {"bca_low", "bca_high", "equivalence_low", "equivalence_high", "low", "high", "estimate"}
    | {"minimal_detectable_effect", "smallest_effect", "standard_error", "scale"}
)
"""What a comparison gives in the units of its metric, …"""

_NOT_IN_THE_METRIC = frozenset(
    {"tests", "effect_sizes", "effect_size_intervals", "friedman", "nemenyi"}
)
"""… except inside these: effect sizes have no units, and Nemenyi's differences are of ranks."""


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A number that the database gives.

    Attributes:
        value: the number; a hundred times the stored one where it is meant in %.
        statistic: what it is, such as "mean", "p_adjusted" or a metric's name.
        what: all of it in words.
        arms: the arms that it is of; none for what belongs to a study as a whole.
        is_run: whether it is a single run's value.
        metric: the metric in whose units it is, as a mean, an interval's end or a difference are;
            empty for what is in no metric's units, as a p-value, a count or an effect size.
    """

    value: float
    statistic: str
    what: str
    arms: tuple[str, ...] = ()
    is_run: bool = False
    metric: str = ""


@dataclass(frozen=True)
class Pool:
    """The numbers of some studies, to be searched.

    Attributes:
        numbers: in ascending order of their values.
        values: these values.
        arms: names of all arms.
        studies: names of the studies.
    """

    numbers: tuple[StoredNumber, ...]
    values: tuple[float, ...]
    arms: tuple[str, ...]
    studies: tuple[str, ...] = ()

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics in whose units a number is."""
        return tuple(dict.fromkeys(each.metric for each in self.numbers if each.metric))

    def between(self, low: float, high: float) -> tuple[StoredNumber, ...]:
        """The numbers in an interval, both ends included."""
        first, last = bisect_left(self.values, low), bisect_right(self.values, high)
        return self.numbers[first:last]


def pool_of(studies: Sequence[Study], store: ResultsReader) -> Pool:
    """Every number that the database gives for these studies.

    Raises:
        StudyError: an arm is to have the parameters of a search that has no winner yet.
    """
    found: list[StoredNumber] = []
    arms: dict[str, None] = {}
    for study in studies:
        arms |= dict.fromkeys(study.arms)
        for each in _of_study(any_answer(study, store)):
            if math.isfinite(each.value):
                found += [each, *_in_per_cent(each)]
    found.sort(key=lambda each: each.value)
    values = tuple(each.value for each in found)
    return Pool(tuple(found), values, tuple(arms), tuple(each.name for each in studies))


def _in_per_cent(number: StoredNumber) -> Iterator[StoredNumber]:
    """The same number in %, where it may be a share."""
    is_share = bool(number.metric) or number.statistic in _SHARES
    if is_share and abs(number.value) <= _LARGEST_SHARE and not number.value.is_integer():
        yield replace(number, value=number.value * 100, what=f"{number.what}, in %")


def _of_study(answer: Answer | SearchAnswer) -> Iterator[StoredNumber]:
    trials = answer.trials if isinstance(answer, SearchAnswer) else answer
    study = answer.study
    for what, count in (("trials", answer.total), ("finished trials", answer.finished)):
        yield StoredNumber(float(count), what, f"number of {what} of {study.name}")
    yield StoredNumber(float(len(study.seeds.all())), "seeds", f"number of seeds of {study.name}")
    yield StoredNumber(float(len(study.arms)), "arms", f"number of arms of {study.name}")
    yield from _of_runs(study, trials.frame)
    yield from _of_arms(study, ordinary(trials.frame, study))
    if isinstance(answer, SearchAnswer):
        yield from _of_candidates(answer)
    elif answer.comparisons is not None:
        results = answer.comparisons.to_dict()
        of = f", {study.name}", str(results["metric"])
        yield from _of_leaves(of, results, (), ())


def _of_runs(study: Study, frame: pd.DataFrame) -> Iterator[StoredNumber]:
    """Every run's metrics, its seed, and its factor levels."""
    for row in frame.to_dict("records"):
        arm, run = str(row["arm"]), f"run of {row['arm']}, seed {row['seed']}, in {study.name}"
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                what = f"{name} of the {run}"
                metric = "" if name in {"seed", *study.factors} else str(name)
                yield StoredNumber(float(value), str(name), what, (arm,), True, metric)


def _of_arms(study: Study, frame: pd.DataFrame) -> Iterator[StoredNumber]:
    """What is computed of an arm's runs, of every metric, at every combination of levels."""
    metrics = [
        name for name in frame.select_dtypes("number") if name not in {"seed", *study.factors}
    ]
    for cell, rows in frame.groupby(["arm", *study.factors], sort=False, dropna=False):
        arm = str(cell[0])
        at = "".join(f", {k} = {v}" for k, v in zip(study.factors, cell[1:], strict=True))
        for metric in metrics:
            values = rows[metric].dropna()
            for statistic, value in _statistics(values).items():
                what = f"{statistic} of {metric} of {arm}{at}, {study.name}"
                of = "" if statistic in {"n", "variance"} else str(metric)
                yield StoredNumber(value, statistic, what, (arm,), metric=of)


def _statistics(values: "pd.Series[float]") -> Mapping[str, float]:
    if values.empty:
        return {}
    found = {
        "n": float(len(values)),
        "mean": float(values.mean()),
        "median": float(values.median()),
        "min": float(values.min()),
        "max": float(values.max()),
        "lower quartile": float(values.quantile(0.25)),
        "upper quartile": float(values.quantile(0.75)),
    }
    if len(values) > 1:
        sd = float(values.std(ddof=1))
        found |= {"sd": sd, "variance": sd**2, "se": sd / math.sqrt(len(values))}
    return found


def _of_candidates(answer: SearchAnswer) -> Iterator[StoredNumber]:
    metric = answer.study.search.metric if answer.study.search is not None else ""
    for found in answer.arms:
        for each in found.candidates:
            what = f"candidate {each.number} of {found.arm} in {answer.study.name}"
            yield StoredNumber(float(each.number), "candidate", what, (found.arm,))
            for name, value in (("mean", each.mean), ("sd", each.sd)):
                if value is not None:
                    score = f"{name} score of {what}"
                    yield StoredNumber(value, name, score, (found.arm,), metric=metric)
            for name, parameter in each.params.items():
                if isinstance(parameter, int | float) and not isinstance(parameter, bool):
                    yield from _of_parameter(float(parameter), name, what, found.arm)
        if found.gain is not None:
            what = f"gain of {found.arm} in {answer.study.name}"
            yield StoredNumber(found.gain, "gain", what, (found.arm,), metric=metric)


def _of_parameter(value: float, name: str, what: str, arm: str) -> Iterator[StoredNumber]:
    """A parameter, and what it is in % where it may be a share, such as a rate of dropout."""
    yield StoredNumber(value, name, f"{name} of {what}", (arm,))
    if 0 < value < 1:
        yield StoredNumber(100 * value, name, f"{name} of {what}, in %", (arm,))


def _of_leaves(
    of: tuple[str, str],
    value: Any,  # noqa: ANN401 - what JSON holds
    path: tuple[str, ...],
    arms: tuple[str, ...],
) -> Iterator[StoredNumber]:
    """Every number of a comparison, named by its place in the JSON form, of a study's metric."""
    if isinstance(value, Mapping):
        named = [str(value[key]) for key in ("arm", "reference") if value.get(key)]
        inside = tuple(named) if named else arms
        for key, each in value.items():
            yield from _of_leaves(of, each, (*path, str(key)), inside)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _of_leaves(of, each, path, arms)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        of_arms = f" of {' against '.join(arms)}" if arms else ""
        what = f"{' '.join(path[-2:])}{of_arms}{of[0]}"
        is_in_metric = path[-1:] and path[-1] in _IN_THE_METRIC
        metric = of[1] if is_in_metric and not _NOT_IN_THE_METRIC & set(path) else ""
        yield StoredNumber(float(value), path[-1] if path else "", what, arms, metric=metric)
