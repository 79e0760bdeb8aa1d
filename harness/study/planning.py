"""From a study to the trials that answer it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.canonical import digest
from harness.errors import Problem, StudyError
from harness.study.model import Study


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """One trial that a study asks for.

    Attributes:
        digest: the trial's identity: what runs, with which parameters and which seed.
        study: name of the study.
        arm: name of the arm, a label of these parameters.
        levels: the level of every factor.
        seed: the seed. Trials with equal seed and levels form a block.
        params: all parameters of the trial.
    """

    digest: str
    study: str
    arm: str
    levels: Mapping[str, JsonValue]
    seed: int
    params: Mapping[str, JsonValue]


def plan(study: Study) -> tuple[TrialSpec, ...]:
    """Every trial of a study, block by block, so that a study cut short still has whole blocks."""
    return tuple(
        _spec(study, arm, cell, seed)
        for seed in study.seeds.all()
        for cell in study.cells
        for arm in study.arms
    )


def select_arms(
    study: Study, specs: Iterable[TrialSpec], arms: Iterable[str]
) -> tuple[TrialSpec, ...]:
    """The trials of some arms only.

    Raises:
        StudyError: for an arm that the study does not have.
    """
    chosen = list(arms)
    for arm in chosen:
        if arm not in study.arms:
            raise StudyError(
                Problem("the study has no such arm", given=arm, allowed=tuple(study.arms)), "--arms"
            )
    return tuple(spec for spec in specs if spec.arm in chosen)


def trial_digest(
    study: str, version: int, what_runs: JsonValue, params: Mapping[str, JsonValue], seed: int
) -> str:
    """The identity of a trial, never of when or where it ran.

    Args:
        study: name of the study.
        version: the trial function's declared version.
        what_runs: ``{"function": …}`` or ``{"command": …}``.
        params: all parameters of the trial.
        seed: its seed.
    """
    return digest(
        "trial",
        {
            "study": study,
            "trial": what_runs,
            "trial_version": version,
            "params": params,
            "seed": seed,
        },
    )


def what_runs(study: Study) -> dict[str, JsonValue]:
    """The function or the command of a study, as it enters a trial's identity."""
    if study.trial.function is not None:
        return {"function": study.trial.function}
    return {"command": list(study.trial.command or ())}


def _spec(study: Study, arm: str, cell: Mapping[str, JsonValue], seed: int) -> TrialSpec:
    params = {**study.params, **study.arms[arm], **cell}
    identity = trial_digest(study.name, study.trial.version, what_runs(study), params, seed)
    return TrialSpec(identity, study.name, arm, cell, seed, params)
