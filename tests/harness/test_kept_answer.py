"""What `study run` showed is shown again only where nothing has changed since."""

import json

import pytest
import sqlalchemy as sa

from harness import answer, load_study, running
from harness.cli import main
from harness.store.database import Database, database_url
from harness.store.fingerprint import fingerprint
from harness.store.reading import ResultsReader
from harness.study.planning import plan

STUDY = """
name = "kept"
[trial]
function = "kept_trial.py:run"
[seeds]
count = {seeds}
[params]
level = 0
[arms.low]
[arms.high]
level = 1
[protocol]
metric = "score"
direction = "maximize"
control = "low"
alpha = {alpha}
"""
TRIAL = """
def run(params, seed, trial):
    trial.report(0, score=seed)
    trial.report(1, score=seed + 1)
    trial.save_predictions([True, False])
    trial.note(threads=1)
    trial.attach("note.txt", b"ab")
    trial.asset(build, level=params["level"])
    return {"score": params["level"] + seed * 0.1, "other": 1.0}


def build(build, level):
    build.note(levels=1)
"""


class Desk:
    """A folder with a study that is run from the command line."""

    def __init__(self, folder, capsys, monkeypatch):
        self.folder, self.capsys, self.monkeypatch = folder, capsys, monkeypatch
        self.compared = 0
        monkeypatch.chdir(folder)
        monkeypatch.delenv("HARNESS_DB", raising=False)
        monkeypatch.setattr(answer, "compare", self._counting(answer.compare))
        (folder / "kept_trial.py").write_text(TRIAL)
        self.declare()

    def _counting(self, compare):
        def counted(*args, **kwargs):
            self.compared += 1
            return compare(*args, **kwargs)

        return counted

    def declare(self, *, seeds=3, alpha=0.05):
        (self.folder / "kept.toml").write_text(STUDY.format(seeds=seeds, alpha=alpha))

    def run(self, *options):
        """What is shown, and how often arms were compared for it."""
        before = self.compared
        with pytest.raises(SystemExit) as left:
            main(["study", "run", "kept.toml", "--jobs", "1", *options])
        assert left.value.code == 0
        return self.capsys.readouterr().out, self.compared - before


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch):
    return Desk(tmp_path, capsys, monkeypatch)


def test_the_same_is_shown_without_comparing_again(desk):
    first = desk.run("--no-report")
    assert first[1] == 1
    assert desk.run("--no-report") == (first[0], 0)


@pytest.mark.parametrize("change", [{"seeds": 4}, {"alpha": 0.01}])
def test_another_study_is_answered_anew(desk, change):
    first = desk.run("--no-report")
    desk.declare(**change)
    assert desk.run("--no-report")[0] != first[0]


def test_another_trial_function_is_told(desk):
    desk.run("--no-report")
    (desk.folder / "kept_trial.py").write_text(TRIAL + "\n")
    shown, compared = desk.run("--no-report")
    assert compared == 1
    assert "has changed since" in shown


CHANGES = {
    "every value": "UPDATE harness_metrics SET value = value + 0.5",
    "values whose sums stay": """
        UPDATE harness_metrics SET value = value + CASE trial_id WHEN 1 THEN 1 WHEN 2 THEN -2 ELSE 1
        END WHERE metric = 'score' AND trial_id <= 3""",
    "two arms' values swapped": """
        UPDATE harness_metrics SET value =
        (SELECT other.value FROM harness_metrics AS other
         WHERE other.metric = 'score' AND other.trial_id = 3 - harness_metrics.trial_id)
        WHERE metric = 'score' AND trial_id <= 2""",
    "the last digit": """
        UPDATE harness_metrics SET value = value * (1 + 3e-16) WHERE metric = 'score'""",
    "a problem of another kind": """
        UPDATE harness_metrics SET problem = 'inf' WHERE problem = 'nan'""",
    "a curve": "UPDATE harness_learning_curves SET value = value + 1e-6 WHERE trial_id = 2",
    "a curve's order": "UPDATE harness_learning_curves SET value = 2 * trial_id - value",
    "predictions": "UPDATE harness_predictions SET correct = x'40' WHERE trial_id = 2",
    "a fact": """UPDATE harness_trials SET facts = '{"threads": 2}' WHERE id = 2""",
    "a duration": "UPDATE harness_trials SET duration_s = duration_s + 1 WHERE id = 2",
    "a parameter": """UPDATE harness_trials SET params = '{"level": 2}' WHERE id = 2""",
    "an attachment's size": "UPDATE harness_attachments SET content = x'61' WHERE trial_id = 2",
    "an asset": """UPDATE harness_assets SET facts = '{"cautions": ["It is faint."]}'""",
    "an environment": "UPDATE harness_environments SET content = '{}'",
}


def by_hand(statement):
    database = Database(database_url(None), create=False)
    with database.write() as connection:
        assert connection.execute(sa.text(statement)).rowcount >= 1


@pytest.mark.parametrize("change", CHANGES)
def test_what_somebody_changed_by_hand_is_seen(desk, change):
    desk.run("--no-report")
    with ResultsReader() as store:
        by_hand("UPDATE harness_metrics SET value = NULL, problem = 'nan' WHERE metric = 'other'")
        before = fingerprint(store, "kept")
        assert fingerprint(store, "kept") == before
        by_hand(CHANGES[change])
        assert fingerprint(store, "kept") != before


def test_a_failure_that_somebody_changed_by_hand_is_seen(store, study, failure, finish):
    declared = study()
    finish(store, declared, [failure(plan(declared)[0])])
    before = fingerprint(store, "bench")
    with store.database.write() as connection:
        connection.execute(sa.text("UPDATE harness_attempts SET error = 'TypeError: no'"))
    assert fingerprint(store, "bench") != before


def test_metrics_that_somebody_changed_by_hand_are_answered_anew(desk):
    desk.run("--no-report")
    by_hand(CHANGES["values whose sums stay"])
    assert desk.run("--no-report")[1] == 1


def test_a_page_that_was_changed_is_built_again(desk):
    shown, _ = desk.run()
    page = desk.folder / "artifacts" / "reports" / "kept" / "index.html"
    built = page.read_text()
    assert desk.run() == (shown, 0)
    page.write_text("something else")
    assert desk.run()[1] == 1
    assert page.read_text() == built


def test_a_page_that_was_not_built_before_is_built(desk):
    desk.run("--no-report")
    shown, compared = desk.run()
    assert compared == 1
    assert "Report: artifacts/reports/kept/index.html" in shown


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"state": 1', '{"state": "x", "a": 1}'])
def test_a_kept_answer_that_cannot_be_read_is_as_good_as_none(desk, content):
    first, _ = desk.run("--no-report")
    (kept,) = (desk.folder / "artifacts" / "answers").iterdir()
    state = json.loads(kept.read_text())["state"]
    kept.write_text(content.replace('"x"', f'"{state}"'))
    assert desk.run("--no-report") == (first, 1)


def test_a_changed_answer_has_a_place_of_its_own(desk):
    first = desk.run("--no-report")
    desk.run("--no-report", "--seeds", "2")
    assert desk.run("--no-report") == (first[0], 0)


def test_programs_get_an_answer_and_not_a_text(desk):
    desk.run("--no-report")
    done = running.run_study(load_study(desk.folder / "kept.toml"), jobs=1)
    assert done.answer.comparison("high").n == 3
