"""What a search asks of the rest of its study, and links to searches of theirs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.canonical import canonical_json
from harness.errors import Problem
from harness.study.links import PARAMETERS_FROM, references, settings
from harness.study.problems import shown

if TYPE_CHECKING:
    from harness.study.model import Study
    from harness.study.search import Search

TEST_PREFIX = "test_"


def search_problems(study: "Study", reserved: frozenset[str]) -> Iterator[Problem]:
    """Every way in which the search of a study does not fit the rest of it.

    Args:
        study: the study.
        reserved: columns that results have already.
    """
    search = study.search
    if search is None:
        return
    yield from _not_together(study)
    yield from _metric(study, search, reserved)
    yield from _names(study, search, reserved)
    yield from _same_search(study, search)
    if search.sampler == "grid":
        yield from _grid(study, search)
    else:
        yield from _starting_points(study, search)


def reference_problems(study: "Study") -> Iterator[Problem]:
    """What is wrong with the links of a study as they are written."""
    tables = {"params": study.params, **{f"arms.{arm}": own for arm, own in study.arms.items()}}
    for place, table in tables.items():
        if PARAMETERS_FROM not in table:
            continue
        text = table[PARAMETERS_FROM]
        name, colon, of = text.partition(":") if isinstance(text, str) else ("", "", "")
        key = f"{place}.{PARAMETERS_FROM}"
        if not name or (colon and not of):
            remedy = (
                'write the name of a search, such as "search", or "search:kd" for one arm of it'
            )
            yield Problem("names no search", key, shown(text), remedy=remedy)
        elif name == study.name:
            yield Problem("a study cannot take parameters from itself", key, name)


def _not_together(study: "Study") -> Iterator[Problem]:
    others = {
        "factors": bool(study.factors),
        "seeds.sources": bool(study.seeds.sources),
        "pareto": study.pareto is not None,
    }
    for key, declared in others.items():
        if declared:
            yield Problem(
                "cannot stand beside [search] in this version of harness",
                key,
                remedy="give the search a study of its own; other studies take its winners with "
                f'{PARAMETERS_FROM} = "{study.name}"',
            )


def _metric(study: "Study", search: "Search", reserved: frozenset[str]) -> Iterator[Problem]:
    key = "search.metric"
    if search.metric.casefold().startswith(TEST_PREFIX) and not study.allow_test_selection:
        yield Problem(
            "selecting by a test metric makes every later test of the winner optimistic",
            key,
            search.metric,
            remedy="select by a validation metric; if there is a reason not to, write "
            "allow_test_selection = true at the top, and every answer will say so",
        )
    if search.metric in reserved:
        yield Problem("the results have a column of this name already", key, search.metric)
    if search.direction is None and search.metric != study.protocol.metric:
        yield Problem(
            f"{search.metric} selects, and [protocol] only says which {study.protocol.metric} is "
            "better",
            "search.direction",
            allowed=("maximize", "minimize"),
            remedy=f"say which {search.metric} is better, such as direction = "
            f'"{study.protocol.direction}"',
        )
    declared = study.trial.metrics
    if declared is not None and search.metric not in declared:
        what = "the trials would have no such metric: it is not among trial.metrics"
        yield Problem(what, key, search.metric, declared)


def _names(study: "Study", search: "Search", reserved: frozenset[str]) -> Iterator[Problem]:
    known = sorted({*study.params, *(name for own in study.arms.values() for name in own)})
    for name in search.space:
        key = f"search.space.{name}"
        if name in reserved or name == search.metric:
            remedy = "give the parameter another name"
            yield Problem("the results have a column of this name", key, name, remedy=remedy)
        elif name not in known and not references(study):
            what = "no arm has a parameter of this name"
            remedy = f"give {name} its usual value in [params], or in the arms that have it"
            allowed = tuple(each for each in known if each != PARAMETERS_FROM)
            yield Problem(what, key, name, allowed, remedy)


def _same_search(study: "Study", search: "Search") -> Iterator[Problem]:
    first: dict[bytes, str] = {}
    for arm, params in _arms(study):
        searched = search.searched(params)
        fixed = {name: value for name, value in params.items() if name not in searched}
        known = canonical_json([fixed, sorted(searched)])
        if searched and known in first:
            yield Problem(
                f"differs from arms.{first[known]} only in what is searched, so the two are one",
                f"arms.{arm}",
                shown(study.arms[arm]),
                remedy="remove one of the two",
            )
        first.setdefault(known, arm)


def _grid(study: "Study", search: "Search") -> Iterator[Problem]:
    endless = [name for name, dimension in search.space.items() if not dimension.is_finite]
    for name in endless:
        yield Problem(
            "a grid needs numbers that can be counted",
            f"search.space.{name}",
            remedy="add step, or list values = [0.1, 0.2, 0.4]",
        )
    for arm, params in _arms(study) if not endless else ():
        points = search.budget(params)
        if points > search.trials:
            yield Problem(
                f"the grid of arms.{arm} has {points} points, and all of them are tried",
                "search.trials",
                str(search.trials),
                remedy=f"write trials = {points}, or search fewer values",
            )


def _starting_points(study: "Study", search: "Search") -> Iterator[Problem]:
    for arm, params in _arms(study):
        # What is written may be replaced by a winner; the place to begin is known then.
        for name, dimension in () if PARAMETERS_FROM in params else search.searched(params).items():
            if not dimension.contains(params[name]):
                place = f"arms.{arm}.{name}" if name in study.arms[arm] else f"params.{name}"
                yield Problem(
                    f"the search of arms.{arm} begins here, and search.space.{name} leaves it out",
                    place,
                    shown(params[name]),
                    remedy="widen the space, or begin within it",
                )


def _arms(study: "Study") -> Iterator[tuple[str, dict[str, JsonValue]]]:
    for arm in study.arms:
        yield arm, settings(study, arm)
