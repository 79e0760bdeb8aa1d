import io
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ImportConflictError, InputError
from harness.store.checks import check_database
from harness.store.exchange import export_rows, export_trial, exported, results_digest
from harness.store.importing import ImportSummary, import_rows
from harness.store.schema import State
from harness.store.store import ResultsStore
from harness.store.trial_files import FORMATS, dump, format_of, load, write
from harness.study.planning import plan
from harness.trial import CurvePoint

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def other(tmp_path):
    return ResultsStore(tmp_path / "other.db")


@pytest.fixture
def written(tmp_path):
    """Write a store's trials of a study to a file."""

    def write(store, form, study="bench"):
        path = tmp_path / f"runs.{form}"
        path.write_bytes(dump(export_rows(store, study), form))
        return path

    return write


@pytest.fixture
def edited(written):
    """A JSON export of a store after an edit of its rows.

    Sealed, the digests of its results fit the edit, as they would after a deliberate one.
    """

    def edit(store, change, *, sealed=True):
        path = written(store, "json")
        rows = json.loads(path.read_text())
        change(rows)
        for row in rows if sealed else ():
            row["results_digest"] = seal(row) or row["results_digest"]
        path.write_text(json.dumps(rows))
        return path

    return edit


def seal(row):
    try:
        return results_digest(row)
    except ValueError:
        return None


def bring(path, store):
    return import_rows(store, load(path), path)


def refused(path, store):
    """What the user reads when a file is refused."""
    with pytest.raises(InputError) as refusal:
        bring(path, store)
    text = str(refusal.value)
    assert str(path) in text
    assert refusal.value.__cause__ is None
    return text


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_exported_is_imported_without_loss(rich, other, form, written, count, tmp_path):
    path = written(rich, form)
    assert bring(path, other) == ImportSummary(7, 0)
    assert dump(export_rows(other, "bench"), form) == path.read_bytes()
    for every in FORMATS:
        assert dump(export_rows(other, "bench"), every) == dump(export_rows(rich, "bench"), every)
    assert repr(other.final_metrics("bench")) == repr(rich.final_metrics("bench"))
    assert other.failures("bench") == rich.failures("bench")
    unfinished = count(rich)["trials"] - 7
    assert count(other) == {**count(rich), "trials": count(rich)["trials"] - unfinished}
    results = check_database(other.database, tmp_path / "assets")
    assert [fault for result in results for fault in result.faults] == []


@pytest.mark.parametrize("form", FORMATS)
def test_importing_twice_enters_nothing(rich, other, form, written, count):
    path = written(rich, form)
    assert bring(path, rich) == ImportSummary(0, 7)
    bring(path, other)
    before = count(other)
    assert bring(path, other) == ImportSummary(0, 7)
    assert count(other) == before


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
metrics = st.dictionaries(names, st.floats(), min_size=1, max_size=4)
curves = st.dictionaries(st.tuples(st.integers(0, 9), names), st.floats(), max_size=4)


@settings(max_examples=25)
@given(metrics=metrics, curve=curves, error=st.text(max_size=9), form=st.sampled_from(FORMATS))
def test_whatever_a_trial_returns_survives_the_journey(
    tmp_path_factory, study, finish, outcome, failure, metrics, curve, error, form
):
    folder = tmp_path_factory.mktemp("journey")
    one, two = ResultsStore(folder / "one.db"), ResultsStore(folder / "two.db")
    points = tuple(CurvePoint(step, name, value) for (step, name), value in curve.items())
    specs = plan(study())
    finish(
        one,
        study(),
        [outcome(specs[0], metrics=metrics, curve=points), failure(specs[1], error=error)],
    )
    path = folder / f"runs.{form}"
    path.write_bytes(dump(export_rows(one, "bench"), form))
    bring(path, two)
    assert dump(export_rows(two, "bench"), form) == path.read_bytes()
    back = two.final_metrics("bench")[specs[0].digest]
    assert back.keys() == metrics.keys()
    for name, value in metrics.items():
        assert back[name] == value or (math.isnan(value) and math.isnan(back[name]))


