"""Runs finished trials of a study again, and says whether they give the same.

Nothing is written to the results database: the re-runs go into one of their own, which is thrown
away, and their numbers go nowhere but into the report.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.audit.finding import Finding
from harness.audit.rerun.choice import Choice, choose_trials, nothing_complete
from harness.audit.rerun.execution import (
    Execution,
    present_environment,
    run_again,
    stored_execution,
)
from harness.audit.rerun.findings import findings_of
from harness.audit.rerun.metrics import Agreement
from harness.audit.rerun.trials import TrialComparison, compare_trial
from harness.canonical import JSON, canonical_json
from harness.execution.dispatch import check_runnable
from harness.running import DEFAULT_ARTIFACTS
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.study.model import Study
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class RerunReport:
    """Trials of a study beside their re-runs.

    Attributes:
        study: name of the study.
        changes: words of the command line that changed what the study's file says.
        deterministic: whether the study declares that the same seed gives the same bits.
        seed: which trials were drawn.
        sample: how many were asked for.
        complete: how many complete trials there were to draw from.
        trials: the trials that were drawn, in the study's order.
    """

    study: str
    changes: tuple[str, ...]
    deterministic: bool
    seed: int
    sample: int
    complete: int
    trials: tuple[TrialComparison, ...]

    @property
    def deterministic_differs(self) -> bool:
        """Whether the study declared determinism, and a trial did not give the same again."""
        return self.deterministic and not self.identical

    @property
    def code_changed(self) -> tuple[TrialComparison, ...]:
        """The trials whose code is not what ran: what was run again is another program."""
        return tuple(each for each in self.trials if each.code_changed)

    @property
    def identical(self) -> bool:
        """Whether every trial gave the same again, to the last bit, measured times aside."""
        return all(each.identical for each in self.trials)

    @property
    def failures(self) -> tuple[TrialComparison, ...]:
        """The trials that were complete and fail now."""
        return tuple(each for each in self.trials if each.failed)

    @property
    def agreements(self) -> Counter[Agreement]:
        """How many metrics, over all trials, compare in which way."""
        return Counter(each.agreement for trial in self.trials for each in trial.metrics)

    def findings(self) -> tuple[Finding, ...]:
        """What the check `rerun_tolerance` says of every trial."""
        return tuple(found for each in self.trials for found in findings_of(each))

    def document(self) -> dict[str, Any]:
        """The report as JSON has it; these keys stay."""
        return {
            "study": self.study,
            "changes": list(self.changes),
            "deterministic": self.deterministic,
            "seed": self.seed,
            "sample": self.sample,
            "complete": self.complete,
            "code_changed": bool(self.code_changed),
            "bit_identical": self.identical,
            "deterministic_differs": self.deterministic_differs,
            "trials": [each.document() for each in self.trials],
            "findings": [
                {
                    "check": each.check,
                    "outcome": str(each.outcome),
                    "detail": each.detail,
                    "values": dict(each.values),
                }
                for each in self.findings()
            ],
        }


def rerun_trials(
    study: Study,
    store: ResultsReader | None,
    *,
    sample: int,
    seed: int = 0,
    jobs: int | None = None,
    artifacts: str | Path | None = None,
) -> RerunReport:
    """Run finished trials of a study again, drawn at random, and compare what they give.

    Worker processes run them as they ran the originals. A metric that has not the original's bits
    is held against the spread of the other complete runs of its arm, with equal factor levels:
    |x - m| ≤ t · s · √(1 + 1/n) at 95 % (the prediction interval of one more run). Metrics whose
    name ends in a unit of time, such as ``latency_ms``, are only reported.

    Args:
        study: the study as it is written; arms that take parameters from a search get them.
        store: where its trials are, which is only read; None where there is no database yet.
        sample: how many trials, 1 or more; all where there are fewer.
        seed: which ones, from 0 to 2^53 - 1.
        jobs: number of worker processes; all cores by default.
        artifacts: folder for shared assets; ``artifacts`` by default. What is there is used; an
            asset that is missing is built there, as in any run.

    Raises:
        InputError: no trial is complete, or the sample or the seed is impossible.
        StudyError: the study cannot be run as it is.
        SetupError: it turns out in a worker that no trial can run.
        KeyboardInterrupt: after Ctrl-C.
    """
    if store is None:
        raise nothing_complete(linked(study, None))
    choice = choose_trials(study, store, sample=sample, seed=seed)
    check_runnable(choice.study)
    assets = Path(artifacts or DEFAULT_ARTIFACTS) / "assets"
    originals = [stored_execution(store, spec.digest) for spec in choice.chosen]
    others = _OtherRuns(choice, store)
    now = present_environment(choice.study, store, assets=assets, jobs=jobs)
    reruns = run_again(choice.study, choice.chosen, assets=assets, jobs=jobs)
    return RerunReport(
        study=choice.study.name,
        changes=choice.study.changes,
        deterministic=choice.study.trial.deterministic,
        seed=seed,
        sample=sample,
        complete=len(choice.complete),
        trials=_compared(choice, originals, reruns, others, now),
    )


def _placed(rerun: Execution, now: Mapping[str, JSON]) -> Execution:
    """A re-run with the environment of now, and as many workers as its batch form let it have."""
    return replace(rerun, environment={**now, "jobs": rerun.environment["jobs"]})


class _OtherRuns:
    """The complete runs of a study by their cell: arm, factor levels and source of variance."""

    def __init__(self, choice: Choice, store: ResultsReader) -> None:
        metrics = store.final_metrics(choice.study.name)
        self._by_cell: dict[tuple[str, bytes, str], dict[str, Mapping[str, float]]] = {}
        for spec in choice.complete:
            runs = self._by_cell.setdefault(_cell(spec), {})
            runs[spec.digest] = metrics.get(spec.digest, {})

    def of(self, spec: TrialSpec) -> list[Mapping[str, float]]:
        """The metrics of the other runs of a trial's cell."""
        runs = self._by_cell[_cell(spec)]
        return [metrics for digest, metrics in runs.items() if digest != spec.digest]


def _cell(spec: TrialSpec) -> tuple[str, bytes, str]:
    return spec.arm, canonical_json(spec.levels), spec.source


def _compared(
    choice: Choice,
    originals: Sequence[Execution],
    reruns: Mapping[str, Execution],
    others: _OtherRuns,
    now: Mapping[str, JSON],
) -> tuple[TrialComparison, ...]:
    return tuple(
        compare_trial(
            spec,
            original,
            _placed(reruns[spec.digest], now),
            others.of(spec),
            deterministic=choice.study.trial.deterministic,
        )
        for spec, original in zip(choice.chosen, originals, strict=True)
    )
