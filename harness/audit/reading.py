"""Reads the evidence that a claims file names: files of runs, printed summaries, stored studies."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.audit.printed import Printed, PrintedError, exact
from harness.answer import trials_of
from harness.audit.evidence import ArmEvidence, Cell, Evidence, Run
from harness.audit.grammar import FRACTION, PER_CENT, Data, Design, Metric, Selection
from harness.audit.loading import Claims, read_text
from harness.errors import ClaimsError, HarnessError, Problem, StudyNotFoundError
from harness.frames import varied_parameters
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.study.loading import Overrides, load_study
from harness.study.lookup import find_study
from harness.study.model import Study
from harness.study.planning import plan

_MOST_ROWS = 200_000
_FACTORS = {
    (FRACTION, PER_CENT): 100.0,
    (PER_CENT, FRACTION): 0.01,
    ("ms", "s"): 0.001,
    ("s", "ms"): 1000.0,
}
_EXCESS = "\0excess"


@dataclass(frozen=True, slots=True)
class _Source:
    """One entry of ``data`` with what is needed to read it."""

    claims: Claims
    name: str
    data: Data
    metric_name: str
    metric: Metric
    profiles: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"data.{self.name}"

    @property
    def design(self) -> Design:
        return self.data.design or self.claims.head.design

    def refusal(self, what: str, key: str, given: str | None = None, **more: object) -> ClaimsError:
        allowed = more.get("allowed", ())
        remedy = more.get("remedy")
        problem = Problem(
            what,
            f"{self.key}.{key}",
            given,
            tuple(allowed) if isinstance(allowed, list | tuple) else (),
            str(remedy) if remedy is not None else None,
        )
        return ClaimsError(problem, self.claims.path)

    def evidence(self, cells: Sequence[Cell]) -> Evidence:
        return Evidence(
            self.name,
            self.metric_name,
            self.metric,
            self.design,
            tuple(cells),
            note=self.data.note,
        )


def read_evidence(
    claims: Claims, store: ResultsReader | None, profiles: Sequence[str] = ()
) -> dict[str, Evidence]:
    """Every entry of the claims file's data, in order.

    Args:
        claims: the file.
        store: the results database; None when there is none, and studies have no results.
        profiles: profiles of the studies, instead of those that the file names.

    Raises:
        ClaimsError: a file cannot be read as it is described, or lies elsewhere.
    """
    return {name: _read(_source(claims, name, profiles), store) for name in claims.head.data}


def _source(claims: Claims, name: str, profiles: Sequence[str]) -> _Source:
    data = claims.head.data[name]
    metric = data.metric or next(iter(claims.head.metrics))
    chosen = tuple(profiles) or data.profile
    return _Source(claims, name, data, metric, claims.head.metrics[metric], chosen)


def _read(source: _Source, store: ResultsReader | None) -> Evidence:
    if source.data.file is not None:
        return source.evidence(_cells_of_file(source, source.data.file))
    if source.data.study is not None:
        return _of_study(source, source.data.study, store)
    runs = source.data.runs
    arms = {
        arm: ArmEvidence(
            summary=each if each.runs is not None else each.model_copy(update={"runs": runs})
        )
        for arm, each in source.data.arms.items()
    }
    return source.evidence([Cell("", arms)])


def beside(claims: Claims, given: str, key: str) -> Path:
    """A file that a claims file names; it has to lie in the claims file's folder, or below.

    Raises:
        ClaimsError: it lies elsewhere, or is not there.
    """
    folder = claims.path.resolve().parent
    try:
        path = (folder / given).resolve()
    except (OSError, ValueError) as error:
        raise ClaimsError(Problem(f"is no path ({error})", key, given), claims.path) from None
    if not path.is_relative_to(folder):
        problem = Problem(
            "lies outside the claims file's folder",
            key,
            given,
            remedy="copy the file beside the claims file: what is audited travels as one folder",
        )
        raise ClaimsError(problem, claims.path)
    if not path.is_file():
        there = tuple(sorted(each.name for each in folder.iterdir() if each.suffix == path.suffix))
        raise ClaimsError(Problem("there is no such file", key, given, there), claims.path)
    return path


def _cells_of_file(source: _Source, given: str) -> list[Cell]:
    path = beside(source.claims, given, f"{source.key}.file")
    text = read_text(path, source.claims.path, "this file", f"{source.key}.file")
    try:
        rows = list(csv.DictReader(io.StringIO(text), restkey=_EXCESS, strict=True))
    except csv.Error as error:
        raise source.refusal(f"is no CSV file ({error})", "file", given) from None
    if not rows:
        raise source.refusal("has no rows", "file", given, remedy="one row a run, below a header")
    if any(_EXCESS in row for row in rows):
        raise source.refusal("has lines with more entries than its header", "file", given)
    if len(rows) > _MOST_ROWS:
        raise source.refusal(f"has more than {_MOST_ROWS} rows", "file", given)
    read = _wide_rows if source.data.arm_columns else _long_rows
    cells: dict[str, dict[str, list[Run]]] = {}
    for level, arm, run in read(source, rows):
        cells.setdefault(level, {}).setdefault(arm, []).append(run)
    _require_counts(source, cells)
    return [
        Cell(level, {arm: ArmEvidence(tuple(runs)) for arm, runs in arms.items()})
        for level, arms in cells.items()
    ]


def _long_rows(
    source: _Source, rows: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, str, Run]]:
    """One run a row."""
    column = source.data.column or source.metric_name
    _require_columns(source, rows[0], ("arm", column))
    for number, row in enumerate(rows, start=2):
        arm = (row["arm"] or "").strip()
        if not arm:
            raise source.refusal(f"line {number} names no arm", "file", source.data.file)
        value = _value(source, row, column, number)
        yield _level(source, row), arm, _run(source, value, row.get("seed"))


def _wide_rows(
    source: _Source, rows: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, str, Run]]:
    """One run of every arm a row; an empty entry is no run."""
    _require_columns(source, rows[0], source.data.arm_columns)
    for number, row in enumerate(rows, start=2):
        for arm in source.data.arm_columns:
            if (row[arm] or "").strip():
                value = _value(source, row, arm, number)
                yield _level(source, row), arm, _run(source, value, row.get("seed"))


def _require_columns(source: _Source, row: Mapping[str, str], needed: Sequence[str]) -> None:
    there = tuple(row)
    level = (source.data.level,) if source.data.level is not None else ()
    for column in (*needed, *level):
        if column not in there:
            raise source.refusal("the file has no such column", "file", column, allowed=there)


def _value(source: _Source, row: Mapping[str, str], column: str, number: int) -> Printed:
    text = (row[column] or "").strip()
    decimals = source.data.decimals
    try:
        value = exact(text)
        return value if decimals is None else _with_zeros(value, decimals)
    except PrintedError as error:
        what = f"line {number}, column {column}: {error}"
        remedy = "every run has a number; leave the whole row out of a run that gave none"
        raise source.refusal(what, "file", source.data.file, remedy=remedy) from None


def _with_zeros(number: Printed, decimals: int) -> Printed:
    """The same number with the zeros that it was printed with."""
    return exact(f"{number.value:.{decimals}f}") if number.decimals < decimals else number


def _run(source: _Source, value: Printed, seed: str | None) -> Run:
    factor = _factor(source)
    seed = seed.strip() if seed is not None else None
    return Run(float(value.value) * factor, value if factor == 1 else None, seed or None)


def _factor(source: _Source) -> float:
    """What values are multiplied with to be in the metric's unit."""
    given, wanted = source.data.unit or source.metric.unit, source.metric.unit
    if given == wanted:
        return 1.0
    if (given, wanted) not in _FACTORS:
        remedy = "values are converted between fraction and %, and between s and ms"
        raise source.refusal(f"is not the metric's, {wanted!r}", "unit", given, remedy=remedy)
    return _FACTORS[given, wanted]


