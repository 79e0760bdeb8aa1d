"""Whether every number of a report follows: built, edited and out-of-date ones."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.publication.comparisons import publication_table
from harness.answer import answer
from harness.audit.provenance.auditing import Named, audit_provenance
from harness.audit.provenance.comparing import differences
from harness.audit.provenance.pool import pool_of
from harness.audit.provenance.reading import read_units
from harness.audit.provenance.report import _sentence
from harness.audit.provenance.text import as_text
from harness.errors import InputError, StudyError
from harness.outcome import Outcome
from harness.reports import documents
from harness.reports.documents import BuiltDocument, build_document
from harness.reports.manuscript import Manuscript, PaperPart, PaperTable, Words
from harness.reports.page import build_report
from harness.reports.publishing import publish
from harness.reports.record import RECORD, read_record
from harness.search.answer import any_answer
from harness.store.exchange import export_rows
from harness.store.store import ResultsStore
from harness.store.trial_files import dump
from harness.study.loading import Overrides, load_study
from harness.study.planning import plan

STUDY = """
name = "mine"
[trial]
function = "nowhere:function"
[seeds]
count = 6
[params]
depth = 1
[arms.plain]
number = 0
[arms.better]
number = 1
[protocol]
metric = "score"
direction = "maximize"
control = "plain"
"""


@dataclass
class Place:
    """A folder with a study, a database and a report."""

    folder: Path
    store: ResultsStore

    @property
    def study(self):
        return load_study(self.folder / "studies" / "mine.toml")

    @property
    def report(self):
        return self.folder / "reports" / "mine"

    def run(self, seeds, change=0.0):
        """Store the trials of some seeds."""
        specs = [each for each in plan(self.study) if each.seed in seeds]
        self.store.add_planned(self.study, specs)
        begun = self.store.begin_run(self.study, {"packages": {"numpy": "9.9"}})
        self.store.claim(begun, [each.digest for each in specs])
        self.store.record(begun, [_outcome(each, change) for each in specs])

    def build(self):
        build_report(any_answer(self.study, self.store), self.store, self.report)
        return self.report / "index.html"

    def audit(self, report=None, **named):
        return audit_provenance(report or self.report, self.store, Named(**named))


def _outcome(spec, change):
    number = spec.params["number"]
    noise = (spec.seed * 7 + number * 3) % 10
    return Outcome(
        digest=spec.digest,
        state="complete",
        started_at=0.0,
        duration_s=1.0,
        metrics={"score": 0.9123 + 0.0117 * number + 0.0013 * noise + change},
        curve=(),
        predictions=None,
        assets=(),
        facts={},
    )


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A study of which four of six seeds have been run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.toml").write_text(STUDY)
    made = Place(tmp_path, ResultsStore(tmp_path / "results.db"))
    made.run(range(4))
    return made


def _edit(path, old, new, count=1):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def _mean_cell(page):
    """The first mean in the table of arms."""
    return re.search(r"(\d\.\d{3,}) ± ", page.read_text())[1]


def test_an_untouched_report_follows_from_the_database(place):
    place.build()
    audit = place.audit()
    assert audit.all_follow
    assert (audit.strays, audit.notes, audit.changes) == ((), (), ())
    assert [each.name for each in audit.files] == ["index.html"]
    assert audit.files[0].numbers == audit.files[0].follow > 100
    assert "Every number follows from the database." in as_text(audit)


def test_the_same_database_gives_the_same_record(place):
    place.build()
    before = (place.report / RECORD).read_bytes()
    place.build()
    assert (place.report / RECORD).read_bytes() == before
    assert b"/" not in before.replace(b"./", b"")


def test_an_edited_cell_is_named_with_its_row_column_and_the_right_number(place):
    page = place.build()
    mean = _mean_cell(page)
    typed = mean[:-1] + ("1" if mean[-1] != "1" else "2")
    _edit(page, f'<td class="number">{mean} ±', f'<td class="number">{typed} ±')
    audit = place.audit()
    (stray,) = audit.strays
    assert (stray.file, stray.found, stray.given, stray.cause) == (
        "index.html",
        typed,
        mean,
        "edited",
    )
    assert "row 'plain', column 'mean ± sd' of Arms" in stray.place
    assert page.read_text().splitlines()[stray.line - 1].count(typed)
    assert "It was changed after the report was built." in stray.sentence
    assert audit.files[0].numbers - audit.files[0].follow == 1


def test_every_edit_of_a_digit_that_a_reader_sees_is_a_difference(place):
    text = place.build().read_text()
    built = read_units("index.html", text.encode())
    seen = re.finditer(r">[^<>]*?(\d)[^<>]*?</(?:td|p|li|text|caption)>", text)
    places = [each.start(1) for each in seen if each.start() > text.index("<main>")]
    assert len(places) > 100
    for at in places[::3]:
        digit = "7" if text[at] != "7" else "8"
        edited = read_units("index.html", f"{text[:at]}{digit}{text[at + 1 :]}".encode())
        assert differences(edited, built), text[at - 30 : at + 30]


def test_an_added_and_a_removed_row_are_named(place):
    page = place.build()
    row = re.search(r"<tr><th scope=\"row\">.*?plain.*?</tr>\n", page.read_text())[0]
    _edit(page, row, row + row.replace("plain</", "invented</"))
    (stray,) = place.audit().strays
    assert (stray.what, stray.cause, "invented" in stray.found) == ("row_added", "edited", True)
    place.build()
    _edit(page, row, "")
    (stray,) = place.audit().strays
    assert (stray.what, stray.cause, "plain" in stray.given) == ("row_removed", "edited", True)


def test_two_rows_with_exchanged_labels_are_named(place):
    page = place.build()
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>\n", page.read_text())[:2]
    assert "plain" in rows[0]
    assert "better" in rows[1]
    swapped = rows[0].replace("plain", "?").replace("better", "plain").replace("?", "better")
    other = rows[1].replace("better", "?").replace("plain", "better").replace("?", "plain")
    _edit(page, rows[0] + rows[1], other + swapped)
    assert {each.what for each in place.audit().strays} >= {"number"}


def test_edited_words_are_named_with_their_line_and_what_stood_there(place):
    page = place.build()
    _edit(page, "the name of an arm", "any name of an arm")
    audit = place.audit()
    (stray,) = audit.strays
    assert (stray.what, stray.cause, audit.all_follow) == ("words", "edited", False)
    assert "any name of an arm" in stray.found
    assert "the name of an arm" in stray.given
    assert "any name of an arm" in page.read_text().splitlines()[stray.line - 1]
    assert audit.files[0].numbers == audit.files[0].follow
    assert as_text(audit).endswith("Not everything follows from the database: 1 with edited words.")


def test_a_reversed_sentence_is_an_edit_although_its_numbers_are_right(place):
    page = place.build()
    sentence = re.search(
        r">(better (\w+ )+than plain[^<(]*)\(|>(No difference[^<(]*)\(", page.read_text()
    )
    said = sentence[1] or sentence[3]
    _edit(page, said, "plain is better than better beyond doubt ")
    strays = [each for each in place.audit().strays if each.what == "words"]
    assert {each.cause for each in strays} == {"edited"}
    assert "plain is better than better beyond doubt" in strays[0].sentence
    assert said.strip() in strays[0].sentence


def test_words_that_are_out_of_date_are_not_edited(place):
    place.build()
    _edit(place.folder / "studies" / "mine.toml", 'name = "mine"', 'name = "mine"\ntitle = "Q?"')
    audit = place.audit()
    words = [each for each in audit.strays if each.what == "words"]
    assert words
    assert {each.cause for each in audit.strays} == {"out_of_date"}


def test_edited_words_in_a_report_that_is_out_of_date_are_told_apart(place):
    page = place.build()
    _edit(page, "the name of an arm", "any name of an arm")
    place.run({4, 5})
    causes = {"any name" in each.found: each.cause for each in place.audit().strays}
    assert causes == {True: "edited", False: "out_of_date"}


@pytest.mark.parametrize("given", ["and worse", "and"])
def test_a_long_sentence_is_shown_from_where_it_differs(given):
    beginning = "it is so " * 30
    found = read_units("a.md", f"{beginning}and better".encode())
    (difference,) = differences(found, read_units("a.md", f"{beginning}{given}".encode()))
    assert "and better”" in _sentence(difference)
    assert f"{given}”" in _sentence(difference)


def test_added_and_removed_words_are_named(place):
    page = place.build()
    _edit(page, "<main>", "<main><p>All of this was checked twice.</p>")
    (stray,) = place.audit().strays
    assert "words that the database does not give, “All of this was checked" in stray.sentence
    _edit(page, "<p>All of this was checked twice.</p>", "")
    assert place.audit().all_follow
    whole = re.search(r"<p>[^<]*the name of an arm[^<]*</p>|<p[^>]*>[^<\d]+</p>", page.read_text())[
        0
    ]
    _edit(page, whole, "")
    (stray,) = place.audit().strays
    assert (stray.found, stray.cause) == ("", "edited")
    assert "are not in the file" in stray.sentence


def test_a_place_names_the_table_without_its_caption(place):
    page = place.build()
    mean = _mean_cell(page)
    _edit(page, f'<td class="number">{mean} ±', '<td class="number">0.9999 ±')
    (stray,) = place.audit().strays
    assert stray.place == "row 'plain', column 'mean ± sd' of Arms"


def test_prose_without_a_checked_number_does_not_follow(place):
    (place.folder / "a.md").write_text("We reached 12.345 in 2025.\n")
    audit = place.audit(place.folder / "a.md", studies=("mine",))
    assert (audit.all_follow, audit.unchecked, audit.strays) == (False, ("a.md",), ())
    assert audit.document()["unchecked_files"] == ["a.md"]
    text = as_text(audit)
    assert "No number of it was checked: 2 numbers of its prose" in text
    assert "Every number follows" not in text


def test_prose_whose_numbers_are_all_explained_is_not_said_to_be_checked(place):
    (place.folder / "a.md").write_text("Over 6 seeds.\n")
    audit = place.audit(place.folder / "a.md", studies=("mine",))
    assert audit.all_follow
    assert as_text(audit).endswith("No number of it was checked: it has none in a table or macro.")


def test_a_right_table_in_prose_with_other_numbers_is_not_said_to_follow_as_a_whole(place):
    mean = float(answer(place.study, place.store).frame.query("arm == 'plain'")["score"].mean())
    table = f"In 2025.\n\n| arm | mean |\n|---|---|\n| plain | {mean:.6f} |\n"
    (place.folder / "a.md").write_text(table)
    audit = place.audit(place.folder / "a.md", studies=("mine",))
    assert audit.all_follow
    assert "not explained" in as_text(audit)
    assert "Every number follows" not in as_text(audit)


def test_one_file_of_prose_in_a_folder_is_named(place):
    folder = place.folder / "paper"
    folder.mkdir()
    mean = float(answer(place.study, place.store).frame.query("arm == 'plain'")["score"].mean())
    (folder / "t.md").write_text(f"| arm | mean |\n|---|---|\n| plain | {mean:.6f} |\n")
    (folder / "words.md").write_text("It was 12.345.\n")
    audit = place.audit(folder, studies=("mine",))
    assert audit.unchecked == ("words.md",)
    assert "No number of words.md was checked: 1 number of its prose" in as_text(audit)


def test_no_p_value_and_no_effect_size_is_in_per_cent(place):
    pool = pool_of([place.study], place.store)
    scaled = {each.statistic for each in pool.numbers if each.what.endswith(", in %")}
    assert {"mean", "sd", "median", "difference", "ci_low", "score"} <= scaled
    never = {"p_value", "p_adjusted", "p_floor", "d_z", "hedges_g", "cliffs_delta", "superiority"}
    assert not scaled & (never | {"run_correlation", "statistic", "variance", "n", "seed"})


def test_intervals_of_effect_sizes_are_in_no_metric(place):
    pool = pool_of([place.study], place.store)
    of_effects = [each for each in pool.numbers if each.what.startswith(("d_z ci", "hedges_g ci"))]
    assert of_effects
    assert not any(each.metric or each.what.endswith("in %") for each in of_effects)
    assert pool.metrics == ("score",)


def test_rows_named_after_no_arm_are_noted(place):
    mean = float(answer(place.study, place.store).frame.query("arm == 'plain'")["score"].mean())
    row = f"| Ours | {mean:.6f} |\n| plain | {mean:.6f} |\n"
    (place.folder / "a.md").write_text(f"| arm | score |\n|---|---|\n{row}")
    audit = place.audit(place.folder / "a.md", studies=("mine",))
    assert audit.notes == (
        "a.md: row label 'Ours' names no arm of mine: any arm's number explains it.",
    )


def test_a_moved_mark_in_a_figure_is_named(place):
    page = place.build()
    shape = re.search(r'<path d="M \d+', page.read_text())[0]
    _edit(page, shape, shape + "1")
    (stray,) = place.audit().strays
    assert (stray.what, stray.cause) == ("drawing", "edited")


def test_a_report_older_than_the_database_is_out_of_date_and_not_edited(place):
    place.build()
    place.run({4, 5})
    audit = place.audit()
    assert audit.changes == ("mine: 4 trials finished since",)
    assert audit.strays
    assert {each.cause for each in audit.strays} == {"out_of_date"}
    assert "The report is older than what gives it now" in audit.strays[0].sentence


def test_an_edit_in_a_report_that_is_out_of_date_is_told_apart(place):
    page = place.build()
    mean = _mean_cell(page)
    _edit(page, f'<td class="number">{mean} ±', '<td class="number">0.9999 ±')
    place.run({4, 5})
    audit = place.audit()
    # However many numbers are out of date, the edit is told first.
    assert "found 0.9999" in as_text(audit).splitlines()[3]
    causes = {each.found: each.cause for each in audit.strays}
    assert causes.pop("0.9999") == "edited"
    assert set(causes.values()) == {"out_of_date"}


def test_an_edit_that_cannot_be_told_from_a_change_is_undecided(place):
    page = place.build()
    _edit(page, _mean_cell(page), "0.9999")
    # The stored results are others now: what the report was built from is gone.
    other = ResultsStore(place.folder / "other.db")
    place.store = other
    place.run(range(4), change=0.001)
    audit = place.audit()
    assert audit.changes == ("mine: 8 trials with other stored results",)
    assert {each.cause for each in audit.strays} == {"undecided"}


def test_trials_that_are_gone_are_counted(place):
    place.build()
    place.store = ResultsStore(place.folder / "other.db")
    place.run(range(3))
    audit = place.audit()
    assert audit.changes == ("mine: 2 trials no longer there or finished",)
    assert {each.cause for each in audit.strays} == {"out_of_date"}


def test_a_record_made_to_fit_does_not_help(place):
    page = place.build()
    _edit(page, _mean_cell(page), "0.9999")
    record = json.loads((place.report / RECORD).read_text())
    from harness.reports.record import file_digests

    record["files"] = file_digests(place.report)
    (place.report / RECORD).write_text(json.dumps(record))
    stray = next(each for each in place.audit().strays if each.found == "0.9999")
    assert stray.cause == "edited"
    assert "the record is not true" in stray.sentence


def test_trials_struck_from_the_record_do_not_make_their_numbers_follow(place):
    place.build()
    record = json.loads((place.report / RECORD).read_text())
    trials = record["trials"]["mine"]
    del trials[next(iter(trials))]
    (place.report / RECORD).write_text(json.dumps(record))
    audit = place.audit()
    # Nothing in the page differs: it was built from all of them, whatever the record says.
    assert audit.all_follow
    assert audit.changes == ("mine: 1 trial finished since",)


def test_another_version_of_a_package_is_named(place, monkeypatch):
    place.build()
    record = json.loads((place.report / RECORD).read_text())
    record["versions"]["numpy"] = "0.1"
    (place.report / RECORD).write_text(json.dumps(record))
    (change,) = place.audit().changes
    assert change.startswith("another version of numpy 0.1 → ")


def test_a_changed_study_file_is_named(place):
    place.build()
    _edit(place.folder / "studies" / "mine.toml", "count = 6", "count = 8")
    audit = place.audit()
    assert "the study's definition is another than the report was built from" in audit.changes
    assert {each.cause for each in audit.strays} == {"out_of_date"}


def test_a_report_with_changes_of_the_command_line_is_built_with_them_again(place):
    study = load_study(place.folder / "studies" / "mine.toml", Overrides(seeds=3))
    folder = place.folder / "reports" / "three"
    build_report(any_answer(study, place.store), place.store, folder)
    assert read_record(folder).asked.overrides == Overrides((), (), 3)
    assert place.audit(folder).all_follow


def test_one_file_of_a_report_is_checked_alone(place):
    page = place.build()
    (place.report / "mine.md").write_text("| arm | mean |\n|---|---|\n| plain | 0.1111 |\n")
    assert place.audit(page).all_follow


def test_a_table_laid_into_the_folder_is_looked_up(place):
    place.build()
    (place.report / "extra.md").write_text("| arm | mean |\n|---|---|\n| plain | 0.1111 |\n")
    audit = place.audit()
    (stray,) = audit.strays
    assert (stray.file, stray.found, stray.cause) == ("extra.md", "0.1111", "not_stored")
    assert "extra.md is not built by the report" in audit.notes[0]


def test_a_report_of_a_study_that_is_gone_is_wrong_input(place):
    place.build()
    (place.folder / "studies" / "mine.toml").unlink()
    with pytest.raises(InputError, match="not here any more"):
        place.audit()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1, "asked": 3}'])
def test_a_damaged_record_is_wrong_input(content, place):
    place.build()
    (place.report / RECORD).write_text(content)
    with pytest.raises(InputError, match="no record of a report"):
        place.audit()


def test_a_report_without_a_record_asks_for_its_study(place):
    place.build()
    (place.report / RECORD).unlink()
    with pytest.raises(InputError, match="--study NAME"):
        place.audit()


@pytest.mark.parametrize("name", ["nothing", "empty", "picture.png"])
def test_what_is_no_report_is_wrong_input(name, place):
    (place.folder / "empty").mkdir()
    (place.folder / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError):
        place.audit(place.folder / name)


def test_an_unknown_study_is_wrong_input(place):
    (place.folder / "table.md").write_text("| a | b |\n|---|---|\n| x | 1.5 |\n")
    with pytest.raises((InputError, StudyError)):
        place.audit(place.folder / "table.md", studies=("mane",))


# Files that commands write.


@pytest.fixture
def written(place):
    """The files that `analysis compare` and `results export` write."""
    from analysis.publication.paper import write_paper

    folder = place.folder / "paper"
    found = answer(place.study, place.store)
    write_paper(found.comparisons, found.compared, folder)
    (folder / "compare.json").write_text(found.comparisons.to_json() + "\n")
    (folder / "compare.csv").write_text(found.comparisons.to_frame().to_csv(index=False))
    rows = export_rows(place.store, "mine")
    (folder / "runs.csv").write_bytes(dump(rows, "csv"))
    (folder / "runs.json").write_bytes(dump(rows, "json"))
    return folder


def test_files_that_commands_wrote_follow(place, written):
    audit = place.audit(written, studies=("mine",))
    assert audit.all_follow
    assert {each.how for each in audit.files} == {"rebuilt"}
    assert len(audit.files) >= 9


@pytest.mark.parametrize(
    "name",
    [
        *(f"comparisons{each}" for each in (".tex", ".md", ".csv", ".html", "-macros.tex")),
        "compare.json",
        "compare.csv",
        "runs.csv",
        "runs.json",
    ],
)
def test_a_planted_edit_in_each_type_of_file_is_caught(name, place, written):
    path = written / name
    text = path.read_text()
    at = [each.start(1) for each in re.finditer(r"\d\.\d*(\d)\b", text)]
    for place_of_digit in at[:: max(1, len(at) // 2)]:
        digit = "3" if text[place_of_digit] != "3" else "4"
        path.write_text(text[:place_of_digit] + digit + text[place_of_digit + 1 :])
        audit = place.audit(path, studies=("mine",))
        assert len(audit.strays) == 1, text[place_of_digit - 40 : place_of_digit + 10]
        assert audit.strays[0].file == name
        assert audit.strays[0].found != audit.strays[0].given


def test_a_row_added_to_an_export_is_caught(place, written):
    lines = (written / "runs.csv").read_text().splitlines(keepends=True)
    (written / "runs.csv").write_text("".join([*lines, lines[-1].replace(',"3",', ',"9",')]))
    strays = place.audit(written / "runs.csv", studies=("mine",)).strays
    assert [each.what for each in strays] == ["row_added"]


# Documents over several studies.


@pytest.fixture
def document(place, monkeypatch):
    """A registered document with a table of the study, built."""

    def build(context):
        found = answer(place.study, context.store)
        table = publication_table(found.comparisons, found.compared, label="tab:arms")
        parts = (PaperPart("one", "One", (Words("Over 2 arms."), PaperTable("arms", table))),)
        return BuiltDocument(publish(Manuscript("All", "It", parts), context.folder))

    module = SimpleNamespace(TITLE="All", profiles=lambda _: ((),), build=build)
    entry = SimpleNamespace(name="all", value="x", load=lambda: module)
    monkeypatch.setattr(documents, "entry_points", lambda **_: [entry])
    reports = place.folder / "reports"
    return build_document("all", module, Overrides(), place.store, reports).page.parent


def test_an_untouched_document_follows_with_all_its_files(place, document):
    audit = place.audit(document)
    assert audit.all_follow
    names = {each.name for each in audit.files}
    assert {"index.html", "macros.tex", "paper.tex", "tables/arms.tex", "tables/arms.csv"} <= names
    assert read_record(document).trials.keys() == {"mine"}


@pytest.mark.parametrize("name", ["macros.tex", "tables/arms.tex", "tables/arms.md"])
def test_an_edit_in_a_file_of_a_document_is_caught_once(name, place, document):
    path = document / name
    number = re.search(r"0\.9\d\d+", path.read_text())[0]
    _edit(path, number, "0.9999")
    (stray,) = place.audit(document).strays
    assert (stray.file, stray.found, stray.given, stray.cause) == (name, "0.9999", number, "edited")
    assert place.audit(path).strays == (stray,)


def test_a_removed_file_of_a_document_is_named(place, document):
    (document / "tables" / "arms.csv").unlink()
    (stray,) = place.audit(document).strays
    assert (stray.what, stray.file) == ("file_removed", "tables/arms.csv")


def test_a_document_older_than_the_database_is_told_from_an_edited_one(place, document):
    _edit(document / "tables" / "arms.md", "plain", "plane")
    place.run({4, 5})
    audit = place.audit(document)
    causes = {each.cause for each in audit.strays if each.file == "tables/arms.md"}
    assert causes == {"edited", "out_of_date"}
    assert {each.cause for each in audit.strays if each.file == "index.html"} == {"out_of_date"}


def test_a_report_moved_elsewhere_is_still_checked(place):
    place.build()
    moved = place.folder / "elsewhere" / "copy"
    shutil.copytree(place.report, moved)
    assert place.audit(moved).all_follow


def test_every_value_of_a_study_is_a_float_and_is_named(place):
    pool = pool_of([place.study], place.store)
    assert all(type(each.value) is float for each in pool.numbers)
    assert list(pool.values) == sorted(pool.values)
    rows = answer(place.study, place.store).frame.query("arm == 'better'")["score"]
    for statistic in ("mean", "median", "min", "max", "std"):
        value = getattr(rows, statistic)()
        found = pool.between(value - 1e-12, value + 1e-12)
        assert any(each.arms == ("better",) and not each.is_run for each in found), statistic
