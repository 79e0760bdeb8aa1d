"""What the tables of a claims file say of each other: every name that one uses, another has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.audit.claims.grammar import Head
from harness.audit.claims.kinds import LONGEST_ID, Claim, ContrastClaim, DifferenceClaim, RatioClaim
from harness.audit.evidence.arms import compared_pairs
from harness.errors import Problem
from harness.study.parts import is_visible


def place_of(position: int, name: object) -> str:
    """Where a claim stands in its file."""
    if not isinstance(name, str):
        return f"claim[{position}]"
    return f"claim[{position}] ({name if len(name) <= LONGEST_ID else name[:LONGEST_ID] + '…'})"


def unfit_tables(head: Head) -> Iterator[Problem]:
    """What metrics, data and families say of each other that does not fit."""
    metrics, data = tuple(head.metrics), tuple(head.data)
    yield from _invisible(head)
    for name, entry in head.data.items():
        key = f"data.{name}.metric"
        yield from _unknown(key, entry.metric, metrics, "metric")
        if entry.metric is None and len(metrics) > 1:
            yield _unsaid_metric(key, metrics)
    for name, family in head.family.items():
        yield from _unknown(f"family.{name}.data", family.data, data, "data")
        if family.primary is not None:
            yield from _unknown(f"family.{name}.primary", family.primary, family.arms, "arm")


def unfit_claims(claims: Mapping[int, Claim], head: Head) -> Iterator[Problem]:
    """What claims say of metrics, data and families that does not fit.

    Args:
        claims: claims by their position in the file.
        head: the other tables.
    """
    for position, claim in claims.items():
        place = place_of(position, claim.id)
        unknown = list(_unknown_names(place, claim, head))
        yield from unknown or _unfit_metrics(place, claim, head)
        if not unknown and isinstance(claim, DifferenceClaim):
            yield from _too_many_examples(place, claim, head)
        yield from _twice(place, claim)


def repeated_ids(claims: Mapping[int, Claim]) -> Iterator[Problem]:
    """Claims that are called as an earlier one is."""
    seen: dict[str, int] = {}
    for position, claim in claims.items():
        earlier = seen.setdefault(claim.id, position)
        if earlier != position:
            what = f"is the id of claim[{earlier}] already"
            remedy = "every claim needs an id of its own"
            yield Problem(what, f"{place_of(position, claim.id)}.id", claim.id, (), remedy)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Names that claims may use."""

    metrics: tuple[str, ...]
    data: tuple[str, ...]
    family: tuple[str, ...]


def _invisible(head: Head) -> Iterator[Problem]:
    names = [
        *(("metrics", name) for name in head.metrics),
        *(("data", name) for name in head.data),
        *((f"data.{name}.arms", arm) for name, data in head.data.items() for arm in data.arms),
        *(("family", name) for name in head.family),
    ]
    for table, name in names:
        if not is_visible(name):
            yield Problem("a name must be text that can be read, on one line", table, repr(name))


def _unknown_names(place: str, claim: Claim, head: Head) -> Iterator[Problem]:
    known = _Tables(tuple(head.metrics), tuple(head.data), tuple(head.family))
    for key, names in (("data", claim.data), ("replicated_in", claim.replicated_in)):
        for name in names:
            yield from _unknown(f"{place}.{key}", name, known.data, "data")
    yield from _unknown(f"{place}.metric", claim.metric, known.metrics, "metric")
    yield from _unknown(f"{place}.family", claim.family, known.family, "family")


def _unfit_metrics(place: str, claim: Claim, head: Head) -> Iterator[Problem]:
    """A claim is of one metric, and so are all its data."""
    metrics = tuple(head.metrics)
    used = {name: head.data[name].metric for name in (*claim.data, *claim.replicated_in)}
    wanted = claim.metric
    if len(metrics) < 2:
        return
    # The numbers of a ratio are of whatever they are of, such as parameters.
    if wanted is None and not used and not isinstance(claim, RatioClaim):
        yield _unsaid_metric(f"{place}.metric", metrics)
    for name, metric in used.items():
        wanted = wanted or metric
        if metric is not None and metric != wanted:
            what = (
                f"is of another metric than the claim: data.{name} has {metric!r}, not {wanted!r}"
            )
            remedy = "name data of one metric only, or make two claims of it"
            yield Problem(what, place, name, (), remedy)


def _too_many_examples(place: str, claim: DifferenceClaim, head: Head) -> Iterator[Problem]:
    """No more test examples can tell two arms apart than there are."""
    counts = (claim.only_first_right or 0, claim.only_second_right or 0)
    for size in _test_sizes(claim, head):
        if sum(counts) > size:
            what = f"{counts[0]} + {counts[1]} examples differ, and the test set has {size}"
            yield Problem(what, f"{place}.only_first_right", str(counts[0]))
            return


def _test_sizes(claim: Claim, head: Head) -> Iterator[int]:
    """The size of the test set, where the claim's metric has one."""
    name = claim.metric or next((head.data[each].metric for each in claim.data), None)
    metric = head.metrics.get(name or next(iter(head.metrics), ""))
    if metric is not None and metric.test_size is not None:
        yield metric.test_size


def _twice(place: str, claim: Claim) -> Iterator[Problem]:
    for name in claim.replicated_in:
        if name in claim.data:
            what = "is among the claim's own data already"
            yield Problem(what, f"{place}.replicated_in", name, (), "name it in one of them")


def outside_family(place: str, claim: Claim, head: Head) -> Iterator[Problem]:
    """A comparison that its family does not make would silently be corrected with no other."""
    if claim.family is None:
        return
    family = head.family[claim.family]
    pairs = list(compared_pairs(claim))
    if not pairs:
        what = "is a family of comparisons, and this claim compares no two arms"
        remedy = "leave it out"
        if isinstance(claim, ContrastClaim):
            remedy += ", or make a contrast of two arms, which is corrected with its family"
        yield Problem(what, f"{place}.family", claim.family, (), remedy)
    for better, worse in pairs:
        others = [arm for arm in (better, worse) if arm != family.control]
        if len(others) != 1 or others[0] not in family.arms:
            what = f"family.{claim.family} has no such comparison"
            made = tuple(f"{arm} with {family.control}" for arm in family.arms)
            remedy = "add the arm to the family, or leave the family out"
            yield Problem(what, f"{place}.family", f"{better} with {worse}", made, remedy)


def _unknown(key: str, name: str | None, allowed: tuple[str, ...], what: str) -> Iterator[Problem]:
    if name is not None and name not in allowed:
        remedy = None if allowed else f"the file has no {what} at all: add it, or leave it out"
        yield Problem(f"there is no such {what} in this file", key, name, allowed, remedy)


def _unsaid_metric(key: str, metrics: tuple[str, ...]) -> Problem:
    return Problem("must be said: there are several metrics", key, None, metrics)