def _level(source: _Source, row: Mapping[str, str]) -> str:
    column = source.data.level
    return f"{column} = {(row[column] or '').strip()}" if column is not None else ""


def _require_counts(source: _Source, cells: Mapping[str, Mapping[str, Sequence[Run]]]) -> None:
    """Refuse a file that has not the runs that it is declared to have."""
    for arms in cells.values():
        for arm, runs in arms.items():
            if source.data.runs is not None and len(runs) != source.data.runs:
                raise source.refusal(
                    f"the file has {len(runs)} runs of the arm {arm!r}",
                    "runs",
                    str(source.data.runs),
                    remedy="declare the runs there are, or complete the file",
                )


def _of_study(source: _Source, name: str, store: ResultsReader | None) -> Evidence:
    try:
        study = load_study(find_study(name), Overrides(source.profiles))
    except StudyNotFoundError as error:
        problem = error.problems[0]
        raise source.refusal(
            "there is no study of this name", "study", name, allowed=problem.allowed
        ) from None
    design = source.data.design or _design_of(study)
    empty = Evidence(
        source.name,
        source.metric_name,
        source.metric,
        design,
        is_ours=True,
        same_conditions=source.data.same_profile in source.profiles,
        note=source.data.note or _conditions(study),
    )
    words = " ".join(("harness study run", name, *study.changes))
    lacking = f"the results database has no finished trials of {name}: `{words}` runs them"
    if store is None:
        return replace(empty, lacking=lacking)
    try:
        return _stored(source, study, store, empty) or replace(empty, lacking=lacking)
    except HarnessError as error:
        # An arm that waits for a search's winner has no trials yet, which is no fault of the file.
        return replace(empty, lacking=str(error).replace("\n", " "))


def _stored(
    source: _Source, study: Study, store: ResultsReader, empty: Evidence
) -> Evidence | None:
    study = linked(study, store)
    found = trials_of(study, store, plan(study))
    column = source.data.column or source.metric_name
    if column not in found.compared.columns:
        return None
    rows = found.compared.dropna(subset=[column])
    factors = varied_parameters(study)
    cells: dict[str, dict[str, list[Run]]] = {}
    for row in rows.to_dict("records"):
        level = ", ".join(f"{factor} = {row[factor]}" for factor in factors)
        value = float(row[column]) * _factor(source)
        run = Run(value, None, str(row["seed"]))
        cells.setdefault(level, {}).setdefault(str(row["arm"]), []).append(run)
    if not cells:
        return None
    protocols = store.protocols(study.name)
    drift = (protocols[0].protocol, study.definition()["protocol"]) if protocols else None
    return replace(
        empty,
        cells=tuple(
            Cell(level, {arm: ArmEvidence(tuple(runs)) for arm, runs in arms.items()})
            for level, arms in cells.items()
        ),
        drift=drift,
    )


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
