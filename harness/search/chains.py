"""From the winners behind an arm, one search after the other, to the links that are recorded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from harness.canonical import canonical_json
from harness.search.arms import ArmSearch
from harness.search.judging import JudgedCandidate
from harness.study.links import Link, without_reference
from harness.study.model import Study


@dataclass(frozen=True)
class Won:
    """The winner of one arm of a finished search.

    Attributes:
        search: the search of the arm.
        best: its winner.
        complete: of how many complete candidates it is the best.
    """

    search: ArmSearch
    best: JudgedCandidate
    complete: int


def chain_links(study: Study, arm: str, chain: Sequence[Won]) -> tuple[Link, ...]:
    """A link to every winner behind an arm.

    Args:
        study: the study as it is written.
        arm: its arm that takes the parameters.
        chain: the winners, each search having begun at the one before. Of a parameter that several
            searched the last one decides.
    """
    links: list[Link] = []
    replaced: set[str] = set()
    for won in reversed(chain):
        links.insert(0, _link(study, arm, won, replaced))
        replaced |= {*won.search.space}
    return tuple(links)


def _link(study: Study, arm: str, won: Won, replaced: Collection[str]) -> Link:
    search, best = won.search, won.best
    kept = [name for name in search.space if name not in replaced]
    return Link(
        arm=arm,
        study=search.study.name,
        of=search.arm,
        search=search.digest,
        candidate=best.number,
        candidates=won.complete,
        params={name: best.params[name] for name in kept},
        metric=search.settings.metric,
        mean=best.mean if best.mean is not None else 0.0,
        sd=best.sd,
        seeds=len(best.values),
        shared_seeds=len({*study.seeds.all()} & {*search.study.seeds.all()}),
        test_selection=search.study.allow_test_selection
        or any(link.test_selection for link in search.study.links),
        other_settings=_other_settings(study, search),
    )


def _other_settings(study: Study, search: ArmSearch) -> dict[str, JsonValue]:
    """What the search had in ``[params]`` where this study has something else."""
    had = without_reference(search.study.params)
    shared = [name for name in had if name in study.params and name not in search.space]
    return {name: had[name] for name in shared if not _has_only(study, name, had)}


def _has_only(study: Study, name: str, had: Mapping[str, JsonValue]) -> bool:
    levels = study.factors.get(name, (study.params[name],))
    return {canonical_json(level) for level in levels} == {canonical_json(had[name])}
