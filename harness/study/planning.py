"""From a study to the trials that answer it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

from pydantic import JsonValue

from harness.canonical import DIGEST_VERSION, JSON, canonical_json, digest
from harness.errors import Problem, StudyError
from harness.study.links import references
from harness.study.model import Study
from harness.study.sources import ALL_SOURCES, HELD_SEED, VARIED_STREAMS, Seeding

# What a trial runs has this key where a search may cut it short.
PRUNED_BY = "pruned_by"

# Canonical JSON writes whole numbers below this as they are, and refuses others.
_EXACT = 2**53


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
        seeding: which streams follow the seed; None in an ordinary trial, where all do.
        search: digest of the search that may cut the trial short; None where nothing does.
    """

    digest: str
    study: str
    arm: str
    levels: Mapping[str, JsonValue]
    seed: int
    params: Mapping[str, JsonValue]
    seeding: Seeding | None = None
    search: str | None = None

    @property
    def source(self) -> str:
        """The source of variance that it varies; ``all`` for an ordinary trial."""
        return ALL_SOURCES if self.seeding is None else self.seeding.source


def plan(study: Study) -> tuple[TrialSpec, ...]:
    """Every trial of a study, block by block, so that a study cut short still has whole blocks.

    A trial of a source whose seed is the held one would be the ordinary trial of that seed once
    more, so there is none: the ordinary trial stands for it.

    Raises:
        StudyError: for a search, whose trials follow from its candidates, and for a study whose
            arms have not been given their parameters yet.
    """
    _require_settings(study)
    held = study.seeds.held
    kinds = [
        [_Alike(study, arm, cell, seeding) for cell in study.cells for arm in study.arms]
        for seeding in _seedings(study)
    ]
    return tuple(
        alike.trial(seed)
        for seed in study.seeds.all()
        for alike in chain.from_iterable(kinds[:1] if seed == held else kinds)
    )


def candidate_trials(
    study: Study, arm: str, values: Mapping[str, JsonValue], search: str
) -> tuple[TrialSpec, ...]:
    """The trials of one candidate of a search: one a seed.

    Args:
        study: the search.
        arm: the arm that it is a candidate of.
        values: the searched parameters; they stand where factor levels stand otherwise.
        search: digest of everything that the candidates of this arm depend on.
    """
    prunes = study.search is not None and study.search.pruner != "none"
    alike = _Alike(study, arm, values, None, search if prunes else None)
    return tuple(alike.trial(seed) for seed in study.seeds.all())


def _require_settings(study: Study) -> None:
    if study.search is not None:
        what = (
            "this study is a search: its best scores were selected, so a comparison of them would "
            "flatter every arm, and each by another amount"
        )
        remedy = (
            f"compare the winners in a study of their own, on seeds that the search did not use: "
            f'write parameters_from = "{study.name}" in its [params] or in its arms'
        )
        raise StudyError(Problem(what, "search", remedy=remedy), study.source or study.name)
    for reference in references(study):
        what = "the parameters of this arm have not been looked up in its search"
        remedy = "in a program, take answer(study, store).study, or harness.search.linking.linked"
        problem = Problem(what, reference.key, remedy=remedy)
        raise StudyError(problem, study.source or study.name)


def _seedings(study: Study) -> Iterator[Seeding | None]:
    """What ordinary trials vary, and then what those of each source do."""
    yield None
    for source, streams in study.seeds.sources.items():
        yield Seeding(source, streams, study.seeds.held)


def select_arms(
    study: Study, specs: Iterable[TrialSpec], arms: Iterable[str]
) -> tuple[TrialSpec, ...]:
    """The trials of some arms only.

    Raises:
        StudyError: for an arm that the study does not have.
    """
    chosen = require_arms(study, arms)
    return tuple(spec for spec in specs if spec.arm in chosen)


def require_arms(study: Study, arms: Iterable[str]) -> tuple[str, ...]:
    """These arms.

    Raises:
        StudyError: for an arm that the study does not have.
    """
    chosen = tuple(arms)
    for arm in chosen:
        if arm not in study.arms:
            problem = Problem("the study has no such arm", given=arm, allowed=tuple(study.arms))
            raise StudyError(problem, "--arms")
    return chosen


def trial_digest(
    study: str, version: int, what_runs: JsonValue, params: Mapping[str, JsonValue], seed: int
) -> str:
    """The identity of a trial, never of when or where it ran.

    Args:
        study: name of the study.
        version: the trial function's declared version.
        what_runs: what :func:`what_runs` gives.
        params: all parameters of the trial.
        seed: its seed.
    """
    return digest("trial", _identity(study, version, what_runs, params, seed))


def _identity(
    study: str, version: int, what_runs: JsonValue, params: Mapping[str, JsonValue], seed: int
) -> dict[str, JSON]:
    """What a trial's digest is of."""
    return {
        "study": study,
        "trial": what_runs,
        "trial_version": version,
        "params": params,
        "seed": seed,
    }


def what_runs(
    study: Study, seeding: Seeding | None = None, search: str | None = None
) -> dict[str, JsonValue]:
    """What a trial runs, as it enters its identity.

    Returns:
        ``{"function": …}`` or ``{"command": …}``; where not all streams follow the seed, also those
        that do and the seed of all others. What a source is called is no part of it. Where a search
        may cut the trial short, also the search: another one might let it finish.
    """
    runs: dict[str, JsonValue] = (
        {"function": study.trial.function}
        if study.trial.function is not None
        else {"command": list(study.trial.command or ())}
    )
    if search is not None:
        runs[PRUNED_BY] = search
    if seeding is None:
        return runs
    varied: list[JsonValue] = [*sorted(seeding.streams)]
    return {**runs, VARIED_STREAMS: varied, HELD_SEED: seeding.held}


def _digested(identity: Mapping[str, JSON]) -> bytes:
    """What :func:`harness.canonical.digest` hashes for a trial."""
    return canonical_json({"kind": "trial", "version": DIGEST_VERSION, "value": identity})


class _Alike:
    """Trials that differ in their seed alone; they share everything else as the same objects.

    A digest is of canonical JSON, which takes a hundred times as long to write as to hash. Between
    trials of different seeds only the seed's digits differ in it, so it is written once.
    """

    def __init__(
        self,
        study: Study,
        arm: str,
        cell: Mapping[str, JsonValue],
        seeding: Seeding | None,
        search: str | None = None,
    ) -> None:
        self._study, self._arm, self._cell = study.name, arm, cell
        self._seeding, self._search = seeding, search
        self._params = {**study.params, **study.arms[arm], **cell}
        runs, version = what_runs(study, seeding, search), study.trial.version
        zero, one = (
            _digested(_identity(study.name, version, runs, self._params, seed)) for seed in (0, 1)
        )
        place = next(place for place, byte in enumerate(zero) if byte != one[place])
        self._before, self._after = sha256(zero[:place]), zero[place + 1 :]

    def trial(self, seed: int) -> TrialSpec:
        """The trial with this seed."""
        content = self._before.copy()
        content.update((b"%d" % seed if abs(seed) < _EXACT else canonical_json(seed)) + self._after)
        return TrialSpec(
            content.hexdigest(),
            self._study,
            self._arm,
            self._cell,
            seed,
            self._params,
            self._seeding,
            self._search,
        )
