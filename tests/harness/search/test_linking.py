"""Studies whose arms take their parameters from a search."""

import pytest

from harness.cautions import link_cautions
from harness.errors import StudyError
from harness.evidence import complete_trials
from harness.running import run_study
from harness.search.answer import search_answer
from harness.search.linking import linked
from harness.store.reading import ResultsReader
from harness.store.store import ResultsStore
from harness.study.loading import Overrides, load_study
from harness.study.planning import plan

SEARCH = """\
name = "search"
[trial]
function = "trials.py:bowl"
[seeds]
count = 2
[params]
level = 0
[arms.plain]
[arms.one]
x = 0.9
[arms.two]
x = 0.9
y = 1
[search]
trials = 4
metric = "val"
pruner = "none"
[search.space]
x = { low = 0.0, high = 1.0 }
y = { values = [1, 2, 3, 4] }
[protocol]
metric = "val"
direction = "maximize"
control = "plain"
[profiles.deep]
params = { level = 1 }
[profiles.only_here]
params = { level = 2 }
"""

FINAL = """\
name = "final"
[trial]
function = "trials.py:bowl"
[seeds]
values = [10, 11, 12]
[params]
level = 0
[arms.plain]
[arms.one]
parameters_from = "search"
[arms.two]
parameters_from = "search"
[protocol]
metric = "val"
direction = "maximize"
control = "plain"
[profiles.deep]
params = { level = 1 }
[profiles.elsewhere]
params = { level = 3 }
"""


class Linked:
    """A search and a study that takes its winners, in one folder."""

    def __init__(self, bench):
        self.bench = bench
        self.write("search", SEARCH)
        self.write("final", FINAL)

    def write(self, name, text):
        (self.bench.folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def change(self, name, old, new):
        path = self.bench.folder / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self, name="final", *profiles):
        return load_study(self.bench.folder / f"{name}.toml", Overrides(profiles))

    def search(self, *profiles, stop_after=None):
        return self.bench.walk(self.load("search", *profiles), stop_after)

    def linked(self, *profiles):
        with ResultsStore(self.bench.db) as store:
            return linked(self.load("final", *profiles), store)

    def refusal(self, *profiles):
        with pytest.raises(StudyError) as refusal:
            self.linked(*profiles)
        return str(refusal.value)


@pytest.fixture
def files(bench):
    return Linked(bench)


def test_an_arm_takes_the_parameters_that_won_in_the_arm_of_its_name(files):
    found = files.search()
    study = files.linked()
    assert study.arms["one"] == found.winners()["one"]
    assert study.arms["two"] == found.winners()["two"]
    assert study.arms["plain"] == {}
    link = study.links[1]
    two = found.arm("two")
    assert (link.arm, link.study, link.of, link.search) == (
        "two",
        "search",
        "two",
        two.search.digest,
    )
    assert (link.candidate, link.candidates, link.seeds) == (two.winner.number, 4, 2)
    assert (link.metric, link.mean, link.sd) == ("val", two.winner.mean, two.winner.sd)


def test_what_lies_behind_the_answer_is_found_for_the_study_as_it_is_written(files):
    files.search()
    run_study(files.load(), db=files.bench.db, artifacts=files.bench.folder, jobs=1)
    with ResultsReader(files.bench.db) as store:
        assert len(complete_trials(files.load(), store)) == 9
    with pytest.raises(StudyError, match="have not been looked up in its search"):
        plan(files.load())


def test_only_the_values_are_part_of_what_a_trial_is(files):
    found = files.search()
    study = files.linked()
    by_hand = study.model_copy(update={"links": ()})
    assert {spec.digest for spec in plan(by_hand)} == {spec.digest for spec in plan(study)}
    assert dict(plan(study)[2].params) == {"level": 0, **found.winners()["two"]}


def test_the_link_is_recorded_and_told(files):
    files.search()
    run = run_study(files.load(), db=files.bench.db, artifacts=files.bench.folder, jobs=1)
    said = " ".join(run.answer.cautions)
    assert "from candidate" in said
    assert "of the search search, the best of 4 by val" in said
    with ResultsReader(files.bench.db) as store:
        (definition,) = store.definitions("final")
    assert [link["arm"] for link in definition["links"]] == ["one", "two"]
    assert definition["arms"]["one"] == run.answer.study.arms["one"]


def test_another_arm_of_the_search_may_be_named(files):
    found = files.search()
    files.change("final", 'parameters_from = "search"', 'parameters_from = "search:two"')
    files.change("final", '[arms.two]\nparameters_from = "search"', "[arms.two]\nx = 0.1")
    assert files.linked().arms["one"] == found.winners()["two"]