def test_a_study_without_finished_trials_is_an_empty_file(study, store, other, written):
    store.add_planned(study(), plan(study()))
    for form in FORMATS:
        assert bring(written(store, form), other) == ImportSummary(0, 0)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("seed", 77, "is not the trial that its digest names"),
        ("params", {"lr": 9.0, "epochs": 5}, "is not the trial that its digest names"),
        ("study", "another", "is not the trial that its digest names"),
        ("trial_version", 2, "is not the trial that its digest names"),
        ("what_runs", {"function": "a:b"}, "is not the trial that its digest names"),
        ("trial", "0" * 64, "is not the trial that its digest names"),
        ("levels", {"epochs": 7}, "factor levels are not its parameters"),
        ("params", {"lr": math.nan}, "has no canonical JSON"),
        ("state", "running", "no such state"),
        ("seed", "seven", "seed: cannot be read"),
        ("seed", 0.5, "seed: cannot be read (0.5 is no whole number)"),
        ("seed", None, "seed: is empty"),
        ("attempts", None, "attempts: is empty"),
        ("environment", None, "environment: is empty"),
        ("environment", 5, "environment: cannot be read"),
        ("params", "{", "params: cannot be read"),
        ("facts", [], "facts: cannot be read"),
        ("levels", "[]", "levels: cannot be read"),
        ("learning_curve", [[0, "loss"]], "learning_curve: cannot be read"),
        ("learning_curve", [["a", "loss", 1.0]], "learning_curve: cannot be read"),
        ("learning_curve", [[0, "loss", 1.0]] * 2, "cannot be entered"),
        ("predictions", {"examples": 3}, "predictions: cannot be read"),
        ("predictions", {"examples": 3, "correct": "!"}, "predictions: cannot be read"),
        ("predictions", {"examples": 99, "correct": "AA=="}, "1 bytes for 99 predictions"),
        ("failures", [{"error": "x"}], "failures: cannot be read"),
        ("failures", "no list", "failures: cannot be read"),
        ("assets", [{}], "assets: cannot be read"),
        ("attempts", 2**70, "has no canonical JSON"),
        ("arm", "\ud800", "cannot be entered"),
        ("metric:acc", "high", "metric:acc: cannot be read"),
        ("parms", 5, "unknown column"),
    ],
)  # fmt: skip
def test_an_edited_file_is_refused_whole(rich, other, edited, count, column, value, fault):
    path = edited(rich, lambda rows: rows[2].update({column: value}))
    text = refused(path, other)
    assert fault in text
    assert "trial 3" in text
    assert set(count(other).values()) == {0}


@pytest.mark.parametrize(
    "change",
    [
        {"metric:acc": 0.123},
        {"metric:new": 0.5},
        {"learning_curve": [[0, "loss", 0.5]]},
        {"predictions": None},
        {"duration_s": 1e6},
        {"failures": []},
        {"results_digest": "0" * 64},
    ],
)
def test_edited_results_are_noticed_also_where_the_trial_is_not_known(rich, other, edited, change):
    path = edited(rich, lambda rows: rows[0].update(change), sealed=False)
    assert "trial 1 (naïve, seed 0): its results were changed" in refused(path, other)
    assert other.studies() == []


def test_a_trial_that_stands_there_twice_is_refused(rich, other, edited):
    assert "trial 8 stands there twice" in refused(
        edited(rich, lambda rows: rows.append(rows[0])), other
    )


@pytest.mark.parametrize("column", ["trial", "seed", "failures", "environment", "learning_curve"])
def test_a_missing_column_is_named(rich, other, edited, column):
    path = edited(rich, lambda rows: [row.pop(column) for row in rows])
    assert f"trial 1 lacks the columns {column}" in refused(path, other)


@pytest.mark.parametrize(
    "change",
    [
        {"metric:acc": 0.123},
        {"state": "pruned"},
        {"learning_curve": [[0, "loss", 0.5]]},
        {"predictions": None},
    ],
)
def test_other_results_of_a_finished_trial_are_refused(rich, edited, change):
    before = dump(export_rows(rich, "bench"), "json")
    path = edited(rich, lambda rows: rows[0].update(change))
    text = refused(path, rich)
    assert "trial 1 (naïve, seed 0) is finished here with other results" in text
    assert "--db OTHER.db" in text
    assert dump(export_rows(rich, "bench"), "json") == before


def test_a_trial_that_is_only_planned_here_becomes_the_imported_one(
    rich, study, store, other, finish, outcome, written
):
    specs = plan(study(name="small"))
    finish(store, study(name="small"), [outcome(spec) for spec in specs[:2]])
    other.add_planned(study(name="small"), specs)
    assert bring(written(store, "csv", "small"), other) == ImportSummary(2, 0)
    assert [each.state for each in other.stored("small").values()] == [State.COMPLETE] * 2 + [
        State.PLANNED
    ] * 2


def test_a_trial_that_runs_here_right_now_is_not_imported_over(
    study, store, other, finish, environment, written, outcome
):
    finish(store, study())
    specs = plan(study())
    other.add_planned(study(), specs)
    run = other.begin_run(study(), environment)
    other.claim(run, [specs[1].digest])
    assert "trial 2 (fast, seed 0) is being run here" in refused(written(store, "json"), other)
    other.record(run, [outcome(specs[1])])
    assert bring(written(store, "json"), other) == ImportSummary(3, 1)


