"""Digests of what trials gave, as a report's record keeps one of every finished trial."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.canonical import DIGEST_VERSION, JSON, canonical_json
from harness.store.schema import State

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _Form:
    """Canonical JSON with a gap for each metric's value.

    Attributes:
        names: the metrics in the order of their gaps.
        text: the JSON, in which ``%b`` is a gap.
    """

    names: tuple[str, ...]
    text: bytes


class TrialDigests:
    """The beginnings of ``digest("finished", {"state": …, "metrics": …})``, for many trials.

    Nearly all of a million trials are in one state and have metrics of the same names. Their JSON
    is written once, and each trial fills in its values: a tenth of the time.
    """

    def __init__(self) -> None:
        self._forms: dict[tuple[State, frozenset[str]], _Form] = {}

    def of(self, state: State, metrics: Mapping[str, float]) -> str:
        """The first 16 digits of the digest of a trial's state and metrics."""
        kind = (state, frozenset(metrics))
        if kind not in self._forms:
            self._forms[kind] = _form(state, metrics)
        form = self._forms[kind]
        # NaN and infinity have no place in canonical JSON; repr has them all, in plain ASCII.
        values = tuple([repr(metrics[name]).encode() for name in form.names])
        return hashlib.sha256(form.text % values).hexdigest()[:_DIGITS]


def _form(state: State, names: Collection[str]) -> _Form:
    value: JSON = {"state": str(state), "metrics": {}}
    whole = canonical_json({"kind": "finished", "version": DIGEST_VERSION, "value": value})
    before, after = whole.replace(b"%", b"%%").split(b"{}")
    ordered = tuple(json.loads(canonical_json(dict.fromkeys(names, ""))))
    members = [canonical_json({name: ""})[1:-2].replace(b"%", b"%%") for name in ordered]
    return _Form(
        ordered, before + b"{" + b",".join(each + b'%b"' for each in members) + b"}" + after
    )
