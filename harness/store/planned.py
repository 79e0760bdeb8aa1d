"""From the trials that a study asks for to their rows before they have run."""

from collections.abc import Sequence
from typing import Any

from harness.canonical import canonical_json
from harness.store.schema import State
from harness.study.model import Study
from harness.study.planning import TrialSpec, what_runs
from harness.study.sources import labels_of


def planned_rows(study: Study, specs: Sequence[TrialSpec]) -> list[dict[str, Any]]:
    """One row a trial, with the names that the study has for arm, levels and source."""
    rows: list[dict[str, Any]] = []
    # Trials of one arm, cell and source share these objects; to write canonical JSON for each
    # trial would take longer than to enter it.
    shared: dict[tuple[object, ...], dict[str, Any]] = {}
    for spec in specs:
        alike = (spec.arm, id(spec.levels), id(spec.params), id(spec.seeding), spec.search)
        if alike not in shared:
            shared[alike] = _without_seed(study, spec)
        rows.append({**shared[alike], "digest": spec.digest, "seed": spec.seed})
    return rows


def _without_seed(study: Study, spec: TrialSpec) -> dict[str, Any]:
    return {
        "study": spec.study,
        "arm": spec.arm,
        "levels": canonical_json(labels_of(spec.levels, spec.seeding)).decode(),
        "params": canonical_json(spec.params).decode(),
        "what_runs": canonical_json(what_runs(study, spec.seeding, spec.search)).decode(),
        "trial_version": study.trial.version,
        "state": State.PLANNED,
        "attempts": 0,
    }
