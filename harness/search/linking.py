"""Gives the arms of a study the parameters that won in a search."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pydantic import JsonValue

from harness.errors import Problem, StudyError, StudyNotFoundError
from harness.search.arms import ArmSearch, arm_searches
from harness.search.chains import Won, chain_links
from harness.search.judging import CandidateState, judged, winner
from harness.store.candidates import searches
from harness.store.reading import ResultsReader
from harness.study.consistency import contradictions
from harness.study.links import Reference, references, without_reference
from harness.study.loading import Overrides, load_study, profile_names
from harness.study.lookup import find_study, shown_source
from harness.study.model import Study


@dataclass(frozen=True)
class _Linked:
    """A study whose arms have what they take from searches.

    Attributes:
        study: the study, with its links.
        chains: for every arm that takes something, the winners behind it, the earliest first.
    """

    study: Study
    chains: Mapping[str, tuple[Won, ...]] = field(default_factory=dict)


def linked(study: Study, store: ResultsReader | None) -> Study:
    """The study with the searched parameters of every arm that takes them from a search.

    A winner replaces what the arm and ``[params]`` set for the searched parameters. Where its
    search took parameters from another one, the arm has those as well. A study without such arms is
    given back as it is.

    Args:
        study: the study as it is written.
        store: where the search's candidates and trials are; None where there is no database yet.

    Raises:
        StudyError: if there is no such search, arm or winner yet; the message names the command
            that helps.
    """
    return _linked(study, store, (study.name,)).study


def _linked(study: Study, store: ResultsReader | None, path: tuple[str, ...]) -> _Linked:
    wanted = references(study)
    if not wanted:
        return _Linked(study)
    found = {name: _search(study, name, store, path, wanted) for name in _names(wanted)}
    chains = {
        each.arm: chain
        for each in wanted
        if (chain := _chain(study, each, found[each.study], store))
    }
    _require_some(study, wanted, chains)
    links = {arm: chain_links(study, arm, chain) for arm, chain in chains.items()}
    values: dict[str, dict[str, JsonValue]] = {
        arm: {name: value for link in of_arm for name, value in link.params.items()}
        for arm, of_arm in links.items()
    }
    resolved = study.model_copy(
        update={
            "params": without_reference(study.params),
            "arms": {
                arm: {**without_reference(own), **values.get(arm, {})}
                for arm, own in study.arms.items()
            },
            "links": tuple(link for of_arm in links.values() for link in of_arm),
        }
    )
    problems = contradictions(resolved)
    if problems:
        raise StudyError(problems, _source(study))
    return _Linked(resolved, chains)


def _names(wanted: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.study for each in wanted))


def _search(
    study: Study,
    name: str,
    store: ResultsReader | None,
    path: tuple[str, ...],
    wanted: tuple[Reference, ...],
) -> _Linked:
    """The search that is meant, under those profiles of this study that it has as well."""
    key = next(each.key for each in wanted if each.study == name)
    if name in path:
        what = f"these studies take parameters from each other: {' → '.join((*path, name))}"
        raise StudyError(Problem(what, key, name), _source(study))
    file = _file(study, name, key)
    profiles = [word for option, word in pairwise(study.changes) if option == "--profile"]
    known = profile_names(file)
    search = load_study(file, Overrides(tuple(each for each in profiles if each in known)))
    if search.search is None:
        what = "this study is no search, so it has no winners"
        remedy = "name a study with a [search] table"
        raise StudyError(Problem(what, key, name, remedy=remedy), _source(study))
    return _linked(search, store, (*path, name))


def _file(study: Study, name: str, key: str) -> Path:
    """The file of the search: beside this study's, or wherever a study of its name is found."""
    if study.source is not None:
        beside = study.source.parent / f"{name}.toml"
        if beside.is_file():
            return beside
    try:
        return find_study(name)
    except StudyNotFoundError as error:
        problem = error.problems[0]
        what = "there is no search of this name beside this study, nor among the known studies"
        raise StudyError(Problem(what, key, name, problem.allowed), _source(study)) from None


def _chain(
    study: Study, reference: Reference, found: _Linked, store: ResultsReader | None
) -> tuple[Won, ...]:
    """The winners whose parameters an arm takes; none where the search has nothing for it."""
    search, for_all = found.study, reference.key.startswith("params.")
    if reference.of not in search.arms:
        if for_all:
            return ()
        what = f"the search {search.name!r} has no such arm"
        remedy = f'write parameters_from = "{search.name}:ARM" to take those of another arm'
        problem = Problem(what, reference.key, reference.of, tuple(search.arms), remedy)
        raise StudyError(problem, _source(study))
    (arm,) = arm_searches(search, [reference.of])
    earlier = found.chains.get(reference.of, ())
    if not arm.space and for_all:
        return earlier
    return (*earlier, _won(study, reference, arm, store))


def _won(study: Study, reference: Reference, search: ArmSearch, store: ResultsReader | None) -> Won:
    """The winner of a finished search."""
    candidates = judged([search], store)[0] if store is not None else []
    finished = sum(each.state is not CandidateState.OPEN for each in candidates)
    if finished < search.budget:
        raise StudyError(_unfinished(reference, search, finished, store), _source(study))
    best = winner(search, candidates)
    if best is None:
        what = f"no candidate of arms.{search.arm} of the search {search.study.name!r} is complete"
        remedy = f"`{_command(search.study, 'status')}` shows what became of them"
        raise StudyError(Problem(what, reference.key, remedy=remedy), _source(study))
    return Won(search, best, sum(each.state is CandidateState.COMPLETE for each in candidates))


def _unfinished(
    reference: Reference, search: ArmSearch, finished: int, store: ResultsReader | None
) -> Problem:
    what = (
        f"the search {search.study.name!r} has finished {finished} of {search.budget} candidates "
        f"of arms.{search.arm}"
    )
    others = searches(store.database, search.study.name, search.arm) if store is not None else {}
    others.pop(search.digest, None)
    if others and not finished:
        what += (
            ", as it is defined now; there are candidates of it under another definition "
            "(other seeds, parameters, space or profile)"
        )
    return Problem(what, reference.key, remedy=f"run `{_command(search.study, 'run')}`")


def _require_some(
    study: Study, wanted: tuple[Reference, ...], chains: Mapping[str, tuple[Won, ...]]
) -> None:
    """Refuse a link in ``[params]`` that gives no arm anything."""
    if not chains:
        what = "the search has none of the arms of this study"
        raise StudyError(Problem(what, wanted[0].key, wanted[0].study), _source(study))


def _command(search: Study, verb: str) -> str:
    name = search.name if search.source is None else shown_source(search.source)
    return " ".join(["harness", "study", verb, name, *search.changes])


def _source(study: Study) -> str:
    return str(study.source or study.name)