def test_all_arms_that_the_search_has_may_be_linked_at_once(files):
    found = files.search()
    for _ in range(2):
        files.change("final", 'parameters_from = "search"\n', "")
    files.change("final", "level = 0", 'level = 0\nx = 0.5\nparameters_from = "search"')
    files.change("final", "[arms.plain]", "[arms.plain]\n[arms.unknown]\nx = 0.7")
    study = files.linked()
    assert study.params == {"level": 0, "x": 0.5}
    assert study.arms == {"plain": {}, "unknown": {"x": 0.7}, **found.winners()}


def test_a_winner_replaces_what_the_arm_itself_sets_for_the_searched_parameters(files):
    found = files.search()
    files.change("final", "[arms.two]", "[arms.two]\ny = 2\nx = 0.123\nz = 5")
    assert files.linked().arms["two"] == {**found.winners()["two"], "z": 5}


def test_what_is_not_searched_may_be_set_beside_the_link(files):
    files.search()
    files.change("final", "[arms.two]", "[arms.two]\nz = 2")
    assert files.linked().arms["two"]["z"] == 2


def test_a_search_that_is_not_finished_gives_nothing_yet(files):
    files.search(stop_after=3)
    assert "the search 'search' has finished 0 of 4 candidates of arms.one" in files.refusal()
    assert "run `harness study run" in files.refusal()


def test_where_there_is_no_database_the_search_is_to_be_run_first(files):
    with pytest.raises(StudyError, match="has finished 0 of 4 candidates"):
        linked(files.load(), None)


def test_a_changed_search_does_not_pass_for_the_one_that_was_run(files):
    files.search()
    files.change("search", "count = 2", "count = 3")
    assert "there are candidates of it under another definition" in files.refusal()


def test_a_larger_budget_in_the_file_has_to_be_searched_first(files):
    files.search()
    files.change("search", "trials = 4", "trials = 5")
    assert "has finished 4 of 5 candidates" in files.refusal()


def test_the_profile_is_that_of_the_search_as_well_where_it_has_one(files):
    plain = files.search()
    assert files.linked("elsewhere").arms["one"] == plain.winners()["one"]
    assert "has finished 0 of 4 candidates" in files.refusal("deep")
    deep = files.search("deep")
    study = files.linked("deep")
    assert study.links[0].search == deep.arm("one").search.digest != plain.arm("one").search.digest


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"search"', '"serach"', "there is no search of this name"),
        ('"search"', '"search:tow"', "the search 'search' has no such arm"),
        ("[arms.one]", "[arms.three]", "the search 'search' has no such arm"),
        ('"search"', '"other"', "this study is no search, so it has no winners"),
    ],
)
def test_a_link_that_leads_nowhere_is_explained(files, old, new, expected):
    files.search()
    files.write("other", FINAL.replace('"final"', '"other"').replace('"search"', '"else"'))
    text = FINAL.replace('parameters_from = "search"', "x = 0.2", 2)
    files.write("other", text.replace('"final"', '"other"').replace("x = 0.2", "x = 0.1", 1))
    files.change("final", old, new)
    assert expected in files.refusal()


def test_a_nearly_right_arm_of_a_search_is_suggested(files):
    files.change("final", '"search"', '"search:tow"')
    assert "nearest: two" in files.refusal()


def test_studies_that_take_from_each_other_are_refused(files):
    files.change("search", "[arms.one]\nx = 0.9", '[arms.one]\nparameters_from = "final"')
    files.change("final", "[protocol]", SEARCH[SEARCH.index("[search]") : SEARCH.index("[prot")]
                 + "[protocol]")  # fmt: skip
    assert "take parameters from each other: final → search → final" in files.refusal()


def test_a_search_may_begin_where_another_one_ended(files):
    files.search()
    files.change("final", "[protocol]", '[search]\ntrials = 3\nmetric = "val"\npruner = "none"\n'
                 "[search.space]\nz = { values = [1, 2] }\n[protocol]")  # fmt: skip
    files.change("final", "[arms.two]", "[arms.two]\nz = 1")
    study = files.linked()
    files.bench.walk(study)
    with ResultsStore(files.bench.db) as store:
        found = search_answer(files.load(), store)
    assert found.arm("two").start.params == {"z": 1}
    assert "of the search search, the best of 4" in " ".join(found.cautions)


def test_seeds_that_selected_are_told(files):
    files.search()
    assert files.linked().links[0].shared_seeds == 0
    files.change("final", "values = [10, 11, 12]", "values = [1, 10, 11]")
    run = run_study(files.load(), db=files.bench.db, artifacts=files.bench.folder, jobs=1)
    assert "1 of the seeds of this study were used by the search" in " ".join(run.answer.cautions)


