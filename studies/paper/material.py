"""What a document is made from: the paper's studies with what the database holds of them."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.answer import Answer, answer
from harness.errors import InputError, Problem, StudyError
from harness.reports.documents import DocumentContext, Profiles
from harness.search.answer import SearchAnswer, search_answer
from harness.search.arms import arm_searches
from harness.search.judging import judged
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.store.schema import FINISHED, State
from harness.study.loading import Overrides, load_study, profile_names
from harness.study.lookup import find_study
from harness.study.model import Study
from harness.study.planning import plan


@dataclass(frozen=True)
class Found:
    """A study of the paper, as far as it has been run.

    Attributes:
        name: the study's name.
        answer: what the database says of it; None for a search, and when it says nothing.
        search: what a search found; None for any other study, and when it found nothing.
        lacks: what is missing and the command that gives it, in one sentence; empty for nothing.
    """

    name: str
    answer: Answer | None = None
    search: SearchAnswer | None = None
    lacks: str = ""

    @property
    def has_results(self) -> bool:
        """Whether any trial has finished."""
        return self.answer is not None or self.search is not None

    @property
    def cautions(self) -> tuple[str, ...]:
        """What the answer cautions against, but for missing trials, which `lacks` tells of."""
        found = self.answer or self.search
        told = found.cautions if found is not None else ()
        return tuple(each for each in told if not each.startswith("Interim:"))


@dataclass(frozen=True)
class Material:
    """All studies of the paper with one choice of profiles.

    Attributes:
        context: the database, the folder, and which results are shown.
        found: every study by its name.
    """

    context: DocumentContext
    found: Mapping[str, Found] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The profiles and changes as they are typed."""
        return shlex.join(self.context.overrides.words())

    def answer(self, name: str) -> Answer | None:
        """What the database says of a study; None when it says nothing."""
        return self.found[name].answer if name in self.found else None

    def command(self, name: str) -> str:
        """What a user types to run a study with these profiles and changes."""
        return f"harness study run {name} {self.words}".rstrip()


def read_material(context: DocumentContext, names: Iterable[str]) -> Material:
    """Read what the database holds of studies.

    Raises:
        InputError: no study has one of the profiles.
    """
    known = {name: _profiles_of(name) for name in dict.fromkeys(names)}
    allowed = tuple(dict.fromkeys(profile for each in known.values() for profile in each))
    for profile in context.overrides.profiles:
        if profile not in allowed:
            what = "no study of this document has such a profile"
            raise InputError(Problem(what, "--profile", profile, allowed))
    material = Material(context)
    return Material(context, {name: _find(name, known[name], material) for name in known})


def profiles_with_results(store: ResultsReader, names: Sequence[str]) -> tuple[Profiles, ...]:
    """Every choice of profiles of which the database has trials that are no other choice's.

    A profile that only takes fewer seeds has none of its own.
    """
    known = {name: _profiles_of(name) for name in dict.fromkeys(names)}
    candidates = dict.fromkeys(profile for each in known.values() for profile in each)
    seen: set[str] = set()
    chosen: list[Profiles] = []
    for profiles in ((), *((each,) for each in candidates)):
        studies = [name for name in known if set(profiles) <= set(known[name])]
        own = {digest for name in studies for digest in _finished(store, name, profiles)} - seen
        if own:
            chosen.append(profiles)
        seen |= own
    return tuple(chosen)


def _profiles_of(name: str) -> tuple[str, ...]:
    """The profiles of a study; none where its file cannot be read, which reading it then tells."""
    try:
        return profile_names(find_study(name))
    except StudyError:
        return ()


def _finished(store: ResultsReader, name: str, profiles: Profiles) -> set[str]:
    """The digests of the finished trials of a study; none where it cannot be read."""
    stored = store.stored(name)
    finished = {digest for digest, trial in stored.items() if trial.state in FINISHED}
    if not finished:
        return set()
    try:
        study = _load(name, Overrides(profiles=profiles))
        if study.search is None:
            return {spec.digest for spec in plan(linked(study, store))} & finished
        candidates = (each for arm in judged(arm_searches(study), store) for each in arm)
        return {spec.digest for each in candidates for spec in each.specs} & finished
    except StudyError:
        return set()


def _load(name: str, overrides: Overrides) -> Study:
    return load_study(find_study(name), overrides)


def _find(name: str, known: tuple[str, ...], material: Material) -> Found:
    overrides, store = material.context.overrides, material.context.store
    if absent := [each for each in overrides.profiles if each not in known]:
        return Found(name, lacks=f"The study {name} has no profile {', '.join(absent)}.")
    try:
        study = _load(name, overrides)
        if study.search is not None:
            return _searched(study, store, material.command(name))
        found = answer(study, store)
    except StudyError as error:
        told = " ".join(str(error).split())
        return Found(name, lacks=f"The study {name} cannot be shown: {told}")
    known_answer = found if len(found.frame) else None
    return Found(name, known_answer, lacks=_lack(found, material.command(name)))


def _lack(found: Answer, command: str) -> str:
    name, total = found.study.name, sum(found.states.values())
    failed = found.states.get(State.FAILED, 0)
    pending = total - sum(found.states.get(state, 0) for state in FINISHED)
    if pending == total:
        return f"The study {name} has no results yet. `{command}` gives them."
    if pending + failed == 0:
        return ""
    told = f"Of the study {name} {total - pending - failed} of {total} trials are complete"
    if failed:
        told += f", and {failed} failed (`{command} --retry-failed` tries them again)"
    if pending:
        told += f". `{command}` runs the {pending} that are left"
    return f"{told}."


def _searched(study: Study, store: ResultsReader, command: str) -> Found:
    found = search_answer(study, store)
    name = study.name
    if not any(each.candidates for each in found.arms):
        return Found(name, lacks=f"The study {name} has no results yet. `{command}` gives them.")
    lacks = ""
    if not found.is_finished:
        tried = f"{found.tried} of {found.budget} candidates are tried"
        lacks = f"Of the study {name} {tried}. `{command}` goes on."
    return Found(name, search=found, lacks=lacks)
