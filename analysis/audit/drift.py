"""Whether the analysis was changed after data were seen."""

import math
from collections.abc import Iterator, Mapping
from numbers import Real

from analysis.audit.finding import Finding, Outcome, finding
from analysis.errors import AnalysisError

_CHECK = "protocol_drift"

Protocol = Mapping[str, object]
_Path = tuple[object, ...]


def protocol_drift(first: Protocol | str | None, now: Protocol | str | None) -> Finding:
    """Compare the protocol at the first trial with the one used now.

    Field by field, within tables too, or by their digests, which say that something changed but
    not what. A change is a flag: it is allowed, and has to be explained (Simmons, Nelson &
    Simonsohn 2011, Psychological Science 22, 1359-1366, on choices made after looking).

    False alarms: a field that a later version of the protocol added with its old behaviour as the
    default; a digest of another version. 1 and 1.0 are the same number, lists and tuples the same
    list, and the order of a table's keys does not count.

    Args:
        first: the protocol's fields when the first trial ran, or its digest.
        now: the same of the protocol used now, in the same form.

    Returns:
        `changed` maps each changed field, as ``table.field``, to what it was and is; `added` and
        `removed` name fields that are in one of them only.

    Raises:
        AnalysisError: one is a digest and the other is not, or one is empty.
    """
    lacking = [name for name, each in (("first", first), ("now", now)) if each is None]
    if first is None or now is None:
        return finding(
            _CHECK, Outcome.MISSING_INPUT, f"Not given: the protocol {' and '.join(lacking)}."
        )
    _require("first", first)
    _require("now", now)
    if isinstance(first, str) and isinstance(now, str):
        return _of_digests(first.strip(), now.strip())
    if isinstance(first, str) or isinstance(now, str):
        raise AnalysisError("one protocol is a digest and the other is not; give both in one form")
    return _of_fields(dict(_flat(first)), dict(_flat(now)))


def _of_digests(first: str, now: str) -> Finding:
    same = first.casefold() == now.casefold()
    detail = (
        f"The protocol's digest is the one recorded with the first trial ({first})."
        if same
        else f"The protocol's digest was {first} at the first trial and is {now} now: the analysis "
        "was changed after data were seen."
    )
    return finding(
        _CHECK, Outcome.PASS if same else Outcome.FLAG, detail, first_digest=first, now_digest=now
    )


def _of_fields(first: Mapping[_Path, object], now: Mapping[_Path, object]) -> Finding:
    changed = [path for path in first if path in now and not _same(first[path], now[path])]
    added = [path for path in now if path not in first]
    removed = [path for path in first if path not in now]
    parts = [f"{_name(path)} was {first[path]!r} and is {now[path]!r}" for path in changed]
    parts += [f"{_name(path)} ({now[path]!r}) is new" for path in added]
    parts += [f"{_name(path)} ({first[path]!r}) is gone" for path in removed]
    drifted = bool(parts)
    return finding(
        _CHECK,
        Outcome.FLAG if drifted else Outcome.PASS,
        f"The protocol was changed after the first trial: {'; '.join(parts)}."
        if drifted
        else f"All {len(first)} fields of the protocol are as they were at the first trial.",
        changed={
            _name(path): {"first": _shown(first[path]), "now": _shown(now[path])}
            for path in changed
        },
        added=[_name(path) for path in added],
        removed=[_name(path) for path in removed],
    )


def _require(name: str, given: object) -> None:
    text = isinstance(given, str) and given.strip()
    if not text and not (isinstance(given, Mapping) and given):
        raise AnalysisError(f"the protocol {name!r} is {given!r}; allowed: fields, or a digest")


def _flat(table: Mapping[str, object], within: _Path = ()) -> Iterator[tuple[_Path, object]]:
    """Yield every field that is no table, by its key with those of the tables around it."""
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, (*within, key))
        else:
            yield (*within, key), value


def _name(path: _Path) -> str:
    return ".".join(map(str, path))


def _same(first: object, now: object) -> bool:
    match first, now:
        case (list() | tuple(), list() | tuple()):
            return len(first) == len(now) and all(map(_same, first, now))
        case (Mapping(), Mapping()):
            return first.keys() == now.keys() and all(_same(first[key], now[key]) for key in first)
        case (float(), float()) if math.isnan(first):
            return math.isnan(now)
        case _:
            # True == 1 in Python, yet it is another setting.
            return isinstance(first, bool) == isinstance(now, bool) and bool(first == now)


def _shown(value: object) -> object:
    """The value where JSON can hold it, and its text otherwise."""
    if value is None or isinstance(value, str | Real):
        return value
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return repr(value)
