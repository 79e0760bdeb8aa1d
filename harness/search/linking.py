"""Gives the arms of a study the parameters that won in a search."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from pydantic import JsonValue

from harness.errors import Problem, StudyError, StudyNotFoundError
from harness.search.arms import ArmSearch, arm_searches
from harness.search.judging import CandidateState, JudgedCandidate, judged, winner
from harness.store.candidates import searches
from harness.store.reading import ResultsReader
from harness.study.consistency import contradictions
from harness.study.links import (
    Link,
    Reference,
    references,
    without_reference,
)
from harness.study.loading import Overrides, load_study, profile_names
from harness.study.lookup import find_study, shown_source
from harness.study.model import Study


def linked(study: Study, store: ResultsReader | None) -> Study:
    """The study with the searched parameters of every arm that takes them from a search.

    A study without such arms is given back as it is.

    Args:
        study: the study as it is written.
        store: where the search's candidates and trials are; None where there is no database yet.

    Raises:
        StudyError: if there is no such search, arm or winner yet, or a parameter would be set
            twice; the message names the command that helps.
    """
    return _linked(study, store, (study.name,))


def _linked(study: Study, store: ResultsReader | None, path: tuple[str, ...]) -> Study:
    wanted = references(study)
    if not wanted:
        return study
    found = {name: _search(study, name, store, path, wanted) for name in _names(wanted)}
    links = tuple(
        link
        for each in wanted
        if (link := _link(study, each, found[each.study], store)) is not None
    )
    _require_some(study, wanted, links)
    values = {link.arm: link.params for link in links}
    resolved = study.model_copy(
        update={
            "params": without_reference(study.params),
            "arms": {
                arm: {**without_reference(own), **values.get(arm, {})}
                for arm, own in study.arms.items()
            },
            "links": links,
        }
    )
    problems = contradictions(resolved)
    if problems:
        raise StudyError(problems, _source(study))
    return resolved


def _names(wanted: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.study for each in wanted))


def _search(
    study: Study,
    name: str,
    store: ResultsReader | None,
    path: tuple[str, ...],
    wanted: tuple[Reference, ...],
) -> Study:
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


def _link(
    study: Study, reference: Reference, search: Study, store: ResultsReader | None
) -> Link | None:
    """What an arm takes from the search; None where the search has no such arm, and need not."""
    if reference.of not in search.arms:
        if reference.key.startswith("params."):
            return None
        what = f"the search {search.name!r} has no such arm"
        remedy = f'write parameters_from = "{search.name}:ARM" to take those of another arm'
        problem = Problem(what, reference.key, reference.of, tuple(search.arms), remedy)
        raise StudyError(problem, _source(study))
    (arm,) = arm_searches(search, [reference.of])
    if not arm.space and reference.key.startswith("params."):
        return None
    both = [name for name in arm.space if name in study.arms[reference.arm]]
    if both:
        what = f"is set here, and the search {search.name!r} sets it as well"
        remedy = "leave it out here, or leave out parameters_from"
        raise StudyError(
            [Problem(what, f"arms.{reference.arm}.{name}", name, remedy=remedy) for name in both],
            _source(study),
        )
    return _link_to(study, reference, arm, _won(study, reference, arm, store))


def _won(
    study: Study, reference: Reference, search: ArmSearch, store: ResultsReader | None
) -> tuple[JudgedCandidate, int]:
    """The winner of a finished search, and of how many complete candidates it is the best."""
    candidates = judged([search], store)[0] if store is not None else []
    finished = sum(each.state is not CandidateState.OPEN for each in candidates)
    if finished < search.budget:
        raise StudyError(_unfinished(reference, search, finished, store), _source(study))
    best = winner(search, candidates)
    if best is None:
        what = f"no candidate of arms.{search.arm} of the search {search.study.name!r} is complete"
        remedy = f"`{_command(search.study, 'status')}` shows what became of them"
        raise StudyError(Problem(what, reference.key, remedy=remedy), _source(study))
    return best, sum(each.state is CandidateState.COMPLETE for each in candidates)


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


def _link_to(
    study: Study, reference: Reference, search: ArmSearch, won: tuple[JudgedCandidate, int]
) -> Link:
    best, complete = won
    params: Mapping[str, JsonValue] = {name: best.params[name] for name in search.space}
    metric = search.settings.metric
    return Link(
        arm=reference.arm,
        study=search.study.name,
        of=search.arm,
        search=search.digest,
        candidate=best.number,
        candidates=complete,
        params=dict(params),
        metric=metric,
        mean=best.mean if best.mean is not None else 0.0,
        sd=best.sd,
        seeds=len(best.values),
        shared_seeds=len({*study.seeds.all()} & {*search.study.seeds.all()}),
        test_selection=search.study.allow_test_selection
        or any(link.test_selection for link in search.study.links),
    )


def _require_some(study: Study, wanted: tuple[Reference, ...], links: tuple[Link, ...]) -> None:
    """Refuse a link in ``[params]`` that gives no arm anything."""
    if not links:
        what = "the search has none of the arms of this study"
        raise StudyError(Problem(what, wanted[0].key, wanted[0].study), _source(study))


def _command(search: Study, verb: str) -> str:
    name = search.name if search.source is None else shown_source(search.source)
    return " ".join(["harness", "study", verb, name, *search.changes])


def _source(study: Study) -> str:
    return str(study.source or study.name)
