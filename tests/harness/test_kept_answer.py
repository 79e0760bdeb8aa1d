"""What `study run` showed is shown again only where nothing has changed since."""

import json

import pytest
import sqlalchemy as sa

from harness import answer, load_study, running
from harness.cli import main
from harness.store.database import Database, database_url

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
TRIAL = "def run(params, seed, trial): return {'score': params['level'] + seed * 0.1}\n"


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


def test_a_metric_that_somebody_changed_by_hand_is_seen(desk):
    desk.run("--no-report")
    database = Database(database_url(None), create=False)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE harness_metrics SET value = value + 0.5"))
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