def test_a_trial_whose_owner_died_here_is_imported(
    study, store, other, finish, environment, written, sql
):
    finish(store, study())
    other.add_planned(study(), plan(study()))
    run = other.begin_run(study(), environment)
    other.claim(run, [plan(study())[0].digest])
    sql(other, "UPDATE harness_runs SET process_started_at = -60, pid = 1")
    assert bring(written(store, "json"), other) == ImportSummary(4, 0)


def test_what_a_trial_failed_with_here_is_kept_when_it_is_imported(
    study, store, other, finish, failure, written
):
    spec = plan(study())[0]
    finish(store, study(), [failure(spec, error="there")])
    finish(other, study(), [failure(spec, error="here", curve=(CurvePoint(0, "l", 1.0),))])
    other.retry_failed([spec.digest])
    assert bring(written(store, "json"), other) == ImportSummary(1, 0)
    assert [each.error for each in other.failures("bench")] == ["there"]
    (row,) = export_rows(other, "bench")
    assert [each["error"] for each in row["failures"]] == ["here", "there"]
    assert row["learning_curve"] == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\1\2garbage",
        b"PAR1 but not really PAR1",
        b"[" * 100_000,
        b"\xff\xfe",
        b"a,b\n1,2,3\n",
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, other, form, content):
    path = tmp_path / f"runs.{form}"
    path.write_bytes(content)
    text = refused(path, other)
    assert "lacks the columns" in text or f"this is no {form} file" in text


@pytest.mark.parametrize("document", ['{"a": 1}', "[1, 2]", "5", "null", '"text"'])
def test_json_that_is_no_list_of_trials_is_refused(tmp_path, other, document):
    path = tmp_path / "runs.json"
    path.write_text(document)
    assert "it holds no list of trials" in refused(path, other)


def test_a_parquet_file_of_other_columns_is_refused(tmp_path, other):
    path = tmp_path / "runs.parquet"
    pq.write_table(pa.table({"arm": ["a"], "accuracy": [0.9]}), path)
    assert "it lacks the columns trial, study, seed" in refused(path, other)


def test_a_missing_file_and_a_strange_ending_are_refused(tmp_path, other):
    assert "No such file" in refused(tmp_path / "runs.csv", other)
    assert "allowed: csv, json, parquet" in refused(tmp_path / "runs.xlsx", other)
    assert format_of(tmp_path / "RUNS.CSV") == "csv"


def test_one_trial_is_shown_by_the_beginning_of_its_digest(rich):
    row = export_rows(rich, "bench")[0]
    shown = export_trial(rich, row["trial"][:12])
    assert shown["trial"] == row["trial"]
    json.dumps(shown, allow_nan=False)


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [("", "several trials"), ("zz", "no trial"), ("%", "no trial"), ("_", "no trial")],
)
def test_a_beginning_that_names_no_single_trial_is_refused(rich, beginning, fault):
    with pytest.raises(InputError, match=fault):
        export_trial(rich, beginning)


def test_a_conflict_is_wrong_input():
    assert issubclass(ImportConflictError, InputError)


@pytest.fixture
def varied(study, store, finish):
    finish(store, study(seeds={"count": 3, "sources": {"data": ["order"]}, "held": 1}))
    return store


@pytest.mark.parametrize("form", FORMATS)
def test_sources_of_variance_survive_the_journey(varied, other, form, written):
    path = written(varied, form)
    assert bring(path, other) == ImportSummary(10, 0)
    assert dump(export_rows(other, "bench"), form) == path.read_bytes()
    assert other.trial_rows("bench") == varied.trial_rows("bench")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda row: row["levels"].pop("source"), "its source of variance is not what it runs"),
        (lambda row: row["what_runs"].pop("held_seed"), "not the trial that its digest names"),
        (lambda row: row["what_runs"].update(held_seed=0), "not the trial that its digest names"),
    ],
)
def test_an_edited_source_is_refused(varied, other, edited, edit, said):
    assert said in refused(edited(varied, lambda rows: edit(rows[-1])), other)


@pytest.mark.parametrize("form", FORMATS)
def test_a_trial_that_ends_while_a_study_is_exported_is_in_no_part_of_it(
    store, study, outcome, finish, form
):
    declared = study()
    first, second, *_ = plan(declared)
    finish(store, declared, [outcome(first)])
    alone, file = dump(export_rows(store, "bench"), form), io.BytesIO()
    with exported(store, "bench") as export:
        finish(store, declared, [outcome(second, metrics={"acc": 0.5, "late": 1.0})])
        assert write(file, export.rows, export.metrics, form) == 1
    assert file.getvalue() == alone
    assert len(export_rows(store, "bench")) == 2


def test_a_csv_file_stays_open_when_a_row_cannot_be_written(store, study, finish):
    finish(store, study())
    file = io.BytesIO()
    with pytest.raises(ValueError, match="metric:acc"):
        write(file, export_rows(store, "bench"), [], "csv")
    assert not file.closed
