"""In what the environments of two executions of one trial differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.audit.rerun.execution import Execution
from harness.batching import BATCH_TRIALS
from harness.canonical import JSON


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the environment that is not as it was.

    Attributes:
        part: dotted name, such as ``packages.numpy``, ``code.revision`` or ``cpu.model``; what the
            trial noted about how it ran stands under ``facts``, and what it used under ``assets``.
        original: what it was; None where there was none.
        rerun: what it is now; None where there is none.
    """

    part: str
    original: JSON
    rerun: JSON

    def document(self) -> dict[str, Any]:
        """The difference as JSON has it."""
        return {"part": self.part, "original": self.original, "rerun": self.rerun}


def environment_differences(original: Execution, rerun: Execution) -> tuple[Difference, ...]:
    """Every part of the recorded environment that differs, packages last.

    Facts and assets are compared only where both executions came to an end: a trial that fails
    notes nothing. With how many others a trial shared its batch is not compared: a sample has other
    batches than the whole study, and results do not depend on them.
    """
    if rerun.state != "complete":
        rerun = replace(rerun, facts=original.facts, assets=original.assets)
    before, now = dict(_parts(original)), dict(_parts(rerun))
    names = [*before, *(name for name in now if name not in before)]
    found = [
        Difference(name, before.get(name), now.get(name))
        for name in names
        if before.get(name) != now.get(name)
    ]
    # One other installation may differ in a hundred packages; code and machine come first.
    return tuple(sorted(found, key=lambda each: each.part.startswith("packages.")))


def _parts(execution: Execution) -> Iterator[tuple[str, JSON]]:
    yield from _flat("", execution.environment)
    facts = {name: said for name, said in execution.facts.items() if name != BATCH_TRIALS}
    yield from _flat("facts", facts)
    yield from ((f"assets.{name}", content) for name, content in execution.assets.items())


def _flat(place: str, value: JSON) -> Iterator[tuple[str, JSON]]:
    """The leaves of nested tables, each with its dotted place."""
    if not isinstance(value, Mapping):
        yield place, value
        return
    for name, item in value.items():
        yield from _flat(f"{place}.{name}" if place else name, item)