def test_selection_by_a_test_metric_is_told_to_the_end(files):
    files.change("search", 'metric = "val"', 'metric = "test_acc"\ndirection = "maximize"')
    files.change("search", "[trial]", "allow_test_selection = true\n[trial]")
    found = files.search()
    assert "allow_test_selection" in found.cautions[0]
    run = run_study(files.load(), db=files.bench.db, artifacts=files.bench.folder, jobs=1)
    said = "come from a search that allows selection by a test metric (search)"
    assert any(said in each for each in run.answer.cautions)


# Begins where `search` ended, and searches another parameter from there.
SECOND = """\
name = "second"
[trial]
function = "trials.py:bowl"
[seeds]
values = [5, 6]
[params]
level = 0
[arms.one]
y = 1
parameters_from = "search"
[search]
trials = 3
metric = "val"
pruner = "none"
[search.space]
y = { values = [1, 2, 3, 4] }
[protocol]
metric = "val"
direction = "maximize"
control = "one"
"""


@pytest.fixture
def chain(files):
    """A study that takes from a search that began at the winner of another one."""
    files.write("second", SECOND)
    files.change("final", '[arms.one]\nparameters_from = "search"',
                 '[arms.one]\nparameters_from = "second"')  # fmt: skip
    return files


def second(files):
    with ResultsStore(files.bench.db) as store:
        return files.bench.walk(linked(files.load("second"), store))


def test_a_search_that_began_at_a_winner_hands_that_winner_on(chain):
    first, then = chain.search().winners()["one"], second(chain).winners()["one"]
    assert (set(first), set(then)) == ({"x"}, {"y"})
    study = chain.linked()
    assert study.arms["one"] == {**first, **then}
    assert [(link.arm, link.study, link.params) for link in study.links[:2]] == [
        ("one", "search", first),
        ("one", "second", then),
    ]


def test_a_parameter_that_was_searched_again_has_its_last_winner(chain):
    chain.search()
    chain.change("second", "y = { values", "x = { low = 0.0, high = 1.0 }\ny = { values")
    then = second(chain).winners()["one"]
    study = chain.linked()
    assert study.arms["one"] == then
    assert [link.params for link in study.links[:2]] == [{}, then]
    said = " ".join(link_cautions(study))
    assert "one goes back to candidate" in said
    assert "one has x = " in said


def test_seeds_and_test_selection_are_told_of_every_search_behind_an_arm(chain):
    chain.change("search", 'metric = "val"', 'metric = "test_acc"\ndirection = "maximize"')
    chain.change("search", "[trial]", "allow_test_selection = true\n[trial]")
    chain.change("final", "values = [10, 11, 12]", "values = [1, 10, 11]")
    chain.search()
    second(chain)
    links = [link for link in chain.linked().links if link.arm == "one"]
    assert [link.shared_seeds for link in links] == [1, 0]
    assert [link.test_selection for link in links] == [True, True]


def answered(files, *profiles):
    run = run_study(
        files.load("final", *profiles), db=files.bench.db, artifacts=files.bench.folder, jobs=1
    )
    return run.answer


@pytest.mark.parametrize("name", ["one", "renamed"])
def test_values_of_a_test_selected_winner_stay_so_when_they_are_written_by_hand(files, name):
    files.change("search", 'metric = "val"', 'metric = "test_acc"\ndirection = "maximize"')
    files.change("search", "[trial]", "allow_test_selection = true\n[trial]")
    files.search()
    taken = answered(files).study.arms["one"]["x"]
    by_hand = f"[arms.{name}]\nx = {taken!r}"
    files.change("final", '[arms.one]\nparameters_from = "search"', by_hand)
    files.change("final", '[arms.two]\nparameters_from = "search"', "[arms.two]\nx = 0.77\ny = 1")
    said = " ".join(answered(files).cautions)
    assert f"The arms {name} have values that this study took" in said
    files.change("final", by_hand, f"[arms.{name}]\nx = 0.78")
    assert "have values that this study took" not in " ".join(answered(files).cautions)


def test_shared_parameters_that_the_search_had_otherwise_are_told(files):
    files.search()
    said = " ".join(link_cautions(files.linked("elsewhere")))
    assert "The search search had level = 0, and this study has level = 3." in said
    assert "The search search had" not in " ".join(link_cautions(files.linked()))


def test_levels_of_a_factor_are_compared_with_what_the_search_had(files):
    files.search()
    files.change("final", "[protocol]", "[factors]\nlevel = [0, 1]\n[protocol]")
    said = " ".join(link_cautions(files.linked()))
    assert "had level = 0, and this study has level = [0, 1]" in said


def test_where_a_search_begins_may_be_left_to_the_winner(chain):
    chain.search()
    chain.change("second", "y = { values", "x = { low = 0.0, high = 1.0 }\ny = { values")
    chain.change("second", "y = 1\n", "y = 1\nx = 7.0\n")
    assert 0 <= second(chain).arm("one").start.params["x"] <= 1
