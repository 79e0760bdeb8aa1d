"""What a study's stored trials say: the one object that terminals, pages and programs show."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from analysis import Comparison, Comparisons, compare
from analysis.presentation.text_table import printable
from harness.assets import CAUTIONS
from harness.cautions import cautions
from harness.collecting import collection_held_back
from harness.errors import StoreError, StudyError
from harness.execution.worker.functions import source_digest
from harness.frames import ordinary, trial_frame
from harness.search.linking import linked
from harness.store.reading import Failure, ProtocolUse, ResultsReader
from harness.store.schema import FINISHED, State
from harness.study.model import Study
from harness.study.planning import TrialSpec, plan


@dataclass(frozen=True)
class Answer:
    """A study with its finished trials and what follows from them.

    Attributes:
        study: the study as it is asked now.
        states: number of its trials in each state; trials never entered count as planned.
        frame: one row a finished trial: ``trial``, ``arm``, ``seed``, every factor, every metric;
            after ``seed`` also ``source`` where the study declares sources of variance. A failed
            trial has no metrics.
        complete: its complete trials, in the order of its plan.
        comparisons: the arms and their comparisons; None while no arm has a result.
        failures: the trials that failed, with their errors.
        protocols: every protocol the study was run under, the first one first.
        environments: what the trials ran on, each with its number of trials.
        facts: what the trials noted about how they ran, each with its number of trials.
        definitions: every definition under which the study was run, with whatever parameters, the
            first one first.
        noted: what trials and their assets caution against, each with its number of trials.
        rebuilt_assets: builders of assets that were not the same for all trials.
        source: digest of the files that the study's trials run now, if they can be read.
    """

    study: Study
    states: Mapping[State, int]
    frame: pd.DataFrame
    complete: tuple[TrialSpec, ...]
    comparisons: Comparisons | None
    failures: tuple[Failure, ...]
    protocols: tuple[ProtocolUse, ...]
    environments: tuple[tuple[Mapping[str, Any], int], ...]
    facts: tuple[tuple[Mapping[str, Any], int], ...]
    definitions: tuple[Mapping[str, Any], ...]
    noted: tuple[tuple[str, int], ...]
    rebuilt_assets: tuple[str, ...]
    source: str | None

    def comparison(
        self, arm: str, reference: str | None = None, **cell: str | float | bool
    ) -> Comparison:
        """One comparison by its arms, and by factor levels where the study has factors.

        Raises:
            StoreError: while no arm has a result.
            ValueError: if there is no such comparison, naming those there are.
        """
        if self.comparisons is None:
            raise StoreError(f"The study {self.study.name!r} has no finished trials to compare.")
        return self.comparisons.comparison(arm, reference, **cell)

    @property
    def total(self) -> int:
        """How many trials it has when all are finished."""
        return sum(self.states.values())

    @property
    def finished(self) -> int:
        """How many of them are finished."""
        return sum(self.states.get(state, 0) for state in FINISHED)

    @property
    def compared(self) -> pd.DataFrame:
        """The rows of ``frame`` that the comparisons are of: every stream follows the seed."""
        return ordinary(self.frame, self.study)

    @property
    def definitions_of_experiment(self) -> tuple[Mapping[str, Any], ...]:
        """The definitions with the shared parameters that the study has now.

        With others, as in another profile, it is another experiment.
        """
        params = self.study.definition()["params"]
        return tuple(each for each in self.definitions if each["params"] == params)

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must know before believing the numbers, one sentence each."""
        return cautions(self)

    def __str__(self) -> str:
        lines = [self.study.title or self.study.name, ""]
        if self.comparisons is None:
            metric = self.study.protocol.metric
            lines.append(f"No trial has given the metric {metric}: there is nothing to compare.")
        else:
            lines.append(str(self.comparisons))
        lines += ["", *(f"Note: {printable(caution)}" for caution in self.cautions)]
        return "\n".join(lines).rstrip()


def answer(study: Study, store: ResultsReader) -> Answer:
    """The answer that the store holds to a study, complete or not.

    Raises:
        StudyError: for a search, which compares nothing, and if an arm is to have the parameters of
            a search that has no winner yet.
    """
    study = linked(study, store)
    with collection_held_back():
        found = trials_of(study, store, plan(study))
    return replace(found, comparisons=_comparisons(study, found.compared))


def trials_of(study: Study, store: ResultsReader, specs: Sequence[TrialSpec]) -> Answer:
    """What the store knows of these trials of a study, without comparing them."""
    stored = store.stored(study.name)
    found = [stored.get(spec.digest) for spec in specs]
    states = Counter(State.PLANNED if trial is None else trial.state for trial in found)
    finished = [
        (spec, trial)
        for spec, trial in zip(specs, found, strict=True)
        if trial is not None and trial.state in FINISHED
    ]
    digests = {spec.digest for spec, _ in finished}
    runs = Counter(trial.run_id for _, trial in finished if trial.run_id is not None)
    facts, noted = _facts(study, store, digests)
    return Answer(
        study=study,
        states=states,
        frame=trial_frame(study, [spec for spec, _ in finished], store.final_metrics(study.name)),
        complete=tuple(spec for spec, trial in finished if trial.state == State.COMPLETE),
        comparisons=None,
        failures=tuple(fault for fault in store.failures(study.name) if fault.digest in digests),
        protocols=tuple(store.protocols(study.name)),
        environments=tuple(store.environments(runs)),
        facts=facts,
        definitions=tuple(store.definitions(study.name)),
        noted=noted,
        rebuilt_assets=tuple(store.rebuilt_assets(study.name, digests)),
        source=_source(study),
    )


def _facts(
    study: Study, store: ResultsReader, digests: AbstractSet[str]
) -> tuple[tuple[tuple[Mapping[str, Any], int], ...], tuple[tuple[str, int], ...]]:
    """What the trials noted, and apart from it what they and their assets caution against."""
    counts: Counter[str] = Counter()
    for facts, count in store.facts(study.name, digests):
        rest = {name: value for name, value in facts.items() if name != CAUTIONS}
        counts[json.dumps(rest, sort_keys=True)] += count
    plain = tuple((json.loads(facts), count) for facts, count in sorted(counts.items()))
    return plain, tuple(store.noted_cautions(study.name, digests))


def _source(study: Study) -> str | None:
    try:
        return source_digest(study)
    except StudyError:
        return None


def _comparisons(study: Study, frame: pd.DataFrame) -> Comparisons | None:
    if study.protocol.metric not in frame or frame[study.protocol.metric].isna().all():
        return None
    return compare(frame, study.protocol, within=tuple(study.factors), arms=tuple(study.arms))
