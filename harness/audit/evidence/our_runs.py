"""Reads runs of a study from the results database, for a claims file that names the study."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from harness.answer import trials_of
from harness.audit.claims.grammar import Design, Selection
from harness.audit.claims.refusing import refusal
from harness.audit.evidence.model import Cell, Evidence, Run
from harness.audit.evidence.source import Source, cells_of
from harness.errors import InputError, Problem, StudyError, StudyNotFoundError
from harness.frames import cell_columns, varied_parameters
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.study.loading import Overrides, load_study
from harness.study.lookup import find_study
from harness.study.model import Study
from harness.study.planning import plan


def evidence_of_study(source: Source, name: str, store: ResultsReader | None) -> Evidence:
    """The finished trials of a study; or what runs them, where there are none.

    Args:
        source: the entry of the claims file's data.
        name: the study that it names.
        store: the results database; None when there is none.

    Raises:
        ClaimsError: there is no such study, profile or metric.
        StudyError: the study cannot be used as it is written.
        StoreError: the database cannot be read.
    """
    source.power_of_ten()
    study = _study(source, name)
    same_conditions = source.data.same_profile in source.profiles
    # The paper's test set says nothing of how finely other images measure.
    metric = source.metric if same_conditions else source.metric.of_unknown_test_set()
    empty = Evidence(
        source.name,
        source.metric_name,
        metric,
        source.data.design or _design_of(study),
        is_ours=True,
        same_conditions=same_conditions,
        note=source.data.note or _conditions(study),
        waiting={arm: _lacking(study, name, f"the arm {arm} of {name}") for arm in study.arms},
    )
    lacking = _lacking(study, name, name)
    if store is None:
        return replace(empty, lacking=lacking)
    try:
        study = linked(study, store)
    except InputError as error:
        # An arm that waits for a search's winner has no trials yet, which is no fault of the file.
        return replace(empty, lacking=" ".join(str(error).split()))
    return _stored(source, study, store, empty) or replace(empty, lacking=lacking)


def _study(source: Source, name: str) -> Study:
    try:
        return load_study(find_study(name), Overrides(source.profiles))
    except StudyNotFoundError as error:
        problem = error.problems[0]
        what = "there is no study of this name, or file of this path"
        raise source.refusal(what, "study", name, problem.allowed, problem.remedy) from None
    except StudyError as error:
        missing = [each for each in error.problems if each.key == "--profile"]
        if not missing:
            raise
        problem = missing[0]
        what = f"the study {name} has no such profile"
        if source.asked:
            asked = Problem(what, "--profile", problem.given, problem.allowed, problem.remedy)
            raise refusal(asked, source.claims.path) from None
        given, allowed = problem.given, problem.allowed
        raise source.refusal(what, "profile", given, allowed, "leave it out") from None


def _lacking(study: Study, name: str, what: str) -> str:
    command = " ".join(("harness study run", name, *study.changes))
    return f"the results database has no finished trials of {what}: `{command}` runs them"


def _stored(source: Source, study: Study, store: ResultsReader, empty: Evidence) -> Evidence | None:
    frame = trials_of(study, store, plan(study)).compared
    if source.column not in frame.columns:
        _require_metric(source, study, frame)
        return None
    factors = varied_parameters(study)
    cells: dict[str, dict[str, list[Run]]] = {}
    for row in frame.dropna(subset=[source.column]).to_dict("records"):
        level = ", ".join(f"{factor} = {row[factor]}" for factor in factors)
        run = source.run(float(row[source.column]), str(row["seed"]))
        cells.setdefault(level, {}).setdefault(str(row["arm"]), []).append(run)
    if not cells:
        return None
    found = replace(empty, cells=cells_of(cells), drift=_drift(study, store))
    return replace(found, waiting=_still_waiting(empty.waiting, found.cells))


def _require_metric(source: Source, study: Study, frame: pd.DataFrame) -> None:
    """Refuse a metric that finished trials do not have.

    Raises:
        ClaimsError: there are trials with metrics, and none is called so.
    """
    others = {"trial", *cell_columns(study)}
    metrics = [str(name) for name in frame.columns if name not in others]
    if metrics:
        key = "column" if source.data.column is not None else "metric"
        remedy = "say column, where the study calls the metric otherwise than the paper"
        what = f"trials of {study.name} have no such metric"
        raise source.refusal(what, key, source.column, metrics, remedy)


def _still_waiting(waiting: Mapping[str, str], cells: tuple[Cell, ...]) -> dict[str, str]:
    return {
        arm: reason
        for arm, reason in waiting.items()
        if not any(arm in cell.arms for cell in cells)
    }


def _drift(
    study: Study, store: ResultsReader
) -> tuple[Mapping[str, object], Mapping[str, object]] | None:
    """The protocol at the first trial, and the one of now."""
    protocols = store.protocols(study.name)
    return (protocols[0].protocol, study.definition()["protocol"]) if protocols else None


def _design_of(study: Study) -> Design:
    """How a study's runs are made: blocks share a seed, and the store knows which."""
    selection: Selection = "none"
    if study.allow_test_selection:
        selection = "test"
    elif study.links:
        selection = "validation"
    return Design(
        pairing="seed",
        seeds="recorded",
        selection=selection,
        evidence=f"the study {study.name}: blocks share their seed",
    )


def _conditions(study: Study) -> str:
    """What a study's runs are of, for a reader who holds them against the paper's."""
    data = study.params.get("dataset")
    return f"our runs of {study.name}" + (f" on {data}" if data is not None else "")
