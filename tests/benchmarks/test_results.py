"""What is kept in the repository: results in the form that is declared, and the page they make."""

import json
from dataclasses import replace

import pytest

from benchmarks.judging import judgements
from benchmarks.page import PAGE, Shown, page
from benchmarks.questions import questions
from benchmarks.records import RESULTS, as_json, load, record_of

KEPT = sorted(RESULTS.glob("*.json"))


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def record(request):
    return load(request.param.stem)


def shown(*names):
    return [Shown(each, load(each.name)) for each in questions() if each.name in names]


def test_questions_have_names_of_their_own():
    names = [each.name for each in questions()]
    assert len(set(names)) == len(names)


def test_all_results_answer_a_question():
    assert {path.stem for path in KEPT} <= {each.name for each in questions()}


def test_the_page_is_what_the_results_make():
    assert PAGE.read_text(encoding="utf-8") == page(
        [Shown(each, load(each.name)) for each in questions()]
    ), "make the page again: python -m benchmarks --page"


def test_results_have_all_that_is_needed_to_judge_them(record):
    assert record.tables
    assert record.conditions.date
    assert record.conditions.machine.versions["Python"]
    for table in record.tables:
        assert table.reference is not None
        assert all(figure.turns for figure in table.figures)
        assert {each.contestant for each in table.targets} <= {
            each.contestant for each in table.figures
        }


def test_every_figure_is_on_the_page(record):
    text = page(shown(record.question))
    for table in record.tables:
        for figure in table.figures:
            assert f"| {figure.contestant} | {figure.role} | " in text
        for out in table.left_out:
            assert f"- {out.contestant} is left out: {out.reason}" in text


def test_what_is_missed_is_said_in_plain_words(record):
    (entry,) = shown(record.question)
    missed = [each for table in record.tables for each in judgements(table) if each.met is False]
    behind = page([entry]).partition("## Where we are not ahead")[2]
    for each in missed:
        assert f"{each.contestant}, {each.measured}; aim: {each.aim}." in behind


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("conditions"),
        lambda content: content.update(remark="fast"),
        lambda content: content.update(schema=0),
        lambda content: content["tables"][0]["figures"][0].pop("note"),
        lambda content: content["tables"][0]["figures"][0].update(amount="many"),
    ],
)
def test_results_of_another_form_are_refused(change):
    content = json.loads(KEPT[0].read_text())
    change(content)
    with pytest.raises(ValueError, match=r"form|field|Field|valid"):
        record_of(json.dumps(content))


def test_reading_gives_back_what_was_written(record):
    assert record_of(as_json(record)) == record


def test_where_there_are_no_results_the_page_says_so():
    asked = replace(questions()[0], needs_gpu=True)
    text = page([Shown(asked, None)])
    assert "Not measured: no GPU was at hand." in text
    assert f"- {asked.title}: not measured." in text


def test_the_page_speaks_of_gpus_before_anything_is_asked_of_them():
    assert "## On a GPU\n\nNot measured: no GPU was at hand." in page([])


def test_a_question_that_was_stopped_says_so():
    (entry,) = shown(KEPT[0].stem)
    stopped = replace(entry.record, stopped="stopped after 5 s, before all was measured")
    text = page([Shown(entry.question, stopped)])
    assert f"- {entry.question.title}: stopped after 5 s, before all was measured." in text
